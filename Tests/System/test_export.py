"""`export`: models for other programs, opened by these programs (Tests/Clients), for all golden architectures and on real rows."""

import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import harness
from harness import client, equal, execute, expect, fails, fingerspell, succeeds
from test_training import reference

GOLDENS = harness.ROOT / "Tests" / "Goldens"
sys.path.insert(0, str(GOLDENS))

import formula  # noqa: E402
import parity  # noqa: E402

pytestmark = pytest.mark.commandline

MODEL = "reference/model.safetensors"
ARCHITECTURES = json.loads((GOLDENS / "architectures" / "index.json").read_text())["architectures"]
DATA = parity.training_file(Path(os.environ.get("FINGERSPELL_DATA", harness.ROOT / "../shared/data")))
needs_data = pytest.mark.skipif(DATA is None, reason="the real data set is not here")


def exported(suffix):
    """The folder of all golden architectures, with the formula's weights, in a format."""
    folder = harness.work / f"goldens{suffix}"
    if folder.exists():
        return folder
    folder.mkdir()
    for entry in ARCHITECTURES:
        name = entry["name"]
        weights = {
            tensor["name"]: formula.tensor(entry["seed"], i, tensor["shape"], tensor["scale"], tensor["offset"])
            for i, tensor in enumerate(entry["tensors"])
        }
        parity.write_safetensors(folder / f"{name}.weights", weights)
        network = GOLDENS / "architectures" / f"{name}.json"
        succeeds(fingerspell("export", folder / f"{name}.weights", folder / f"{name}{suffix}", "--network", network))
    return folder


def agrees(result):
    """Nothing was far from Keras, and all architectures were compared."""
    found = json.loads(succeeds(result).out)
    equal(sorted(found), sorted(entry["name"] for entry in ARCHITECTURES))


def test_onnx_runtime_agrees_with_keras_on_every_architecture():
    """Every golden architecture passes onnx.checker, and ONNX Runtime's probabilities are Keras' within 2e-6."""
    agrees(client("onnx_client.py", "goldens", exported(".onnx")))


def test_pytorch_agrees_with_keras_on_every_architecture():
    """Every golden architecture as a module of PyTorch: its probabilities are Keras' within 2e-6, without a warning."""
    agrees(client("torch_client.py", "goldens", exported(".py")))


def test_the_names_that_pytorch_has_are_avoided():
    """The list of names that a layer's attribute must not have is that of the real torch.nn.Module."""
    names = set(json.loads(succeeds(client("torch_client.py", "names")).out))
    text = (harness.ROOT / "Sources" / "ModelExchange" / "PyTorch" / "PythonText.swift").read_text()
    avoided = set(re.findall(r'"(\w+)"', text.split("static let reserved")[1]))
    equal(sorted(names - avoided), [])


@pytest.mark.parametrize("options", [["--standardize"], ["--invert"], ["--standardize", "--invert"]], ids=" ".join)
def test_the_preprocessing_is_inside(options):
    """Given the rows as they are, ONNX Runtime and PyTorch have the loss and the confusion matrix of evaluate."""
    data, name = harness.data_folder(), "".join(options)[2:]
    succeeds(fingerspell("train", "--data", data, "--epochs", 4, "--output", name, "--quiet", "--log-level", "error", *options))
    model = f"{name}/model.safetensors"
    expected = json.loads(succeeds(fingerspell("evaluate", model, "--data", data, "--json", "-")).out)
    for script, output in (("onnx_client.py", f"{name}.onnx"), ("torch_client.py", f"{name}.py")):
        succeeds(fingerspell("export", model, output))
        found = json.loads(succeeds(client(script, "evaluate", output, data / "sign_mnist_test.csv")).out)
        equal(found["confusion"], expected["confusion"], output)
        expect(abs(found["loss"] - expected["loss"]) < 2e-6, (output, found["loss"], expected["loss"]))


def keras_layer(kind, name, **configuration):
    return {"class_name": kind, "module": "keras.layers", "config": {"name": name} | configuration}


def test_odd_names_and_layers_without_weights():
    """A network without a name, layers called as PyTorch's own methods, normalizations without weights: both have evaluate's results."""
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28]}},
        keras_layer("LayerNormalization", "forward", center=False, scale=False),
        keras_layer("Reshape", "a b", target_shape=[14, 14, 4]),
        keras_layer("GroupNormalization", "image", groups=2, center=False, scale=False),
        keras_layer("Conv2D", "logits", filters=4, kernel_size=[2, 2], strides=[2, 2], padding="same", activation="gelu"),
        keras_layer("GroupNormalization", "train", groups=-1, scale=False),
        keras_layer("Flatten", "class"), keras_layer("Dense", "probabilities", units=25, activation="linear"),
    ]  # fmt: skip
    network = harness.work / "odd.json"
    network.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "", "layers": layers}}))
    data = harness.data_folder()
    words = ["--network", network, "--data", data, "--epochs", 4, "--output", "odd", "--quiet", "--log-level", "error"]
    succeeds(fingerspell("train", *words))
    expected = json.loads(succeeds(fingerspell("evaluate", "odd/model.safetensors", "--data", data, "--json", "-")).out)
    for script, output in (("onnx_client.py", "odd.onnx"), ("torch_client.py", "odd.py")):
        succeeds(fingerspell("export", "odd/model.safetensors", output))
        found = json.loads(succeeds(client(script, "evaluate", output, data / "sign_mnist_test.csv")).out)
        equal(found["confusion"], expected["confusion"], output)
        expect(abs(found["loss"] - expected["loss"]) < 2e-6, (output, found["loss"], expected["loss"]))


def test_the_state_of_an_exported_module_is_read_back():
    """The state_dict of an exported module with convolutions, a Flatten and recurrent layers is, by --network, the model again."""
    flattened = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28, 1]}},
        keras_layer("Conv2D", "conv2d", filters=4, kernel_size=[3, 3], strides=[2, 2]), keras_layer("Flatten", "flatten"),
        keras_layer("LayerNormalization", "normalization"), keras_layer("Dense", "dense", units=25),
    ]  # fmt: skip
    recurrent = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28]}},
        keras_layer("Conv1D", "conv1d", filters=8, kernel_size=[3], padding="same"), keras_layer("GRU", "gru", units=6),
        keras_layer("Dense", "dense", units=25),
    ]  # fmt: skip
    data = harness.data_folder()
    for name, layers in (("flattened", flattened), ("recurrent", recurrent)):
        network = harness.work / f"{name}.json"
        network.write_text(json.dumps({"class_name": "Sequential", "config": {"name": name, "layers": layers}}))
        words = ["--network", network, "--data", data, "--epochs", 2, "--output", f"state-{name}", "--quiet", "--log-level", "error"]
        succeeds(fingerspell("train", *words))
        model, state = f"state-{name}/model.safetensors", f"{name}-state.safetensors"
        succeeds(fingerspell("export", model, f"{name}.py"))
        succeeds(client("torch_client.py", "state", f"{name}.py", state))
        again = succeeds(fingerspell("evaluate", state, "--network", network, "--data", data, "--json", "-"))
        ours = succeeds(fingerspell("evaluate", model, "--data", data, "--json", "-"))
        equal(json.loads(again.out)["loss"], json.loads(ours.out)["loss"], name)


def test_images_of_two_channels_come_from_a_file_of_numpy():
    """No picture file has two channels: the Python file then reads .npy."""
    if harness.clients() is None:
        pytest.skip("there is no .venv-clients: Tests/Clients/setup makes it")
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 4, 3, 2]}}, keras_layer("Flatten", "flatten"),
        keras_layer("Dense", "dense", units=3, activation="softmax"),
    ]  # fmt: skip
    network = harness.work / "two.json"
    network.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "two", "layers": layers}}))
    # The last class gets everything.
    kernel = np.zeros((24, 3), np.float32)
    kernel[:, 2] = 1
    parity.write_safetensors(harness.work / "two.weights", {"dense/kernel": kernel, "dense/bias": np.zeros(3, np.float32)})
    succeeds(fingerspell("export", "two.weights", "two.py", "--network", network))
    np.save(harness.work / "images.npy", np.full((4, 3, 2), 255, np.uint8))
    result = succeeds(execute([harness.clients(), harness.work / "two.py", "images.npy"]))
    equal(result.out.splitlines()[0], "2  100.0%")


def real(recipe):
    """A model of two epochs of a recipe on the real rows, and a file of what `predict` says of all test rows."""
    model, ours = f"real-{recipe}/model.safetensors", harness.work / f"real-{recipe}.json"
    if not ours.exists():
        words = ["--data", DATA.parent, "--recipe", recipe, "--epochs", 2, "--output", f"real-{recipe}", "--quiet", "--log-level", "error"]
        succeeds(fingerspell("train", *words))
        ours.write_text(succeeds(fingerspell("predict", model, real_rows(), "--format", "json")).out)
    return model, ours


def real_rows():
    return DATA.with_name("sign_mnist_test.csv")


def agrees_on_real_rows(script, recipe, suffix):
    """A client predicts what `predict` does on all 7,172 rows, with its probabilities within 2e-6 on 1,000."""
    model, ours = real(recipe)
    name = f"{recipe}{suffix}"
    succeeds(fingerspell("export", model, name))
    found = json.loads(succeeds(client(script, "rows", name, real_rows(), ours)).out)
    equal([found["rows"], found["other_predictions"]], [7172, 0])


@needs_data
@pytest.mark.parametrize("recipe", ["keras", "best"])
def test_exports_agree_with_predict_on_real_rows(recipe):
    """ONNX Runtime and PyTorch have the predictions and probabilities of `predict`."""
    agrees_on_real_rows("onnx_client.py", recipe, ".onnx")
    agrees_on_real_rows("torch_client.py", recipe, ".py")


def test_an_onnx_file_says_what_it_is():
    """Inputs, outputs, operators and metadata of a trained model's file, and its bytes are the same again."""
    reference()
    result = succeeds(fingerspell("export", MODEL, "said.onnx"))
    first = (harness.work / "said.onnx").read_bytes()
    equal(result.out, f"said.onnx: ONNX, for ONNX Runtime and others; {len(first)} bytes\n")
    succeeds(fingerspell("export", MODEL, "said.onnx"))
    equal((harness.work / "said.onnx").read_bytes(), first)
    found = json.loads(succeeds(client("onnx_client.py", "describe", "said.onnx")).out)
    equal(found["inputs"], [["image", 2, ["batch", 28, 28]]])
    equal(found["outputs"], [["probabilities", 1, ["batch", 25]], ["logits", 1, ["batch", 25]]])
    equal([found["format"], found["operators"], found["producer"][0]], [8, [["", 17]], "fingerspell"])
    best = min(harness.metrics("reference"), key=lambda line: float(line["val_loss"]))
    equal(found["metadata"], {
        "class_names": json.dumps([chr(65 + i) for i in range(25)], separators=(",", ":")), "preprocessing": "unit",
        "inverted": "false", "parameters_sha256": best["parameters_sha256"],
    })  # fmt: skip
    equal(found["nodes"].count("LSTM"), 2)


def test_the_weights_lie_beside_a_python_file():
    """A .py has its .safetensors beside it; another file of that name is not replaced, and the model itself may be it."""
    reference()
    model = (harness.work / MODEL).read_bytes()
    succeeds(fingerspell("export", MODEL, "beside.py"))
    equal((harness.work / "beside.safetensors").read_bytes(), model)
    text = (harness.work / "beside.py").read_bytes()
    succeeds(fingerspell("export", MODEL, "beside.py"))
    succeeds(fingerspell("export", "beside.safetensors", "beside.py"))
    equal((harness.work / "beside.py").read_bytes(), text)
    (harness.work / "beside.safetensors").write_bytes(model[:-1])
    fails(fingerspell("export", MODEL, "beside.py"), 64, "beside.safetensors belongs beside the output, but there is another file")
    equal((harness.work / "beside.safetensors").read_bytes(), model[:-1])


def test_a_checkpoint_is_exported_too():
    """A checkpoint's best weights are those of the model file, with a notice; its .safetensors is a model that evaluates alike."""
    reference()
    checkpoint = max((harness.work / "reference" / "checkpoints").iterdir())
    result = succeeds(fingerspell("export", checkpoint, "checkpoint.py"))
    expect("is a checkpoint; using its best weights" in result.err, result)
    succeeds(fingerspell("export", MODEL, "from-model.py"))
    equal((harness.work / "checkpoint.py").read_text(), (harness.work / "from-model.py").read_text())
    losses = []
    for model in (MODEL, "checkpoint.safetensors"):
        out = succeeds(fingerspell("evaluate", model, "--data", harness.data_folder(), "--json", "-")).out
        losses.append(json.loads(out)["loss"])
    equal(losses[0], losses[1])


def test_a_hub_folder_is_used_as_its_card_says():
    """The hub's own library reads the card, its code runs, and its numbers are those that the run recorded."""
    reference()
    succeeds(fingerspell("export", MODEL, "--hub", "hub", "--license", "mit"))
    found = json.loads(succeeds(client("hub_client.py", "hub")).out)
    best = min(harness.metrics("reference"), key=lambda line: float(line["val_loss"]))
    equal(found["card"]["license"], "mit")
    equal({entry["type"]: entry["value"] for entry in found["card"]["model-index"][0]["results"][0]["metrics"]},
          {"accuracy": float(best["val_accuracy"]), "loss": float(best["val_loss"])})  # fmt: skip
    equal(found["configuration"]["parameters_sha256"], best["parameters_sha256"])


def test_a_card_has_only_what_was_measured():
    """Away from its run a model's card has no results and says so; with --data it has those of evaluate."""
    reference()
    (harness.work / "alone").mkdir()
    (harness.work / "alone" / "model.safetensors").write_bytes((harness.work / MODEL).read_bytes())
    model = "alone/model.safetensors"
    result = succeeds(fingerspell("export", model, "--hub", "bare"))
    expect("note: the model card has no results" in result.err, result)
    card = (harness.work / "bare" / "README.md").read_text()
    expect("Nothing was measured" in card and "model-index" not in card and "license: unknown\n" in card, card)
    data = harness.data_folder(96, 60)
    result = succeeds(fingerspell("export", model, "--hub", "measured", "--data", data))
    expect("no results" not in result.err, result)
    evaluation = json.loads(succeeds(fingerspell("evaluate", model, "--data", data, "--json", "-")).out)
    card = (harness.work / "measured" / "README.md").read_text()
    expect(f"      value: {evaluation['accuracy']}\n" in card, card)
    expect(f"| sign_mnist_test.csv | 60 | {evaluation['accuracy']:.4f} | {evaluation['loss']:.4f} |" in card, card)


def test_a_run_of_other_weights_lends_no_results():
    """A model that lies in the folder of another run gets none of its results."""
    reference()
    folder = harness.work / "foreign"
    folder.mkdir()
    for name in ("run.json", "metrics.csv"):
        (folder / name).write_bytes((harness.work / "reference" / name).read_bytes())
    words = ["train", "--data", harness.data_folder(), "--epochs", 1, "--seed", 5, "--output", "fifth", "--quiet", "--log-level", "error"]
    succeeds(fingerspell(*words))
    (folder / "model.safetensors").write_bytes((harness.work / "fifth" / "model.safetensors").read_bytes())
    result = succeeds(fingerspell("export", "foreign/model.safetensors", "--hub", "foreign-hub"))
    expect("note: the model card has no results" in result.err, result)


@pytest.mark.parametrize(("output", "texts"), [
    ("model.xyz", ["cannot tell the format of model.xyz", "  .onnx  ", "  .py  "]),
    ("model", ["cannot tell the format of model"]),
    ("onnx", ["cannot tell the format of onnx"]),
    ("-", ["cannot tell the format of -"]),
    ("model.tflite", ["Export a .keras file, and convert it", "TFLiteConverter", "  .onnx  "]),
    ("model.mlpackage", ["Export a .keras file, and convert it", "coremltools", "  .onnx  "]),
    ("model.safetensors", ["A model file is written by train"]),
])
def test_unknown_formats_are_refused(output, texts):
    """64: the formats are listed, or the way to another."""
    reference()
    fails(fingerspell("export", MODEL, output), 64, *texts)


def test_what_cannot_be_exported_or_written_is_refused():
    """Damaged models, wrong class names, inputs as outputs and unwritable places: nothing is written."""
    reference()
    work = harness.work
    model = (work / MODEL).read_bytes()
    (work / "short.safetensors").write_bytes(model[:-4])
    (work / "changed.safetensors").write_bytes(model[:-4] + bytes(4))
    (work / "names").write_text("a\nb\n")
    (work / "full.onnx").mkdir()
    (work / "network.onnx").write_text((GOLDENS / "architectures" / "gru.json").read_text())
    for words, code, text in [
        (["short.safetensors", "no.onnx"], 65, "short.safetensors"),
        (["changed.safetensors", "no.onnx"], 65, "changed.safetensors"),
        (["nowhere", "no.onnx"], 74, "nowhere"),
        ([MODEL, "no.onnx", "--class-names", "names"], 65, "names has 2 class names, and the network has 25 classes"),
        ([MODEL, "nowhere/no.onnx"], 74, "nowhere/no.onnx"),
        ([MODEL, "full.onnx"], 74, "full.onnx"),
        ([MODEL, "no.onnx", "--network", "network.onnx"], 64, "says itself what its network is"),
        ([MODEL], 64, "say what to write"),
        ([MODEL, "no.onnx", "--hub", "hub"], 64, "leave one out"),
        ([MODEL, "no.onnx", "--license", "mit"], 64, "--license is for the model card of --hub"),
        ([MODEL, "no.onnx", "--data", "."], 64, "--data is for the results on the model card of --hub"),
        ([MODEL, "--hub", "hub", "--license", "MIT License"], 64, "--license is MIT License"),
        ([MODEL, "--hub", "names"], 74, "names"),
    ]:
        fails(fingerspell("export", *words), code, text)
    expect(not (work / "no.onnx").exists(), "something was written")


def test_class_names_come_from_a_file():
    """--class-names replaces the model's own names."""
    reference()
    (harness.work / "words").write_text("".join(f"word {i}\n" for i in range(25)))
    succeeds(fingerspell("export", MODEL, "words.py", "--class-names", "words"))
    expect('    "word 0", "word 1",' in (harness.work / "words.py").read_text(), "other names")
