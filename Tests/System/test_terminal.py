"""What a terminal shows: no line wraps and nothing is left over, whatever its width, locale and colours, also when it changes."""

import fcntl
import os
import pty
import re
import struct
import termios

import pytest

import harness
from harness import data_folder, environment, equal, expect, fingerspell, succeeds

pytestmark = pytest.mark.commandline


class Screen:
    """A terminal that breaks long lines, and breaks them again when its width changes, as today's terminals do."""

    def __init__(self, columns):
        self.columns, self.rows, self.row, self.column = columns, [""], 0, 0
        self.wrapped = set()

    def resize(self, columns):
        """Another width: the line that the cursor is in is broken again."""
        first = self.row
        while first in self.wrapped:
            first -= 1
        line = "".join(self.rows[first:])
        parts = [line[i : i + columns] for i in range(0, len(line), columns)] or [""]
        self.wrapped = {row for row in self.wrapped if row < first} | set(range(first + 1, first + len(parts)))
        self.rows[first:] = parts
        self.row, self.column, self.columns = first + len(parts) - 1, len(parts[-1]), columns

    def put(self, character):
        """Draws a character at the cursor."""
        if self.column == self.columns:
            self.row, self.column = self.row + 1, 0
            self.wrapped.add(self.row)
        while self.row >= len(self.rows):
            self.rows.append("")
        line = self.rows[self.row].ljust(self.column)
        self.rows[self.row] = line[: self.column] + character + line[self.column + 1 :]
        self.column += 1

    def feed(self, text):
        """Takes what a program writes; anything that no progress needs is an error."""
        for part in re.findall(r"\x1b\[\d*[A-Za-z]|[\s\S]", text):
            if part == "\r":
                self.column = 0
            elif part == "\n":
                self.row, self.column = self.row + 1, 0
                self.rows += [""] * (self.row + 1 - len(self.rows))
            elif part == "\x1b[2K":
                self.rows[self.row] = ""
            elif part == "\x1b[J":
                self.rows[self.row :] = [self.rows[self.row][: self.column]]
            elif re.fullmatch(r"\x1b\[\d+A", part):
                self.row = max(0, self.row - int(part[2:-1]))
            else:
                expect(part >= " ", f"{part!r} in {text!r}")
                self.put(part)


def show(words, columns, extra=None, changes=()):
    """Runs the program on a terminal. Its width changes to those of `changes`, each when the line of an epoch is drawn.

    Returns the screen, and all that the program wrote."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(harness.work)
        settings = environment({"TERM": "xterm", "LC_ALL": "C.UTF-8"} | (extra or {}))
        # Not before the terminal has its width.
        while os.get_terminal_size(1).columns != columns:
            pass
        os.execve(harness.program, [harness.program, *(str(word) for word in words)], settings)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    screen, written, changes = Screen(columns), b"", list(changes)
    drawn = 0
    while True:
        try:
            block = os.read(terminal, 65536)
        except OSError:
            break
        if not block:
            break
        written += block
        screen.feed(block.decode().replace("\r\n", "\n"))
        drawn += block.count(b"left")
        if changes and drawn >= 2:
            drawn = 0
            columns = changes.pop(0)
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
            screen.resize(columns)
    os.close(terminal)
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, screen.rows)
    return screen, written.decode()


def train(folder, *words):
    """A training of two epochs of nearly half a second."""
    return ["train", "--data", data_folder(), "--epochs", "2", "--steps-per-epoch", "400", "--workers", "1", "--output", folder, *words]


def is_whole(rows):
    """Whether the screen has the lines of a run of two epochs, and nothing else; folded lines are taken together."""
    text = "\n".join(row.rstrip() for row in rows).strip()
    words = " ".join(text.split())
    parts = [r"Training on 96 rows, validating on 40, 400 steps per epoch, 1 worker"]
    for epoch in (1, 2):
        parts.append(rf"Epoch {epoch}/2 400/400 (?:(?!Epoch)[^\n])*?val_acc\w*:? \d\.\d{{4}}")
    parts += [r"Best epoch: \d of 2, val_loss: \d\.\d{4}, val_accuracy: \d\.\d{4}", r"Model: [^ ]+"]
    return re.fullmatch(" ".join(parts), words) is not None


@pytest.mark.parametrize("columns", (40, 60, 200))
def test_no_line_of_a_training_wraps(columns):
    """No line of a training wraps, and nothing of a longer line is left over, on 40 to 200 columns."""
    screen, text = show(train(f"wide-{columns}"), columns)
    equal(screen.wrapped, set(), screen.rows)
    expect(is_whole(screen.rows), "\n".join(screen.rows))
    drawn = [part for line in text.split("\n") for part in re.split(r"\r(?:\x1b\[\d+A)?\x1b\[(?:2K|J)", line)[1:]]
    expect(len(drawn) > 6 and max(len(part.rstrip("\r")) for part in drawn) < columns, drawn)
    if columns >= 60:
        expect(all("loss" in part for part in drawn), drawn)


@pytest.mark.parametrize("first, changes", ((120, (60, 100, 45)), (60, (200, 70)), (200, (41,))))
def test_a_terminal_that_changes_its_width(first, changes):
    """After a change of the width the line is drawn for the new one, and what the terminal made of the old one is gone."""
    screen, _ = show(train(f"changed-{first}"), first, changes=changes)
    expect(is_whole(screen.rows), "\n".join(screen.rows))


@pytest.mark.parametrize("setting", ({"LC_ALL": "C"}, {"LC_ALL": "", "LC_CTYPE": "", "LANG": "de_DE.ISO-8859-1"}))
def test_a_locale_without_utf_8_gets_ascii(setting):
    """In a locale of another character set all is ASCII: the bar, tables, pictures and names."""
    screen, text = show(train("ascii"), 80, setting)
    expect(text.isascii() and "=" in text and is_whole(screen.rows), text)
    _, text = show(["summary"], 100, setting)
    expect(text.isascii() and "|" in text and "+---" in text, text)
    _, text = show(["predict", "ascii/model.safetensors", "--data", data_folder(), "--row", "0"], 80, setting)
    expect(text.isascii(), text)


def test_a_locale_of_utf_8_and_none_get_all_characters():
    """UTF-8, and no locale at all, as in containers, get the bar's own characters."""
    for setting in ({"LC_ALL": "en_US.utf8"}, {"LC_ALL": "", "LC_CTYPE": "", "LANG": ""}, {"LC_ALL": "", "LC_CTYPE": "", "LANG": "C.UTF-8"}):
        _, text = show(["summary"], 100, setting)
        expect("━" in text, f"{setting}: {text}")


def test_no_colours_and_no_terminal():
    """Progress has no colours; a dumb terminal and a pipe get one line for each epoch."""
    _, text = show(train("plain"), 100, {"NO_COLOR": "1"})
    equal(re.findall(r"\x1b\[[\d;]*m", text), [])
    for text in (show(train("dumb"), 80, {"TERM": "dumb"})[1], succeeds(fingerspell(*train("piped"))).out):
        lines = text.replace("\r", "").splitlines()
        expect("\x1b" not in text and sum(line.startswith("Epoch ") and "val_loss" in line for line in lines) == 2, lines)


def test_wide_names_stay_aligned():
    """The table of classes and the confusion matrix stay aligned where names are twice as wide, or have marks that combine."""
    succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "1", "--quiet", "--output", "wide"))
    names = ["日本", "한국어", "a\u0308\u0323", "e\u0301", "ﬁ", "🙂", "ＡＢ"] + [f"n{i}" for i in range(18)]
    (harness.work / "names.txt").write_text("\n".join(names))
    result = succeeds(fingerspell("evaluate", "wide/model.safetensors", "--data", data_folder(), "--class-names", "names.txt"))
    table, matrix = result.out.split("confusion matrix", 1)
    rows = [line for line in table.splitlines() if re.search(r"\d\.\d{4}|-$", line)][1:]
    equal({width(line) for line in rows if "loss" not in line}, {width(next(line for line in table.splitlines() if "precision" in line))})
    blocks = "\n".join(matrix.splitlines()[1:]).split("\n\n")
    for block in blocks:
        equal(len({width(line) for line in block.splitlines() if line.strip()}), 1, block)


def width(text):
    """The columns of a text by Python's own data of Unicode."""
    import unicodedata

    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
