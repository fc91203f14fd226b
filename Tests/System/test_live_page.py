"""The pages that run in a browser: `export MODEL demo.html` and `data capture-page`, under node and in Chromium (Tests/Clients).

The program is asked what it makes of the rows whose labels are what the page read: its accuracy is 1 if both read all rows alike.
"""

import json
import re
import zipfile

import numpy as np
import pytest

import harness
from harness import client, data_folder, equal, expect, fails, fingerspell, succeeds
from test_export import ARCHITECTURES, DATA, exported, needs_data, parity
from test_training import reference

pytestmark = pytest.mark.commandline

MODEL = "reference/model.safetensors"
PAGE = "demo.html"


def page():
    """The page of a model of the default network, made once."""
    if not (harness.work / PAGE).exists():
        reference()
        succeeds(fingerspell("export", MODEL, PAGE))
    return PAGE


def real_page():
    """The page of a model that has learned a little of the real data: its model and the page."""
    if not (harness.work / "real.html").exists():
        rows = DATA.parent / "sign_mnist_test.csv"
        succeeds(fingerspell(
            "train", "--train-csv", rows, "--test-csv", rows, "--epochs", 2, "--learning-rate", 0.003, "--output", "real", "--quiet"))  # fmt: skip
        succeeds(fingerspell("export", "real/model.safetensors", "real.html"))
    return "real/model.safetensors", "real.html"


def seen(*arguments):
    """What a client has printed."""
    return json.loads(succeeds(client("live_client.py", *arguments)).out)


def rows(count, part="test"):
    """A CSV of the first drawn rows."""
    lines = (data_folder() / f"sign_mnist_{part}.csv").read_text().splitlines(keepends=True)
    path = harness.work / f"{part}-{count}.csv"
    path.write_text("".join(lines[: 1 + count]))
    return path


def reads_alike(model, labelled, count):
    """The program reads all rows as the page has; returns its loss for these labels."""
    result = json.loads(succeeds(fingerspell("evaluate", model, "--test-csv", labelled, "--json", "-")).out)
    equal((result["accuracy"], sum(row["support"] for row in result["classes"])), (1, count), "the rows that both read alike")
    return result["loss"]


def picture():
    """A picture of a row, as a PNG."""
    path = harness.work / "hand.png"
    if not path.exists():
        code = (
            "import sys, numpy as np; from PIL import Image\n"
            "row = np.loadtxt(sys.argv[1], np.uint8, delimiter=',', skiprows=1, ndmin=2)[0, 1:].reshape(28, 28)\n"
            "Image.fromarray(row).resize((640, 640), Image.BICUBIC).save(sys.argv[2])")
        if harness.clients() is None:
            pytest.skip("there is no .venv-clients: Tests/Clients/setup makes it")
        succeeds(harness.execute([harness.clients(), "-c", code, rows(1), path]))
    return path


def test_a_page_agrees_with_keras_on_every_architecture():
    """Every golden architecture as a page: its probabilities under node are Keras' within 2e-6."""
    found = seen("goldens", exported(".html"))
    equal(sorted(found), sorted(entry["name"] for entry in ARCHITECTURES))


@pytest.mark.parametrize("where", ["node", "chromium"])
def test_a_page_reads_rows_as_the_program(where):
    """All drawn test rows: the same predictions as the program's, and the same mean loss of them."""
    result = seen(where, page(), data_folder() / "sign_mnist_test.csv", "read.csv")
    expect(abs(reads_alike(MODEL, "read.csv", result["rows"]) - result["loss"]) < 1e-6, result)


@needs_data
@pytest.mark.parametrize("where", ["node", "chromium"])
def test_a_page_reads_all_real_test_rows_as_the_program(where):
    """7,172 of 7,172 real test rows, under node and in Chromium."""
    model, html = real_page()
    result = seen(where, html, DATA.parent / "sign_mnist_test.csv", "real.csv")
    equal(result["rows"], 7172)
    expect(abs(reads_alike(model, "real.csv", 7172) - result["loss"]) < 1e-6, result)


def test_a_page_is_small_whole_and_the_same_again():
    """The default network's page has less than 600 kB and the same bytes each time; its policy forbids every request."""
    html = (harness.work / page()).read_bytes()
    expect(len(html) < 600_000, len(html))
    succeeds(fingerspell("export", MODEL, "again.html"))
    equal(html, (harness.work / "again.html").read_bytes(), "a second page")
    expect(b"default-src 'none'" in html and b"http://" not in html.replace(b"http://localhost", b""), "an address")


def test_a_page_reads_a_camera_and_spells():
    """A camera that shows rows: the page sees them, reads what the program reads, and writes the letter that is held."""
    # A small network that knows its few rows by heart, and so is sure of them.
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28]}}, {"class_name": "Flatten", "config": {}},
        {"class_name": "Dense", "config": {"units": 64, "activation": "relu"}},
        {"class_name": "Dense", "config": {"units": 25, "activation": "softmax"}}]  # fmt: skip
    (harness.work / "small.json").write_text(json.dumps({"class_name": "Sequential", "config": {"layers": layers}}))
    path = rows(2, part="train")
    succeeds(fingerspell(
        "train", "--network", "small.json", "--train-csv", path, "--test-csv", path, "--epochs", 60, "--patience", "none", "--batch-size", 2,
        "--output", "sure", "--quiet"))  # fmt: skip
    succeeds(fingerspell("export", "sure/model.safetensors", "sure.html"))
    result = seen("camera", "sure.html", path, "camera.csv")
    # Video has 219 levels where images have 255.
    expect(result["off"] <= 2, result)
    reads_alike("sure/model.safetensors", "camera.csv", 2)


def test_a_page_makes_the_programs_pixels_of_pictures():
    """Pictures of other sizes, in colour, with transparency, turned by EXIF: the page's pixels are the program's."""
    folder = harness.work / "pictures" / "A"
    folder.mkdir(parents=True)
    code = (
        "import sys, numpy as np; from PIL import Image\n"
        "random = np.random.default_rng(1)\n"
        "def image(h, w, c): return Image.fromarray(random.integers(0, 256, (h, w, c), np.uint8).squeeze())\n"
        "image(28, 28, 1).save(sys.argv[1] + '/a-same.png')\n"
        "image(480, 641, 3).save(sys.argv[1] + '/b-colour.png')\n"
        "image(13, 20, 3).save(sys.argv[1] + '/c-small.png')\n"
        "image(100, 37, 1).save(sys.argv[1] + '/d-tall.png')\n"
        "cut = image(90, 90, 4); cut.putalpha(cut.getchannel(3).point(lambda v: 255 * (v > 99))); cut.save(sys.argv[1] + '/e-cut.png')\n"
        "exif = Image.Exif(); exif[0x112] = 6\n"
        "image(3, 4, 3).resize((400, 300), Image.BICUBIC).save(sys.argv[1] + '/f-turned.jpg', exif=exif, quality=95, subsampling=0)")
    if harness.clients() is None:
        pytest.skip("there is no .venv-clients: Tests/Clients/setup makes it")
    succeeds(harness.execute([harness.clients(), "-c", code, folder]))
    names = seen("pictures", page(), folder, "page.csv")
    equal(names, ["a-same.png", "b-colour.png", "c-small.png", "d-tall.png", "e-cut.png", "f-turned.jpg"])
    succeeds(fingerspell("data", "convert", folder.parent, "program.csv"))
    found, ours = ([line.split(",")[1:] for line in (harness.work / name).read_text().splitlines()[1:]] for name in ("page.csv", "program.csv"))
    equal(len(ours), len(names))
    for name, page_pixels, pixels in zip(names, found, ours, strict=True):
        difference = max(abs(int(a) - int(b)) for a, b in zip(page_pixels, pixels, strict=True))
        # Two decoders of JPEG round differently.
        expect(difference <= (1 if name.endswith(".jpg") else 0), f"{name} differs by {difference}")


def test_a_page_without_a_camera_says_so_and_takes_pictures():
    """Without permission the page says what to do, to a screen reader too, and a picture can still be chosen."""
    result = seen("blocked", page())
    equal((result["title"], result["choose"], result["start"]), ("The camera is blocked", True, "Try the camera again"))
    expect(result["announced"].startswith("The camera is blocked. Allow it"), result)


def test_a_page_spells_by_keys_and_buttons():
    """Keys and buttons write, delete and clear, the frame moves by keys, and a file that is no picture is refused in words."""
    result = seen("keyboard", page(), picture())
    equal(result["title"], "This is no picture that the browser can open")
    expect(result["text"].startswith("<b>notes.txt is damaged or of another kind."), result)


@pytest.mark.parametrize("which", ["live", "capture"])
def test_pages_fit_phones_and_screens(which):
    """At 360 and 1440 pixels, in light and dark: nothing overflows, every text has contrast, every control a name, no error, no request."""
    if which == "capture":
        succeeds(fingerspell("data", "capture-page", "capture-look.html"))
    equal(seen("look", page() if which == "live" else "capture-look.html", picture() if which == "live" else "-"), [])


def test_captured_pictures_are_trained_on():
    """Pictures taken by the page, saved as a zip and unpacked, are a data set that the program trains on."""
    (harness.work / "two.txt").write_text("A\nB\n")
    succeeds(fingerspell("data", "capture-page", "capture.html", "--class-names", "two.txt", "--size", "64"))
    result = seen("capture", "capture.html", rows(1), "hands.zip")
    equal(result["names"], ["A", "B"])
    with zipfile.ZipFile(harness.work / "hands.zip") as archive:
        equal(archive.testzip(), None)
        names = archive.namelist()
        equal([sum(name.startswith(f"{letter}/") for name in names) for letter in "AB"], result["counts"])
        expect(len(set(names)) == len(names) and all(name.endswith(".jpg") for name in names), names)
        archive.extractall(harness.work / "hands")
    done = succeeds(fingerspell(
        "train", "--data", "hands", "--validation-split", 0.2, "--epochs", 1, "--batch-size", 8, "--output", "hands-run"))  # fmt: skip
    total = sum(result["counts"])
    trained, validated = map(int, re.search(r"Training on (\d+) rows, validating on (\d+)", done.out).groups())
    equal(trained + validated, total, done)


def test_a_capture_page_for_25_letters_leaves_out_what_is_never_signed_still():
    """By default the page has the 24 letters that are signed without movement."""
    succeeds(fingerspell("data", "capture-page", "letters.html"))
    html = (harness.work / "letters.html").read_text()
    names = json.loads(html.split('id="setup">')[1].split("</script>")[0])["classNames"]
    equal("".join(names), "ABCDEFGHIKLMNOPQRSTUVWXY")


def test_names_of_classes_are_text_in_pages():
    """A name of a class cannot become markup, in either page."""
    evil = [f"</script><script>alert({i})</script>" for i in range(25)]
    (harness.work / "evil.json").write_text(json.dumps(evil))
    reference()
    succeeds(fingerspell("export", MODEL, "evil.html", "--class-names", "evil.json"))
    succeeds(fingerspell("data", "capture-page", "evil-capture.html", "--class-names", "evil.json"))
    for name, own in [("evil.html", 3), ("evil-capture.html", 2)]:
        html = (harness.work / name).read_text()
        expect("alert(1)" in html and "<script>alert" not in html, name)
        equal(html.count("</script>"), own, name)
    equal(seen("look", "evil.html", picture()), [])


def test_networks_that_no_page_can_run_are_refused():
    """A network of images with two channels, and one too large for a page, are refused with what to do."""
    def network(shape, units):
        return json.dumps({"class_name": "Sequential", "config": {"layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, *shape]}},
            {"class_name": "Flatten", "config": {}}, {"class_name": "Dense", "config": {"units": units}},
            {"class_name": "Dense", "config": {"units": 25, "activation": "softmax"}}]}})  # fmt: skip

    for name, shape, units, text in [("large", [28, 28], 7500, "has 6075025 parameters"), ("pairs", [7, 4, 2], 3, "a camera does not give")]:
        (harness.work / f"{name}.json").write_text(network(shape, units))
        path = harness.work / f"{name}.weights"
        count = int(np.prod(shape))
        parity.write_safetensors(path, {
            "dense/kernel": np.zeros((count, units)), "dense/bias": np.zeros(units), "dense_1/kernel": np.zeros((units, 25)),
            "dense_1/bias": np.zeros(25)})  # fmt: skip
        fails(fingerspell("export", path, f"{name}.html", "--network", f"{name}.json"), 65, text, "export the model as .onnx instead")
        expect(not (harness.work / f"{name}.html").exists(), "a page was written")
