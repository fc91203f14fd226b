"""Numbers that are not finite: found in the step where they appear, the same on any layout, and told by rows and tensors."""

import json
import re
import struct

import pytest

import harness
from harness import TENSORS, data_folder, equal, expect, fails, fingerspell, mpirun, succeeds

pytestmark = pytest.mark.commandline


def weights(name, change):
    """The weights of a short training with some numbers changed: `change` takes a tensor's name and its list of numbers."""
    if not (harness.work / "start/model.safetensors").exists():
        succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "1", "--output", "start", "--quiet"))
    contents = (harness.work / "start/model.safetensors").read_bytes()
    length = struct.unpack("<Q", contents[:8])[0]
    header, body = json.loads(contents[8 : 8 + length]), bytearray(contents[8 + length :])
    for tensor in TENSORS:
        begin, end = header[tensor]["data_offsets"]
        numbers = list(struct.unpack(f"<{(end - begin) // 4}f", body[begin:end]))
        change(tensor, numbers)
        body[begin:end] = struct.pack(f"<{len(numbers)}f", *numbers)
    # The checksum is that of the weights that were trained.
    del header["__metadata__"]["parameters_sha256"]
    text = json.dumps(header).encode()
    (harness.work / name).write_bytes(struct.pack("<Q", len(text)) + text + bytes(body))
    return name


def scaled(wanted, factor):
    """Multiplies a tensor's numbers."""
    def change(tensor, numbers):
        if tensor == wanted:
            numbers[:] = [number * factor for number in numbers]
    return change


def message(result):
    """What the program itself said: mpirun adds words of its own."""
    equal(result.code, 65, result)
    found = re.search(r"^fingerspell: epoch .*\n.*\n.*$", result.err, re.MULTILINE)
    expect(found, result)
    equal(result.err.count("fingerspell: "), 1, result)
    return found[0]


def everywhere(*options):
    """The message of a training that fails: the same on threads and ranks."""
    words = ("train", "--data", data_folder(), "--epochs", "2", "--quiet", "--output", "overflow", *options)
    texts = [message(fingerspell(*words, "--workers", workers)) for workers in (1, 3)]
    texts += [message(mpirun(ranks, *words)) for ranks in (2, 4)]
    equal(texts, texts[:1] * 4)
    expect(not (harness.work / "overflow/model.safetensors").exists(), "a model was written")
    return texts[0]


def rows(text, words):
    """The rows after those words."""
    return [int(row) for row in re.search(words + r": ([\d, ]+)\.", text)[1].split(", ")]


def test_a_learning_rate_of_1e30_is_found_in_the_second_step():
    """65: a learning rate of 1e30 is found in the second step, with the rows and the tensors, on any layout."""
    text = everywhere("--learning-rate", "1e30", "--shuffle", "none")
    expect(text.startswith("fingerspell: epoch 1, step 2: the batch's loss is not a number; the gradient is not finite in"), text)
    expect("conv1d/kernel" in text and "dense_1/bias" in text and "lower --learning-rate (it is 1e+30)" in text, text)
    bad = rows(text, "Rows whose loss is not finite")
    good = rows(text, "Other rows of the batch") if "Other rows" in text else []
    equal(sorted(bad + good), list(range(32, 64)), text)
    expect(f"Row r is line r + 2 of {data_folder()}/sign_mnist_train.csv" in text, text)


def test_an_update_beyond_all_numbers_is_found_in_the_step_that_makes_it():
    """65: an update beyond all numbers is found in the step that makes it."""
    text = everywhere("--learning-rate", "1e300")
    expect(text.startswith("fingerspell: epoch 1, step 1: the update makes parameters infinite in conv1d/kernel"), text)
    equal(len(rows(text, "Rows of the batch")), 32, text)


def test_initial_weights_that_overflow_are_found_in_the_first_step():
    """65: initial weights with which the forward pass overflows are found in the first step."""
    text = everywhere("--initial-weights", weights("huge.safetensors", scaled("dense_1/kernel", 1e38)))
    expect(re.match(r"fingerspell: epoch 1, step 1: the batch's loss is (not a number|infinite); ", text), text)
    expect("--initial-weights" in text, text)


def test_a_gradient_whose_square_overflows_is_found():
    """65: a gradient whose square overflows is found, though loss and gradient are finite."""
    text = everywhere("--initial-weights", weights("large.safetensors", scaled("dense_1/kernel", 1e23)), "--no-dropout")
    expect(text.startswith("fingerspell: epoch 1, step 1: the gradient is so large that its square overflows in"), text)
    expect("dense/kernel" in text and "loss is" not in text.split(".")[0], text)


def test_initial_weights_that_are_not_finite_are_refused():
    """65: initial weights that are not finite are refused when they are read."""
    for value, word in ((float("nan"), "nan"), (float("inf"), "inf"), (float("-inf"), "-inf")):
        def change(tensor, numbers, value=value):
            if tensor == "lstm/bias":
                numbers[5] = value
        name = weights("poisoned.safetensors", change)
        expected = f"{name}: the tensor 'lstm/bias' has {word} at index 5: weights must be finite numbers"
        words = ("--data", data_folder())
        fails(fingerspell("train", *words, "--initial-weights", name, "--output", "refused"), 65, expected)
        fails(mpirun(2, "train", *words, "--initial-weights", name, "--output", "refused"), 65, expected)
        fails(fingerspell("evaluate", name, *words), 65, expected)
    expect(not (harness.work / "refused").exists(), "a run folder was made")
