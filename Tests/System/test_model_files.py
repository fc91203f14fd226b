"""Model files of every kind: what is read, what is refused with which word, and what their names may do to a terminal."""

import gzip
import json
import os
import re
import resource
import struct
import subprocess
import zipfile

import pytest

import harness
from harness import TENSORS, data_folder, equal, expect, fails, fingerspell, metrics, succeeds
from test_training import reference, train

pytestmark = pytest.mark.commandline

MODEL = "reference/model.safetensors"


@pytest.fixture(scope="module", autouse=True)
def reference_model(program, work):
    """The model that these tests are about."""
    reference()


def parts(path=MODEL):
    """A safetensors file's header and data."""
    contents = (harness.work / path).read_bytes()
    length = struct.unpack("<Q", contents[:8])[0]
    return json.loads(contents[8 : 8 + length]), contents[8 + length :]


def tensors(path=MODEL):
    """Its tensors: name to (type, shape, bytes)."""
    header, data = parts(path)
    return {
        name: (entry["dtype"], entry["shape"], data[slice(*entry["data_offsets"])])
        for name, entry in header.items() if name != "__metadata__"
    }  # fmt: skip


def write(name, contents, metadata=None, tail=b""):
    """Writes a safetensors file of these tensors; returns its name."""
    header, data = {} if metadata is None else {"__metadata__": metadata}, b""
    for tensor, (kind, shape, values) in contents.items():
        header[tensor] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    (harness.work / name).write_bytes(struct.pack("<Q", len(text)) + text + data + tail)
    return name


def model():
    """The reference run's model, and its metadata."""
    reference()
    return tensors(), parts()[0]["__metadata__"]


def score(path, *arguments):
    """Loss and accuracy of a model on the test rows, and what was said about it."""
    result = succeeds(fingerspell("evaluate", path, "--data", data_folder(), "--json", "score.json", *arguments))
    found = json.loads((harness.work / "score.json").read_text())
    return (found["loss"], found["accuracy"]), result.err


def floats(values):
    return struct.unpack(f"<{len(values) // 4}f", values)


# Element types, how they are written, and how far the loss may be from that of the float32 weights.
TYPES = {
    "F64": (lambda numbers: struct.pack(f"<{len(numbers)}d", *numbers), 0),
    "F16": (lambda numbers: struct.pack(f"<{len(numbers)}e", *numbers), 1e-3),
    "BF16": (lambda numbers: b"".join(struct.pack("<f", number)[2:] for number in numbers), 1e-2),
}


def test_weights_in_f64_f16_and_bf16_are_converted_and_mixed_types_too():
    """Weights in F64, F16 and BF16 are converted, and mixed types too."""
    contents, metadata = model()
    exact = score(MODEL)[0][0]
    for kind, (pack, tolerance) in TYPES.items():
        converted = {name: (kind, shape, pack(floats(values))) for name, (_, shape, values) in contents.items()}
        found = score(write(f"{kind}.safetensors", converted, metadata))[0][0]
        expect(abs(found - exact) <= tolerance, f"{kind}: {found} instead of {exact}")
        mixed = {**contents, "lstm/kernel": converted["lstm/kernel"]}
        expect(abs(score(write("mixed.safetensors", mixed, metadata))[0][0] - exact) <= tolerance, kind)


def test_tensors_that_nobody_uses_may_be_of_any_type_known_or_not():
    """Tensors that nobody uses may be of any type, known or not."""
    contents, metadata = model()
    for kind, width in [("BOOL", 1), ("I8", 1), ("U16", 2), ("F8_E4M3", 1), ("C64", 8), ("Q3_K", 3)]:
        extra = {"trainable": (kind, [2], b"\1" * 2 * width), **contents, "end": (kind, [1], b"\1" * width)}
        equal(score(write("extra.safetensors", extra, metadata))[0], score(MODEL)[0], kind)


NAMES = {
    "sequential/": lambda name: f"sequential/{name}",
    "a path of any depth": lambda name: f"model/layers/{name}",
    "Keras' own paths": lambda name: "sequential/" + re.sub(r"^(lstm\w*)/", r"\1/lstm_cell/", name),
    "Keras 2's": lambda name: re.sub(r"^(lstm\w*)/", r"\1/lstm_cell_7/", name) + ":0",
    "the second model of a process": lambda name: re.sub(
        r"^(\w+?)(?:_(\d))?/", lambda m: f"{m[1]}_{int(m[2] or 0) + {'conv1d': 1, 'lstm': 2, 'dense': 2}[m[1]]}/", name),
}  # fmt: skip


def test_weights_under_other_names_prefixes_cells_numbers():
    """Weights under other names: prefixes, cells, numbers."""
    contents, metadata = model()
    expected = score(MODEL)[0]
    for kind, rename in NAMES.items():
        renamed = {rename(name): entry for name, entry in contents.items()}
        equal(score(write("renamed.safetensors", renamed, metadata))[0], expected, kind)
    doubled = {**contents, **{f"copy/{name}": entry for name, entry in contents.items()}}
    equal(score(write("doubled.safetensors", doubled, metadata))[0], expected, "the network's own names go first")


def test_two_tensors_for_one_place_and_neither_has_its_name():
    """65: two tensors for one place, and neither has its name."""
    contents, _ = model()
    both = {f"{part}/{name}": entry for part in ("a", "b") for name, entry in contents.items()}
    fails(fingerspell("evaluate", write("both.safetensors", both)), 65, "two tensors for", "'a/", "'b/", "remove one of them")


def test_a_tensor_that_is_missing_of_another_shape_or_type():
    """65: a tensor that is missing, of another shape or type: what is there, and what was expected."""
    contents, _ = model()
    biases = {name: entry for name, entry in contents.items() if name.endswith("bias")}
    result = fingerspell("evaluate", write("biases.safetensors", biases))
    fails(result, 65, "biases.safetensors: is incomplete: it has no conv1d/kernel [3, 28, 64], ",
          "lstm/recurrent_kernel [64, 256]", "it has conv1d/bias F32 [64], ")  # fmt: skip
    fails(fingerspell("evaluate", write("empty.safetensors", {})), 65, "it has no tensors")
    wide = {**contents, "dense_1/kernel": ("F32", [25, 64], contents["dense_1/kernel"][2])}
    fails(fingerspell("evaluate", write("wide.safetensors", wide)), 65, "'dense_1/kernel' has the shape [25, 64] instead of [64, 25]")
    whole = {**contents, "dense_1/bias": ("I32", [25], bytes(100))}
    fails(fingerspell("evaluate", write("whole.safetensors", whole)), 65, "'dense_1/bias' has the type I32 instead of one of F64, F32")
    infinite = {**contents, "dense_1/bias": ("BF16", [25], b"\x80\x7f" * 25)}
    fails(fingerspell("evaluate", write("infinite.safetensors", infinite)), 65, "'dense_1/bias' has inf at index 0")


def archive(*names):
    """A zip archive whose first member has that name."""
    path = harness.work / "archive"
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, "x" * 100)
    return path.read_bytes()


def other_kinds():
    """Files that people hand over as models, and what must be said of them."""
    reference()
    return {
        "model.zip": (archive("model.safetensors"), "is a zip archive", "unzip"),
        "model.keras": (archive("metadata.json", "config.json", "model.weights.h5"), "this is not JSON", "model.to_json()"),
        "model.pt": (archive("model/data.pkl", "model/version"), "is a PyTorch file", "safetensors"),
        "model.npz": (archive("conv1d.npy"), "is a NumPy archive", "safetensors"),
        "model.h5": (b"\x89HDF\r\n\x1a\n" + bytes(500), "has addresses of 0 and lengths of 0 bytes", "save it again"),
        "old.pth": (b"\x80\x02\x8a\x0al\xfc\x9cF", "is a Python pickle", "safetensors"),
        "model.gz": (gzip.compress((harness.work / MODEL).read_bytes()), "is compressed with gzip", "gunzip"),
        "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 310276\n", "is a Git LFS pointer", "git lfs pull"),
        "page": (b"<!DOCTYPE html>\n<title>Sign in</title>", "is a web page", "sign in"),
        "config.json": (b'{"class_name": "Sequential"}', "is JSON", "use the safetensors file itself"),
    }


def test_models_of_another_kind_are_named_with_what_to_do():
    """65: models of another kind are named, with what to do; by evaluate, predict and train."""
    for name, (contents, kind, advice) in other_kinds().items():
        (harness.work / name).write_bytes(contents)
        fails(fingerspell("evaluate", name, "--data", data_folder()), 65, f"fingerspell: {name}: {kind}"[13:], advice)
    for name, words in [("model.h5", ("predict",)), ("model.pt", ("train", "--output", "failed", "--initial-weights"))]:
        fails(fingerspell(*words, name, "--data", data_folder()), 65, other_kinds()[name][1])
    expect(not (harness.work / "failed").exists(), "a run folder was made")


def test_a_checkpoint_is_accepted_as_a_model():
    """A checkpoint is accepted as a model: the best epoch's weights, with the run's preprocessing."""
    train("stored", "--quiet", "--standardize", "--keep", "last")
    newest = max((harness.work / "stored/checkpoints").iterdir())
    found, said = score(newest)
    equal(found, score("stored/model.safetensors")[0])
    expect("is a checkpoint; using its best weights" in said, said)
    damaged = bytearray(newest.read_bytes())
    damaged[-1000] ^= 4
    (harness.work / "damaged").write_bytes(damaged)
    fails(fingerspell("evaluate", "damaged", "--data", data_folder()), 65, "damaged is damaged: its checksum")


def test_one_bit_of_a_models_weights_the_checksum_is_that_of_metrics_csv():
    """65: one bit of a model's weights; the checksum is that of metrics.csv."""
    contents, metadata = model()
    best = min(metrics(reference()), key=lambda record: float(record["val_loss"]))
    equal(metadata["parameters_sha256"], best["parameters_sha256"])
    path = harness.work / MODEL
    for place in (-1, -150000, -300000):
        damaged = bytearray(path.read_bytes())
        damaged[place] ^= 1
        (harness.work / "flipped.safetensors").write_bytes(damaged)
        for command in ("evaluate", "predict"):
            fails(fingerspell(command, "flipped.safetensors", "--data", data_folder()), 65, "flipped.safetensors: is damaged")
    # A file without a checksum is somebody else's.
    equal(score(write("foreign.safetensors", contents))[0], score(MODEL)[0])


def test_sizes_that_no_model_has_whatever_the_header_says():
    """65: sizes that no model has, whatever the header says: at once, and in little memory."""
    contents, metadata = model()
    path = harness.work / write("sparse.safetensors", contents, metadata)
    os.truncate(path, 1 << 40)
    (harness.work / "zeros.safetensors").write_bytes(b"")
    os.truncate(harness.work / "zeros.safetensors", 1 << 40)
    header = {"huge": {"dtype": "F32", "shape": [1 << 38], "data_offsets": [0, 1 << 40]}}
    text = json.dumps(header).encode()
    (harness.work / "huge.safetensors").write_bytes(struct.pack("<Q", len(text)) + text)
    os.truncate(harness.work / "huge.safetensors", (1 << 40) + 8 + len(text))
    (harness.work / "header.safetensors").write_bytes(struct.pack("<Q", 90_000_000) + b"{" + b" " * 99)
    os.truncate(harness.work / "header.safetensors", 1 << 30)
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))  # noqa: E731
    for name, word in [("sparse", "after the last tensor"), ("zeros", "header"), ("huge", "is not a model of this network"), ("header", "header")]:
        command = [harness.program, "predict", f"{name}.safetensors", "--data", data_folder()]
        done = subprocess.run(command, cwd=harness.work, capture_output=True, text=True, timeout=10, preexec_fn=limit)
        expect(done.returncode == 65 and word in done.stderr, f"{name}: {done}")


def test_a_file_larger_than_any_checkpoint_is_not_read():
    """65: a file that says it is a checkpoint is not read where it is larger than any."""
    said = {"format": "fingerspell checkpoint", "format_version": "1"}
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))  # noqa: E731
    for name, size in [("terabyte", 1 << 40), ("gigabytes", 6 << 30), ("most", 1 << 62)]:
        header = {"__metadata__": said, "huge": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}
        text = json.dumps(header).encode()
        (harness.work / name).write_bytes(struct.pack("<Q", len(text)) + text)
        if size < 1 << 43:
            os.truncate(harness.work / name, size + 8 + len(text))
        for words in (("evaluate", name), ("predict", name), ("train", "--output", "failed", "--initial-weights", name)):
            done = subprocess.run(
                [harness.program, *words, "--data", data_folder()], cwd=harness.work, capture_output=True, text=True,
                timeout=10, preexec_fn=limit)
            expect(done.returncode == 65 and f"{name}" in done.stderr, f"{words}: {done}")
    expect(not (harness.work / "failed").exists(), "a run folder was made")


def test_a_model_that_meets_data_of_another_kind_says_so():
    """A model or a checkpoint says where it meets data of another kind than it has learned from."""
    train("of-csv", "--quiet")
    succeeds(fingerspell("train", "--epochs", "1", "--steps-per-epoch", "1", "--quiet", "--output", "synthetic"))
    for run, strange, words in [("of-csv", (), "was trained on a CSV"), ("synthetic", ("--data", data_folder()), "synthetic data set, drawn hands")]:
        checkpoint = max((harness.work / run / "checkpoints").iterdir())
        for path in (f"{run}/model.safetensors", checkpoint):
            for command in ("evaluate", "predict"):
                said = succeeds(fingerspell(command, path, *strange)).err
                expect("this model was trained on" in said and words in said, f"{command} {path}: {said}")
                own = () if strange else ("--data", data_folder())
                said = succeeds(fingerspell(command, path, *own)).err
                expect("this model was trained on" not in said, f"{command} {path}: {said}")


def test_initial_weights_of_a_checkpoint_which_of_its_weights_are_taken():
    """Initial weights of a checkpoint: which of its weights are taken."""
    train("begin", "--quiet")
    checkpoint = max((harness.work / "begin/checkpoints").iterdir())
    result = succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "1", "--quiet", "--output", "went-on", "--initial-weights", checkpoint))
    expect("is a checkpoint; using its best weights" in result.err, result)


def test_initial_weights_of_images_prepared_otherwise():
    """64: initial weights of images prepared otherwise; a file that does not say so is told."""
    train("standardized", "--quiet", "--standardize")
    words = ("train", "--data", data_folder(), "--epochs", "1", "--quiet", "--output", "begun-weights", "--initial-weights")
    fails(fingerspell(*words, "standardized/model.safetensors"), 64, "standardized/model.safetensors was trained on images standardized to mean 0 and standard deviation 1, but those of this run are scaled to pixels / 255: give --standardize")
    fails(fingerspell(*words, MODEL, "--standardize"), 64, "was trained on images scaled to pixels / 255, but those of this run are standardized to mean 0 and standard deviation 1: give --no-standardize, not --standardize")
    expect(not (harness.work / "begun-weights").exists(), "a run folder was made")
    equal(succeeds(fingerspell(*words, "standardized/model.safetensors", "--standardize")).err, "")
    contents, _ = model()
    silent = write("silent.safetensors", contents)
    expect("silent.safetensors does not say how its images were prepared" in succeeds(fingerspell(*words, silent)).err, "train")
    for command in ("evaluate", "predict"):
        result = succeeds(fingerspell(command, silent, "--data", data_folder()))
        expect("silent.safetensors does not say" in result.err and "pixels / 255 are assumed" in result.err, result)
        equal(succeeds(fingerspell(command, MODEL, "--data", data_folder())).err, "", command)


STEERING = "\x1b]0;owned\x07\x1b[2J\u202etxet"


def test_names_types_and_metadata_of_a_file_cannot_steer_a_terminal():
    """Names, types and metadata of a file cannot steer a terminal."""
    contents, metadata = model()
    faulty = [
        write("name", {STEERING: ("F32", [1], bytes(4))}),
        write("type", {"dense/bias": (STEERING, [1], bytes(4))}),
        write("twin", {f"{STEERING}/{name}": entry for name, entry in contents.items()} | {f"b{name}": e for name, e in contents.items()}),
        write("word", contents, {"preprocessing": STEERING}),
        write("version", contents, {"format": "fingerspell checkpoint", "format_version": STEERING}),
    ]  # fmt: skip
    os.rename(harness.work / write("plain", contents, metadata), harness.work / f"path{STEERING}")
    for path in [*faulty, f"path{STEERING}", f"gone{STEERING}"]:
        for command in ("evaluate", "predict"):
            result = fingerspell(command, path, "--data", data_folder())
            bad = [c for c in result.err + result.out if ord(c) < 32 and c != "\n" or c in "\x7f\u202e"]
            equal(bad, [], f"{command} {path!r}: {result}")


def test_paths_cannot_steer_a_terminal_through_standard_output():
    """Paths cannot steer a terminal through standard output."""
    run = f"run{STEERING}"
    words = ("train", "--data", data_folder(), "--epochs", "1", "--output", run)
    commands = [words, (*words, "--resume"), ("data", "synthesize", f"data{STEERING}", "--train-rows", "8", "--test-rows", "8"),
                ("evaluate", f"{run}/model.safetensors", "--data", data_folder())]  # fmt: skip
    for command in commands:
        result = succeeds(fingerspell(*command))
        expect("\\u{1B}" in result.out, f"{command}: the path is not shown: {result}")
        bad = [c for c in result.err + result.out if ord(c) < 32 and c != "\n" or c in "\x7f\u202e"]
        equal(bad, [], f"{command}: {result}")


def test_initial_weights_of_images_prepared_otherwise_under_ranks():
    """64 under ranks, too: initial weights of images prepared otherwise."""
    train("standardized-first", "--quiet", "--standardize", "--epochs", "1")
    words = ("train", "--data", data_folder(), "--epochs", "1", "--quiet", "--output", "ranks", "--initial-weights")
    fails(harness.mpirun(2, *words, "standardized-first/model.safetensors"), 64, "give --standardize")
    expect(not (harness.work / "ranks").exists(), "a run folder was made")


def test_the_gallery_escapes_what_a_path_says():
    """The gallery escapes what a path says, also after a sign that joins it."""
    contents, metadata = model()
    for name in ("<script>", "\u0600<img src=x>", "\"'&", "e\u0301<b>"):
        os.makedirs(harness.work / "odd", exist_ok=True)
        path = f"odd/{name}"
        write(path, contents, metadata)
        succeeds(fingerspell("predict", path, "--data", data_folder(), "--gallery", "gallery.html"))
        page = (harness.work / "gallery.html").read_text()
        line = next(line for line in page.splitlines() if " on " in line and line.startswith('<p class="quiet">'))
        text = line.removeprefix('<p class="quiet">').removesuffix("</p>")
        equal([sign for sign in "<>\"'" if sign in text], [], f"{name!r}: {line}")
