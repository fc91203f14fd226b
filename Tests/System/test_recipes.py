"""Recipes: sets of options that can be overridden one by one, and what of them travels in the model file."""

import json
import struct

import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell, metrics, mpirun, run_json, succeeds
from test_training import history, train

pytestmark = pytest.mark.commandline

# What `--recipe best` turns on by itself, and how each part is turned off or changed.
PARTS = [
    (["--no-standardize"], {"standardize": False}),
    (["--no-augment"], {"augment": None}),
    (["--augment-noise", "0"], {}),
    (["--augment-constant-padding-probability", "0"], {}),
    (["--augment-lighting-gradient", "0"], {}),
    (["--augment-random-erasing", "0"], {}),
    (["--schedule", "constant"], {"schedule": "constant"}),
    (["--schedule", "step", "--step-epochs", "1", "--step-factor", "0.25"], {"step_epochs": 1, "step_factor": 0.25}),
    (["--warmup-epochs", "0.5"], {"warmup_epochs": 0.5}),
    (["--learning-rate", "0.02"], {"learning_rate": 0.02}),
    (["--ema", "0"], {"ema": 0}),
    (["--dropout", "0.45"], {"dropout": 0.45}),
    (["--recurrent-dropout", "0.4"], {"recurrent_dropout": 0.4}),
    (["--label-smoothing", "0.1"], {"label_smoothing": 0.1}),
    (["--weight-decay", "0"], {"weight_decay": 0}),
    (["--clip-norm", "0.01"], {"clip_norm": 0.01}),
]

BEST = ("--recipe", "best", "--batch-size", "32", "--quiet")


def best():
    """A run with the recipe `best`, made once, of 9 steps."""
    if not (harness.work / "best").exists():
        train("best", *BEST)
    return "best"


def configuration(folder):
    return run_json(folder)["configuration"]


def test_the_recipe_keras_is_the_default():
    """The recipe keras is the default, and spelling it out changes nothing."""
    words = (
        "--recipe keras --batch-size 32 --learning-rate 0.001 --schedule constant --warmup-epochs 0 --weight-decay 0 "
        "--clip-norm 0 --ema 0 --patience 5 --keep best --dropout 0.3 --recurrent-dropout 0.2 --label-smoothing 0 "
        "--no-standardize --no-augment"
    )
    train("spelt", "--quiet", *words.split())
    train("unspelt", "--quiet")
    equal(history("spelt"), history("unspelt"))
    equal(configuration("spelt"), configuration("unspelt"))
    equal([run_json(folder)["recipe"] for folder in ("spelt", "unspelt", best())], ["keras", "keras", "best"])


def test_the_recipe_best_spelt_out_is_the_recipe_best():
    """The recipe best spelt out is the recipe best."""
    found = configuration(best())
    words = []
    for name, value in found.items():
        option = "--" + name.replace("_", "-")
        if isinstance(value, bool):
            words.append(option if value else option.replace("--", "--no-"))
        elif isinstance(value, dict):
            words.append(option)
            words += [word for kind, range in value.items() for word in (f"{option}-{kind.replace('_', '-')}", range)]
        # Those go with another schedule, or with a choice by an epoch's numbers.
        elif name not in ("step_epochs", "step_factor", "monitor", "min_delta") and not name.startswith("plateau"):
            words += [option, value]
    train("spelt-best", "--quiet", *words, "--patience", "none")
    equal(history("spelt-best"), history(best()))


def test_options_override_the_recipe_whatever_their_order():
    """Options override the recipe, whatever their order."""
    train("before", "--quiet", "--label-smoothing", "0.2", "--batch-size", "24", "--recipe", "best")
    train("after", "--quiet", "--recipe", "best", "--label-smoothing", "0.2", "--batch-size", "24")
    expected = configuration(best()) | {"label_smoothing": 0.2, "batch_size": 24}
    equal([configuration("before"), configuration("after")], [expected] * 2)
    equal(history("before"), history("after"))


@pytest.mark.parametrize(("arguments", "expected"), [
    pytest.param(arguments, expected, id=" ".join(arguments))
    for arguments, expected in PARTS
])
def test_parts_of_the_recipe_best(arguments, expected):
    """Turning off or changing a part of --recipe best changes what is learnt."""
    train("part", *BEST, *arguments)
    digests = [history(folder)[-1]["parameters_sha256"] for folder in ("part", best())]
    expect(digests[0] != digests[1], "no change")
    found = configuration("part")
    equal({key: found.get(key) for key in expected}, expected)


def test_the_learning_rate_rises():
    """The learning rate rises, and falls to nearly nothing with a cosine, by steps with the schedule step."""
    def rates(*words):
        train("rates", "--quiet", "--learning-rate", "0.5", *words)
        return [float(record["learning_rate"]) for record in metrics("rates")]

    equal(rates("--warmup-epochs", "2"), [0.25, 0.5, 0.5])
    equal(rates("--schedule", "step", "--step-epochs", "2", "--step-factor", "0.5"), [0.5, 0.5, 0.25])
    first, middle, last = rates("--schedule", "cosine")
    expect(0.5 > first > middle > last > 0 and last < 0.05, (first, middle, last))


def test_keep_last_keeps_the_last_epochs_weights():
    """--keep last keeps the last epoch's weights, whatever the validation says."""
    for keep in ("best", "last"):
        result = train(keep + "-kept", "--keep", keep, "--learning-rate", "0.5", "--epochs", "4", "--patience", "none")
        records = metrics(keep + "-kept")
        lowest = min(records, key=lambda record: float(record["val_loss"]))
        expect(lowest is not records[-1], "the last epoch is the best one: this shows nothing")
        kept = lowest if keep == "best" else records[-1]
        header, digest = harness.model(keep + "-kept")
        equal(digest, kept["parameters_sha256"])
        equal([header["__metadata__"][key] for key in ("epoch", "val_loss")], [kept["epoch"], kept["val_loss"]])
        expect(f"{keep.capitalize()} epoch: {kept['epoch']} of 4" in result.out, result)


def test_a_moving_average_is_validated_hashed_and_kept():
    """A moving average is validated, hashed and kept."""
    words = ("--quiet", "--epochs", "2", "--keep", "last")
    train("averaged", "--ema", "0.9", *words)
    train("not-averaged", *words)
    equal([record["loss"] for record in metrics("averaged")], [record["loss"] for record in metrics("not-averaged")])
    expect(metrics("averaged")[-1]["val_loss"] != metrics("not-averaged")[-1]["val_loss"], "the average is not validated")
    equal(harness.model("averaged")[1], metrics("averaged")[-1]["parameters_sha256"])


def test_evaluate_and_predict_preprocess_as_the_model_file_says():
    """evaluate and predict preprocess as the model file says."""
    model = harness.work / best() / "model.safetensors"
    record = metrics(best())[-1]
    equal(harness.model(best())[0]["__metadata__"]["preprocessing"], "standardized")
    for start in (lambda *words: fingerspell(*words), lambda *words: mpirun(3, *words)):
        succeeds(start("evaluate", model, "--data", data_folder(), "--json", "best.json"))
        found = json.loads((harness.work / "best.json").read_text())
        equal([found["loss"], found["accuracy"]], [float(record[key]) for key in ("val_loss", "val_accuracy")])
    rows = [str(row) for row in range(40)]
    result = succeeds(fingerspell("predict", model, "--data", data_folder(), "--row", *rows))
    expect(result.out.endswith(f"\n{round(40 * float(record['val_accuracy']))} of 40 right\n"), result)


def with_metadata(change):
    """A copy of the recipe's model with other metadata."""
    contents = (harness.work / best() / "model.safetensors").read_bytes()
    length = struct.unpack("<Q", contents[:8])[0]
    header = json.loads(contents[8 : 8 + length])
    change(header["__metadata__"])
    text = json.dumps(header).encode()
    (harness.work / "changed.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + contents[8 + length :])
    return "changed.safetensors"


def test_a_model_file_without_preprocessing_is_for_pixels_divided_by_255():
    """A model file that does not name its preprocessing is taken as one for pixels / 255."""
    words = ("--data", data_folder(), "--json", "unit.json")
    losses = []
    for change in (lambda metadata: metadata.pop("preprocessing"), lambda metadata: metadata.update(preprocessing="unit")):
        succeeds(fingerspell("evaluate", with_metadata(change), *words))
        losses.append(json.loads((harness.work / "unit.json").read_text())["loss"])
    expect(losses[0] == losses[1] != float(metrics(best())[-1]["val_loss"]), losses)


def test_a_model_file_with_a_preprocessing_that_is_not_known():
    """65: a model file with a preprocessing that is not known."""
    path = with_metadata(lambda metadata: metadata.update(preprocessing="centred"))
    for command in ("evaluate", "predict"):
        fails(
            fingerspell(command, path, "--data", data_folder()), 65, path,
            "has the unknown preprocessing 'centred' in its metadata; this version knows unit, standardized")


def test_options_that_contradict_one_another():
    """64: options that contradict one another."""
    for arguments, text in [
        (("--no-dropout", "--dropout", "0.1"), "--no-dropout sets both rates to 0"),
        (("--step-epochs", "3"), "require --schedule step"),
        (("--schedule", "cosine", "--step-factor", "0.5"), "require --schedule step"),
        (("--augment-noise", "3"), "--augment-noise needs --augment"),
        (("--recipe", "best", "--no-augment", "--augment-shift", "3"), "--augment-shift needs --augment"),
    ]:
        fails(fingerspell("train", "--data", data_folder(), "--output", "failed", *arguments), 64, text)


def test_the_recipe_best_with_everything_on_gives_the_same_bits():
    """The recipe best with everything on gives the same bits on threads and ranks, and where it is resumed."""
    words = ("--recipe", "best", "--quiet", "--clip-norm", "0.25", "--weight-decay", "0.01", "--label-smoothing", "0.05",
             "--dropout", "0.1", "--recurrent-dropout", "0.1", "--batch-size", "20", "--checkpoint-every", "2")  # fmt: skip
    train("everything", *words, "--workers", "1")
    for kind, workers in (("threads", 3), ("ranks", 3), ("ranks", 4)):
        more = ("--workers", workers) if kind == "threads" else ()
        train("everything-too", *words, *more, ranks=workers if kind == "ranks" else None)
        equal(history("everything-too"), history("everything"), f"{workers} {kind}")
        equal(harness.model("everything-too"), harness.model("everything"))
    # Without its end, a run continues from a checkpoint in its last epoch.
    folder = harness.work / "everything-too"
    steps = sorted((folder / "checkpoints").iterdir())
    steps[-1].unlink()
    (folder / "model.safetensors").unlink()
    train("everything-too", *words, "--workers", "2", "--resume")
    equal(history("everything-too"), history("everything"), "resumed")
    equal(harness.model("everything-too"), harness.model("everything"))
