"""Help texts, and what is refused before anything runs."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from harness import ROOT, data_folder, equal, expect, fails, fingerspell, succeeds

pytestmark = pytest.mark.commandline

COMMANDS = [
    (), ("train",), ("evaluate",), ("predict",), ("export",), ("data",), ("data", "synthesize"), ("data", "inspect"),
    ("data", "convert"), ("report",), ("data", "augment-preview"), ("summary",), ("prove",), ("chaos",), ("doctor",),
    ("data", "capture-page"), ("benchmark",), ("benchmark", "step"), ("benchmark", "reduction"), ("benchmark", "load"),
    ("benchmark", "epoch"), ("benchmark", "inference"), ("serve",),
]  # fmt: skip

# Arguments, and what the message must say.
REFUSED = [
    (["fly"], "Unknown command 'fly'"),
    (["train", "--fast"], "Unknown option '--fast'"),
    (["train", "extra"], "Unexpected argument 'extra'"),
    (["train", "--epochs"], "Missing value for '--epochs <n>'"),
    (["train", "--epochs", "many"], "The value 'many' is invalid for '--epochs <n>'"),
    (["train", "--epochs", "0"], "--epochs is 0; it must be at least 1."),
    (["train", "--epochs", "-3"], "--epochs is -3; it must be at least 1."),
    (["train", "--batch-size", "0"], "--batch-size is 0; it must be at least 1."),
    (["train", "--batch-size", "1.5"], "The value '1.5' is invalid for '--batch-size <n>'"),
    (["train", "--learning-rate", "0"], "--learning-rate is 0; it must be a number from 1e-300 to 1e+300."),
    (["train", "--learning-rate", "-0.1"], "--learning-rate is -0.1; it must be a number from 1e-300 to 1e+300."),
    (["train", "--learning-rate", "nan"], "--learning-rate is nan; it must be a number from 1e-300 to 1e+300."),
    (["train", "--learning-rate", "inf"], "--learning-rate is inf; it must be a number from 1e-300 to 1e+300."),
    (["train", "--learning-rate", "1e301"], "--learning-rate is 1e+301; it must be a number from 1e-300 to 1e+300."),
    (["train", "--warmup-epochs", "1e19"], "--warmup-epochs is 1e+19; it must be a number from 0 to 1000000."),
    (["train", "--warmup-epochs", "-1"], "--warmup-epochs is -1; it must be a number from 0 to 1000000."),
    (["train", "--weight-decay", "1e300"], "--weight-decay is 1e+300; it must be a number from 0 to 1000000."),
    (["train", "--clip-norm", "inf"], "--clip-norm is inf; it must be a number from 0 to 1e+30."),
    (["train", "--patience", "9223372036854775807"], "--patience is 9223372036854775807; it must be at most 1000000."),
    (["train", "--schedule", "step", "--step-epochs", "9223372036854775807"], "it must be at most 1000000."),
    (["train", "--checkpoint-every", "9223372036854775807"], "it must be at most 1000000000."),
    (["train", "--steps-per-epoch", "9223372036854775807"], "it must be at most 1000000000."),
    (["train", "--batch-size", "9223372036854775807"], "it must be at most 1048576."),
    (["train", "--epochs", "9223372036854775807"], "it must be at most 1000000."),
    (["train", "--stall-timeout", "1e300"], "--stall-timeout is 1e+300; it must be 0, or from 1 to 1000000000 seconds."),
    (["train", "--verify-share", "1.5"], "--verify-share"),
    (["predict", "m", "--random", "9223372036854775807"], "it must be at most 4294967295."),
    (["benchmark", "step", "--repetitions", "9223372036854775807"], "it must be at most 1000000."),
    (["prove", "--steps", "9223372036854775807"], "it must be at most 1000000000."),
    (["data", "augment-preview", "--epoch", "9223372036854775807"], "it must be at most 1000000."),
    (["train", "--patience", "-1"], "--patience is -1; it must be at least 0."),
    (["train", "--seed", "-1"], "The value '-1' is invalid for '--seed <number>'"),
    (["train", "--seed", "18446744073709551616"], "is invalid for '--seed <number>'"),
    (["train", "--validation-split", "0"], "--validation-split is 0.0; it must lie between 0 and 1"),
    (["train", "--validation-split", "1"], "--validation-split is 1.0; it must lie between 0 and 1"),
    (["train", "--validation-split", "nan"], "--validation-split is nan; it must lie between 0 and 1"),
    (["train", "--steps-per-epoch", "0"], "--steps-per-epoch is 0; it must be at least 1."),
    (["train", "--shuffle", "cards"], "The value 'cards' is invalid for '--shuffle <order>'"),
    (["train", "--workers", "0"], "--workers is 0; it must be at least 1."),
    (["train", "--log-level", "loud"], "The value 'loud' is invalid for '--log-level <level>'"),
    (["train", "--data", "a", "--train-csv", "b"], "--data names both files"),
    (["train", "--data", "a", "--test-csv", "b"], "--data names both files"),
    (["train", "--test-csv", "b"], "--test-csv needs --train-csv"),
    (["train", "--train-csv", "a", "--test-csv", "b", "--validation-split", "0.1"], "--validation-split on rows of the training file"),
    (["train", "--no-dropout", "--dropout", "0.1"], "--no-dropout sets both rates to 0: use it, or --dropout"),
    (["train", "--train-csv", "b"], "--train-csv needs --test-csv for validation, or --validation-split"),
    (["trian"], "Unknown command 'trian'. Did you mean 'train'?"),
    (["fit", "--epochs", "3"], "Did you mean 'train'?"),
    (["eval", "m"], "Unknown command 'eval'. Did you mean 'evaluate'?"),
    (["predcit", "m"], "Did you mean 'predict'?"),
    (["data", "inspct", "d"], "Did you mean 'inspect'?"),
    (["benchmark", "stpe"], "Did you mean 'step'?"),
    (["train", "--lr", "0.01"], "Unknown option '--lr'. Did you mean '--learning-rate'?"),
    (["train", "--num_epochs", "3"], "Unknown option '--num_epochs'. Did you mean '--epochs'?"),
    (["train", "--wd", "0.1"], "Did you mean '--weight-decay'?"),
    (["train", "--max_grad_norm", "1"], "Did you mean '--clip-norm'?"),
    (["train", "--learing-rate", "1"], "Did you mean '--learning-rate'?"),
    (["train", "-epochs", "3"], "Unknown option '-epochs'. Did you mean '--epochs'?"),
    (["train", "-batch-size=3"], "Unknown option '-batch-size'. Did you mean '--batch-size'?"),
    (["-help"], "Unknown option '-help'. Did you mean '--help'?"),
    (["help", "fly"], "Unknown command 'fly'"),
    (["help", "data", "inspct"], "Unknown command 'inspct'. Did you mean 'inspect'?"),
    (["evaluate"], "Missing expected argument '<model>'"),
    (["evaluate", "m", "--data", "a", "--test-csv", "b"], "--data and --test-csv name the same rows"),
    (["evaluate", "m", "--workers", "-2"], "--workers is -2; it must be at least 1."),
    (["predict"], "Missing expected argument '<model>'"),
    (["predict", "m", "--row", "1", "--random", "2"], "--row names the rows; leave out --random and --seed."),
    (["predict", "m", "--row", "1", "--seed", "2"], "--row names the rows; leave out --random and --seed."),
    (["predict", "m", "--row", "x"], "The value 'x' is invalid for '--row <n>'"),
    (["predict", "m", "--random", "0"], "--random is 0; it must be at least 1."),
    (["data", "synthesize"], "Missing expected argument '<dir>'"),
    (["data", "synthesize", "d", "--train-rows", "0"], "--train-rows is 0; it must be at least 1"),
    (["data", "synthesize", "d", "--test-rows", "4294967296"], "--test-rows is 4294967296; it must be at most 4294967295."),
    (["data", "inspect"], "Missing expected argument '<path>'"),
    (["chaos", "--schedules", "0"], "--schedules is 0; it must be at least 1."),
    (["chaos", "--max-workers", "0"], "--max-workers is 0; it must be at least 1."),
    (["chaos", "--stall-timeout", "2"], "--stall-timeout is 2; it must be at least 3."),
    (["chaos", "--time-limit", "8"], "--time-limit is 8; it must be above --stall-timeout, 8."),
    (["chaos", "--epochs", "0"], "--epochs is 0; it must be at least 1."),
    (["chaos", "--checkpoint-every", "0"], "--checkpoint-every is 0; it must be at least 1."),
    (["chaos", "--seed", "18446744073709551615"], "there are no 6 numbers after it"),
    (["chaos", "--threads-only", "--mpirun", "m"], "--threads-only starts no ranks"),
    (["data", "augment-preview", "--row", "1", "--random", "2"], "--row names the rows; leave out --random."),
    (["data", "augment-preview", "--data", "a", "--train-csv", "b"], "--data and --train-csv name the same rows"),
    (["data", "augment-preview", "--augment-zoom", "0.95"], "--augment-zoom is 0.95; it must be a number from 0 (off) to 0.9."),
    (["evaluate", "m", "--corruption-seed", "2"], "--corruption-seed is the seed of --corruption; give --corruption too."),
    (["benchmark", "step", "--batch-size", "0"], "--batch-size is 0; it must be at least 1."),
    (["benchmark", "epoch", "--batch-size", "-1"], "--batch-size is -1; it must be at least 1."),
    (["benchmark", "inference", "--batch-size", "0"], "--batch-size is 0; it must be at least 1."),
    (["benchmark", "reduction", "--repetitions", "0"], "--repetitions is 0; it must be at least 1."),
    (["benchmark", "load", "--rows", "0"], "--rows is 0; it must be at least 1."),
    (["benchmark", "load", "--rows", "9", "--data", "d"], "--rows is for the synthetic data set: use --rows or --data."),
]


def help_file(command):
    """The committed text of a command's help."""
    return Path(__file__).parent / ("-".join(("help", *command)) + ".txt")


@pytest.mark.parametrize("command", [
    pytest.param(command, id=" ".join(("fingerspell", *command)))
    for command in COMMANDS
])
def test_help(command, pytestconfig):
    """--help is the committed text, of every command."""
    result = succeeds(fingerspell(*command, "--help"))
    if pytestconfig.getoption("--update-help"):
        help_file(command).write_text(result.out)
    equal(result.out.splitlines(), help_file(command).read_text().splitlines())
    equal(result.err, "", "standard error")
    # A usage line cannot be broken by hand.
    long = [line for line in result.out.splitlines() if len(line) > 80 and not line.startswith("USAGE:")]
    equal(long, [], "lines that wrap on a terminal of 80 columns")
    # An indented line of examples or of a list is broken to the margin.
    about = result.out.split("\nUSAGE:")[0].splitlines()
    broken = [line for before, line in pairwise(about) if before.startswith("  ") and line[:1].strip()]
    equal(broken, [], "lines that continue an indented one at the margin")


@pytest.mark.parametrize(("arguments", "text"), [
    pytest.param(arguments, text, id=" ".join(arguments))
    for arguments, text in REFUSED
])
def test_refused(arguments, text):
    """64: what is refused before anything runs."""
    fails(fingerspell(*arguments), 64, text, "Usage: fingerspell")


def test_a_word_like_no_command_gets_no_suggestion():
    """A word like no command gets no suggestion."""
    expect("Did you mean" not in fingerspell("fly").err + fingerspell("data", "xylophone").err, "a guess was made")


def former_names():
    """Command lines with the names in the changelog's table, and what each name became."""
    rows = [line.split("|")[1:3] for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("  | ")]
    for row in rows:
        if "JSON" in row[0] or "Benchmarks/" in row[0]:
            continue
        for before, now in zip(*(re.findall("`([^`]+)`", cell) for cell in row), strict=True):
            words, new = before.split(), now.split()[-1]
            if before.startswith("--augment"):
                yield ["train", before, "0.5"], new
            elif before.startswith("--all-reduce"):
                yield ["train", *words], new
            elif before.startswith("--"):
                yield ["evaluate", "m", before, "1"], new
            else:
                yield (words if len(words) == 2 else ["evaluate", "m", "--corruption", before]), new


def test_former_names():
    """64: every name of an earlier version is told by its new name."""
    names = list(former_names())
    expect(len(names) == 20, names)
    for words, new in names:
        fails(fingerspell(*words), 64, f". Did you mean '{new}'?")


def test_an_option_like_none_gets_no_suggestion():
    """A short option like none of the command's gets no suggestion, nor does one that only other commands have."""
    for words in (("train", "--foo"), ("evaluate", "m", "--lr", "1"), ("predict", "m", "--train-csv", "f")):
        result = fingerspell(*words)
        fails(result, 64, "Unknown option '--")
        expect("Did you mean" not in result.err, f"a guess was made for {words}")


@pytest.mark.parametrize("words", [("-h",), ("train", "-h"), ("help",), ("help", "help"), ("help", "data", "inspect")])
def test_help_by_other_words(words):
    """-h and help print a help text."""
    expect("USAGE:" in succeeds(fingerspell(*words)).out, "no help")


def test_single_dashes_that_are_no_options():
    """Negative numbers, - and what follows -- are not taken for options with one dash."""
    fails(fingerspell("train", "--learning-rate", "-inf"), 64, "--learning-rate is -inf")
    fails(fingerspell("data", "inspect", "--", "-rows.csv"), 65, "-rows.csv")
    fails(fingerspell("evaluate", "nowhere.safetensors", "--data", data_folder(), "--json", "-"), 74, "nowhere.safetensors")


def test_version_is_a_semantic_version():
    """--version is a semantic version."""
    text = succeeds(fingerspell("--version")).out
    expect(len(text.split(".")) == 3 and all(part.isdigit() for part in text.strip().split(".")), text)
