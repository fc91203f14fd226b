"""Where the data are looked for: a `data/` that is not whole, commands that need one file, what `--data` may name."""

import shutil
import zipfile

import pytest

import harness
from test_data_forms import model
from harness import data_folder, equal, expect, fails, fingerspell, mpirun, succeeds

pytestmark = pytest.mark.commandline

TRAIN, TEST = "sign_mnist_train.csv", "sign_mnist_test.csv"
NOTICE = "this is the synthetic data set"


def place(*files, links=()):
    """A folder with a `data/` of those files: (name in it, the set's file that it is a copy of, or its text)."""
    folder = harness.work / "place"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, source in files:
        file = folder / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if source in (TRAIN, TEST):
            shutil.copy(data_folder() / source, file)
        else:
            file.write_text(source)
    for name, target in links:
        (folder / "data").mkdir(exist_ok=True)
        (folder / "data" / name).symlink_to(target)
    return folder


def zipped():
    """A `data/` with nothing but the archive that Kaggle's page serves."""
    folder = place(("x", ""))
    (folder / "data/x").unlink()
    with zipfile.ZipFile(folder / "data/archive.zip", "w") as archive:
        archive.write(data_folder() / TRAIN, "sign_mnist_train/sign_mnist_train.csv")
    return folder


def other_capitals():
    """A whole set in a folder of another name."""
    folder = place((TRAIN, TRAIN), (TEST, TEST))
    (folder / "data").rename(folder / "Data")
    return folder


def link_to_nowhere():
    """`data` itself is a link to what is not there."""
    folder = place()
    (folder / "data").symlink_to("/nowhere/mounted")
    return folder


# What is there, and the words that must name it and what to do.
NOT_WHOLE = {
    "the training CSV alone": (lambda: place((TRAIN, TRAIN)),
                               ["incomplete", f"data/{TRAIN} is a file of the data set", f"data/{TEST}"]),
    "the test CSV alone": (lambda: place((TEST, TEST)), ["incomplete", f"data/{TEST} is a file of the data set"]),
    "an archive": (zipped, ["data/archive.zip is an archive; unpack it: unzip"]),
    "an archive of another name": (lambda: place(("download.ZIP", "PK")), ["data/download.ZIP is an archive"]),
    "a subfolder with both": (lambda: place((f"set/{TRAIN}", TRAIN), (f"set/{TEST}", TEST)), ["data/set holds the data set: use that folder"]),
    "two subfolders": (lambda: place((f"a/{TRAIN}", TRAIN), (f"b/{TEST}", TEST)), ["specify its path, or move it to data", "--train-csv and --test-csv"]),
    "links to nowhere": (lambda: place(links=[(TRAIN, "/nowhere/a"), (TEST, "/nowhere/b")]),
                         [f"data/{TRAIN} is a link to /nowhere/a, which does not exist", "/nowhere/b"]),
    "one link to nowhere": (lambda: place((TEST, TEST), links=[(TRAIN, "/nowhere/a")]), ["a link to /nowhere/a"]),
    "other capitals": (lambda: place(("Sign_MNIST_Train.csv", TRAIN), ("Sign_MNIST_Test.csv", TEST)),
                       ["data/Sign_MNIST_Train.csv differs in upper and lower case; rename it to sign_mnist_train.csv"]),
    "a second download": (lambda: place(("sign_mnist_train (1).csv", TRAIN)), ["sign_mnist_train (1).csv has another name"]),
    "other names": (lambda: place(("a.csv", TRAIN), ("b.csv", TEST)), ["data/a.csv has another name", "--train-csv"]),
    "half of another set": (lambda: place(("mnist_train.csv", TRAIN)), ["data has MNIST (CSV) without its test rows", "--validation-split"]),
    "gzip": (lambda: place((f"{TRAIN}.gz", "\x1f\x08")), [f"data/{TRAIN}.gz"]),
    "several sets": (lambda: place(*((name, TRAIN) for name in ("mnist_train.csv", "mnist_test.csv", "train.csv", "test.csv"))),
                     ["data has several data sets: MNIST (CSV), Kaggle's digit-recognizer; name one file each"]),
    "a folder without its file": (lambda: place(("sign_mnist_train/readme.txt", "")), ["a folder that does not contain the file"]),
    "a folder Data": (other_capitals, ["Data differs in upper and lower case; use that folder"]),
    "data is a link to nowhere": (link_to_nowhere, ["data is a link to /nowhere/mounted, which does not exist"]),
}


def test_an_incomplete_data_folder_is_told():
    """65: a data/ with something of the set, but not what is needed, is told, and nothing is trained on drawn hands."""
    for name, (make, words) in NOT_WHOLE.items():
        folder = make()
        for quiet in ((), ("--quiet",)):
            result = fingerspell("train", "--epochs", "1", "--output", "run", *quiet, cwd=folder)
            fails(result, 65, *words)
            expect(NOTICE not in result.err and not (folder / "run").exists(), f"{name}: {result}")
    folder = place((TRAIN, TRAIN))
    for command in (("evaluate", model()), ("predict", model()), ("prove", "--threads-only")):
        result = fingerspell(*command, cwd=folder)
        fails(result, 65, f"data/{TRAIN} is a file of the data set")
    fails(mpirun(2, "train", "--quiet", cwd=folder), 65, f"data/{TRAIN} is a file of the data set")
    folder = place((TEST, TEST))
    fails(fingerspell("data", "augment-preview", cwd=folder), 65, f"data/{TEST} is a file of the data set")


def test_without_the_data_set_the_synthetic_one_is_taken_and_announced():
    """Where nothing of the set is, the synthetic data set is taken, which standard error says of every command, quiet or not."""
    train = ("train", "--epochs", "1", "--steps-per-epoch", "1", "--output", "run")
    for folder in (place(), place(("notes.txt", "x"), ("images/a.csv", "x")), place((".dotted.zip", "x"))):
        for quiet in ((), ("--quiet",)):
            result = succeeds(fingerspell(*train, *quiet, cwd=folder))
            expect(result.err.count(NOTICE) == 1 and NOTICE not in result.out, result)
            expect("kaggle datasets download" in result.err, result)
    (folder / "run/empty").mkdir()
    commands = [("evaluate", model()), ("predict", model(), "--row", "0"), ("data", "augment-preview"),
                ("prove", "--threads-only", "--workers", "1", "--steps", "1", "--epochs", "1"), ("doctor",)]
    for command in commands:
        result = fingerspell(*command, cwd=folder)
        expect(result.err.count(NOTICE) == 1 and NOTICE not in result.out, f"{command}: {result}")
    result = succeeds(mpirun(3, *train, "--quiet", cwd=folder))
    expect(result.err.count(NOTICE) == 1 and result.out.count("\n") == 2, result)


def test_a_model_of_synthetic_data_that_sees_a_csv_is_warned_about():
    """evaluate and predict warn where a model of drawn hands sees rows of a CSV, and the other way round."""
    folder = place()
    succeeds(fingerspell("train", "--epochs", "1", "--steps-per-epoch", "1", "--output", "drawn", "--quiet", cwd=folder))
    for command, more in (("evaluate", ()), ("predict", ("--row", "0"))):
        drawn = (command, "drawn/model.safetensors", *more)
        found = succeeds(fingerspell(*drawn, "--data", data_folder(), cwd=folder)).err
        expect("warning: this model was trained on the synthetic data set" in found, found)
        found = succeeds(fingerspell(*drawn, cwd=folder)).err
        expect("warning" not in found, found)
        found = succeeds(fingerspell(command, model(), *more, cwd=folder)).err
        expect("warning: this model was trained on a CSV, and these are rows of the synthetic data set" in found, found)
        equal(succeeds(fingerspell(command, model(), *more, "--data", data_folder())).err, "")


def test_commands_that_need_one_csv_ask_for_one():
    """Commands that need one CSV ask for one."""
    folder = place((TRAIN, TRAIN))
    words = ("train", "--validation-split", "0.25", "--epochs", "1", "--quiet")
    for number, named in enumerate([("--data", "data"), ()]):
        result = succeeds(fingerspell(*words, *named, "--output", f"held{number}", cwd=folder))
        equal(result.err, "")
    equal(harness.model(folder / "held0")[1], harness.model(folder / "held1")[1])
    equal(harness.run_json(folder / "held1")["training_data"]["source"], f"data/{TRAIN}")
    succeeds(mpirun(2, *words, "--data", "data", "--output", "held2", cwd=folder))
    equal(harness.model(folder / "held2")[1], harness.model(folder / "held0")[1])
    succeeds(fingerspell("data", "augment-preview", "--data", "data", cwd=folder))
    out = succeeds(fingerspell("data", "inspect", "data", cwd=folder)).out
    expect("training: data/" in out and "96 rows" in out and f"{TEST} is not in data" in out, out)

    folder = place((TEST, TEST))
    for command in (("evaluate", model()), ("predict", model(), "--row", "0")):
        for named in (("--data", "data"), ()):
            equal(succeeds(fingerspell(*command, *named, cwd=folder)).err, "")
    out = succeeds(fingerspell("data", "inspect", "data", cwd=folder)).out
    expect("test: data/" in out and "40 rows" in out and f"{TRAIN} is not in data" in out, out)
    out = succeeds(fingerspell("data", "inspect", f"data/{TEST}", cwd=folder)).out
    expect(out.startswith(f"rows: data/{TEST}\n  40 rows") and "not in" not in out, out)


def test_a_file_in_a_folders_place_is_told_as_what_it_is():
    """A file in a folder's place is taken if it has what is needed; 65: it is told as what it is."""
    folder = place((TRAIN, TRAIN))
    zipped_folder = zipped() / "data/archive.zip"
    archive = harness.work / "kept.zip"
    shutil.copy(zipped_folder, archive)
    file = data_folder() / TRAIN
    for command in (("train",), ("prove", "--threads-only")):
        for path in (file, archive):
            fails(fingerspell(*command, "--data", path), 65, f"{path} has no test rows under a known name")
    for command in (("evaluate", model()), ("predict", model(), "--row", "0")):
        succeeds(fingerspell(*command, "--data", file))
        fails(fingerspell(*command, "--data", archive), 65, f"{archive} has no test rows under a known name")
    words = ("train", "--epochs", "1", "--validation-split", "0.25", "--quiet", "--output")
    for number, path in enumerate((file, archive)):
        succeeds(fingerspell(*words, f"whole{number}", "--data", path))
    equal(harness.model("whole0")[1], harness.model("whole1")[1])
    for command in (("train",), ("evaluate", model()), ("predict", model()), ("prove", "--threads-only")):
        result = fingerspell(*command, "--data", "/dev/null")
        fails(result, 65, "/dev/null is neither a folder nor a file")
    expect("there is no folder" not in result.err, result)
    fails(fingerspell("train", "--data", "nowhere"), 65, "there is no folder nowhere")
    fails(fingerspell("data", "inspect", "nowhere.csv"), 65, "nowhere.csv: cannot be read: No such file")
    expect(folder.exists(), "the folder is gone")
