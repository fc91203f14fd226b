"""Data that are legal but odd: training warns of them, once, on standard error."""

import pytest

import harness
from test_data import HEADER
from harness import data_folder, equal, expect, fingerspell, mpirun, succeeds

pytestmark = pytest.mark.commandline

SHARED = "validation rows with the same pixels as a training row: accuracy will be too high"


def rows(count=48, label=None, pixel=None):
    """Rows of the set, with labels and pixels changed."""
    text = (data_folder() / "sign_mnist_train.csv").read_text().splitlines()[1 : count + 1]
    for number, line in enumerate(text):
        fields = line.split(",")
        if label:
            fields[0] = str(label(number, int(fields[0])))
        if pixel:
            fields[1:] = [str(pixel(int(value))) for value in fields[1:]]
        yield ",".join(fields)


def write(name, lines):
    """A CSV of those rows."""
    file = harness.work / name
    file.write_text("\n".join([HEADER, *lines]) + "\n")
    return file


def letters(number, _):
    """All letters in turn, J left out."""
    return [label for label in range(25) if label != 9][number % 24]


def other(value):
    """Another image than the set's."""
    return 255 - value


def warnings(train, test, *more, quiet=False, ranks=0):
    """The lines on standard error of a training on those files."""
    words = ["train", "--train-csv", train, "--epochs", "1", "--output", "odd", *more]
    words += [*([] if test is None else ["--test-csv", test]), *(["--quiet"] if quiet else [])]
    result = succeeds(mpirun(ranks, *words) if ranks else fingerspell(*words))
    return [line.removeprefix("fingerspell: warning: ") for line in result.err.splitlines()]


def sound():
    """A training and a test file without anything odd."""
    return write("sound.csv", rows(label=letters)), write("sound-test.csv", rows(label=letters, pixel=other))


def test_sound_data_are_not_warned_about():
    """Sound data are not warned about."""
    equal(warnings(*sound()), [])
    equal(warnings(sound()[0], None, "--validation-split", "0.5"), [])


def test_rows_labelled_j_are_warned_about():
    """Rows labelled J are warned about, also where 24 classes were renumbered."""
    train, test = sound()
    some = write("some.csv", rows(label=lambda number, old: 9 if number < 3 else letters(number, old)))
    found = warnings(some, test, "--workers", "3")
    expect(any("3 of the training rows are of the class J (9), which the real data set does not have" in line for line in found), found)
    expect(not any("0-23" in line for line in found), found)
    expect(any("3 of the validation rows are of the class J" in line for line in warnings(train, some)), "not of the validation rows")
    renumbered = write("renumbered.csv", rows(label=lambda number, _: number % 24))
    found = warnings(renumbered, renumbered)
    expect(any("2 of the training rows are of the class J (9)" in line and "0-23" in line for line in found), found)


def test_images_without_a_pixel_above_1_are_warned_about():
    """Images without a pixel above 1 are warned about."""
    train, test = sound()
    dark = write("dark.csv", rows(label=letters, pixel=lambda value: value // 200))
    floats = write("floats.csv", rows(label=letters, pixel=lambda value: f"{value // 128}.0"))
    for file in (dark, floats):
        expect(any("the training rows have no pixel above 1" in line and "multiply them by 255" in line
                   for line in warnings(file, test)), f"{file} as training rows")
        found = warnings(train, file)
        expect(any("the validation rows have no pixel above 1" in line for line in found), found)


def test_classes_that_only_the_validation_rows_have_are_warned_about():
    """Classes that only the validation rows have are warned about, as in a file sorted by class."""
    file = write("sorted.csv", sorted(rows(label=letters), key=lambda line: int(line.split(",")[0])))
    for more in (("--workers", "1"), ("--workers", "4"), ("--shuffle", "none")):
        found = warnings(file, None, "--validation-split", "0.25", *more)
        equal(len(found), 1, found)
        expect("the validation rows have classes that no training row has: T, U, V, W, X, Y" in found[0], found)
        expect("the validation split takes the last rows" in found[0] and "shuffle" in found[0], found)
    few, test = write("few.csv", rows(label=lambda number, _: number % 5)), sound()[1]
    found = warnings(few, test)
    expect(any("classes that no training row has: F, G" in line and "the validation split" not in line for line in found), found)


def test_images_that_are_both_trained_on_and_validated_on_are_counted():
    """Images that are both trained on and validated on are counted."""
    train, test = sound()
    both = write("both.csv", [*list(rows(label=letters))[:7], *list(rows(label=letters, pixel=other))[7:]])
    for words, ranks in (((), 0), ((), 3), (("--shuffle", "shard", "--workers", "3"), 0)):
        equal(warnings(train, both, *words, ranks=ranks), [f"7 {SHARED}"])
    equal(warnings(train, train)[-1], f"48 {SHARED}")
    twice = write("twice.csv", [*rows(24, label=letters), *rows(24, label=letters)])
    for shuffle in ("global", "none"):
        found = warnings(twice, None, "--validation-split", "0.5", "--shuffle", shuffle)
        equal(found, [f"24 {SHARED}"])
    repeated = write("repeated.csv", [list(rows(label=letters))[0]] * 5)
    equal(warnings(train, repeated), [f"5 {SHARED}"])


def test_warnings_are_said_once_for_all_ranks():
    """Warnings are said once for all ranks, are silent with --quiet, and data inspect has them too."""
    train, _ = sound()
    equal(len(warnings(train, train, ranks=3)), 1)
    equal(warnings(train, train, quiet=True), [])
    dark = write("dark.csv", rows(label=lambda number, _: number % 24, pixel=lambda value: value // 200))
    out = succeeds(fingerspell("data", "inspect", dark)).out
    expect("of the class J (9)" in out and "no pixel above 1" in out, out)
