"""Event files: what the real TensorBoard reads in them, also after kills, resumptions and damage; and a folder that cannot be written."""

import base64
import json
import os

import pytest

import harness
from harness import client, data_folder, equal, expect, fails, fingerspell, metrics, mpirun, succeeds

pytestmark = pytest.mark.commandline

NAME = "events.out.tfevents.fingerspell"
FILES = ("", "train/", "validation/")


def train(folder, *words, start=fingerspell, **options):
    """Trains in a folder of a test's own, so that TensorBoard finds nothing else there."""
    return start("train", "--data", data_folder(), "--quiet", "--output", folder, *words, **options)


def read(logdir):
    """What TensorBoard reads below a folder."""
    return json.loads(succeeds(client("tensorboard_client.py", harness.work / logdir)).out)


def steps(found, folder):
    """The steps of all curves of a folder that metrics.csv has too, which must be alike."""
    scalars = found["folders"][folder]["scalars"]
    curves = [[step for step, _ in points] for tag, points in scalars.items() if tag != "epoch_samples_per_second"]
    expect(curves and all(curve == curves[0] for curve in curves), curves)
    return curves[0]


def contents(folder):
    """The bytes of a run's event files."""
    return [(harness.work / folder / f"{part}{NAME}").read_bytes() for part in FILES]


def test_tensorboard_reads_the_numbers_of_metrics_csv_the_matrix_and_the_hyperparameters():
    """TensorBoard reads the numbers of metrics.csv, the confusion matrix and the hyperparameters."""
    succeeds(train("logs/plain/run", "--epochs", "3", "--learning-rate", "0.01", "--keep", "last"))
    succeeds(train("logs/plain/ranks", "--epochs", "2", "--recipe", "best", start=lambda *words: mpirun(2, *words)))
    found = read("logs/plain")
    lines = metrics("logs/plain/run")
    for part, columns in (
        ("train", {"epoch_loss": "loss", "epoch_accuracy": "accuracy", "epoch_learning_rate": "learning_rate"}),
        ("validation", {"epoch_loss": "val_loss", "epoch_accuracy": "val_accuracy"}),
    ):
        scalars = found["folders"][f"run/{part}"]["scalars"]
        extra = {"epoch_samples_per_second"} if part == "train" else set()
        equal(set(scalars), set(columns) | extra, part)
        for tag, column in columns.items():
            equal([step for step, _ in scalars[tag]], [1, 2, 3], tag)
            for (_, value), line in zip(scalars[tag], lines, strict=True):
                expect(abs(value - float(line[column])) <= 1e-6 * abs(value), f"{tag}: {value}, {line[column]}")
    for (_, rate), line in zip(found["folders"]["run/train"]["scalars"]["epoch_samples_per_second"], lines, strict=True):
        expect(abs(rate * float(line["train_seconds"]) / 96 - 1) < 1e-5, f"{rate} {line}")
    for folder in found["folders"].values():
        equal(folder["version"], "brain.Event:2")
        equal(folder["times"], sorted(folder["times"]), "times")
    (picture,) = found["folders"]["run/validation"]["images"]["epoch_confusion_matrix"]
    step, width, height, pixels = picture
    equal(step, 3)
    check_picture(base64.b64decode(pixels), width, height, "logs/plain/run")
    equal(set(found["sessions"]), {"run", "ranks"})
    run, ranks = found["sessions"]["run"], found["sessions"]["ranks"]
    equal(run["status"], "STATUS_SUCCESS")
    for name, value in {"learning_rate": 0.01, "epochs": 3, "batch_size": 32, "optimizer": "adam", "standardize": False, "dropout": 0.3}.items():
        equal(run["hparams"][name], value, name)
    equal((ranks["hparams"]["augment.noise"], ranks["hparams"]["recipe"], ranks["hparams"]["workers"]), (25, "best", 2))
    expect(not {"plateau_factor", "step_epochs"} & set(run["hparams"]), run["hparams"])
    equal(run["metrics"]["validation/epoch_accuracy"][0], 3)
    expect(abs(run["metrics"]["validation/epoch_accuracy"][1] - float(lines[2]["val_accuracy"])) < 1e-6, run)


def check_picture(pixels, width, height, folder):
    """The picture has the counts of evaluate: in cells of 40 pixels, what is right is blue, what is wrong is red."""
    evaluated = json.loads(succeeds(fingerspell("evaluate", f"{folder}/model.safetensors", "--data", data_folder(), "--json", "-")).out)
    labels = [entry["label"] for entry in evaluated["classes"]]
    left, top = width - 12 - 40 * len(labels), height - 12 - 40 * len(labels)
    for row, truth in enumerate(labels):
        for column, predicted in enumerate(labels):
            at = 3 * ((top + 40 * row + 1) * width + left + 40 * column + 1)
            red, _, blue = pixels[at : at + 3]
            kind = "none" if red == blue == 255 else "right" if blue > red else "wrong"
            count = evaluated["confusion"][truth][predicted]
            equal(kind, "none" if count == 0 else "right" if truth == predicted else "wrong", (truth, predicted, count))


def test_a_resumed_run_has_each_step_once():
    """A resumed run has each step once: after its end, after a kill in the middle of a record, after damage, and without files."""
    for name, change in (
        ("whole", lambda path: None),
        ("cut", lambda path: path.write_bytes(path.read_bytes()[:-7])),
        ("unfinished", lambda path: path.write_bytes(path.read_bytes() + b"\x40\0\0\0\0\0\0\0half")),
        ("damaged", lambda path: path.write_bytes(path.read_bytes()[:40] + b"?" + path.read_bytes()[41:])),
        ("empty", lambda path: path.write_bytes(b"")),
        ("gone", lambda path: path.unlink()),
        ("none", lambda path: (path.unlink(), path.parent.rmdir())),
    ):
        folder = f"logs/resumed/{name}"
        succeeds(train(folder, "--epochs", "2"))
        for part in FILES[1:]:
            change(harness.work / folder / part / NAME)
        succeeds(train(folder, "--epochs", "4", "--resume"))
    found = read("logs/resumed")
    for name in sorted({path.split("/")[0] for path in found["folders"]}):
        for part in ("train", "validation"):
            equal(steps(found, f"{name}/{part}"), [1, 2, 3, 4], f"{name}/{part}")
        equal([image[0] for image in found["folders"][f"{name}/validation"]["images"]["epoch_confusion_matrix"]],
              [harness.run_json(f"logs/resumed/{name}")["outcome"]["best_epoch"]], name)  # fmt: skip
        equal(found["sessions"][name]["hparams"]["epochs"], 4, name)
    # What was there before the resumption stays as it was, with its times.
    whole, gone = found["folders"]["whole/train"], found["folders"]["gone/train"]
    equal(len(whole["scalars"]["epoch_samples_per_second"]), 4)
    equal(gone["scalars"]["epoch_loss"], whole["scalars"]["epoch_loss"])


def test_event_files_are_the_same_but_for_times():
    """Two equal runs have equal event files, but for times and the rate: as many bytes, and the same curves and picture."""
    for name in ("one", "two"):
        succeeds(train(f"logs/equal/{name}", "--epochs", "2", "--workers", "2" if name == "one" else "1"))
    one, two = contents("logs/equal/one"), contents("logs/equal/two")
    equal([len(file) for file in one], [len(file) for file in two])
    found = read("logs/equal")["folders"]
    equal(found["one/validation"]["scalars"], found["two/validation"]["scalars"])
    equal(found["one/validation"]["images"], found["two/validation"]["images"])


def test_event_files_can_be_left_out():
    """--no-tensorboard writes none; a resumption with them then writes all epochs."""
    succeeds(train("logs/later/run", "--epochs", "2", "--no-tensorboard"))
    equal(sorted(os.listdir(harness.work / "logs/later/run")), sorted(set(harness.RUN_FILES) - {"events.out.tfevents.fingerspell", "train", "validation"}))
    succeeds(train("logs/later/run", "--epochs", "3", "--resume"))
    scalars = read("logs/later")["folders"]["run/train"]["scalars"]
    equal([step for step, _ in scalars["epoch_loss"]], [1, 2, 3])
    # How many samples an earlier epoch had is not in metrics.csv.
    equal([step for step, _ in scalars["epoch_samples_per_second"]], [3])


def test_an_earlier_runs_events_are_moved_and_folders_of_data_are_not():
    """A new run moves an earlier one's event files aside, and leaves a folder `train` that holds data where it is."""
    succeeds(train("again", "--epochs", "2"))
    first = contents("again")
    succeeds(train("again", "--epochs", "1"))
    equal(contents("again/earlier-1"), first)
    folder = harness.work / "mixed"
    (folder / "train").mkdir(parents=True)
    (folder / "train" / "picture.png").write_bytes(b"mine")
    for _ in range(2):
        succeeds(train("mixed", "--epochs", "1"))
    equal((folder / "train" / "picture.png").read_bytes(), b"mine")
    expect((folder / "train" / NAME).exists(), "no events")


def test_more_classes_than_fit_and_other_networks_have_a_picture_too():
    """The matrix of a network with ten classes, and names that do not fit above a column."""
    names = harness.work / "long.txt"
    names.write_text("\n".join(f"class number {i}" for i in range(25)))
    succeeds(train("logs/names/long", "--epochs", "1", "--class-names", names))
    (image,) = read("logs/names")["folders"]["long/validation"]["images"]["epoch_confusion_matrix"]
    expect(image[1] > image[2], f"names beside the lines need room: {image[:3]}")


def test_a_folder_that_cannot_be_written_ends_the_run():
    """74: a file where a folder belongs, and a file system that is full, as for metrics.csv."""
    folder = harness.work / "taken"
    folder.mkdir()
    (folder / "train").write_text("mine")
    fails(train("taken", "--epochs", "1"), 74, "cannot open taken/train: Not a directory")
    equal((folder / "train").read_text(), "mine")


def test_a_full_disk_ends_the_run_and_a_resumption_continues():
    """74: a disk that fills while events are written; what was begun is cut off by the resumption."""
    if os.geteuid() != 0:
        raise AssertionError("this case mounts a small disk: run it as root")
    (harness.work / "logs/full/run/train").mkdir(parents=True)
    script = """cd logs/full && mount -t tmpfs -o size=4k tmpfs run/train && "$PROGRAM" train --data "$DATA" --quiet --epochs 60 --patience none --output run
    echo "$?"; cp run/train/* half && umount run/train && mv half run/train/%s &&
    "$PROGRAM" train --data "$DATA" --quiet --epochs 60 --patience none --output run --resume""" % NAME
    extra = {"PROGRAM": harness.program, "DATA": str(data_folder())}
    result = harness.execute(["unshare", "--mount", "bash", "-c", script], extra=extra)
    equal((result.code, result.out.splitlines()[0]), (0, "74"), result)
    expect(f"cannot write run/train/{NAME}: No space left on device; free some space or choose another folder" in result.err, result)
    equal(steps(read("logs/full"), "run/train"), list(range(1, 61)))
