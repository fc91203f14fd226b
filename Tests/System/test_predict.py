"""Predictions of photographs, folders, lists and tables: text, JSON, CSV, the page, and what is unlike the training images."""

import csv
import html
import io
import json
import re
import subprocess

import pytest

import harness
from harness import client, data_folder, environment, equal, expect, fails, fingerspell, mpirun, succeeds
from test_images import LETTERS, png, rows_of
from test_training import reference

pytestmark = pytest.mark.commandline

MODEL = "reference/model.safetensors"


@pytest.fixture(scope="module")
def photos():
    """Photographs of test rows, some of them larger and in colour, in folders that are named like their classes."""
    reference()
    for number, (label, pixels) in enumerate(rows_of("test")[:12]):
        folder = harness.work / "photos" / LETTERS[label]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:02}.png").write_bytes(png(pixels, 28, colour=number % 2 == 1, scale=1 + number % 3))
    return harness.work / "photos"


def results(*arguments, code=0):
    """The JSON on standard output."""
    result = fingerspell("predict", MODEL, *arguments, "--json", "-")
    equal(result.code, code, result)
    return json.loads(result.out)


def test_photographs_folders_and_tables_are_predicted_in_the_order_given(photos):
    one = sorted(photos.rglob("*.png"))[3]
    table = data_folder() / "sign_mnist_test.csv"
    found = results(one, table, photos)
    predictions = found["predictions"]
    files = sorted(photos.rglob("*.png"), key=lambda path: bytes(path))
    equal([p["input"] for p in predictions], [str(one), *[str(table)] * 40, *map(str, files)])
    equal([p.get("row") for p in predictions], [None, *range(40), *[None] * 12])
    truths = [LETTERS[label] for label, _ in rows_of("test")]
    equal([p.get("true") for p in predictions], [None, *truths, *(path.parent.name for path in files)])
    # A photograph of a row's pixels has the row's answer, to the last bit.
    for path, prediction in zip(files, predictions[41:]):
        row = predictions[1 + int(path.stem)]
        equal(prediction["probabilities"], row["probabilities"], path)
        equal(prediction["label"], max(row["probabilities"], key=row["probabilities"].get))
    judged = predictions[1:]
    right = sum(p["label"] == p["true"] for p in judged)
    equal((found["correct"], found["labelled"], found["accuracy"]), (right, 52, right / 52))
    evaluation = json.loads(succeeds(fingerspell("evaluate", MODEL, "--test-csv", table, "--json", "-")).out)
    equal(results(table)["accuracy"], evaluation["accuracy"])


def test_text_json_and_csv_say_the_same(photos):
    words = ("predict", MODEL, photos, "--top", "2")
    text = succeeds(fingerspell(*words)).out
    report = json.loads(succeeds(fingerspell(*words, "--format", "json")).out)
    table = list(csv.DictReader(io.StringIO(succeeds(fingerspell(*words, "--format", "csv")).out)))
    lines = re.findall(r"^(.+\.png): (\w) ([\d.]+) %, then (\w) [\d.]+ %; (right|wrong, it is (\w))$", text, re.MULTILINE)
    equal(len(lines), 12, text)
    for line, prediction, row in zip(lines, report["predictions"], table, strict=True):
        equal([line[0], line[1], line[3]], [prediction["input"], *(c["label"] for c in prediction["top"])])
        equal([row["input"], row["label"], row["label_2"], row["true"]], [line[0], line[1], line[3], prediction["true"]])
        equal({name[2:]: float(row[name]) for name in row if name.startswith("p_")}, prediction["probabilities"])
        equal(row["unlike_training"], str(prediction["unlike_training"]).lower())
    expect(text.endswith(f"{report['correct']} of 12 right\n"), text)
    succeeds(fingerspell(*words, "--json", "also.json"))
    equal(json.loads((harness.work / "also.json").read_text()), report)


def test_two_outputs_do_not_share_a_file(photos):
    for words in (["--json", "-"], ["--format", "json"], ["--format", "csv"]):
        fails(fingerspell("predict", MODEL, photos, "--gallery", "-", *words), 64, "both write to standard output")
    fails(fingerspell("predict", MODEL, photos, "--gallery", "one", "--json", "one"), 64, "both write to one")
    page = succeeds(fingerspell("predict", MODEL, photos, "--gallery", "-")).out
    expect(page.startswith("<!DOCTYPE html>") and page.endswith("</html>\n"), page[-200:])


def test_a_damaged_image_does_not_stop_the_others(photos):
    """65 at the end, with the names of what could not be read; a single input is a failure like any other."""
    folder = harness.work / "some-damaged"
    folder.mkdir()
    sound = sorted(photos.rglob("*.png"))[0].read_bytes()
    (folder / "1.png").write_bytes(sound)
    (folder / "2.png").write_bytes(sound[:-30])
    (folder / "3.jpg").write_bytes(b"")
    (folder / "4.png").write_bytes(sound)
    result = fingerspell("predict", MODEL, folder, "nowhere.png", "--json", "-")
    equal(result.code, 74, result)
    report = json.loads(result.out)
    equal([p["input"][-5:] for p in report["predictions"]], ["1.png", "4.png"])
    equal([f["input"][-7:] for f in report["failures"]], ["ere.png", "d/2.png", "d/3.jpg"])
    for text in ("nowhere.png: No such file", "2.png is a PNG image that is damaged", "3.jpg is empty", "3 of 5 inputs could not be used"):
        expect(text in result.err, result)
    equal(fingerspell("predict", MODEL, folder).code, 65)
    fails(fingerspell("predict", MODEL, folder / "2.png"), 65, "2.png is a PNG image that is damaged")
    fails(fingerspell("predict", MODEL, "nowhere.png"), 74, "cannot open nowhere.png: No such file")
    fails(fingerspell("predict", "reference", folder / "1.png"), 64, "reference is a folder; name the model in it: reference/model.safetensors")
    (harness.work / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic")
    fails(fingerspell("predict", MODEL, "phone.heic"), 65, "neither a PNG nor a JPEG image")


def test_an_image_comes_on_standard_input(photos):
    image = sorted(photos.rglob("*.png"))[0]
    command = [harness.program, "predict", MODEL, "-", "--format", "json"]
    done = subprocess.run(command, cwd=harness.work, input=image.read_bytes(), capture_output=True, env=environment())
    equal(done.returncode, 0, done)
    piped, named = json.loads(done.stdout)["predictions"][0], results(image)["predictions"][0]
    equal((piped["input"], piped["probabilities"]), ("-", named["probabilities"]))
    done = subprocess.run(command, cwd=harness.work, input=b"text", capture_output=True, env=environment())
    expect(done.returncode == 65 and b"standard input is neither a PNG nor a JPEG" in done.stderr, done)


def test_wrong_shows_the_most_confidently_wrong(photos):
    report = results("--data", data_folder(), "--wrong", "3")
    everything = results(data_folder() / "sign_mnist_test.csv")
    wrong = sorted((p for p in everything["predictions"] if p["label"] != p["true"]), key=lambda p: -p["probability"])
    equal([p["row"] for p in report["predictions"]], [p["row"] for p in wrong[:3]])
    equal(report["accuracy"], everything["accuracy"])
    one = sorted(photos.rglob("*.png"))[0]
    fails(fingerspell("predict", MODEL, one, "--wrong", "3"), 64, "no true classes are known")


def test_show_input_draws_what_the_network_sees(photos):
    image = photos / LETTERS[rows_of("test")[1][0]] / "01.png"
    shown = succeeds(fingerspell("predict", MODEL, image, "--show-input")).out.splitlines()
    row = succeeds(fingerspell("predict", MODEL, "--data", data_folder(), "--row", "1")).out.splitlines()
    equal(shown[-15:-1], row[1:15] if not row[1].startswith("  unlike") else row[2:16])
    equal(succeeds(fingerspell("predict", MODEL, image)).out.count("\n"), len(shown) - 15)


def test_an_image_unlike_the_training_images_is_marked(photos):
    (harness.work / "black.png").write_bytes(png([0] * 784, 28))
    found = results("black.png")["predictions"][0]
    expect(found["unlike_training"] is True and any("dark" in text or "contrast" in text for text in found["unlike_training_in"]), found)
    result = succeeds(fingerspell("predict", MODEL, "black.png"))
    expect("unlike the training images: " in result.out and "the image looks unlike the training images" in result.err, result)
    # A model that does not say what its training images look like says nothing of this one either.
    from test_model_files import model, write

    contents, metadata = model()
    write("tells-nothing.safetensors", contents, {key: metadata[key] for key in metadata if key != "training_images"})
    told = json.loads(succeeds(fingerspell("predict", "tells-nothing.safetensors", "black.png", "--json", "-")).out)
    expect("unlike_training" not in told and "unlike_training" not in told["predictions"][0], told)


def test_every_layout_and_every_checkpoint_knows_the_training_images():
    words = ("train", "--data", data_folder(), "--epochs", "1", "--quiet", "--output")
    succeeds(fingerspell(*words, "alone", "--workers", "1"))
    succeeds(fingerspell(*words, "three", "--workers", "3"))
    succeeds(mpirun(2, *words, "ranks"))
    models = [(harness.work / run / "model.safetensors").read_bytes() for run in ("alone", "three", "ranks")]
    expect(models[0] == models[1] == models[2], "the layouts' models differ")
    text = harness.model("alone")[0]["__metadata__"]["training_images"]
    equal((json.loads(text)["rows"], json.loads(text)["width"]), (96, 28))
    checkpoint = sorted((harness.work / "alone/checkpoints").iterdir())[-1]
    (harness.work / "black.png").write_bytes(png([0] * 784, 28))
    out = json.loads(succeeds(fingerspell("predict", checkpoint, "black.png", "--json", "-")).out)
    expect(out["predictions"][0]["unlike_training"] is True, out)


def test_hostile_names_reach_no_page_and_no_terminal(photos):
    folder = harness.work / "<script>alert(1)<"
    folder.mkdir()
    name = "\"'&<img src=x onerror=alert(1)>\x1b[31m\u202e.png"
    (folder / name).write_bytes(sorted(photos.rglob("*.png"))[0].read_bytes())
    result = succeeds(fingerspell("predict", MODEL, folder, "--gallery", "hostile.html", "--show-input"))
    expect("\x1b" not in result.out + result.err and "\u202e" not in result.out + result.err, result)
    page = (harness.work / "hostile.html").read_text()
    body = page[page.index("<body>") : page.index("<script>")]
    expect("\x1b" not in page and "alert(1)<" not in body and "<img src=x" not in body, body)
    expect(html.escape("\"'&<img", quote=False).replace('"', "&quot;").replace("'", "&#39;") in body, body)
    equal(json.loads(succeeds(fingerspell("predict", MODEL, folder, "--format", "json")).out)["predictions"][0]["input"], f"{folder.name}/{name}"
          if not str(folder).startswith("/") else f"{folder}/{name}")


def test_the_gallery_fits_every_screen(photos):
    """On a phone and a wide screen, in light and dark, nothing of a gallery sticks out, is pale, or asks for anything."""
    names = harness.work / "long-names.txt"
    names.write_text("".join(f"a class whose name is long, number {number}\n" for number in range(25)))
    succeeds(fingerspell("predict", MODEL, photos, "--gallery", "fits.html", "--show-input"))
    succeeds(fingerspell("predict", MODEL, data_folder() / "sign_mnist_test.csv", "--class-names", names, "--gallery", "long.html"))
    pages = [harness.work / "fits.html", harness.work / "long.html"]
    equal(json.loads(succeeds(client("page_client.py", *pages)).out)["faults"], [])


def test_what_contradicts_is_refused():
    for arguments, text in [
        (["x.png", "--data", "d"], "--data and x.png both name what to predict"),
        (["x.png", "y.csv", "--row", "1"], "choose rows of one table; name one input"),
        (["x.png", "--cache", "c"], "--cache keeps the images of a data set"),
        (["x.png", "--json", "-", "--format", "csv"], "--json - and --format csv both write to standard output"),
        (["x.png", "--format", "json", "--show-input"], "--show-input draws for a reader"),
    ]:
        fails(fingerspell("predict", "m", *arguments), 64, text)
