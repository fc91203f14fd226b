"""Data sets: writing and describing them, and every fault of a CSV, by file, line and column."""

import hashlib

import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, succeeds

pytestmark = pytest.mark.commandline

HEADER = "label," + ",".join(f"pixel{i}" for i in range(1, 785))


def good_row():
    """A row without a fault."""
    return ",".join(["3"] + [str(i % 256) for i in range(784)])


def changed(column, text):
    """A row with another text in a column, the label being column 1."""
    fields = good_row().split(",")
    fields[column - 1] = text
    return ",".join(fields)


def lines(*rows, header=HEADER, end="\n"):
    """A file's text."""
    return "\n".join([header, *rows]) + end


# What is wrong, the file's text, and what follows the file's name in the message.
FAULTS = [
    ("an empty file", "", ": is empty; get the file again"),
    ("no header", lines(good_row(), header=good_row()), ", line 1: the first line is numbers, but must be the header"),
    ("another header", lines(good_row(), header=HEADER.replace("pixel7,", "pixl7,")),
     ", line 1, column 8 (pixel7): the header has 'pixl7' where 'pixel7' is expected"),
    ("a short header", lines(good_row(), header=HEADER.removesuffix(",pixel784")), ", line 1: has 784 columns instead of 785"),
    ("no rows", lines(), ": has a header but no rows; get the file again"),
    ("a column too few", lines(good_row(), good_row().rsplit(",", 1)[0], good_row()),
     ", line 3: has 784 columns instead of 785"),
    ("a column too many", lines(good_row(), good_row() + ",1", good_row()), ", line 3: has 786 columns instead of 785"),
    ("a pixel of 256", lines(good_row(), good_row(), changed(10, "256")),
     ", line 4, column 10 (pixel9): the pixel 256 is not in 0-255"),
    ("a pixel that is no number", lines(changed(785, "x1"), good_row()),
     ", line 2, column 785 (pixel784): 'x1' is not a number of one to three digits"),
    ("a negative pixel", lines(changed(2, "-1")), ", line 2, column 2 (pixel1): '-1' is not a number"),
    ("an empty field", lines(changed(3, "")), ", line 2, column 3 (pixel2): '' is not a number"),
    ("a label of 25", lines(good_row(), changed(1, "25")), ", line 3, column 1 (label): the label 25 is not in 0-24 (A-Y)"),
    ("an empty line", lines(good_row(), "", good_row()), ", line 3: the line is empty; remove it"),
    ("a truncated last row", lines(good_row(), ",".join(good_row().split(",")[:500]), end=""),
     ", line 3: the file ends in the middle of its last row, after 500 of 785 columns; get the file again"),
]


@pytest.mark.parametrize(("text", "message"), [
    pytest.param(text, message, id=name)
    for name, text, message in FAULTS
])
def test_faults_of_a_csv(text, message):
    """65: every fault of a CSV is told by file, line and column."""
    bad = harness.work / "bad.csv"
    bad.write_text(text)
    good = data_folder() / "sign_mnist_test.csv"
    # The report does not depend on who reads the faulty part, and a start that fails leaves no run folder.
    for workers in (1, 3):
        arguments = ("--train-csv", bad, "--test-csv", good, "--workers", workers, "--output", "failed", "--quiet")
        fails(fingerspell("train", *arguments), 65, f"fingerspell: {bad}{message}")
    expect(not (harness.work / "failed").exists(), "a run folder was made")
    bad.unlink()


def test_a_csv_that_is_not_there():
    """65: a CSV that is not there."""
    fails(fingerspell("train", "--train-csv", "no.csv", "--test-csv", "no.csv"), 65, "no.csv: cannot be read: No such file")


def test_a_folder_without_the_data_set_and_how_to_get_it():
    """65: a folder without the data set, and how to get it."""
    for folder, text in [("nowhere", "folder nowhere; looked for:"), (".", "the data set is not in .")]:
        texts = (text, f"{folder}/sign_mnist_train.csv", "kaggle datasets download -d datamunge/sign-language-mnist")
        fails(fingerspell("train", "--data", folder), 65, *texts)
        fails(fingerspell("data", "inspect", folder), 65, *texts)
    fails(fingerspell("train", "--data", "nowhere"), 65, "there is no folder nowhere")
    fails(fingerspell("data", "inspect", "nowhere"), 65, "there is no file or folder nowhere")


def test_a_synthesized_set_has_kaggles_form_and_the_same_bytes_each_time():
    """A synthesized set has Kaggle's form and the same bytes each time."""
    first = data_folder(50, 20)
    again = harness.work / "again"
    result = succeeds(fingerspell("data", "synthesize", again, "--train-rows", "50", "--test-rows", "20", "--seed", "1"))
    expect("50 rows" in result.out and "20 rows" in result.out, result)
    for name, count in [("sign_mnist_train.csv", 50), ("sign_mnist_test.csv", 20)]:
        text = (again / name).read_text()
        equal(text, (first / name).read_text(), name)
        head, *rows = text.splitlines()
        equal(head, HEADER)
        equal([len(line.split(",")) for line in rows], [785] * count, name)
        expect(all(0 <= int(number) <= 255 for line in rows for number in line.split(",")), f"{name}: not bytes")
        expect(all(int(line.split(",")[0]) in set(range(25)) - {9} for line in rows), f"{name}: not letters")


def test_another_seed_synthesizes_other_images():
    """Another seed synthesizes other images."""
    succeeds(fingerspell("data", "synthesize", "seed2", "--train-rows", "50", "--test-rows", "20", "--seed", "2"))
    name = "sign_mnist_train.csv"
    expect((harness.work / "seed2" / name).read_text() != (data_folder(50, 20) / name).read_text(), "the same images")


def test_synthesize_overwrites_nothing():
    """64: synthesize overwrites nothing."""
    folder = data_folder(50, 20)
    before = (folder / "sign_mnist_train.csv").read_bytes()
    fails(fingerspell("data", "synthesize", folder), 64, "already exists and is not overwritten; choose another folder")
    equal((folder / "sign_mnist_train.csv").read_bytes(), before)


def test_inspect_tells_rows_letters_and_checksums():
    """inspect tells rows, classes and checksums."""
    folder = data_folder(50, 20)
    text = succeeds(fingerspell("data", "inspect", folder)).out
    counts = {}
    for name, count in [("sign_mnist_train.csv", 50), ("sign_mnist_test.csv", 20)]:
        contents = (folder / name).read_bytes()
        expect(f"{count} rows, {len(contents)} bytes" in text, text)
        expect(hashlib.sha256(contents).hexdigest() in text, text)
        labels = [int(line.split(b",")[0]) for line in contents.splitlines()[1:]]
        counts[name] = [labels.count(label) for label in range(25)]
    table = [line.split() for line in text.splitlines() if len(line.split()) == 3 and len(line.split()[0]) == 1]
    expected = [[chr(65 + i), str(a), str(b)] for i, (a, b) in enumerate(zip(*counts.values()))]
    equal(table, expected)


def test_a_folder_that_cannot_be_made():
    """74: a folder that cannot be made."""
    (harness.work / "file").write_text("")
    fails(fingerspell("data", "synthesize", "file/folder"), 74, "cannot create the folder", "file")
