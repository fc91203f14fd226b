"""Opens the pages that run a model or take pictures, under node and in Chromium, as test_live_page.py asks.

Usage: live_client.py TASK ...

    goldens FOLDER              under node: Keras' probabilities of all golden architectures, of FOLDER/NAME.html
    node PAGE ROWS OUT          under node: the page's predictions of a CSV's rows, as a CSV of the same rows with them as labels
    chromium PAGE ROWS OUT      the same in Chromium
    camera PAGE ROWS OUT        a camera shows rows: what the page sees with the letter that it reads as the label, and what it spells
    pictures PAGE FOLDER OUT    the pixels that the page makes of image files: chosen, dropped and pasted
    blocked PAGE                no permission for the camera
    keyboard PAGE PICTURE       spelling by keys and buttons
    capture PAGE ROW OUT        takes pictures of a camera that shows a row, of two classes, and saves the zip
    look PAGE PICTURE           faults of layout, in four windows, without a picture and with one

Prints JSON. A page that logs an error, throws or sends a request ends it with 1.
"""

import base64
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import expected
import numpy as np
import page_client
from playwright._impl._driver import compute_driver_executable

HERE = Path(__file__).resolve().parent
NETWORK = HERE.parents[1] / "Sources" / "C" / "CPageAssets" / "assets" / "network.js"
FAKE = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
SCALE = 10  # pixels of the camera for one of a row


def rows(path):
    """The pixels of a CSV of labelled rows, [rows, pixels]."""
    lines = Path(path).read_text().splitlines()[1:]
    return np.array([np.fromstring(line, np.int64, sep=",")[1:] for line in lines]).astype(np.uint8)


def write_rows(path, labels, pixels):
    names = ",".join(f"pixel{i + 1}" for i in range(pixels.shape[1]))
    lines = [f"{label},{','.join(map(str, row))}" for label, row in zip(labels, pixels.tolist(), strict=True)]
    Path(path).write_text("\n".join([f"label,{names}", *lines, ""]))


def under_node(page, pixels):
    """The probabilities of uint8 images, by the page's script under the node that Playwright brings."""
    node, _ = compute_driver_executable()
    done = subprocess.run(
        [node, str(HERE / "live_network.js"), str(page), str(NETWORK)], input=np.ascontiguousarray(pixels).tobytes(),
        stdout=subprocess.PIPE, check=True, timeout=120)
    return np.frombuffer(done.stdout, "<f4").reshape(len(pixels), -1)


def report(probabilities, path, out):
    """Writes the rows of a CSV with the predictions as their labels; prints the mean loss of these."""
    labels = probabilities.argmax(1)
    header, *lines = Path(path).read_text().splitlines()
    labelled = [f"{label},{line.split(',', 1)[1]}" for label, line in zip(labels, lines, strict=True)]
    Path(out).write_text("\n".join([header, *labelled, ""]))
    loss = float(-np.log(probabilities.max(1).astype(np.float64)).mean())
    print(json.dumps({"rows": len(labels), "loss": loss}))


@contextlib.contextmanager
def opened(path, *arguments, **options):
    """A page in Chromium that must stay without errors and requests."""
    with page_client.browser(*arguments) as chromium:
        context = chromium.new_context(reduced_motion="reduce", **options)
        context.set_default_timeout(page_client.PATIENCE)
        page = context.new_page()
        url = Path(path).resolve().as_uri()
        seen = page_client.watch(page, url)
        page.goto(url)
        yield page
        assert not seen, seen


def until(tab, expression, seconds=page_client.PATIENCE / 1000):
    """Waits until the page says so. (Playwright's own waiting evaluates texts, which the page's policy forbids.)"""
    end = time.monotonic() + seconds
    while not tab.evaluate(expression):
        assert time.monotonic() < end, f"not within {seconds} s: {expression}"
        tab.wait_for_timeout(20)


def node(page, path, out):
    report(under_node(page, rows(path)), path, out)


IN_PAGE = """(base64) => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), size = network.pixels.length;
  const found = new Float32Array(bytes.length / size * names.length);
  for (let row = 0; row * size < bytes.length; row++) {
    network.pixels.set(bytes.subarray(row * size, (row + 1) * size));
    found.set(network.predict(), row * names.length);
  }
  let text = "";
  for (const byte of new Uint8Array(found.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}"""


def chromium(page, path, out):
    pixels = rows(path)
    with opened(page) as tab:
        found = base64.b64decode(tab.evaluate(IN_PAGE, base64.b64encode(pixels.tobytes()).decode()))
    report(np.frombuffer(found, "<f4").reshape(len(pixels), -1), path, out)


def video(path, row):
    """A video of a 28 x 28 row, each pixel a square: three equal frames of YUV in the range that video has."""
    image = row.reshape(28, 28).repeat(SCALE, 0).repeat(SCALE, 1)
    y = np.round(16 + image.astype(float) * 219 / 255).astype(np.uint8)
    frame = b"FRAME\n" + y.tobytes() + bytes([128]) * (y.size // 2)
    path.write_bytes(f"YUV4MPEG2 W{y.shape[1]} H{y.shape[0]} F10:1 Ip A1:1 C420jpeg\n".encode() + 3 * frame)


def seen(tab):
    return np.array(tab.evaluate("[...network.pixels]"), np.uint8)


def joined(pixels):
    return ",".join(map(str, pixels.reshape(-1)))


def camera(page, path, out):
    pixels, found, spelled, off = rows(path), [], [], 0
    labels = []
    for row in pixels:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "hand.y4m"
            video(file, row)
            with opened(page, *FAKE, f"--use-file-for-fake-video-capture={file}") as tab:
                tab.fill("#hold", "0.4")
                tab.click("#start")
                until(tab, "current >= 0 && shown[current] >= speller.threshold")
                until(tab, "text.value !== ''")
                # Now: turned over and back, on a slow machine, it counts as shown twice.
                spelled.append(tab.input_value("#text"))
                assert tab.evaluate("document.querySelector('#stage').classList.contains('mirrored')"), "the view is not mirrored"
                found.append(seen(tab))
                tab.click("#left")
                until(tab, f"[...network.pixels].join() === '{joined(found[-1].reshape(28, 28)[:, ::-1])}'")
                tab.click("#left")
                until(tab, f"[...network.pixels].join() === '{joined(found[-1])}'")
                letter = tab.text_content("#letter")
                labels.append(tab.evaluate("names").index(letter))
                assert spelled[-1] == letter, (spelled[-1], letter)
                off = max(off, int(np.abs(found[-1].astype(int) - row).max()))
                tab.click("#stop")
                assert tab.is_visible("#start") and tab.text_content("#letter") == "–"
    write_rows(out, labels, np.array(found))
    print(json.dumps({"spelled": spelled, "off": off}))


DROP = """([base64, name, kind]) => {
  const file = new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name);
  const picture = new File([file], name, { type: "image/png" }), carrier = new DataTransfer();
  carrier.items.add(kind === "paste" ? picture : file);
  if (kind === "paste") dispatchEvent(new ClipboardEvent("paste", { clipboardData: carrier }));
  else for (const step of ["dragover", "drop"]) dispatchEvent(new DragEvent(step, { dataTransfer: carrier, cancelable: true }));
}"""


def show(tab, file, kind="choose"):
    """Gives the page a picture, and waits until it has read it."""
    tab.evaluate("network.pixels.fill(1)")
    if kind == "choose":
        tab.set_input_files("#file", file)
    else:
        tab.evaluate(DROP, [base64.b64encode(Path(file).read_bytes()).decode(), Path(file).name, kind])
    until(tab, "network.pixels.some((pixel) => pixel !== 1)")


def pictures(page, folder, out):
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    with opened(page) as tab:
        images = []
        for i, file in enumerate(files):
            show(tab, file, ("choose", "drop", "paste")[i % 3])
            images.append(seen(tab))
    write_rows(out, [0] * len(files), np.array(images))
    print(json.dumps([file.name for file in files]))


def blocked(page):
    with opened(page, "--use-fake-device-for-media-stream", "--deny-permission-prompts") as tab:
        tab.click("#start")
        tab.wait_for_selector("#start:enabled")
        print(json.dumps({
            "title": tab.text_content("#prompt-title"), "announced": tab.text_content("#announcer"),
            "choose": tab.is_visible("#choose"), "start": tab.text_content("#start")}))


def keyboard(page, picture):
    with opened(page) as tab:
        show(tab, picture)
        # What the picture shows is said half a second later; after it, only keys and buttons have something to say.
        until(tab, "byId('announcer').textContent !== ''")
        letter = tab.text_content("#letter")
        for key in ["Enter", "Space", "j", "z", "Backspace"]:
            tab.keyboard.press(key)
        assert tab.input_value("#text") == f"{letter} J", tab.input_value("#text")
        for button in ["#space", "#add", "#backspace", "#backspace"]:
            tab.click(button)
        assert tab.input_value("#text") == f"{letter} J", tab.input_value("#text")
        tab.keyboard.press("Escape")
        assert tab.input_value("#text") == "" and tab.text_content("#announcer") == "Cleared"
        # The frame by keys: smaller, and to the left. What it sees changes.
        before = seen(tab)
        tab.focus("#frame")
        for key in ["-", "-", "-", "ArrowLeft", "ArrowLeft"]:
            tab.keyboard.press(key)
        until(tab, f"[...network.pixels].join() !== '{joined(before)}'")
        # What is no picture: the page says so, and waits for another.
        tab.set_input_files("#file", {"name": "<b>notes.txt", "mimeType": "text/plain", "buffer": b"no picture"})
        tab.wait_for_selector("#start:visible")
        print(json.dumps({"letter": letter, "title": tab.text_content("#prompt-title"), "text": tab.text_content("#prompt-text")}))


def capture(page, path, out):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hand.y4m"
        video(file, rows(path)[0])
        with opened(page, *FAKE, f"--use-file-for-fake-video-capture={file}", accept_downloads=True) as tab:
            assert tab.is_disabled("#take") and tab.is_disabled("#save")
            tab.click("#start")
            tab.wait_for_selector("#take:enabled")
            tab.wait_for_timeout(300)
            for name in "AB":
                tab.keyboard.press(name.lower())
                tab.hover("#take")
                tab.mouse.down()
                until(tab, f"albums[chosen].length >= {9 if name == 'A' else 8}")
                tab.mouse.up()
            # The first of them is removed, by its button; the second class gets more by the timer.
            tab.click("#chips button:first-child")
            tab.click("#album li:first-child button")
            counts = tab.evaluate("albums.map((album) => album.length)")
            tab.keyboard.press("b")
            tab.select_option("#burst", "10")
            tab.click("#timer")
            until(tab, f"albums[chosen].length === {counts[1] + 10}")
            counts = tab.evaluate("albums.map((album) => album.length)")
            with tab.expect_download() as download:
                tab.click("#save")
            download.value.save_as(out)
            assert download.value.suggested_filename == "hands.zip"
            print(json.dumps({"counts": counts[:2], "names": tab.evaluate("classNames"), "total": tab.text_content("#total")}))


def look(page, picture):
    found = []
    with page_client.browser() as chromium:
        for viewport in page_client.VIEWPORTS:
            context = chromium.new_context(**viewport.options)
            context.set_default_timeout(page_client.PATIENCE)
            tab = context.new_page()
            url = Path(page).resolve().as_uri()
            seen = page_client.watch(tab, url)
            tab.goto(url)
            faults = page_client.faults(tab)
            if picture != "-":
                show(tab, picture)
                faults += page_client.faults(tab)
            found += [f"{viewport.name}: {fault}" for fault in faults + seen]
            context.close()
    print(json.dumps(found))


def main(task, *arguments):
    if task == "goldens":
        expected.compare_goldens(arguments[0], ".html", under_node)
    else:
        {"node": node, "chromium": chromium, "camera": camera, "pictures": pictures, "blocked": blocked, "keyboard": keyboard,
         "capture": capture, "look": look}[task](*arguments)  # fmt: skip


main(*sys.argv[1:])
