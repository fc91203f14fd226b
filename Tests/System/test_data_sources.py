"""Rows from files of other kinds: the same bits as from the CSV, conversion, the names of classes."""

import gzip
import hashlib
import json
import zipfile

import numpy
import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, mpirun, succeeds

pytestmark = pytest.mark.commandline

TRAIN, TEST = "sign_mnist_train.csv", "sign_mnist_test.csv"


def arrays(name):
    """A file's images, [rows, 28, 28], and labels."""
    rows = numpy.array([[int(n) for n in line.split(",")] for line in (data_folder() / name).read_text().split()[1:]])
    return rows[:, 1:].reshape(-1, 28, 28).astype(numpy.uint8), rows[:, 0].astype(numpy.uint8)


def idx(numbers):
    """An array of bytes as an IDX file."""
    shape = b"".join(size.to_bytes(4, "big") for size in numbers.shape)
    return bytes([0, 0, 8, numbers.ndim]) + shape + numbers.tobytes()


def folder(name):
    """An empty folder."""
    made = harness.work / name
    made.mkdir(exist_ok=True)
    return made


def idx_set(name, pack=lambda contents: contents, suffix=""):
    """The data set as MNIST's four files."""
    made = folder(name)
    for part, file in (("train", TRAIN), ("t10k", TEST)):
        images, labels = arrays(file)
        (made / f"{part}-images-idx3-ubyte{suffix}").write_bytes(pack(idx(images)))
        (made / f"{part}-labels-idx1-ubyte{suffix}").write_bytes(pack(idx(labels)))
    return made


def npz_set(name):
    """The data set as keras.datasets' file, in a folder."""
    (x, y), (u, v) = arrays(TRAIN), arrays(TEST)
    made = folder(name)
    numpy.savez_compressed(made / "mnist.npz", x_train=x, y_train=y.astype(numpy.int64), x_test=u, y_test=v)
    return made


def zip_set(name):
    """The data set as Kaggle's page serves it."""
    file = harness.work / name
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in (TRAIN, TEST):
            archive.write(data_folder() / part, f"{part[:-4]}/{part}")
        archive.writestr("amer_sign2.png", "no image")
    return file


def csv_set(name, train, test):
    """The two CSVs under other names, compressed if these say so."""
    made = folder(name)
    for file, source in ((train, TRAIN), (test, TEST)):
        contents = (data_folder() / source).read_bytes()
        (made / file).write_bytes(gzip.compress(contents) if file.endswith(".gz") else contents)
    return made


SOURCES = {
    "IDX": lambda: idx_set("idx"),
    "IDX in gzip": lambda: idx_set("idx-gz", gzip.compress, ".gz"),
    "npz": lambda: npz_set("npz"),
    "npz, the file itself": lambda: npz_set("npz-file") / "mnist.npz",
    "Kaggle's zip": lambda: zip_set("kaggle.zip"),
    "MNIST's names": lambda: csv_set("mnist-csv", "mnist_train.csv", "mnist_test.csv.gz"),
    "Fashion-MNIST's names": lambda: csv_set("fashion", "fashion-mnist_train.csv", "fashion-mnist_test.csv"),
}


def bits(run):
    """The weights of a run, and what it reports of its epochs, without times."""
    rows = [line.split(",") for line in (harness.work / run / "metrics.csv").read_text().splitlines()]
    return harness.model(run)[1], [row[:5] + row[-1:] for row in rows]


def test_every_source_trains_the_same_bits_as_the_csv():
    """Every source trains the same bits as the CSV of the same images, on threads and on ranks."""
    words = ("train", "--epochs", "1", "--quiet", "--output")
    succeeds(fingerspell(*words, "source-csv", "--data", data_folder()))
    expected = bits("source-csv")
    for number, (name, make) in enumerate(SOURCES.items()):
        path = make()
        succeeds(fingerspell(*words, f"source{number}", "--data", path, "--workers", 1 + number % 3))
        equal(bits(f"source{number}"), expected, name)
    succeeds(mpirun(3, *words, "source-ranks", "--data", harness.work / "idx-gz"))
    equal(bits("source-ranks"), expected)
    described = harness.run_json("source-ranks")["training_data"]
    path = harness.work / "idx-gz/train-images-idx3-ubyte.gz"
    equal(described["source"], str(path))
    files = [path, path.with_name("train-labels-idx1-ubyte.gz")]
    digests = [hashlib.sha256(file.read_bytes()).digest() for file in files]
    equal(described["sha256"], hashlib.sha256(b"".join(digests)).hexdigest())


def test_a_run_resumes_from_the_files_it_began_with():
    """A run on npz resumes; another file is refused."""
    path = npz_set("npz-resume") / "mnist.npz"
    words = ("train", "--data", path, "--output", "npz-run", "--quiet")
    succeeds(fingerspell(*words, "--epochs", "1"))
    succeeds(fingerspell(*words, "--epochs", "2", "--resume"))
    (x, y), (u, v) = arrays(TRAIN), arrays(TEST)
    numpy.savez(path, x_train=x[::-1], y_train=y[::-1], x_test=u, y_test=v)
    fails(fingerspell(*words, "--epochs", "3", "--resume"), 65, "training data")


def test_convert_writes_what_was_read():
    """convert writes the CSV's own bytes again after a way over npz, and overwrites nothing."""
    for part, name in (("train", TRAIN), ("test", TEST)):
        if not (harness.work / "converted.npz").exists():
            out = succeeds(fingerspell("data", "convert", data_folder(), "converted.npz")).out
            expect("96 training rows of 28 x 28 gray pixels" in out and "40 test rows" in out, out)
        succeeds(fingerspell("data", "convert", "converted.npz", f"{part}-again.csv", "--part", part))
        equal((harness.work / f"{part}-again.csv").read_bytes(), (data_folder() / name).read_bytes())
    with numpy.load(harness.work / "converted.npz") as file:
        images, labels = arrays(TRAIN)
        equal(sorted(file), ["x_test", "x_train", "y_test", "y_train"])
        expect((file["x_train"] == images).all() and (file["y_train"] == labels).all(), "other numbers")
    fails(fingerspell("data", "convert", "converted.npz", "train-again.csv", "--part", "train"), 64, "already exists")
    fails(fingerspell("data", "convert", "converted.npz", "both.csv"), 64, "give --part train or test")
    fails(fingerspell("data", "convert", "converted.npz", "rows.txt"), 64, "must end in .csv or .npz")
    succeeds(fingerspell("data", "convert", data_folder() / TRAIN, "one.npz"))
    with numpy.load(harness.work / "one.npz") as file:
        equal(sorted(file), ["x", "y"])


def test_inspect_describes_any_file():
    """inspect describes any file: images of any size, classes by name, unlabelled rows."""
    numbers = numpy.arange(5 * 6 * 4 * 3, dtype=numpy.uint8).reshape(5, 6, 4, 3)
    numpy.savez(harness.work / "colors.npz", images=numbers, labels=numpy.array([700, 0, 0, 2, 2]))
    out = succeeds(fingerspell("data", "inspect", "colors.npz")).out
    expect("5 rows" in out and "6 x 4 pixels of 3 channels" in out and "  700         1" in out, out)
    numpy.save(harness.work / "alone.npy", numbers)
    out = succeeds(fingerspell("data", "inspect", "alone.npy")).out
    expect("no labels" in out and "class" not in out, out)
    (harness.work / "three.txt").write_text("cat\ndog\nbird\n")
    (harness.work / "small.csv").write_text("kind,a,b,c,d\n0,1,2,3,4\n2,5,6,7,8\n")
    out = succeeds(fingerspell("data", "inspect", "small.csv", "--class-names", "three.txt")).out
    expect("2 x 2 gray pixels" in out and "  bird         1" in out and "none of the rows are of the class dog" in out, out)
    fails(fingerspell("train", "--data", "small.csv", "--validation-split", "0.5"), 65, "small.csv")
    fails(fingerspell("train", "--data", "colors.npz", "--validation-split", "0.5"), 65, "the label of row 0 is 700")


def test_digits_are_not_letters():
    """The classes of digit-recognizer and of MNIST's files are called by their numbers, without warnings about letters."""
    made = folder("recognizer")
    header = ",".join(["label"] + [f"pixel{i}" for i in range(784)])
    rows = [",".join(map(str, [n % 10] + [(n * 7 + i) % 256 for i in range(784)])) for n in range(40)]
    (made / "train.csv").write_text("\n".join([header, *rows]) + "\n")
    images = numpy.array([[int(v) for v in row.split(",")] for row in rows], dtype=numpy.uint8)
    mnist = harness.work / "torchvision/MNIST/raw"
    mnist.mkdir(parents=True)
    for part in ("train", "t10k"):
        (mnist / f"{part}-images-idx3-ubyte").write_bytes(idx(images[:, 1:].reshape(-1, 28, 28) // (1 if part == "train" else 2)))
        (mnist / f"{part}-labels-idx1-ubyte").write_bytes(idx(images[:, 0]))
    for path in (made, made / "train.csv", mnist, harness.work / "torchvision"):
        out = succeeds(fingerspell("data", "inspect", path)).out
        names = [line.split()[0] for line in out.split("class", 1)[1].splitlines()[1:11]]
        equal(names, [str(n) for n in range(10)], path)
        expect("class J" not in out and "none of" not in out and "10 " not in out.split("class", 1)[1], out)
    words = ("train", "--data", made, "--validation-split", "0.25", "--epochs", "1", "--output", "recognizer-run")
    result = succeeds(fingerspell(*words))
    expect("class J" not in result.err + result.out, result)


def test_rows_without_labels_need_a_validation_split():
    """Kaggle's digit-recognizer: unlabelled test rows are told, and a part of the training rows can be held out."""
    made = csv_set("digits", "train.csv", "test.csv")
    lines = [line.split(",", 1)[1] for line in (made / "test.csv").read_text().split()]
    (made / "test.csv").write_text("\n".join(lines) + "\n")
    words = ("train", "--data", made, "--epochs", "1", "--quiet", "--output", "digits-run")
    fails(fingerspell(*words), 65, "test.csv: has no column 'label'", "hold out a part of the training rows with --validation-split")
    succeeds(fingerspell(*words, "--validation-split", "0.25"))
    model = harness.work / "digits-run/model.safetensors"
    out = succeeds(fingerspell("predict", model, "--data", made, "--row", "0")).out
    expect(out.startswith("row 0: ") and "right" not in out, out)


def test_classes_have_names():
    """--class-names names the classes of reports and predictions, also where a page must not take them for HTML."""
    words = ("train", "--data", data_folder(), "--epochs", "1", "--quiet", "--output", "named-run")
    succeeds(fingerspell(*words))
    model = harness.work / "named-run/model.safetensors"
    names = [f"<b>{i}" for i in range(25)]
    (harness.work / "names.json").write_text(json.dumps(names))
    named = ("--data", data_folder(), "--class-names", "names.json")
    report = json.loads(succeeds(fingerspell("evaluate", model, *named, "--json", "-")).out)
    equal([c["name"] for c in report["classes"]], [names[c["label"]] for c in report["classes"]])
    out = succeeds(fingerspell("predict", model, *named, "--row", "0", "--gallery", "named.html")).out
    expect(out.startswith("row 0: <b>"), out)
    page = (harness.work / "named.html").read_text()
    expect("&lt;b&gt;" in page and "<b>" not in page, page)
    (harness.work / "many.txt").write_text("\n".join(f"c{i}" for i in range(26)))
    fails(fingerspell("evaluate", model, "--data", data_folder(), "--class-names", "many.txt"), 65, "names of 26 classes")
    fails(fingerspell("evaluate", model, "--class-names", "nowhere.txt"), 74, "nowhere.txt")
    (harness.work / "three-names.txt").write_text("a\nb\nc\n")
    words = ("train", "--data", data_folder(), "--epochs", "1", "--class-names", "three-names.txt", "--output", "three-named")
    expect("three-names.txt names 3 of the network's 25 classes" in succeeds(fingerspell(*words)).err, "no warning")
    (harness.work / "turned.json").write_text(json.dumps(list(reversed("ABCDEFGHIJKLMNOPQRSTUVWXY"))))
    turned = succeeds(fingerspell("evaluate", model, "--data", data_folder(), "--class-names", "turned.json"))
    expect("in this order, and the names that are given have another: Y, X" in turned.err, turned)
