"""What augmentation makes of training images, and what corrupted test images make of a model."""

import json
import struct
import zlib

import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, mpirun, succeeds
from test_models import MODEL, evaluation
from test_training import reference

pytestmark = pytest.mark.commandline

KINDS = ["shift", "rotation", "noise", "brightness-contrast", "blur", "zoom", "zero-padded-shift", "lighting-gradient",
         "salt-and-pepper", "occlusion"]
OFF = [word for name in ("rotation", "shift", "zoom", "brightness", "contrast", "lighting-gradient", "noise", "blur",
                                    "random-erasing")
       for word in (f"--augment-{name}", "0")]  # fmt: skip
SHARED = ["lighting-gradient", "noise", "blur", "random-erasing"]
SIDE, SCALE, GAP, MARGIN = 28, 3, 3, 12


def page(name):
    """A gray PNG's lines of pixels; its checksums must be right."""
    contents = (harness.work / name).read_bytes()
    expect(contents.startswith(b"\x89PNG\r\n\x1a\n"), "no PNG")
    place, chunks = 8, {}
    while place < len(contents):
        (length,) = struct.unpack(">I", contents[place : place + 4])
        kind, data = contents[place + 4 : place + 8], contents[place + 8 : place + 8 + length]
        equal(struct.unpack(">I", contents[place + 8 + length : place + 12 + length])[0], zlib.crc32(kind + data), kind)
        chunks[kind] = data
        place += 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    equal([depth, colour], [8, 0])
    raw = zlib.decompress(chunks[b"IDAT"])
    equal(len(raw), height * (width + 1))
    return [raw[line * (width + 1) + 1 : (line + 1) * (width + 1)] for line in range(height)]


def images(name, count):
    """The pairs of images on a page, each 784 bytes."""
    lines = page(name)
    size = SIDE * SCALE
    for number in range(count):
        x = MARGIN + number % 8 * (2 * size + GAP + MARGIN)
        y = MARGIN + number // 8 * (size + MARGIN)
        yield [
            bytes(lines[y + SCALE * row][left + SCALE * column] for row in range(SIDE) for column in range(SIDE))
            for left in (x, x + size + GAP)
        ]


def preview(name, *arguments):
    """The pairs that a preview of rows 3, 0 and 41 shows."""
    words = ("--data", data_folder(), "--row", "3", "0", "41", "--output", name)
    result = succeeds(fingerspell("data", "augment-preview", *words, *arguments))
    expect(f"{name}: 3 images of" in result.out and result.err == "", result)
    return list(images(name, 3))


def test_augment_preview_shows_the_training_images():
    """augment-preview shows the training images, each beside a changed one."""
    lines = (data_folder() / "sign_mnist_train.csv").read_text().splitlines()[1:]
    originals = [bytes(int(text) for text in lines[row].split(",")[1:]) for row in (3, 0, 41)]
    pairs = preview("best.png")
    equal([left for left, _ in pairs], originals)
    expect(all(left != right for left, right in pairs), "an image did not change")


def test_augment_previews_seed_and_epoch_choose_the_changes():
    """augment-preview's seed and epoch choose the changes."""
    first = preview("first.png")
    equal(preview("again.png", "--seed", "1", "--epoch", "1"), first)
    for arguments in (("--seed", "2"), ("--epoch", "2")):
        other = preview("other.png", *arguments)
        expect(all(a[1] != b[1] and a[0] == b[0] for a, b in zip(first, other)), arguments)


def test_every_range_of_augment_preview_does_something():
    """augment-preview: every range does something, and none changes nothing."""
    expect(all(left == right for left, right in preview("none.png", *OFF)), "changed with every range off")
    for place in range(0, len(OFF), 2):
        most = {"noise": "20", "shift": "3", "rotation": "12", "erasing": "9"}.get(OFF[place].split("-")[-1], "0.5")
        all_images = [word for name in SHARED for word in (f"--augment-{name}-probability", "1")]
        pairs = preview("one.png", *OFF[:place], OFF[place], most, *OFF[place + 2 :], *all_images)
        expect(all(left != right for left, right in pairs), f"{OFF[place]} {most} changes nothing")
    for name in SHARED:
        pairs = preview("probability.png", *OFF, f"--augment-{name}", "1", f"--augment-{name}-probability", "0")
        expect(all(left == right for left, right in pairs), f"a probability of 0 leaves {name}")
    shifted = [*OFF, "--augment-shift", "9", "--augment-constant-padding-probability"]
    expect(preview("filled.png", *shifted, "1") != preview("edges.png", *shifted, "0"), "no gray around the images")


def test_augment_preview_by_itself_shows_48_images():
    """augment-preview by itself: 48 images, also of the synthetic data set, in augmented.png."""
    result = succeeds(fingerspell("data", "augment-preview"))
    expect("augmented.png: 48 images of synthetic data set (train" in result.out, result)
    expect("this is the synthetic data set" in result.err, result)
    equal(len(list(images("augmented.png", 48))), 48)
    words = ("--train-csv", data_folder() / "sign_mnist_train.csv", "--random", "9", "--output", "nine.png")
    expect("nine.png: 9 images of" in succeeds(fingerspell("data", "augment-preview", *words)).out, "not 9")
    equal(len({left for left, _ in images("nine.png", 9)}), 9)


def test_augment_preview_of_rows_that_are_not_there():
    """64: augment-preview of rows that are not there."""
    words = ("data", "augment-preview", "--data", data_folder())
    fails(fingerspell(*words, "--row", "96"), 64, "--row is 96, but", "has 96 rows: 0 to 95")
    fails(fingerspell(*words, "--random", "97"), 64, "--random is 97, but", "has only 96 rows")


def test_evaluate_with_every_corruption():
    """evaluate --corruption all: each kind, beside the reference rows."""
    plain_result, plain = evaluation("--data", data_folder())
    result, found = evaluation("--data", data_folder(), "--corruption", "all")
    disturbed = found.pop("corruptions")
    equal(found, plain)
    equal([one["kind"] for one in disturbed], KINDS)
    expect(result.out.startswith(plain_result.out), result)
    expect("corrupted images, seed 1" in result.out, result)
    for one in disturbed:
        equal(one["seed"], 1)
        expect(0 <= one["accuracy"] <= 1 and one["loss"] != plain["loss"], one)
        expect(f"{one['loss']:.4f}     {one['accuracy']:.4f}" in result.out, result)
    for kind, expected in zip(KINDS, disturbed):
        equal(evaluation("--data", data_folder(), "--corruption", kind)[1]["corruptions"], [expected])


def test_evaluate_another_seed_corrupts_otherwise():
    """evaluate --corruption-seed draws again, and the workers do not matter."""
    words = ("--data", data_folder(), "--corruption", "all", "--corruption-seed")
    first = evaluation(*words, "7", "--workers", "1")[1]["corruptions"]
    other = evaluation(*words, "8", "--workers", "1")[1]["corruptions"]
    for kind, a, b in zip(KINDS, first, other):
        expect((a["loss"] == b["loss"]) == (kind == "blur"), (a, b))
    equal(evaluation(*words, "7", "--workers", "3")[1]["corruptions"], first)
    equal(evaluation(*words, "7", ranks=2)[1]["corruptions"], first)
