"""--log-format json: one object a line on standard output, from the first to the last, whatever happens."""

import json
import signal
import subprocess

import pytest

import harness
from harness import data_folder, environment, equal, expect, fingerspell, metrics, mpirun, succeeds

pytestmark = pytest.mark.commandline


def train(*words, start=fingerspell, **options):
    return start("train", "--data", data_folder(), "--log-format", "json", *words, **options)


def objects(result):
    """The objects, each with its time and event."""
    found = [json.loads(line) for line in result.out.splitlines()]
    for entry in found:
        equal(list(entry)[:2], ["time", "event"])
    equal([entry["time"] for entry in found], sorted(entry["time"] for entry in found))
    return found


def test_a_run_is_told_as_json():
    """Start, epochs, checkpoints, the best epochs and the end, with the numbers of metrics.csv in full."""
    for folder, start in (("threads", fingerspell), ("ranks", lambda *words: mpirun(2, *words))):
        result = succeeds(train("--epochs", "3", "--output", folder, start=start))
        found = objects(result)
        equal((result.err, found[0]["event"], found[-1]["event"]), ("", "start", "end"))
        equal([found[0][name] for name in ("run", "epochs", "training_rows", "validation_rows", "steps_per_epoch")], [folder, 3, 96, 40, 3])
        epochs = [entry for entry in found if entry["event"] == "epoch"]
        for entry, line in zip(epochs, metrics(folder), strict=True):
            for name, text in line.items():
                equal(str(entry[name]) if name == "parameters_sha256" else float(entry[name]), text if name == "parameters_sha256" else float(text), name)
            expect(entry["samples_per_second"] > 0, entry)
        checkpoints = [entry for entry in found if entry["event"] == "checkpoint"]
        equal([(entry["epoch"], entry["step"], entry["checkpoint"]) for entry in checkpoints],
              [(n, 3 * n, f"{folder}/checkpoints/step-{3 * n:08}.safetensors") for n in (1, 2, 3)])  # fmt: skip
        best = [entry for entry in found if entry["event"] == "best"]
        equal((best[-1]["epoch"], best[-1]["monitor"], best[-1]["value"]), (found[-1]["best_epoch"], "val_loss", found[-1]["val_loss"]))
        equal((found[-1]["exit_code"], found[-1]["epochs"], found[-1]["model"]), (0, 3, f"{folder}/model.safetensors"))


def test_ends_of_all_kinds_are_told():
    """Early stopping, a plateau, the end of the time, a finished run, --quiet, and warnings."""
    found = objects(succeeds(train("--epochs", "9", "--patience", "0", "--min-delta", "9", "--output", "stopped")))
    equal([(e["reason"], e["epoch"], e["patience"]) for e in found if e["event"] == "stop"], [("patience", 2, 1)])
    found = objects(succeeds(train("--epochs", "3", "--schedule", "plateau", "--plateau-patience", "1", "--plateau-min-delta", "9", "--output", "flat")))
    equal([e["learning_rate"] for e in found if e["event"] == "rate"], [0.0001, 0.00001][: sum(e["event"] == "rate" for e in found)])
    expect(any(e["event"] == "rate" for e in found), found)
    found = objects(succeeds(train("--epochs", "9", "--patience", "0", "--min-delta", "9", "--output", "stopped", "--resume")))
    equal([(e["event"], e["exit_code"]) for e in found], [("end", 0)])
    equal([e["event"] for e in objects(succeeds(train("--epochs", "2", "--quiet", "--output", "quiet")))], ["end"])
    found = objects(succeeds(train("--epochs", "2", "--warmup-epochs", "9", "--output", "warned", "--log-level", "info")))
    expect(any(e["event"] == "warning" and "the warm-up of 9 epochs" in e["message"] for e in found), found)
    expect(any(e["event"] == "log" and e["message"] == "workers are ready" for e in found), found)
    found = objects(succeeds(train("--epochs", "4", "--output", "warned", "--resume", "--warmup-epochs", "9")))
    equal([(e["epoch"], e["step"]) for e in found if e["event"] == "resume"], [(3, 6)])


def test_errors_are_told_with_their_exit_code():
    """Wrong options, wrong data, and a rank's error: the last object has the exit code, and standard error the text."""
    for words, code, text in (
        (("train", "--log-format", "json", "--epochs", "0"), 64, "--epochs is 0"),
        (("train", "--log-format=json", "--lr", "0"), 64, "Did you mean '--learning-rate'?"),
        (("train", "--log-format", "json", "--data", "nowhere"), 65, "there is no folder nowhere"),
        (("train", "--log-format", "json", "--config", "nowhere"), 74, "cannot open nowhere"),
    ):
        for start in (fingerspell, lambda *words: mpirun(2, *words)):
            result = start(*words)
            found = [json.loads(line) for line in result.out.splitlines()]
            expect(result.code == code and text in result.err, result)
            expect(found and all(e["event"] == "error" and e["exit_code"] == code for e in found[-1:]) and text in found[-1]["message"], result)
    (harness.work / "in\x1b[31m.csv").write_text("x")
    result = fingerspell("train", "--log-format", "json", "--train-csv", "in\x1b[31m.csv", "--validation-split", "0.5")
    expect("\x1b" not in result.out and json.loads(result.out.splitlines()[-1])["exit_code"] == 65, result)


def test_a_signal_is_told():
    """75: a run that is stopped says where, and where its checkpoint is."""
    words = [harness.program, "train", "--data", data_folder(), "--log-format", "json", "--epochs", "100000", "--patience", "none", "--output", "cut"]
    job = subprocess.Popen([str(word) for word in words], cwd=harness.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, env=environment())  # fmt: skip
    # Lines come one by one: the first checkpoint is told while the run trains.
    while json.loads(job.stdout.readline())["event"] != "checkpoint":
        pass
    job.send_signal(signal.SIGTERM)
    out, _ = job.communicate(timeout=30)
    stop, error = (json.loads(line) for line in out.splitlines()[-2:])
    equal((job.returncode, stop["event"], stop["reason"], stop["signal"], error["event"], error["exit_code"]),
          (75, "stop", "signal", "SIGTERM", "error", 75))  # fmt: skip
    expect((harness.work / stop["checkpoint"]).exists(), stop)


def test_a_config_can_ask_for_json():
    """A file of options can ask for JSON too."""
    (harness.work / "json.json").write_text(json.dumps({"log_format": "json", "epochs": 1, "data": str(data_folder()), "output": "asked"}))
    equal([e["event"] for e in objects(succeeds(fingerspell("train", "--config", "json.json")))], ["start", "epoch", "best", "checkpoint", "end"])
