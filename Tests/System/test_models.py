"""`evaluate` and `predict`: what a trained model is worth, and what it sees."""

import base64
import html.parser
import json
import re
import struct
import zlib

import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, metrics, mpirun, succeeds
from test_training import reference

pytestmark = pytest.mark.commandline

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXY"
MODEL = "reference/model.safetensors"


@pytest.fixture(scope="module", autouse=True)
def reference_model(program, work):
    """The model that these tests are about."""
    reference()


def labelled_rows():
    """The test set's rows: label, and 784 pixels."""
    lines = (data_folder() / "sign_mnist_test.csv").read_text().splitlines()[1:]
    return [(int(line.split(",")[0]), bytes(int(text) for text in line.split(",")[1:])) for line in lines]


def evaluation(*arguments, ranks=None):
    """The JSON of an evaluation of the reference run's model."""
    reference()
    words = ["evaluate", MODEL, "--json", "evaluation.json", *arguments]
    result = succeeds(fingerspell(*words) if ranks is None else mpirun(ranks, *words))
    return result, json.loads((harness.work / "evaluation.json").read_text())


def test_evaluate_gives_the_very_loss_and_accuracy_that_training_recorded():
    """evaluate gives the very loss and accuracy that training recorded."""
    result, found = evaluation("--data", data_folder())
    best = min(metrics(reference()), key=lambda record: float(record["val_loss"]))
    equal([found["loss"], found["accuracy"]], [float(best["val_loss"]), float(best["val_accuracy"])])
    expect(f"loss: {found['loss']:.4f} - accuracy: {found['accuracy']:.4f}" in result.out, result)
    expect("40 rows" in result.out and result.err == "", result)


def test_evaluates_confusion_matrix_precision_recall_and_f1_agree():
    """evaluate's confusion matrix, precision, recall and F1 agree."""
    _, found = evaluation("--test-csv", data_folder() / "sign_mnist_test.csv")
    matrix = found["confusion"]
    equal([len(matrix), {len(line) for line in matrix}], [25, {25}])
    labels = [label for label, _ in labelled_rows()]
    equal([sum(line) for line in matrix], [labels.count(label) for label in range(25)])
    equal(sum(matrix[i][i] for i in range(25)) / 40, found["accuracy"])
    predicted = [sum(line[i] for line in matrix) for i in range(25)]
    shown = [label for label in range(25) if labels.count(label) + predicted[label] > 0]
    equal([metrics["name"] for metrics in found["classes"]], [LETTERS[label] for label in shown])
    for metrics in found["classes"]:
        label, right = metrics["label"], matrix[metrics["label"]][metrics["label"]]
        support = labels.count(label)
        quotient = lambda a, b: a / b if b else None  # noqa: E731
        equal(metrics["support"], support)
        equal(metrics["precision"], quotient(right, predicted[label]), metrics)
        equal(metrics["recall"], quotient(right, support), metrics)
        equal(metrics["f1"], quotient(2 * right, support + predicted[label]), metrics)


def test_the_confusion_matrix_fits_80_columns():
    """The confusion matrix fits 80 columns, in blocks where its counts are long, and has every count."""
    reference()
    # Each row a hundred times over: three digits, so 24 letters need 102 columns.
    lines = (data_folder(96, 240) / "sign_mnist_test.csv").read_text().splitlines()
    (harness.work / "many.csv").write_text("\n".join([lines[0], *(lines[1:] * 100)]) + "\n")
    result = succeeds(fingerspell("evaluate", MODEL, "--test-csv", "many.csv", "--json", "many.json"))
    found = json.loads((harness.work / "many.json").read_text())
    shown = result.out.split("confusion matrix: ")[1].splitlines()[1:]
    equal([line for line in result.out.splitlines() if len(line) > 80], [], "lines that wrap on 80 columns")
    counts, letters = {}, []
    for line in filter(None, shown):
        words = line.split()
        if line.startswith("      "):
            letters = words
        else:
            counts |= {(words[0], letter): int(word.replace(".", "0")) for letter, word in zip(letters, words[1:], strict=True)}
    names = [metrics["name"] for metrics in found["classes"]]
    equal(counts, {(a, b): found["confusion"][LETTERS.index(a)][LETTERS.index(b)] for a in names for b in names})


def test_evaluate_gives_the_same_on_1_to_4_threads_and_ranks():
    """evaluate gives the same on 1 to 4 threads and ranks, and only rank 0 prints."""
    expected = evaluation("--data", data_folder(), "--workers", "1")
    for count in (2, 3, 4):
        for result, found in [
            evaluation("--data", data_folder(), "--workers", count),
            evaluation("--data", data_folder(), ranks=count),
        ]:
            equal(found, expected[1], f"{count} workers")
            equal(result.out, expected[0].out, f"{count} workers")


def test_a_model_that_is_not_there_is_none_or_is_another_networks():
    """74 and 65: a model that is not there, is none, or is another network's."""
    fails(fingerspell("evaluate", "no.safetensors", "--data", data_folder()), 74, "cannot open no.safetensors")
    (harness.work / "none.safetensors").write_bytes(b"\x00" * 100)
    fails(fingerspell("evaluate", "none.safetensors", "--data", data_folder()), 65, "none.safetensors")
    header = json.dumps({"conv1d/kernel": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    (harness.work / "other.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\x00" * 8)
    for command in ("evaluate", "predict"):
        fails(fingerspell(command, "other.safetensors", "--data", data_folder()), 65, "other.safetensors", "conv1d/kernel")


def test_results_that_cannot_be_written():
    """74: results that cannot be written."""
    reference()
    (harness.work / "plain").write_text("")
    words = (MODEL, "--data", data_folder())
    fails(fingerspell("evaluate", *words, "--json", "plain/results.json"), 74, "plain/results.json: Not a directory")
    with open("/dev/full", "wb") as full:
        fails(fingerspell("evaluate", *words, stdout=full), 74, "cannot write standard output: No space left on device")


def test_predict_shows_rows():
    """predict shows rows with class, probability, runners-up, truth and image."""
    reference()
    result = succeeds(fingerspell("predict", MODEL, "--data", data_folder(), "--row", "7", "0"))
    pattern = r"row (\d+): ([A-Y]) (\d+\.\d) %, then ([A-Y]) (\d+\.\d) %, ([A-Y]) (\d+\.\d) %; (right|wrong, it is ([A-Y]))"
    blocks = result.out.split("\n\n")
    equal(len(blocks), 3, result)
    right = 0
    for block, row in zip(blocks, (7, 0)):
        title, *image = block.splitlines()
        match = re.fullmatch(pattern, title)
        expect(match and int(match[1]) == row, title)
        equal([len(line) for line in image], [28] * 14)
        expect(float(match[3]) >= float(match[5]) >= float(match[7]), title)
        truth = LETTERS[labelled_rows()[row][0]]
        equal(match[8] == "right", match[2] == truth, title)
        equal(match[9] or match[2], truth, title)
        right += match[8] == "right"
    equal(blocks[2], f"{right} of 2 right\n")


def test_predict_draws_random_rows_by_the_seed_each_once():
    """predict draws random rows by the seed, each once."""
    def rows(*arguments):
        out = succeeds(fingerspell("predict", MODEL, "--data", data_folder(), *arguments)).out
        return [int(number) for number in re.findall(r"^row (\d+):", out, re.MULTILINE)]

    equal(sorted(rows("--random", "40")), list(range(40)))
    equal(rows("--random", "5", "--seed", "3"), rows("--random", "5", "--seed", "3"))
    expect(rows("--random", "5", "--seed", "3") != rows("--random", "5", "--seed", "4"), "the seed does nothing")
    equal(len(rows()), 3)


def test_predict_names_the_rows_that_there_are():
    """64: predict names the rows that there are."""
    words = ("predict", MODEL, "--data", data_folder())
    fails(fingerspell(*words, "--row", "40"), 64, "--row is 40, but", "has 40 rows: 0 to 39")
    fails(fingerspell(*words, "--random", "41"), 64, "--random is 41, but", "has only 40 rows")


class Page(html.parser.HTMLParser):
    """The items of a gallery: class, image and text."""

    def __init__(self, text):
        super().__init__()
        self.items, self.open, self.links = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.links += [attributes[name] for name in ("href", "src") if name in attributes]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)
        if tag == "li":
            self.items.append([attributes["class"], None, ""])
        if tag == "img":
            self.items[-1][1] = attributes["src"]

    def handle_endtag(self, tag):
        equal(self.open.pop(), tag, "an element is closed")

    def handle_data(self, data):
        if "li" in self.open:
            self.items[-1][2] += data + " "


def pixels_of_png(contents):
    """The pixels of a 28 x 28 gray PNG without filters, its checksums checked."""
    equal(contents[:8], b"\x89PNG\r\n\x1a\n")
    place, chunks = 8, {}
    while place < len(contents):
        length, name = struct.unpack(">I4s", contents[place : place + 8])
        data = contents[place + 8 : place + 8 + length]
        equal(struct.unpack(">I", contents[place + 8 + length :][:4])[0], zlib.crc32(name + data), "a chunk's checksum")
        chunks[name] = data
        place += 12 + length
    equal(list(chunks), [b"IHDR", b"IDAT", b"IEND"])
    equal(chunks[b"IHDR"], struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0))
    lines = zlib.decompress(chunks[b"IDAT"])
    equal([lines[i * 29] for i in range(28)], [0] * 28)
    return b"".join(lines[i * 29 + 1 : (i + 1) * 29] for i in range(28))


def test_predict_gallery_writes_one_page_with_every_image():
    """predict --gallery writes one page with every image, titled, the wrong ones marked."""
    reference()
    words = ("predict", MODEL, "--data", data_folder(), "--random", "12", "--gallery", "gallery.html")
    out = succeeds(fingerspell(*words)).out
    page = Page((harness.work / "gallery.html").read_text())
    equal(page.open, [], "elements left open")
    titles = re.findall(r"^row (\d+): ([A-Y]) ([\d.]+ %),.*; (right|wrong)", out, re.MULTILINE)
    equal(len(page.items), 12)
    expect(all(link.startswith("data:image/png;base64,") for link in page.links), "the page needs other files")
    for (mark, source, text), (row, letter, probability, verdict) in zip(page.items, titles, strict=True):
        label, pixels = labelled_rows()[int(row)]
        equal(mark, verdict)
        equal(pixels_of_png(base64.b64decode(source.split(",")[1])), pixels, f"row {row}")
        expect(f"{letter} {probability}" in text and f"true {LETTERS[label]}" in text and f"row {row}" in text, text)


def test_a_terminal_sees_images_in_grey_unless_no_color_is_set():
    """A terminal sees images in gray, unless NO_COLOR is set."""
    reference()
    command = [harness.program, "predict", MODEL, "--data", data_folder(), "--row", "1"]
    code, text = harness.on_terminal(command)
    equal(code, 0, text)
    cells = re.findall(r"\x1b\[38;2;(\d+);\1;\1;48;2;(\d+);\2;\2m▀", text)
    pixels = labelled_rows()[1][1]
    equal(bytes(int(upper) for upper, _ in cells), b"".join(pixels[i * 28 : i * 28 + 28] for i in range(0, 28, 2)))
    equal(bytes(int(lower) for _, lower in cells), b"".join(pixels[i * 28 : i * 28 + 28] for i in range(1, 28, 2)))
    code, text = harness.on_terminal(command, extra={"NO_COLOR": "1"})
    expect(code == 0 and "\x1b" not in text, text)
