"""Images in files: folders of class folders, lists and single files, of any size, in PNG and JPEG."""

import base64
import csv
import fractions
import json
import struct
import zlib

import numpy
import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, mpirun, succeeds

pytestmark = pytest.mark.commandline

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXY"
GOLDENS = json.loads((harness.ROOT / "Tests" / "Goldens" / "pictures.json").read_text())["decoding"]
QUICK = ["--epochs", "1", "--workers", "1", "--quiet"]


def png(pixels, width, colour=False, scale=1):
    """A PNG file of gray pixels, as gray or RGB, each as a square of pixels."""
    height = len(pixels) // width
    rows = [[pixels[y * width + x] for x in range(width) for _ in range(scale)] for y in range(height) for _ in range(scale)]
    data = b"".join(b"\0" + bytes(v for v in row for _ in range(3 if colour else 1)) for row in rows)
    header = struct.pack(">IIBBBBB", width * scale, height * scale, 8, 2 if colour else 0, 0, 0, 0)

    def piece(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", header) + piece(b"IDAT", zlib.compress(data)) + piece(b"IEND", b"")


def rows_of(part):
    """The rows of a part of the small set: label and pixels."""
    with open(data_folder() / f"sign_mnist_{part}.csv") as file:
        return [(int(row[0]), [int(n) for n in row[1:]]) for row in list(csv.reader(file))[1:]]


@pytest.fixture(scope="module")
def sets():
    """The small set as CSVs in the order of a folder's rows, and as a folder of PNG files, some of them larger and in colour."""
    (harness.work / "table").mkdir()
    for part in ["train", "test"]:
        by_class = {}
        for number, (label, pixels) in enumerate(rows_of(part)):
            folder = harness.work / "images" / part / LETTERS[label]
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{number:05}.png"
            (folder / name).write_bytes(png(pixels, 28, colour=number % 3 == 1, scale=1 + number % 4))
            by_class.setdefault(label, []).append((label, pixels))
        turns = sorted(
            ((fractions.Fraction(2 * i + 1, 2 * len(rows)), label, rows[i]) for label, rows in by_class.items() for i in range(len(rows))),
            key=lambda turn: turn[:2])
        lines = [",".join(map(str, [label, *pixels])) for _, _, (label, pixels) in turns]
        header = ",".join(["label"] + [f"pixel{i}" for i in range(1, 785)])
        (harness.work / "table" / f"sign_mnist_{part}.csv").write_text("\n".join([header, *lines]) + "\n")
    return harness.work / "table", harness.work / "images"


@pytest.fixture(scope="module")
def trained(sets):
    """A run on the table and one on the images."""
    for name, folder in zip(["of-table", "of-images"], sets):
        succeeds(fingerspell("train", "--data", folder, *QUICK, "--output", name))
    return harness.work / "of-table", harness.work / "of-images"


def test_a_folder_of_images_trains_to_the_bits_of_its_table(trained):
    table, images = trained
    equal((images / "model.safetensors").read_bytes()[-4000:], (table / "model.safetensors").read_bytes()[-4000:])
    equal((images / "metrics.csv").read_text().split(",")[:5], (table / "metrics.csv").read_text().split(",")[:5])


def test_any_ranks_and_a_cache_give_the_same_model(sets, trained):
    for ranks, output in [(1, "cache-1"), (3, "cache-3"), (2, "cache-2")]:
        arguments = ["train", "--data", sets[1], *QUICK[:2], "--quiet", "--output", output, "--cache", "cache"]
        succeeds(mpirun(ranks, *arguments) if ranks > 1 else fingerspell(*arguments))
        equal((harness.work / output / "model.safetensors").read_bytes(), (trained[1] / "model.safetensors").read_bytes())
    blocks = sorted((harness.work / "cache").rglob("*.rows"))
    expect(len(blocks) >= 2, "there are blocks")
    blocks[0].write_bytes(blocks[0].read_bytes()[:-1])
    result = fingerspell("train", "--data", sets[1], *QUICK, "--output", "cache-4", "--cache", "cache")
    succeeds(result)
    equal(result.err.count("1 damaged file in the cache"), 1)
    equal((harness.work / "cache-4" / "model.safetensors").read_bytes(), (trained[1] / "model.safetensors").read_bytes())


def test_evaluation_and_prediction_read_images(sets, trained):
    model = trained[0] / "model.safetensors"
    table, images = (fingerspell("evaluate", model, "--data", folder, "--workers", "1") for folder in sets)
    succeeds(table), succeeds(images)
    equal(images.out.splitlines()[1:], table.out.splitlines()[1:])
    letter = sorted((sets[1] / "test").iterdir())[0]
    one = sorted(letter.iterdir())[0]
    of_file = fingerspell("predict", model, "--test-csv", one, "--row", "0")
    of_folder = fingerspell("predict", model, "--test-csv", letter, "--row", "0")
    succeeds(of_file), succeeds(of_folder)
    equal(of_file.out, of_folder.out)
    inverted = fingerspell("predict", model, "--test-csv", one, "--row", "0", "--invert")
    succeeds(inverted)
    expect(inverted.out != of_file.out, "an inverted image is another one")


def test_a_list_of_images_is_data_too(sets, trained):
    with open(harness.work / "list.csv", "w") as file:
        file.write("filename,class\n")
        for letter in sorted((sets[1] / "test").iterdir()):
            for image in sorted(letter.iterdir()):
                file.write(f'"{image.relative_to(harness.work)}",{letter.name}\n')
    result = fingerspell("evaluate", trained[0] / "model.safetensors", "--test-csv", "list.csv", "--workers", "1")
    succeeds(result)
    expected = fingerspell("evaluate", trained[0] / "model.safetensors", "--data", sets[0], "--workers", "1")
    equal(result.out.splitlines()[3:], expected.out.splitlines()[3:])


def test_data_names_a_list_or_an_image(sets, trained):
    """--data takes a list of images as --train-csv does, but not to train and to validate on at once; predict takes an image."""
    with open(harness.work / "train-list.csv", "w") as file:
        file.write("id,image_path,label\n")
        for number, image in enumerate(sorted((sets[1] / "train").rglob("*.png"))):
            file.write(f"{number},{image},{image.parent.name}\n")
    split = ("--validation-split", "0.2", *QUICK, "--output")
    for option in ["--data", "--train-csv"]:
        succeeds(fingerspell("train", option, "train-list.csv", *split, f"list{option}"))
    equal(harness.model("list--data")[1], harness.model("list--train-csv")[1])
    fails(fingerspell("train", "--data", "train-list.csv", *QUICK, "--output", "no"), 65, "train-list.csv is one list", "--validation-split")
    image = sorted((sets[1] / "test").rglob("*.png"))[0]
    model = trained[0] / "model.safetensors"
    shown = [succeeds(fingerspell("predict", model, option, image, "--row", "0")).out for option in ("--data", "--test-csv")]
    equal(shown[0], shown[1])


def test_folders_without_usable_pictures_say_what_they_hold(sets):
    """65: class folders of pictures in other formats, folders of nothing, one class alone."""
    for letter in "AB":
        (harness.work / "bitmaps" / letter).mkdir(parents=True)
        (harness.work / "bitmaps" / letter / "1.bmp").write_bytes(b"BM")
    for words in [("train", "--data", "bitmaps"), ("train", "--train-csv", "bitmaps", "--validation-split", "0.1"), ("data", "inspect", "bitmaps")]:
        fails(fingerspell(*words), 65, "bitmaps has no images that can be read, but 2 pictures in other formats (.bmp)", "mogrify -format png")
    (harness.work / "odd").mkdir()
    (harness.work / "odd" / "notes.txt").write_text("")
    fails(fingerspell("train", "--data", "odd"), 65, "train-images-idx3-ubyte, t10k-images-idx3-ubyte", "the folder holds notes.txt")
    fails(fingerspell("train", "--train-csv", "odd", "--validation-split", "0.1"), 65, "odd has no images")
    (harness.work / "single" / "cat").mkdir(parents=True)
    for image in sorted((sets[1] / "train" / "A").iterdir()):
        (harness.work / "single" / "cat" / image.name).write_bytes(image.read_bytes())
    fails(fingerspell("train", "--data", "single", "--validation-split", "0.5"), 65, "one class, 'cat'")
    out = succeeds(fingerspell("data", "inspect", "single")).out
    expect("pictures of" in out and "read as images of 28 x 28 gray pixels" in out, out)


def test_convert_makes_images_of_any_size(sets):
    """convert --size, --channels, --fit and --invert make images as train makes them of its network's input."""
    folder = sets[1] / "test"
    out = succeeds(fingerspell("data", "convert", folder, "small.npz", "--size", "10x12", "--channels", "3", "--fit", "pad")).out
    expect("rows of 10 x 12 pixels of 3 channels" in out and "\nclasses: 0 B, 1 C, " in out, out)
    for name, words in [("plain", ()), ("inverted", ("--invert",)), ("half", ("--size", "14"))]:
        succeeds(fingerspell("data", "convert", folder, f"{name}.npz", *words))
    with numpy.load(harness.work / "plain.npz") as plain, numpy.load(harness.work / "inverted.npz") as inverted, \
            numpy.load(harness.work / "half.npz") as half, numpy.load(harness.work / "small.npz") as small:
        expect((inverted["x"] == 255 - plain["x"]).all(), "not inverted")
        equal(half["x"].shape, (len(plain["x"]), 14, 14))
        equal(small["x"].shape, (len(plain["x"]), 10, 12, 3))
        means = plain["x"].reshape(-1, 14, 2, 14, 2).astype(int).sum(axis=(2, 4))
        equal(plain["y"].tolist(), half["y"].tolist())
    # A table is fitted as its pictures are: here by the mean of 2 x 2 pixels.
    succeeds(fingerspell("data", "convert", "plain.npz", "again.npz", "--size", "14x14"))
    with numpy.load(harness.work / "again.npz") as again:
        expect(((2 * means + 4) // 8 == again["x"]).all(), "other means")
    fails(fingerspell("data", "convert", "plain.npz", "x.npz", "--fit", "pad"), 64, "give the new one with --size")


def test_given_names_of_classes_are_checked(sets):
    """65: names that folders do not have, or too few for the labels; as many classes as names."""
    (harness.work / "abc.txt").write_text("a\nb\nc\n")
    fails(fingerspell("data", "inspect", sets[1], "--class-names", "abc.txt"), 65, "which is none of the classes: a, b, c")
    fails(fingerspell("data", "inspect", sets[0], "--class-names", "abc.txt"), 65, "abc.txt names only the classes 0-2")
    numpy.savez(harness.work / "few.npz", x=numpy.arange(4 * 784, dtype=numpy.uint32).reshape(4, 28, 28).astype(numpy.uint8), y=[0, 1, 2, 1])
    out = succeeds(fingerspell("data", "inspect", "few.npz", "--class-names", "abc.txt")).out
    expect("none of" not in out and "     c" in out, out)


def test_inspect_describes_images(sets):
    result = fingerspell("data", "inspect", sets[1])
    succeeds(result)
    table = fingerspell("data", "inspect", sets[0])
    succeeds(table)

    def facts(text):
        return [line.split(" rows, ")[0] for line in text.splitlines() if " rows" in line]

    equal(facts(result.out), facts(table.out))


def test_jpeg_of_any_kind_is_read(trained):
    folder = harness.work / "photos"
    folder.mkdir()
    for name in ["jpeg-420", "jpeg-progressive", "jpeg-gray", "jpeg-orientation-6"]:
        (folder / f"{name}.jpg").write_bytes(base64.b64decode(GOLDENS[name]["file"]))
    for fit in ["crop", "pad", "stretch"]:
        result = fingerspell("predict", trained[0] / "model.safetensors", "--test-csv", folder, "--row", "0", "3", "--fit", fit)
        succeeds(result)
        equal(result.out.count("row "), 2)


FAULTS = {
    "a cut image": (lambda data: data[:-20], "is a PNG image that is damaged or incomplete"),
    "an empty image": (lambda data: b"", "is empty"),
    "a web page": (lambda data: b"<!DOCTYPE html>", "is a web page, neither a PNG nor a JPEG image"),
    "a huge claim": (
        lambda data: data[:16] + (header := b"\x7f\xff\xff\xff" * 2 + data[24:29]) + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + data[33:],
        "claims 2147483647 x 2147483647 pixels; at most 67108864 are read",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_image_is_named_and_nothing_is_trained(sets, fault):
    change, message = FAULTS[fault]
    victim = sorted((sets[1] / "train" / "C").iterdir())[0]
    sound = victim.read_bytes()
    try:
        victim.write_bytes(change(sound))
        for result in [
            fingerspell("train", "--data", sets[1], *QUICK, "--output", "none"),
            mpirun(2, "train", "--data", sets[1], "--epochs", "1", "--output", "none"),
        ]:
            fails(result, 65, f"{victim} {message}")
            equal(result.err.count(str(victim)), 1)
        expect(not (harness.work / "none").exists(), "there is no run folder")
    finally:
        victim.write_bytes(sound)


def test_what_does_not_fit_together_is_said(sets, trained):
    fails(fingerspell("train", "--data", sets[0], *QUICK, "--cache", "c"), 64, "--cache keeps decoded image files")
    fails(fingerspell("train", "--data", sets[1] / "train", *QUICK), 65, "--validation-split")
    succeeds(fingerspell("train", "--data", sets[1] / "train", *QUICK, "--validation-split", "0.2", "--output", "split"))
    fails(fingerspell("train", "--data", sets[1], *QUICK, "--fit", "squeeze"), 64, "--fit")
    (harness.work / "full").write_text("")
    fails(fingerspell("train", "--data", sets[1], *QUICK, "--output", "x", "--cache", "full"), 74, "full")
    (sets[1] / "train" / "notes.txt").write_text("")
    result = mpirun(2, "train", "--data", sets[1], "--epochs", "1", "--quiet", "--output", "notes")
    succeeds(result)
    equal(result.err.count("notes.txt in"), 1)
