"""Every network keeps the promises of the default one: five Keras models of a kind each, from their to_json(), on rows of the
synthetic data set. The same model file on any layout, also through an interruption; and every command takes the model."""

import json
import shutil
import signal
import struct

import pytest

import harness
from harness import data_folder, equal, execute, expect, fails, fingerspell, metrics, run_json, succeeds
from test_resume import checkpoints, interrupt, launched

pytestmark = pytest.mark.layouts

MODELS = harness.ROOT / "Tests" / "Goldens" / "models"
NAMES = ("default", "lstm-pair", "gru", "cnn", "bidirectional")
LAYOUTS = [("threads", n) for n in (2, 3)] + [("ranks", n) for n in (1, 2, 3, 4)]
EPOCHS, STEPS = 3, 10  # of 20 rows: each epoch ends within a data epoch


def network(name):
    return MODELS / f"{name}.json"


def classes(name):
    return json.loads(network(name).read_text())["config"]["layers"][-1]["config"]["units"]


def data(name):
    """The folder of the rows with the model's classes."""
    whole, count = data_folder(240, 100), classes(name)
    folder = harness.shared / f"classes-{count}"
    if not folder.exists():
        folder.mkdir()
        for path in whole.glob("*.csv"):
            head, *rows = path.read_text().splitlines(keepends=True)
            (folder / path.name).write_text(head + "".join(row for row in rows if int(row.split(",")[0]) < count))
    return folder


def words(name, folder, *more):
    return ["train", "--data", data(name), "--network", network(name), "--epochs", EPOCHS, "--steps-per-epoch", STEPS,
            "--batch-size", 20, "--patience", "none", "--output", folder, "--log-level", "error", *more]  # fmt: skip


def reference(name):
    """The run on one thread, made once."""
    folder = f"{name}-reference"
    if not (harness.work / folder).exists():
        succeeds(execute(launched("threads", 1, words(name, folder, "--quiet"))))
    return folder


def model(name):
    return harness.work / reference(name) / "model.safetensors"


def header(path):
    contents = path.read_bytes()
    return json.loads(contents[8 : 8 + struct.unpack("<Q", contents[:8])[0]])


def parameters(name):
    """The number of a model's parameters, by its file."""
    tensors = {key: entry for key, entry in header(model(name)).items() if key != "__metadata__"}
    return sum(end - begin for begin, end in (entry["data_offsets"] for entry in tensors.values())) // 4


def same_as_reference(name, folder):
    def history(run):
        return [{k: v for k, v in line.items() if not k.endswith("_seconds")} for line in metrics(run)]

    equal(history(folder), history(reference(name)))
    equal(len(history(folder)), EPOCHS)
    expect((harness.work / folder / "model.safetensors").read_bytes() == model(name).read_bytes(), "another model")


@pytest.mark.parametrize(("kind", "count"), [pytest.param(kind, count, id=f"{count} {kind}") for kind, count in LAYOUTS])
@pytest.mark.parametrize("name", NAMES)
def test_networks_have_the_same_model_on(name, kind, count):
    """Training on threads and ranks gives the very model file of one thread."""
    folder = f"{name}-{count}-{kind}"
    succeeds(execute(launched(kind, count, words(name, folder, "--quiet"))))
    same_as_reference(name, folder)
    equal(json.loads(header(harness.work / folder / "model.safetensors")["__metadata__"]["architecture"])["class_name"], "Sequential")


@pytest.mark.parametrize(("name", "first", "second"), [
    ("default", ("threads", 2), ("ranks", 3)), ("lstm-pair", ("ranks", 3), ("threads", 2)), ("gru", ("ranks", 2), ("ranks", 4)),
    ("cnn", ("threads", 3), ("ranks", 2)), ("bidirectional", ("ranks", 4), ("threads", 1)),
])  # fmt: skip
def test_networks_resume_on_another_layout(name, first, second):
    """75: a run that is stopped continues with other workers, and ends with the very model file."""
    folder = f"{name}-stopped"
    result = interrupt(launched(*first, words(name, folder, "--checkpoint-every", "1")), folder, signal.SIGUSR1)
    equal(result.code, 75, result)
    newest = checkpoints(folder)[0].name
    result = succeeds(execute(launched(*second, words(name, folder, "--resume"))))
    expect(f"Resuming after step {int(newest[5:13])} " in result.out, result)
    same_as_reference(name, folder)
    equal([entry["machine"]["workers"] for entry in run_json(folder)["resumes"]], [second[1]])


def test_another_seed_or_network_gives_another_model():
    """The comparisons would see it."""
    for name, more in (("cnn", ("--seed", "2")), ("gru", ("--batch-size", "21"))):
        succeeds(execute(launched("threads", 2, words(name, "other", "--quiet", *more))))
        expect((harness.work / "other" / "model.safetensors").read_bytes() != model(name).read_bytes(), name)


@pytest.mark.parametrize("name", NAMES)
def test_prove_takes_networks(name):
    """prove: six layouts, one model, of any network."""
    result = succeeds(fingerspell(
        "prove", "--network", network(name), "--data", data(name), "--steps", 2, "--epochs", 2, "--batch-size", 20, "--workers",
        "1,2,3"))  # fmt: skip
    expect(result.out.endswith("bit for bit, on all 6 layouts.\n"), result)


def test_prove_sees_another_sum_of_a_network():
    """70: prove sees a sum that depends on the layout, also of another network."""
    result = fingerspell("prove", "--network", network("cnn"), "--data", data("cnn"), "--steps", 2, "--workers", "1,3",
                         "--all-reduce", "mpi", "--threads-only")  # fmt: skip
    expect(result.code == 70 and "DIFFERS from 1 thread" in result.out, result)


@pytest.mark.parametrize("name", NAMES)
def test_evaluate_and_predict_take_the_model(name):
    """evaluate gives the recorded loss on threads and ranks, and predict a class of the model's; the file says the network."""
    best = min(metrics(reference(name)), key=lambda record: float(record["val_loss"]))
    for kind, count in (("threads", 1), ("threads", 3), ("ranks", 2)):
        succeeds(execute(launched(kind, count, ["evaluate", model(name), "--data", data(name), "--json", "found.json"])))
        found = json.loads((harness.work / "found.json").read_text())
        equal([found["loss"], found["accuracy"]], [float(best["val_loss"]), float(best["val_accuracy"])], (kind, count))
        equal(len(found["confusion"]), classes(name))
    result = succeeds(fingerspell("predict", model(name), "--data", data(name), "--row", "1", "0"))
    lines = [line for line in result.out.splitlines() if line.startswith("row ")]
    equal([line.split(":")[0] for line in lines], ["row 1", "row 0"], result)
    expect(all(" %, then " in line for line in lines), result)


@pytest.mark.parametrize("name", NAMES)
def test_summary_and_benchmark_take_the_network(name):
    """summary has every layer and the parameters of the model file; its JSON is the network; benchmark step measures it."""
    layers = [layer["config"]["name"] for layer in json.loads(network(name).read_text())["config"]["layers"]]
    ours = succeeds(fingerspell("summary", model(name))).out
    equal(succeeds(fingerspell("summary", "--network", network(name))).out, ours)
    expect(f"Total params: {parameters(name):,} (" in ours, ours)
    expect(all(f" {layer} (" in ours for layer in layers[1:]), ours)
    described = json.loads(succeeds(fingerspell("summary", model(name), "--json")).out)
    equal(described, json.loads(header(model(name))["__metadata__"]["architecture"]))
    (harness.work / "described.json").write_text(json.dumps(described))
    equal(succeeds(fingerspell("summary", "--network", "described.json")).out, ours)
    result = succeeds(fingerspell(
        "benchmark", "step", "--network", network(name), "--batch-size", "16", "--repetitions", "1", "--workers", "2", "--json"))
    report = json.loads(result.out)["report"]
    work = int(ours.split(" forward, ")[1].split(" in training")[0].replace(",", ""))
    equal(report["multiply_adds_per_sample"], work)
    expect(report["one"]["samples_per_second"] > 0 and report["all"]["workers"] == 2, report)


def test_another_network_does_not_resume():
    """64: --resume with another network is refused by name, or with none; the run stays as it was."""
    folder = reference("cnn")
    before = {path: path.read_bytes() for path in (harness.work / folder).iterdir() if path.is_file()}
    with_cnn = words("cnn", folder, "--resume")
    with_gru = [network("gru") if word == network("cnn") else word for word in with_cnn]
    place = with_cnn.index("--network")
    without = with_cnn[:place] + with_cnn[place + 2 :]
    for command in (with_gru, without):
        for kind, count in (("threads", 2), ("ranks", 2)):
            result = execute(launched(kind, count, command))
            expect(result.code == 64 and "differs from this command" in result.err and "--network: " in result.err, result)
    equal({path: path.read_bytes() for path in before}, before, "the run has changed")
    result = succeeds(execute(launched("threads", 2, with_cnn)))
    expect(f"The run in {folder} is finished" in result.out, result)


def test_ranks_with_different_networks_do_not_train():
    """64: ranks that were given different networks say so."""
    one = harness.mpirun_command(1)
    commands = [[harness.program, *words(name, "apart")] for name in ("cnn", "gru")]
    commands[1][3] = data("cnn")
    result = execute([*one, *commands[0], ":", *one[-2:], *commands[1]])
    expect(result.code == 64 and "--network" in result.err, result)
    expect(not (harness.work / "apart").exists(), "a run folder was made")


def network_files():
    """Files that are no description of a network: by name, the contents and what is said of them."""
    whole = network("cnn").read_bytes()
    return {
        "cut": (whole[: len(whole) // 2], "is not JSON"), "empty": (b"", "is not JSON"), "braces": (b"{}", "is not a Keras model"),
        "png": (b"\x89PNG\r\n\x1a\n" + bytes(20), "is a PNG image"), "keras": (b"PK\3\4" + bytes(40), "is a zip archive"),
        "csv": (b"label,pixel1\n1,2\n", "is not JSON"), "huge": (bytes(5_000_000), "has 5000000 bytes"),
        "safetensors": (model("gru").read_bytes(), "is a safetensors file"),
        "large": (whole.replace(b'"units": 128', b'"units": 1048576').replace(b'"filters": 64', b'"filters": 1048576'), "are not supported"),
        "negative": (whole.replace(b'"units": 128', b'"units": -1'), "layer 'dense (Dense)': units = -1 is not supported"),
        "twice": (whole.replace(b'"name": "dense_1"', b'"name": "dense"'), "is used twice"),
    }  # fmt: skip


def test_files_that_describe_no_network():
    """65: a damaged, foreign or huge network file is named for what it is, by every command, and nothing is made."""
    for name, (contents, text) in network_files().items():
        path = harness.work / f"{name}.json"
        path.write_bytes(contents)
        fails(fingerspell("summary", "--network", path.name), 65, path.name, text)
    for command in (
        ["train", "--data", data("cnn"), "--output", "nothing"], ["prove", "--data", data("cnn"), "--threads-only"],
        ["benchmark", "step"], ["evaluate", model("cnn"), "--data", data("cnn")],
    ):  # fmt: skip
        fails(fingerspell(*command, "--network", "cut.json"), 65, "cut.json: this is not JSON")
    fails(harness.mpirun(2, "train", "--data", data("cnn"), "--output", "nothing", "--network", "cut.json"), 65, "cut.json")
    fails(fingerspell("summary", "--network", MODELS / "refused" / "batch-normalization.json"), 65, "(BatchNormalization)",
          "LayerNormalization")  # fmt: skip
    fails(fingerspell("summary", "--network", "none.json"), 74, "cannot open none.json")
    fails(fingerspell("summary", "--network", "."), 74, "Is a directory")
    expect(not (harness.work / "nothing").exists(), "a run folder was made")


def test_initial_weights_of_another_network():
    """64: a model of another network gives no initial weights; one of this network does."""
    for other in ("gru", "default"):
        result = fingerspell(*words("cnn", "begun", "--initial-weights", model(other)))
        expect(result.code == 64 and "says itself what its network is, and it is not the one that was named" in result.err, result)
    result = fingerspell("train", "--data", data_folder(), "--output", "begun", "--initial-weights", model("gru"))
    expect(result.code == 64 and "has the weights of another network" in result.err, result)
    damaged = harness.work / "damaged.safetensors"
    contents = bytearray(model("cnn").read_bytes())
    contents[-5] ^= 64
    damaged.write_bytes(contents)
    fails(fingerspell(*words("cnn", "begun", "--initial-weights", damaged)), 65, "damaged.safetensors")
    expect(not (harness.work / "begun").exists(), "a run folder was made")
    succeeds(fingerspell(*words("cnn", "begun", "--quiet", "--initial-weights", model("cnn"), "--learning-rate", "1e-30")))
    best = min(metrics(reference("cnn")), key=lambda record: float(record["val_loss"]))
    equal(metrics("begun")[0]["val_loss"], best["val_loss"])


def test_data_of_other_classes_or_shape_do_not_train():
    """65: labels that the network has no class for, and rows of another length, are named."""
    result = fingerspell(*[data("cnn") if word == data("lstm-pair") else word for word in words("lstm-pair", "refused")])
    expect(result.code == 65 and "label" in result.err and "sign_mnist_train.csv" in result.err, result)
    small = json.loads(network("default").read_text())
    small["config"]["layers"][0]["config"]["batch_shape"] = [None, 20, 28]
    (harness.work / "small.json").write_text(json.dumps(small))
    shutil.rmtree(harness.work / "refused", ignore_errors=True)
    command = ["small.json" if word == network("default") else word for word in words("default", "refused")]
    result = fingerspell(*command)
    expect(result.code == 65 and "has 785 columns instead of 561" in result.err, result)
    expect(not (harness.work / "refused").exists(), "a run folder was made")
