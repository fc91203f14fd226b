"""Keras' own files and PyTorch's weights, out and in, with the real Keras and PyTorch (Tests/Clients)."""

import json
import zipfile

import pytest

import harness
from harness import client, data_folder, equal, expect, fails, fingerspell, succeeds
from test_export import GOLDENS, MODEL, agrees, agrees_on_real_rows, exported, needs_data, real, real_rows
from test_training import reference

pytestmark = pytest.mark.commandline


def evaluated(model, rows, *arguments):
    """Our loss, and our counts of the confusion matrix."""
    result = fingerspell("evaluate", model, "--test-csv", rows, "--json", "-", *arguments)
    found = json.loads(succeeds(result).out)
    return {"loss": found["loss"], "counts": found["confusion"]}


def same(ours, theirs, what, tolerance=1e-5):
    """Every prediction is the same, and the loss is, to a relative difference."""
    equal(ours["counts"], theirs["counts"], f"{what}: predictions")
    expect(sum(any(column) for column in zip(*theirs["counts"])) > 4, f"{what}: the rows are hardly told apart")
    expect(abs(ours["loss"] / theirs["loss"] - 1) < tolerance, f"{what}: loss {ours['loss']} and {theirs['loss']}")


def rows_file():
    return data_folder(96, 400) / "sign_mnist_test.csv"


@pytest.fixture(scope="module")
def foreign(program, work):
    """A folder of what Keras and PyTorch made, and what they answer to the rows, by file."""
    folder = harness.work / "foreign"
    folder.mkdir()
    answers = json.loads(succeeds(client("keras_client.py", "make", folder, rows_file())).out)
    answers |= json.loads(succeeds(client("torch_weights.py", folder, rows_file())).out)
    return folder, answers


def test_keras_agrees_on_every_architecture():
    """Every golden architecture as .keras opens without a warning and has Keras' probabilities within 2e-6; its .weights.h5 loads
    without a warning and has the same weights."""
    for entry in exported(".keras").glob("*.keras"):
        weights, network = entry.with_suffix(".weights"), GOLDENS / "architectures" / f"{entry.stem}.json"
        succeeds(fingerspell("export", weights, entry.with_suffix(".weights.h5"), "--network", network))
    agrees(client("keras_client.py", "goldens", exported(".keras")))


@needs_data
@pytest.mark.parametrize("recipe", ["keras", "best"])
def test_keras_predicts_all_real_test_rows_as_we_do(recipe):
    """Keras has the predictions and probabilities of `predict`, with either preprocessing; the archive gives the same model again."""
    agrees_on_real_rows("keras_client.py", recipe, ".keras")
    model, _ = real(recipe)
    equal(evaluated(f"{recipe}.keras", real_rows()), evaluated(model, real_rows()), "the archive's own model")


def test_exported_files_are_read_back_to_the_same_parameters_and_facts():
    """A .keras file of ours is the model again, with its metadata and the SHA-256 of its parameters; a .weights.h5 file its weights."""
    reference()
    for name in ("again.keras", "again.weights.h5"):
        first = succeeds(fingerspell("export", MODEL, name))
        expect("bytes" in first.out, first)
        contents = (harness.work / name).read_bytes()
        succeeds(fingerspell("export", name, f"twice-{name}"))
        equal((harness.work / f"twice-{name}").read_bytes(), contents, name)
    result = succeeds(fingerspell("evaluate", "again.keras", "--data", data_folder()))
    equal(result.err, "", "a .keras file of ours says how its images were prepared")
    with zipfile.ZipFile(harness.work / "again.keras") as archive:
        facts = json.loads(archive.read("metadata.json"))["fingerspell"]
        members = {name: archive.read(name) for name in archive.namelist()}
    expect(facts["preprocessing"] == "unit" and facts["prepared_by"] == "pixels_to_unit", facts)
    facts["parameters_sha256"] = "0" * 64
    members["metadata.json"] = json.dumps({"fingerspell": facts})
    with zipfile.ZipFile(harness.work / "other.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in members.items():
            archive.writestr(name, contents)
    fails(fingerspell("evaluate", "other.keras"), 65, "other.keras: is damaged: the SHA-256 of its weights is not parameters_sha256")


KERAS = ["plain.keras", "plain.weights.h5", "plain.h5", "trained.keras", "trained.h5", "float16.weights.h5", "bfloat16.weights.h5"]


@pytest.mark.parametrize("name", KERAS)
def test_what_keras_saves_predicts_here_as_there(foreign, name):
    """A file of Keras' own, in every form, with an optimizer's variables or without, evaluates here to Keras' predictions."""
    folder, answers = foreign
    network = ["--network", folder / "network.json"] if name.endswith(".weights.h5") else []
    same(evaluated(folder / name, rows_file(), *network), answers[name], name)


@pytest.mark.parametrize("name", ["recurrent", "convolutional"])
def test_what_pytorch_saves_predicts_here_as_there(foreign, name):
    """A state_dict of PyTorch's, with other names, axes, gates and biases, evaluates here to PyTorch's predictions."""
    folder, answers = foreign
    network = harness.work / f"{name}.json"
    network.write_text(json.dumps({"class_name": "Sequential", "config": {"name": name, "layers": NETWORKS[name]}}))
    for file in (f"{name}.safetensors", f"{name}-prefixed.safetensors"):
        same(evaluated(folder / file, rows_file(), "--network", network), answers[name], file)


def layer(kind, **options):
    return {"class_name": kind, "config": options}


def dense(units, activation):
    return layer("Dense", units=units, activation=activation)


NETWORKS = {
    "recurrent": [
        layer("InputLayer", batch_shape=[None, 28, 28]),
        layer("Conv1D", filters=12, kernel_size=[3], padding="same", activation="relu"),
        layer("LSTM", units=12, return_sequences=True), layer("LSTM", units=12, return_sequences=True),
        layer("LayerNormalization"), layer("Bidirectional", layer=layer("GRU", units=9)), dense(18, "tanh"),
        dense(18, "tanh"), dense(25, "softmax")],
    "convolutional": [
        layer("InputLayer", batch_shape=[None, 28, 28, 1]), layer("Conv2D", filters=6, kernel_size=[3, 3], activation="relu"),
        layer("MaxPooling2D", pool_size=[2, 2]), layer("Conv2D", filters=8, kernel_size=[3, 3]), layer("GroupNormalization", groups=4),
        layer("ReLU"), layer("MaxPooling2D", pool_size=[2, 2]), layer("Flatten"), dense(20, "tanh"), dense(20, "tanh"),
        dense(25, "softmax")],
}  # fmt: skip


def test_weights_of_another_network_name_what_does_not_fit(foreign):
    """65: weights of another network, of Keras and of PyTorch: the tensors that do not fit, and what was expected."""
    folder, _ = foreign
    fails(fingerspell("evaluate", folder / "plain.weights.h5"), 65,
          "plain.weights.h5: is of another network: it has layers/bidirectional/backward_layer/cell/vars/0 F32 [6, 15], ",
          "8 of its 20 tensors", "--network")  # fmt: skip
    fails(fingerspell("evaluate", folder / "recurrent.safetensors"), 65, "recurrent.safetensors: does not fit the network: it has ",
          "conv.weight F32 [12, 28, 3]", "the network needs bias [64], weight [64, 28, 3] for conv1d", "--network")  # fmt: skip
    # A layer too many in the file would be left out silently.
    shorter = json.loads((folder / "network.json").read_text())
    shorter["config"]["layers"] = [entry for entry in shorter["config"]["layers"] if entry["class_name"] != "LayerNormalization"]
    (harness.work / "shorter.json").write_text(json.dumps(shorter))
    fails(fingerspell("evaluate", folder / "plain.weights.h5", "--network", "shorter.json"), 65,
          "is of another network: it has layers/layer_normalization/vars/0 F32 [10]", "for which this one has no layer")  # fmt: skip


def test_training_begins_with_the_weights_of_a_keras_file_and_its_network(foreign):
    """`--initial-weights` and `--network` take a .keras file."""
    folder, answers = foreign
    path = folder / "trained.keras"
    result = fingerspell("train", "--network", path, "--initial-weights", path, "--data", data_folder(), "--epochs", 1,
                         "--steps-per-epoch", 1, "--learning-rate", 1e-12, "--output", "from-keras", "--quiet")  # fmt: skip
    succeeds(result)
    same(evaluated("from-keras/model.safetensors", rows_file()), answers["trained.keras"], "the trained model", 1e-4)


@pytest.mark.parametrize("options", [[], ["--standardize"]], ids=["unit", "standardized"])
def test_training_begins_with_an_exported_keras_file_and_its_network(options, request):
    """A .keras file of `export` as network and weights: the layers that it has first prepare the pixels as the model's run did."""
    own, again = (f"{name}-{request.node.callspec.id}" for name in ("own", "again"))
    path = f"{own}.keras"
    train = "train", "--data", data_folder(), "--quiet"
    succeeds(fingerspell(*train, "--epochs", 2, "--learning-rate", 0.01, "--output", own, *options))
    succeeds(fingerspell("export", f"{own}/model.safetensors", path))
    succeeds(fingerspell(*train, "--epochs", 1, "--steps-per-epoch", 1, "--learning-rate", 1e-12, "--output", again, "--network", path,
                         "--initial-weights", path))  # fmt: skip
    ours, theirs = (evaluated(f"{folder}/model.safetensors", rows_file()) for folder in (again, own))
    equal(ours["counts"], theirs["counts"], "predictions")
    expect(abs(ours["loss"] / theirs["loss"] - 1) < 1e-4, f"loss {ours['loss']} and {theirs['loss']}")


def test_archives_that_are_no_models_and_damaged_ones():
    """65: archives without what a model has, cut off, and with a wrong byte."""
    reference()
    succeeds(fingerspell("export", MODEL, "whole.keras"))
    whole = (harness.work / "whole.keras").read_bytes()

    def refuses(contents, *texts):
        (harness.work / "damaged.keras").write_bytes(contents)
        fails(fingerspell("evaluate", "damaged.keras"), 65, "damaged.keras", *texts)

    refuses(whole[:-100], "ends in the middle of its contents")
    refuses(whole.replace(b"TREE", b"TRUE", 1), "its checksum is wrong")
    refuses(whole.replace(b'"softmax"', b'"sofTmax"', 1), "its checksum is wrong")
    weights = whole[whole.index(b"\x89HDF") : whole.rindex(b"PK\1\2")]
    for change, text in (
        (weights[:100_000], "ends before its contents do"), (weights.replace(b"SNOD", b"SNOT"), "'SNOD' is not where it should be"),
        (weights[:8] + b"\x09" + weights[9:], "its superblock has version 9"),
    ):  # fmt: skip
        (harness.work / "damaged.weights.h5").write_bytes(change)
        fails(fingerspell("evaluate", "damaged.weights.h5"), 65, "damaged.weights.h5: ", text)
    with zipfile.ZipFile(harness.work / "parts.keras", "w") as archive:
        archive.writestr("metadata.json", "{}")
    fails(fingerspell("evaluate", "parts.keras"), 65, "parts.keras: is a zip archive")
    with zipfile.ZipFile(harness.work / "whole.keras") as source, zipfile.ZipFile(harness.work / "parts.keras", "w") as archive:
        archive.writestr("config.json", source.read("config.json"))
    fails(fingerspell("evaluate", "parts.keras"), 65, "is a Keras model without model.weights.h5")
    with zipfile.ZipFile(harness.work / "parts.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Functional", "config": {}}))
    fails(fingerspell("evaluate", "parts.keras"), 65, "a model of the class 'Functional' is not supported")
    with zipfile.ZipFile(harness.work / "whole.keras") as source, zipfile.ZipFile(harness.work / "parts.keras", "w", 8) as archive:
        archive.writestr("config.json", source.read("config.json"))
        archive.writestr("model.weights.h5", bytes(1 << 26))
    fails(fingerspell("evaluate", "parts.keras"), 65, "model.weights.h5: has 67108864 bytes, and at most")
