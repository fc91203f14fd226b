"""The report of a run: what is in it, that it is a function of the run's files, what it says of other folders, and how it looks."""

import base64
import html.parser
import json
import os
import re
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import pytest

import harness
from harness import client, data_folder, environment, equal, execute, expect, fails, fingerspell, metrics, mpirun_command, succeeds

pytestmark = pytest.mark.commandline

VOID = {"meta", "img", "br", "link", "input", "hr"}


def words(folder, *more):
    """A run of two epochs of four steps."""
    return ["train", "--data", data_folder(), "--output", folder, "--epochs", "2", "--steps-per-epoch", "4", "--batch-size", "16",
            "--learning-rate", "0.01", "--quiet", *more]  # fmt: skip


def reference():
    """A finished run, made once."""
    if not (harness.work / "reference").exists():
        succeeds(fingerspell(*words("reference", "--workers", "1")))
    return harness.work / "reference"


def copy(name):
    """A copy of it."""
    shutil.rmtree(harness.work / name, ignore_errors=True)
    shutil.copytree(reference(), harness.work / name)
    return harness.work / name


def evaluation(folder):
    """What a run's evaluation.json says."""
    return json.loads((harness.work / folder / "evaluation.json").read_text())


def same_everywhere(page):
    """A report's lines that do not depend on the layout."""
    return [line for line in page.splitlines() if "data-varies" not in line]


class Page(html.parser.HTMLParser):
    """A page's elements, each of which must be closed where it was opened."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.text = [], [], []
        self.feed(text)
        self.close()
        equal(self.open, [], "elements that are not closed")

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        expect(self.open and self.open[-1] == tag, f"</{tag}> at {self.getpos()} closes {self.open[-3:]}")
        self.open.pop()

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

    def says(self, text):
        return text in re.sub(r"\s+", " ", "".join(self.text))


def report(folder, *more):
    """The report of a folder, read."""
    return Page(succeeds(fingerspell("report", folder, "--output", "-", *more)).out)


@pytest.mark.parametrize(("kind", "count"), [("threads", 1), ("threads", 3), ("ranks", 1), ("ranks", 3)])
@pytest.mark.parametrize("split", [(), ("--validation-split", "0.3")], ids=["test rows", "rows held out"])
def test_every_layout_has_the_same_evaluation_and_report(kind, count, split):
    """evaluation.json has the same bytes on every layout, and so has the report but for the lines that say where and when."""
    first = harness.work / f"layout-{len(split)}" / "run"
    if not first.exists():
        succeeds(fingerspell(*words(first, "--workers", "2", *split)))
    other = harness.work / "other" / "run"
    shutil.rmtree(other, ignore_errors=True)
    start = mpirun_command(count) if kind == "ranks" else []
    workers = ["--workers", str(count)] if kind == "threads" else []
    succeeds(execute([*start, harness.program, *words(other, *workers, *split)]))
    equal((other / "evaluation.json").read_bytes(), (first / "evaluation.json").read_bytes())
    ours, theirs = ((folder / "report.html").read_text() for folder in (first, other))
    equal(same_everywhere(theirs), same_everywhere(ours))
    expect(ours != theirs, "nothing in the report says where the run trained")


def test_the_report_is_a_function_of_the_files():
    """`report` writes the bytes that train wrote, from anywhere, without the data."""
    folder = copy("moved-here")
    page = (folder / "report.html").read_bytes()
    name = "Run <code>reference</code>", "Run <code>moved-here</code>", "<title data-varies>Run reference", "<title data-varies>Run moved-here"
    expected = page.decode().replace(name[0], name[1]).replace(name[2], name[3])
    result = succeeds(fingerspell("report", "moved-here"))
    equal(result.out, "Report: moved-here/report.html\n")
    equal((folder / "report.html").read_text(), expected)
    equal(succeeds(fingerspell("report", ".", "--output", "-", cwd=folder)).out, expected)
    equal(succeeds(fingerspell("report", f"{folder}/", "--output", "-", cwd="/")).out, expected)


def test_the_evaluation_is_that_of_the_model():
    """Counts, loss and accuracy are those of `evaluate`; images are the rows', and means are theirs."""
    folder, found = reference(), evaluation("reference")
    succeeds(fingerspell("evaluate", folder / "model.safetensors", "--data", data_folder(), "--json", "same.json"))
    same = json.loads((harness.work / "same.json").read_text())
    equal((found["rows"], found["loss"], found["accuracy"]), (same["rows"], same["loss"], same["accuracy"]))
    counts = [[t, p, n] for t, row in enumerate(same["confusion"]) for p, n in enumerate(row) if n]
    equal(found["confusion"], counts)
    best = min(metrics("reference"), key=lambda line: float(line["val_loss"]))
    equal(found["parameters_sha256"], best["parameters_sha256"])
    equal(same["parameters_sha256"], best["parameters_sha256"])
    equal((found["epoch"], found["training_rows"]), (int(best["epoch"]), 96))
    mistakes = sorted(((-n, t, p) for t, p, n in counts if t != p))
    equal([(-pair["count"], pair["label"], pair["prediction"]) for pair in found["pairs"]], mistakes[:8])
    rows = [[int(word) for word in line.split(",")] for line in (data_folder() / "sign_mnist_test.csv").read_text().splitlines()[1:]]
    pixels = lambda sample: list(base64.b64decode(sample["image"]))  # noqa: E731
    samples = found["worst"] + [s for pair in found["pairs"] for s in [*pair["examples"], pair.get("genuine")] if s]
    expect(len(samples) >= 10, found)
    for sample in samples:
        equal([sample["label"], *pixels(sample)], rows[sample["row"]])
    for mean in found["means"]:
        own = [row[1:] for row in rows if row[0] == mean["label"]]
        equal(mean["rows"], len(own))
        equal(pixels(mean), [(2 * sum(column) + len(own)) // (2 * len(own)) for column in zip(*own)], mean["label"])
    for pair in found["pairs"]:
        chances = [s["probability"] for s in pair["examples"]]
        equal(chances, sorted(chances, reverse=True))


def test_what_evaluate_wrote_is_in_the_report():
    """test.json, of evaluate --json, is shown; of other weights it is not, and the report says so."""
    folder = copy("robust")
    more = ["--data", data_folder(), "--corruption", "all", "--json", folder / "test.json"]
    succeeds(fingerspell("evaluate", folder / "model.safetensors", *more))
    page = report("robust")
    expect(page.says("How robust it is") and page.says("salt-and-pepper") and page.says("corrupted with seed 1"), page.text)
    succeeds(fingerspell(*words("another", "--seed", "2")))
    succeeds(fingerspell("evaluate", harness.work / "another/model.safetensors", *more))
    page = report("robust")
    expect(page.says("test.json is of other weights") and not page.says("How robust it is"), page.text)


def test_an_older_folder_has_a_report():
    """A folder without evaluation.json has a report of what it has, which says what is missing."""
    folder = copy("older")
    (folder / "evaluation.json").unlink()
    page = report("older")
    expect(page.says("How it learned") and not page.says("What it confuses"), page.text)
    expect(page.says("Not in this report") and page.says("the folder has no evaluation.json"), page.text)
    succeeds(fingerspell("evaluate", folder / "model.safetensors", "--data", data_folder(), "--json", folder / "test.json"))
    page = report("older")
    expect(page.says("What it confuses") and page.says("of 40 test images correctly"), page.text)


def test_a_stopped_run_says_so_and_a_resumed_one_no_longer():
    """A run that is stopped by a signal has a report that says so; when it has ended, the report is that of a run without a stop."""
    command = [harness.program, *words("stopped", "--workers", "2", "--epochs", "400", "--patience", "none")]
    process = subprocess.Popen([str(word) for word in command], cwd=harness.work, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               env=environment())  # fmt: skip
    deadline = time.monotonic() + harness.SECONDS
    while not (harness.work / "stopped/metrics.csv").exists() or len(metrics("stopped")) < 2:
        expect(time.monotonic() < deadline and process.poll() is None, "no epoch")
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    equal(process.wait(timeout=harness.SECONDS), 75, process.stderr.read())
    page = Page((harness.work / "stopped/report.html").read_text())
    expect(page.says("This run was stopped, or is still training."), page.text)
    expect(page.says("Not in this report"), page.text)
    trained = len(metrics("stopped"))
    more = ["--workers", "2", "--epochs", str(trained + 1), "--patience", "none"]
    succeeds(fingerspell(*words("stopped", *more, "--resume")))
    succeeds(fingerspell(*words("whole/stopped", *more)))
    resumed, whole = (harness.work / folder for folder in ("stopped", "whole/stopped"))
    equal((resumed / "evaluation.json").read_bytes(), (whole / "evaluation.json").read_bytes())
    pages = [same_everywhere((folder / "report.html").read_text()) for folder in (resumed, whole)]
    equal(pages[0], pages[1])


def test_a_run_whose_time_was_over_says_so():
    """--max-time ends a run with a report that says so, also if no epoch was complete."""
    succeeds(fingerspell(*words("short", "--steps-per-epoch", "100000", "--max-time", "1")))
    page = Page((harness.work / "short/report.html").read_text())
    expect(page.says("The time of this run was over") and page.says("Curves: no epoch is complete."), page.text)
    expect(page.says("What it confuses") and not page.says("How it learned"), page.text)


BROKEN = {
    "no run": (lambda f: (f / "run.json").unlink(), 65, "is no run folder: it has no run.json"),
    "run.json is cut": (lambda f: cut(f / "run.json"), 65, "run.json is damaged: it is not what a run writes"),
    "run.json is empty": (lambda f: (f / "run.json").write_text(""), 65, "run.json is damaged"),
    "run.json is a folder": (lambda f: swap(f / "run.json"), 74, "run.json"),
    "metrics.csv is of something else": (lambda f: (f / "metrics.csv").write_text("a,b\n1,2\n"), 65, "does not name the columns"),
    "metrics.csv is cut": (lambda f: cut(f / "metrics.csv", 0.7), 65, "metrics.csv, line 3: no metrics of epoch 2"),
    "metrics.csv lacks an epoch": (lambda f: drop(f / "metrics.csv", 1), 65, "metrics.csv, line 2: no metrics of epoch 1"),
    "evaluation.json is cut": (lambda f: cut(f / "evaluation.json"), 65, "evaluation.json is damaged"),
    "evaluation.json has no images": (lambda f: change(f, image_format={"height": 28, "width": 27, "channels": 1}), 65, "has not the size"),
    "evaluation.json has endless images": (lambda f: change(f, image_format={"height": 1 << 62, "width": 4, "channels": 1}), 65, "has not the size"),
    "evaluation.json has other classes": (lambda f: change(f, classes=2), 65, "names a class that the network has not"),
    "evaluation.json has no classes": (lambda f: change(f, classes=-1), 65, "a number in it is impossible"),
    "evaluation.json has other rows": (lambda f: change(f, rows=41), 65, "does not count its rows"),
    "evaluation.json counts past the end": (lambda f: change(f, confusion=[[0, 0, 1 << 62], [0, 1, 1 << 62]]), 65, "damaged"),
    "evaluation.json counts a cell twice": (lambda f: change(f, confusion=[[0, 0, 20], [0, 0, 20]]), 65, "does not count its rows"),
    "evaluation.json is of the future": (lambda f: change(f, format_version=2), 65, "its format is of version 2"),
    "test.json is something else": (lambda f: (f / "test.json").write_text('{"rows": 4}'), 65, "test.json is damaged"),
    "test.json is not square": (lambda f: write_test(f, [[1, 0], [0]]), 65, "its confusion matrix is not square"),
    "test.json counts wrongly": (lambda f: write_test(f, [[1, 0], [0, 2]]), 65, "does not count its rows"),
}  # fmt: skip


def cut(path, share=0.5):
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def swap(path):
    path.unlink()
    path.mkdir()


def drop(path, line):
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:line] + lines[line + 1 :]))


def change(folder, **fields):
    found = json.loads((folder / "evaluation.json").read_text())
    (folder / "evaluation.json").write_text(json.dumps({**found, **fields}))


def write_test(folder, confusion):
    results = {"data": "x", "rows": 1, "loss": 1, "accuracy": 1, "classes": [], "confusion": confusion}
    (folder / "test.json").write_text(json.dumps(results))


@pytest.mark.parametrize("what", BROKEN)
def test_damaged_folders(what):
    """A folder that is damaged, or none of a run, is refused: by name, and without a page."""
    breaks, code, text = BROKEN[what]
    folder = copy("broken")
    (folder / "report.html").unlink()
    breaks(folder)
    fails(fingerspell("report", "broken"), code, text)
    expect(not (folder / "report.html").exists(), "a report was written")


def test_what_is_no_folder_of_a_run():
    """Nothing, a file, or the run's own file as the output is refused."""
    reference()
    fails(fingerspell("report", "nowhere"), 74, "cannot open nowhere: No such file or directory")
    fails(fingerspell("report", "reference/run.json"), 74, "Not a directory")
    fails(fingerspell("report", "reference", "--output", "reference/metrics.csv"), 64, "is an input of this command")
    fails(fingerspell("report"), 64, "Missing expected argument")


def test_nothing_from_a_file_becomes_markup():
    """Names in the files are text in the page: no element and no attribute comes from them."""
    folder = copy("<img src=x onerror=alert(1)>")
    run = json.loads((folder / "run.json").read_text())
    evil = "</td></style><script>alert(1)</script>\" onload='alert(1)' &amp; \x1b[31m\u202e"
    run["images"]["class_names"] = [f"{evil} {number}" for number in range(25)]
    run["recipe"] = run["started"] = run["machine"]["cpu"] = run["program_version"] = run["training_data"]["source"] = evil
    run["initial_weights"], run["command"], run["machine"]["hosts"] = evil, [evil, evil], [evil]
    run["resumes"] = [{"time": evil, "step": 1, "epoch": 1, "machine": run["machine"]}]
    (folder / "run.json").write_text(json.dumps(run))
    for page in (report(folder), report(folder, folder)):
        expect(not [tag for tag, _ in page.elements if tag in ("script", "iframe", "link", "object")], page.elements)
        names = {name for _, attributes in page.elements for name in attributes}
        expect(not [name for name in names if name.startswith("on")], names)
        sources = [attributes["src"] for tag, attributes in page.elements if tag == "img"]
        expect(all(source.startswith("data:image/png;base64,") for source in sources), sources)
        expect("\x1b" not in "".join(page.text) and "\u202e" not in "".join(page.text), "control characters")


def test_pictures():
    """--svg writes the curves and the matrix as files that stand alone, with a title and a description."""
    reference()
    succeeds(fingerspell("report", "reference", "--svg", "pictures/of/it", "--output", "page.html"))
    folder = harness.work / "pictures/of/it"
    equal(sorted(os.listdir(folder)), ["accuracy.svg", "confusion.svg", "learning-rate.svg", "loss.svg"])
    for path in folder.iterdir():
        root = ElementTree.parse(path).getroot()
        children = [child.tag.rpartition("}")[2] for child in root]
        equal((root.tag, children[:3]), ("{http://www.w3.org/2000/svg}svg", ["title", "desc", "style"]), path)
        text = path.read_text()
        expect("var(" not in text and "prefers-color-scheme: dark" in text and "@import" not in text, path)


def test_several_runs():
    """Several runs: what differs, the best, and the curves; the same run twice has nothing that differs."""
    reference()
    succeeds(fingerspell(*words("steeper", "--learning-rate", "0.02", "--optimizer", "adamw", "--workers", "1")))
    result = succeeds(fingerspell("report", "reference", "steeper"))
    equal(result.out, "Report: report.html\n")
    page = Page((harness.work / "report.html").read_text())
    expect(page.says("2 runs compared") and page.says("learning rate0.010.02") and page.says("optimizeradamadamw"), page.text)
    expect(not page.says("batch size"), "an option that does not differ")
    accuracies = {name: float(max(metrics(name), key=lambda e: -float(e["val_loss"]))["val_accuracy"]) for name in ("reference", "steeper")}
    best = max(accuracies, key=accuracies.get)
    expect(page.says(f"Run {best} reads the most validation images correctly"), page.text)
    page = report("reference", "reference")
    expect(page.says("Nothing: the runs have the same options and data.") and page.says("reference (2)"), page.text)


def test_pages_in_a_browser(tmp_path):
    """In Chromium, on a phone and a wide screen, in light and dark: nothing sticks out, everything has a name, no error and no request."""
    reference()
    names = {0: "a class whose name is long", 1: "手話", 2: "x" * 300}
    folder = copy("named")
    run = json.loads((folder / "run.json").read_text())
    run["images"]["class_names"] = [names.get(number, f"class {number}") for number in range(25)]
    (folder / "run.json").write_text(json.dumps(run))
    succeeds(fingerspell("evaluate", folder / "model.safetensors", "--data", data_folder(), "--corruption", "all", "--json", folder / "test.json"))
    pages = {"one.html": ["reference"], "named.html": ["named"], "several.html": ["reference", "named", "reference"]}
    for page, runs in pages.items():
        succeeds(fingerspell("report", *runs, "--output", page))
    result = succeeds(client("page_client.py", *(harness.work / page for page in pages)))
    found = json.loads(result.out)
    equal(found["faults"], [])
    headings = found["pages"][str(harness.work / "one.html")]["headings"]
    expect({"h1 Run reference", "h2 How it learned", "h2 What it confuses", "h2 How to repeat it"} <= set(headings), headings)
