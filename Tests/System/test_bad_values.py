"""Every option that takes a value has a bad one here, with what the program says to it: an option without one fails."""

import re

import pytest

import harness
from harness import data_folder, equal, expect, fails, fingerspell
from test_usage import COMMANDS, help_file

pytestmark = pytest.mark.commandline

NOT_A_NUMBER = "The value 'x' is invalid for"
NO_FOLDER = "there is no folder nowhere; looked for:"
HUGE = "9223372036854775807"


def count(option, most):
    """Bad values of an option that takes a whole number from 1 to `most`."""
    return [
        (["x"], 64, NOT_A_NUMBER), (["0"], 64, f"{option} is 0; it must be at least 1."),
        (["-1"], 64, f"{option} is -1; it must be at least 1."), ([HUGE], 64, f"it must be at most {most}."),
        ([HUGE + "0"], 64, f"is invalid for '{option}"),
    ]  # fmt: skip


def chosen(*values):
    """Bad values of an option that takes one of these."""
    return [(["x"], 64, f"{NOT_A_NUMBER[:-4]} for"), *((["x"], 64, value) for value in values)]


def amount(option, most):
    """Bad values of an option that takes a number from 0 to `most`."""
    return [
        (["x"], 64, NOT_A_NUMBER),
        *(([bad], 64, f"{option} is {bad}; it must be a number from 0 (off) to {most}.") for bad in ("-1", "nan", "inf", "999")),
    ]


SEED = [(["x"], 64, NOT_A_NUMBER), (["-1"], 64, "The value '-1' is invalid"), (["18446744073709551616"], 64, "is invalid")]
FOLDER = [(["nowhere"], 65, NO_FOLDER), (["plain"], 65, "plain")]
NUMBER = [(["x"], 64, NOT_A_NUMBER), (["nan"], 64, "is nan"), (["inf"], 64, "is inf"), (["-1"], 64, "is -1")]
FRACTION = NUMBER + [(["1"], 64, "it must be at least 0 and below 1.")]

# By option: what is bad for every command that has it. A command's own entry comes before these.
BAD = {
    "--data": FOLDER,
    "--train-csv": [(["nowhere.csv", "--test-csv", "nowhere.csv"], 65, "nowhere.csv: cannot be read: No such file")],
    "--test-csv": [(["nowhere.csv"], 65, "nowhere.csv: cannot be read: No such file")],
    "--class-names": [(["nowhere", "--data", "DATA"], 74, "cannot open nowhere: No such file")],
    "--network": [
        (["nowhere"], 74, "cannot open nowhere: No such file"),
        (["plain"], 65, "plain: this is not JSON, which model.to_json() writes"),
        (["DATA/sign_mnist_test.csv"], 65, "this is not JSON"),
        (["MODEL"], 65, "is a safetensors file, not the JSON of a Keras model; use the text of model.to_json()"),
    ],
    "--fit": chosen("crop", "pad", "stretch", "hand"),
    "--format": chosen("text", "json", "csv"),
    "--top": count("--top", 1024),
    "--wrong": count("--wrong", 2**32 - 1),
    "--cache": [(["plain", "--data", "DATA"], 64, "--cache keeps decoded image files, but")],
    "--part": chosen("train", "test"),
    "--size": [([value], 64, f"The value '{value}' is invalid for '--size <HxW>'") for value in ("x", "28x", "0x28", "28x28x3", "8193")],
    "--channels": [(["x"], 64, NOT_A_NUMBER), (["2"], 64, "--channels is 2; it must be 1 (gray) or 3 (color).")],
    "--epochs": count("--epochs", 10**6),
    "--steps": count("--steps", 10**9),
    "--steps-per-epoch": count("--steps-per-epoch", 10**9),
    "--batch-size": count("--batch-size", 2**20),
    "--workers": count("--workers", 1024),
    "--repetitions": count("--repetitions", 10**6),
    "--rows": count("--rows", 2**32 - 1),
    "--train-rows": count("--train-rows", 2**32 - 1),
    "--test-rows": count("--test-rows", 2**32 - 1),
    "--recipe": chosen("keras", "best", "fast"),
    "--keep": chosen("best", "last"),
    "--schedule": chosen("constant", "cosine", "step", "plateau"),
    "--warmup-epochs": NUMBER,
    "--step-epochs": [(["x"], 64, NOT_A_NUMBER), (["0", "--schedule", "step"], 64, "--step-epochs is 0; it must be at least 1.")],
    "--step-factor": [(["x"], 64, NOT_A_NUMBER), *(([bad, "--schedule", "step"], 64, f"--step-factor is {bad}") for bad in ("0", "1.1", "nan"))],
    "--plateau-factor": [
        (["x"], 64, NOT_A_NUMBER), *(([bad, "--schedule", "plateau"], 64, f"--plateau-factor is {bad}") for bad in ("0", "1", "nan")),
        (["0.5"], 64, "--plateau-... require --schedule plateau."),
    ],
    "--plateau-patience": [(["x"], 64, NOT_A_NUMBER), (["-1"], 64, "--plateau-patience is -1; it must be at least 0.")],
    "--plateau-min-delta": NUMBER,
    "--plateau-cooldown": [(["x"], 64, NOT_A_NUMBER), (["-1"], 64, "--plateau-cooldown is -1; it must be at least 0.")],
    "--plateau-min-rate": NUMBER,
    "--optimizer": chosen("sgd", "rmsprop", "adam", "adamw", "lion", "lamb"),
    "--momentum": [
        (["x"], 64, NOT_A_NUMBER), (["0.9"], 64, "--momentum is an option of sgd, rmsprop; adam has --beta1, --beta2, --epsilon."),
        *(([bad, "--optimizer", "sgd"], 64, f"--momentum is {bad}") for bad in ("-1", "nan", "1.1")),
    ],
    "--rho": [
        (["x"], 64, NOT_A_NUMBER), (["0.9"], 64, "--rho is an option of rmsprop; adam has"),
        *(([bad, "--optimizer", "rmsprop"], 64, f"--rho is {bad}") for bad in ("-1", "nan", "1")),
    ],
    "--beta1": [*FRACTION, (["0.9", "--optimizer", "sgd"], 64, "adam, adamw, lion, lamb; sgd has --momentum, --nesterov.")],
    "--beta2": FRACTION,
    "--epsilon": [*NUMBER, (["0"], 64, "--epsilon is 0"), (["0.1", "--optimizer", "lion"], 64, "lion has --beta1, --beta2.")],
    "--monitor": [
        *chosen("val_loss", "val_accuracy", "loss", "accuracy"),
        (["loss", "--keep", "last", "--patience", "none"], 64, "--monitor needs --keep best, a --patience or --schedule plateau"),
    ],
    "--min-delta": [*NUMBER, (["0.1", "--recipe", "best"], 64, "--min-delta needs --keep best or a --patience")],
    "--class-weight": [
        (["nowhere", "--data", "DATA"], 74, "cannot open nowhere: No such file"),
        (["plain", "--data", "DATA"], 65, "plain is no file of class weights: it must be a JSON object of numbers"),
    ],
    "--max-time": [
        (["x"], 64, "The value 'x' is invalid"), (["1w"], 64, "The value '1w' is invalid"), (["0"], 64, "--max-time is 0"),
        (["-1h"], 64, "Unknown option '-1h'"), (["-5"], 64, "--max-time is -5"), (["nan"], 64, "--max-time is nan"), (["inf"], 64, "--max-time is inf"),
    ],
    "--weight-decay": NUMBER,
    "--clip-norm": NUMBER,
    "--ema": FRACTION,
    "--dropout": FRACTION,
    "--recurrent-dropout": FRACTION,
    "--label-smoothing": FRACTION,
    "--patience": [(["x"], 64, NOT_A_NUMBER), (["-1"], 64, "--patience is -1; it must be at least 0.")],
    "--learning-rate": NUMBER + [(["0"], 64, "--learning-rate is 0; it must be a number from 1e-300 to 1e+300.")],
    "--verify-share": NUMBER + [(["1.5"], 64, "--verify-share is 1.5")],
    "--validation-split": NUMBER + [(["1"], 64, "it must lie between 0 and 1, both excluded")],
    "--seed": SEED,
    "--stall-timeout": [(["x"], 64, NOT_A_NUMBER), (["-1"], 64, "--stall-timeout is -1"), (["0.5"], 64, "--stall-timeout")],
    "--shuffle": chosen("global", "none"),
    "--all-reduce": chosen("reproducible", "mpi"),
    "--log-format": chosen("text", "json"),
    "--config": [
        (["nowhere"], 74, "cannot open nowhere: No such file"),
        (["plain"], 65, "plain is no file of options: it must be a run's run.json or a JSON object"),
    ],
    "--log-level": chosen("trace", "critical"),
    "--initial-weights": [(["nowhere", "--data", "DATA"], 74, "cannot open nowhere: No such file")],
    "--output": [(["plain", "--data", "DATA"], 74, "cannot create the folder plain")],
    "--row": [(["x"], 64, NOT_A_NUMBER), (["40", "--data", "DATA"], 64, "--row is 40, but")],
    "--random": [(["x"], 64, NOT_A_NUMBER), (["0"], 64, "--random is 0; it must be at least 1.")],
    "--json": [(["plain/a.json", "--data", "DATA"], 74, "plain/a.json: Not a directory")],
    "--epoch": count("--epoch", 10**6),
    "--corruption": chosen("all", "occlusion"),
    "--corruption-seed": SEED,
    "--augment-rotation": amount("--augment-rotation", 45),
    "--augment-shift": amount("--augment-shift", 28),
    "--augment-zoom": amount("--augment-zoom", 0.9),
    "--augment-brightness": amount("--augment-brightness", 1),
    "--augment-contrast": amount("--augment-contrast", 1),
    "--augment-constant-padding-probability": amount("--augment-constant-padding-probability", 1),
    "--augment-lighting-gradient": amount("--augment-lighting-gradient", 1),
    "--augment-lighting-gradient-probability": amount("--augment-lighting-gradient-probability", 1),
    "--augment-random-erasing": [
        *amount("--augment-random-erasing", 28), (["0.5"], 64, "--augment-random-erasing is 0.5; it must be a whole number."),
    ],
    "--augment-random-erasing-minimum": [
        *NUMBER,
        *(([value], 64, f"--augment-random-erasing-minimum is {value}; it must be a whole number from 1 to 28.")
          for value in ("0", "2.5", "29", "nan")),
    ],
    "--augment-random-erasing-probability": amount("--augment-random-erasing-probability", 1),
    "--augment-noise": amount("--augment-noise", 255),
    "--augment-noise-probability": amount("--augment-noise-probability", 1),
    "--augment-blur-probability": amount("--augment-blur-probability", 1),
    "--augment-blur": amount("--augment-blur", 1),
    "--hub": [(["plain"], 74, "plain")],
    "--license": [([bad], 64, f"--license is {bad}; a hub's name of a licence has") for bad in ("MIT", "a b", "a" * 65)],
    "--gallery": [(["plain/a.html", "--data", "DATA"], 74, "plain/a.html: Not a directory")],
}
OWN = {
    ("data inspect", "--class-names"): [(["nowhere"], 74, "cannot open nowhere: No such file")],
    ("data capture-page", "--class-names"): [(["nowhere"], 74, "cannot open nowhere: No such file")],
    ("data capture-page", "--size"): [
        (["x"], 64, "The value 'x' is invalid for '--size <HxW>'"), (["7x64"], 64, "--size is 7; it must be at least 8."),
        (["1025"], 64, "--size is 1025; it must be at most 1024."),
    ],
    ("data augment-preview", "--output"): [(["plain/a.png", "--data", "DATA"], 74, "plain/a.png: Not a directory")],
    ("data augment-preview", "--train-csv"): [(["nowhere.csv"], 65, "nowhere.csv: cannot be read: No such file")],
    ("data augment-preview", "--row"): [(["x"], 64, NOT_A_NUMBER), (["96", "--data", "DATA"], 64, "--row is 96, but")],
    ("prove", "--workers"): [(["1,,2"], 64, "The value '1,,2' is invalid"), (["0"], 64, "The value '0' is invalid")],
    ("prove", "--mpirun"): [(["nowhere", "--data", "DATA"], 70, None)],
    ("train", "--checkpoint-every"): [(["x"], 64, NOT_A_NUMBER), (["0"], 64, "--checkpoint-every is 0; it must be at least 1")],
    ("chaos", "--checkpoint-every"): count("--checkpoint-every", 10**9),
    ("chaos", "--schedules"): count("--schedules", 10**6),
    ("chaos", "--max-workers"): count("--max-workers", 1024),
    ("chaos", "--stall-timeout"): [
        (["x"], 64, NOT_A_NUMBER), (["2"], 64, "--stall-timeout is 2; it must be at least 3."), (["86401"], 64, "at most 86400."),
    ],
    ("chaos", "--time-limit"): [
        (["x"], 64, NOT_A_NUMBER), (["4"], 64, "it must be above --stall-timeout"), (["86401"], 64, "at most 86400."),
    ],
    ("chaos", "--mpirun"): [(["nowhere", "--data", "DATA"], 70, "cannot find 'nowhere': install openmpi-bin")],
    ("serve", "--class-names"): [(["nowhere"], 74, "cannot open nowhere: No such file")],
    ("serve", "--port"): [
        (["x"], 64, NOT_A_NUMBER), (["-1"], 64, "--port is -1; it must be at least 0."), (["65536"], 64, "at most 65535."),
    ],
    ("serve", "--host"): [(["no.such.host.invalid"], 64, "there is no address of no.such.host.invalid")],
    ("serve", "--threads"): count("--threads", 1024),
    ("serve", "--max-batch"): count("--max-batch", 1024),
    ("serve", "--max-waiting"): count("--max-waiting", 2**20),
    ("serve", "--max-connections"): count("--max-connections", 10_000),
    ("serve", "--max-body"): count("--max-body", 1024),
    ("serve", "--max-pixels"): count("--max-pixels", 2**26),
    ("serve", "--request-timeout"): [(["x"], 64, NOT_A_NUMBER), (["0"], 64, "--request-timeout is 0; it must be a number from 1 to 86400")],
    ("serve", "--grace-period"): [(["x"], 64, NOT_A_NUMBER), (["2d"], 64, "--grace-period is 172800; it must be a number from 1")],
    ("doctor", "--data"): [(["nowhere"], 65, None)],
    ("doctor", "--train-csv"): [(["nowhere.csv"], 65, None)],
    ("doctor", "--test-csv"): [(["nowhere.csv", "--train-csv", "DATA/sign_mnist_train.csv"], 65, None)],
    ("report", "--output"): [(["plain/a.html"], 74, "plain/a.html: Not a directory")],
    ("report", "--svg"): [(["plain"], 74, "cannot create the folder plain: Not a directory")],
    ("train", "--test-csv"): [(["nowhere.csv", "--train-csv", "DATA/sign_mnist_train.csv"], 65, "nowhere.csv: cannot be read")],
}
# What a command needs before its options.
BEFORE = {
    "evaluate": ["MODEL"], "predict": ["MODEL"], "serve": ["MODEL"], "export": ["MODEL", "--hub", "hub"], "report": ["RUN"], "data synthesize": ["folder"],
    "data inspect": ["DATA"], "data convert": ["DATA", "out.npz"], "data capture-page": ["out.html"],
}  # fmt: skip


def options(command):
    """The options of a command that take a value, as its help names them."""
    # A new command has no committed text before the first --update; its help's own case says so.
    text = help_file(command).read_text() if help_file(command).exists() else ""
    return re.findall(r"^  (?:-\w, )?(--[\w-]+) <", text, re.MULTILINE)


def run(command, option, values):
    """Runs a command with a bad value, in a folder that has a data set, a model and a plain file."""
    from test_training import reference

    (harness.work / "plain").write_text("")
    places = {"DATA": data_folder(), "MODEL": harness.work / reference() / "model.safetensors", "RUN": harness.work / reference()}
    before = BEFORE.get(" ".join(command), [])
    words = [*before, option, *values]
    for name, place in places.items():
        words = [str(place) + word[len(name) :] if word.startswith(name) else word for word in words]
    return fingerspell(*command, *words)


@pytest.mark.parametrize(("command", "option"), [
    pytest.param(command, option, id=" ".join((*command, option)))
    for command in COMMANDS
    for option in options(command)
])
def test_bad_values(command, option):
    """Bad values of every option of every command are refused."""
    name = " ".join((*command, option))
    bad = OWN.get((" ".join(command), option)) or BAD.get(option)
    expect(bad, f"{name} has no bad value in this table")
    for values, code, text in bad:
        result = run(command, option, values)
        if text is None:  # a report on standard output
            equal(result.code, code, result)
        else:
            # A prediction is told before its page is written.
            result.out = "" if option == "--gallery" or option == "--json" else result.out
            fails(result, code, text)
    missing = fingerspell(*command, *BEFORE.get(" ".join(command), []), option)
    fails(missing, 64, f"Missing value for '{option}")
    fails(run(command, option, [""]), 64, "An argument is empty; is a variable of the shell not set?")
    fails(run(command, f"{option}=", []), 64, f"{option} is empty")
