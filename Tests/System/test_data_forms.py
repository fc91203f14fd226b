"""CSV files in other forms: variants that say the same are read as the same, files of other kinds are named."""

import gzip
import io
import os
import time
import zipfile

import numpy
import pytest

import harness
from test_data import HEADER, changed, good_row, lines
from harness import data_folder, equal, expect, fails, fingerspell, mpirun, succeeds

pytestmark = pytest.mark.commandline

PIXELS = HEADER.split(",")[1:]


def table(rows=12):
    """Header and rows of a small set, as fields."""
    text = (data_folder() / "sign_mnist_test.csv").read_text().splitlines()
    return [line.split(",") for line in text[: rows + 1]]


def text(fields, separator=",", end="\n"):
    """Fields as a file's text."""
    return "".join(separator.join(line) + end for line in fields)


def named(names):
    """The set under another header."""
    return text([["label", *names], *table()[1:]])


def numbered(names):
    """The set with columns of row numbers in front."""
    return text([[*names, *table()[0]]] + [[str(i)] * len(names) + row for i, row in enumerate(table()[1:])])


def moved(row):
    """The label last."""
    return [*row[1:], row[0]]


VARIANTS = {
    "pixel0 to pixel783": lambda: named([f"pixel{i}" for i in range(784)]),
    "pixel_1 to pixel_784": lambda: named([f"pixel_{i}" for i in range(1, 785)]),
    "0 to 783": lambda: named([str(i) for i in range(784)]),
    "1x1 to 28x28": lambda: named([f"{i // 28 + 1}x{i % 28 + 1}" for i in range(784)]),
    "0x0 to 27x27": lambda: named([f"{i // 28}x{i % 28}" for i in range(784)]),
    "a column of row numbers without a name": lambda: numbered([""]),
    "pandas' name for it": lambda: numbered(["Unnamed: 0"]),
    "both": lambda: numbered(["", "Unnamed: 0"]),
    "numbers with .0": lambda: text([table()[0]] + [[f"{n}.0" for n in row] for row in table()[1:]]),
    "numbers with .000000": lambda: text([table()[0]] + [[f"{n}.000000" for n in row] for row in table()[1:]]),
    "the label last": lambda: text([moved(row) for row in table()]),
    "a blank last line": lambda: text(table()) + "\n",
    "blank last lines with CRLF and spaces": lambda: text(table(), end="\r\n") + "\r\n  \r\n",
    "names of their own": lambda: named([f"p{i}" for i in range(784)]),
    "a label called target in the middle": lambda: text(
        [[f"p{i}" for i in range(9)] + ["Target"] + [f"q{i}" for i in range(775)]]
        + [[*row[1:10], row[0], *row[10:]] for row in table()[1:]]
    ),
    "capitals, quotes and a byte order mark": lambda: "\ufeff" + text([[f'"{n.upper()}"' for n in table()[0]], *table()[1:]]),
}


PACKED = {
    "gzip": lambda: gzip.compress(text(table()).encode()),
    "a zip": lambda: archive(any__csv=text(table())),
    "a zip with more": lambda: archive(readme__csv="x", sign_mnist_train__csv=text(table()), sign_mnist_test__csv=text(table())),
    "NumPy's archive": lambda: npz(),
}


def arrays():
    """The set's images, [rows, 28, 28], and labels."""
    numbers = numpy.array([[int(n) for n in row] for row in table()[1:]])
    return numbers[:, 1:].reshape(-1, 28, 28).astype(numpy.uint8), numbers[:, 0]


def npz(compressed=True):
    """The set as keras.datasets has it."""
    (x, y), file = arrays(), io.BytesIO()
    (numpy.savez_compressed if compressed else numpy.savez)(file, x_train=x, y_train=y, x_test=x, y_test=y)
    return file.getvalue()


def model():
    """A model of a short training, made once."""
    if not (harness.work / "form-model").exists():
        words = ("--data", data_folder(), "--epochs", "1", "--output", "form-model", "--quiet")
        succeeds(fingerspell("train", *words))
    return harness.work / "form-model/model.safetensors"


def weights(train_csv, name, workers=2):
    """The weights that training on a file gives."""
    data = ("--train-csv", train_csv, "--test-csv", train_csv)
    succeeds(fingerspell("train", *data, "--epochs", "1", "--workers", workers, "--output", name, "--quiet"))
    return harness.model(name)[1]


def test_variants_of_the_csv_that_say_the_same_train_the_same_model():
    """Variants of the CSV that say the same train the same model, to the bit."""
    plain = harness.work / "plain.csv"
    plain.write_text(text(table()))
    expected = weights(plain, "form-plain")
    for number, (name, make) in enumerate((VARIANTS | PACKED).items()):
        file = harness.work / f"variant{number}.csv"
        made = make()
        file.write_bytes(made if isinstance(made, bytes) else made.encode())
        equal(weights(file, f"form{number}", workers=1 + number % 3), expected, name)


def test_faults_in_a_variant_are_placed_by_the_files_own_columns():
    """65: faults in a variant are placed by the file's own columns and names."""
    file = harness.work / "variant.csv"
    words = ("train", "--train-csv", file, "--validation-split", "0.5", "--quiet")
    for body, message in [
        (f",{HEADER}\n0,{changed(2, '256')}\n", ", line 2, column 3 (pixel1): the pixel 256 is not in 0-255"),
        (f",{HEADER}\nx,{good_row()}\n", ", line 2, column 1 (row number): 'x' is not a row number"),
        (f",{HEADER}\n0,{good_row()},1\n", ", line 2: has 787 columns instead of 786"),
        (VARIANTS["pixel0 to pixel783"]() + changed(9, "x") + "\n", ", line 14, column 9 (pixel7): 'x' is not a number"),
        (lines(changed(5, "107.5")), ", line 2, column 5 (pixel4): '107.5' is not a whole number"),
        (lines(changed(5, "0.42")), "pixels of 0 to 1 must be multiplied by 255"),
        (lines(changed(5, "300.0")), "the pixel 300.0 is not in 0-255"),
        (lines(changed(5, '"107"')), "write the numbers without quotes"),
        (lines(good_row(), "", "", good_row()), ", line 3: the line is empty; remove it"),
    ]:
        file.write_text(body)
        fails(fingerspell(*words), 65, f"fingerspell: {file}", message)


def test_predict_reads_rows_without_labels():
    """predict reads rows without labels, and says no right or wrong of them; train and evaluate refuse them."""
    file, whole = harness.work / "unlabelled.csv", harness.work / "labelled.csv"
    whole.write_text(text(table()))
    file.write_text(text([row[1:] for row in table()]))
    page = harness.work / "unlabelled.html"
    words = ("predict", model(), "--row", "0", "5", "11")
    shown = succeeds(fingerspell(*words, "--test-csv", file, "--gallery", page)).out
    known = succeeds(fingerspell(*words, "--test-csv", whole)).out
    expect("right" not in shown and "wrong" not in shown, shown)
    titles = [line.split(";")[0] for line in known.splitlines() if line.startswith("row ")]
    equal([line for line in shown.splitlines() if line.startswith("row ")], titles)
    html = page.read_text()
    expect("3 images" in html and 'class="verdict"' not in html and html.count('class="unknown"') == 3, html[:2000])
    fails(fingerspell("train", "--train-csv", file, "--validation-split", "0.5"), 65, "has no column 'label'", "predict reads")
    fails(fingerspell("evaluate", model(), "--test-csv", file), 65, "has no column 'label'", "predict reads")
    out = succeeds(fingerspell("data", "inspect", file)).out
    expect("12 rows" in out and "no labels" in out and "class" not in out, out)


def archive(**members):
    """A zip with files in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, contents in members.items():
            made.writestr(name.replace("__", "."), contents)
    return file.getvalue()


OTHER_KINDS = {
    "a zip without a CSV": (lambda: archive(notes="x"), "has no CSV file, nor an IDX file of a known name; it has notes"),
    "a zip of pictures": (lambda: archive(**{"A/1__png": "x", "B/2__JPG": "x"}), "it has pictures (A/1.png, B/2.JPG): unpack it, and name the folder"),
    "a RAR archive": (lambda: b"Rar!\x1a\x07\0" + 99 * b"x", "is a RAR archive, not a CSV file; unpack it (unrar x)"),
    "a zip with two": (lambda: archive(a__csv="x", b__csv="x"), "has several files that may be meant (a.csv, b.csv)"),
    "half a zip": (lambda: archive(a__csv=text(table()))[:2000], "ends in the middle of its contents"),
    "half a gzip file": (lambda: gzip.compress(text(table()).encode())[:-2000], "ends in the middle of its contents"),
    "a tar archive in gzip": (lambda: gzip.compress(257 * b"x" + b"ustar" + 300 * b"x"), "is a tar archive, not a CSV file"),
    "a whole zip of zeros": (lambda: archive(a__csv=1000000 * b"\0"), "zero bytes where text is expected"),
    "an Excel workbook": (lambda: b"PK\3\4" + 26 * b"\0" + b"[Content_Types].xml", "is an Excel workbook (xlsx)"),
    "UTF-16 with its mark": (lambda: text(table()).encode("utf-16"), "is UTF-16 text, not a CSV file; convert it: iconv"),
    "UTF-16 without": (lambda: text(table()).encode("utf-16-le"), "is UTF-16 text"),
    "old-Mac line ends": (lambda: text(table(), end="\r").encode(), "lines that end in CR only, as on old Macs"),
    "semicolons": (lambda: text(table(), ";").encode(), "has semicolons between its columns; save it with commas"),
    "tabs": (lambda: text(table(), "\t").encode(), "has tabs between its columns; save it with commas"),
    "an LFS pointer": (lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "git lfs pull"),
    "a web page": (lambda: b"\n<!DOCTYPE html><html>Sign in</html>", "is a web page, not a CSV file"),
    "HDF5": (lambda: b"\x89HDF\r\n\x1a\n" + 99 * b"\0", "is an HDF5 file"),
    "half a NumPy archive": (lambda: b"PK\3\4" + 26 * b"\0" + b"x_train.npy", "ends in the middle of its contents"),
    "IDX of labels": (lambda: b"\0\0\x08\x01\0\0\0\x02\1\2", "has the shape [2], but images are"),
    "IDX that claims more": (lambda: b"\0\0\x08\3\x7f\0\0\0\0\0\0\x1c\0\0\0\x1c", "has 16 bytes, but its shape"),
    "zero bytes": (lambda: 5000 * b"\0", "zero bytes where text is expected"),
}


def test_files_of_other_kinds_are_named_by_what_they_are_with_what_to_do():
    """65: files of other kinds are named by what they are, with what to do."""
    for name, (make, message) in OTHER_KINDS.items():
        file = harness.work / "other.csv"
        file.write_bytes(make())
        for words in (("train", "--train-csv", file, "--validation-split", "0.1"), ("evaluate", model(), "--test-csv", file),
                      ("predict", model(), "--test-csv", file), ("data", "inspect", file)):
            fails(fingerspell(*words), 65, str(file), message)
    fails(mpirun(2, "train", "--train-csv", file, "--validation-split", "0.1"), 65, "zero bytes")
    model_file = model()
    fails(fingerspell("data", "inspect", model_file), 65, "is a safetensors file, not a CSV file")


def test_files_with_holes_of_terabytes_are_refused_at_once():
    """65: files with holes of terabytes are refused at once, and reserve next to nothing."""
    whole = (HEADER + "\n" + (good_row() + "\n") * 3).encode()
    for size, start, place in [(1 << 40, whole, "line 5, column 1 (label)"), (10 << 30, whole, "line 5"),
                               (10 << 30, (HEADER + "\n").encode(), "line 2"), (10 << 30, b"", "")]:
        file = harness.work / "sparse.csv"
        with open(file, "wb") as made:
            made.write(start)
            made.truncate(size)
        for workers in (1, 2, 7):
            begin = time.monotonic()
            words = ("train", "--train-csv", file, "--validation-split", "0.1", "--workers", workers)
            command = ["bash", "-c", 'ulimit -v 6000000; exec "$@"', "-", harness.program, *words]
            fails(harness.execute(command), 65, place, "zero bytes where text is expected")
            expect(time.monotonic() - begin < 20, f"{time.monotonic() - begin} s with {workers} workers")
        fails(fingerspell("data", "inspect", file), 65, "zero bytes")
        file.unlink()


def test_a_pipe_in_a_csvs_place_does_not_keep_the_program_waiting():
    """65: a pipe in a CSV's place does not keep the program waiting."""
    os.mkfifo(harness.work / "pipe.csv")
    for words in (("train", "--train-csv", "pipe.csv", "--validation-split", "0.1"), ("data", "inspect", "pipe.csv")):
        fails(harness.execute(["timeout", "20", harness.program, *words]), 65, "pipe.csv")
