"""serve over real HTTP: answers, limits, batches, metrics, and clients that mean harm."""

import base64
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import struct
import subprocess
import threading
import time
import zlib

import pytest

import harness
from harness import client, data_folder, environment, equal, expect, fails, fingerspell, succeeds

pytestmark = pytest.mark.commandline

JSON, PNG = {"Content-Type": "application/json"}, {"Content-Type": "image/png"}


def model():
    """A model, trained once; its path."""
    path = harness.work / "run" / "model.safetensors"
    if not path.exists():
        succeeds(fingerspell("train", "--data", data_folder(), "--epochs", "1", "--workers", "1", "--output", path.parent))
    return path


@contextlib.contextmanager
def serving(*options, of=None):
    """A server of a model on a free port: its process and its port. It must live to the end, and then end with 0."""
    command = [harness.program, "serve", of or model(), "--port", "0", *options]
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=harness.work,
        env=environment())
    try:
        line = process.stdout.readline()
        expect(line.startswith("Serving "), line + (process.stderr.read() if not line else ""))
        yield process, int(line.rstrip().rstrip("/").rsplit(":", 1)[1])
        expect(process.poll() is None, "the server has ended")
        process.send_signal(signal.SIGTERM)
        equal(process.wait(20), 0, "exit code after SIGTERM")
        equal(process.stderr.read(), "", "standard error")
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def port(work):
    with serving("--request-timeout", "2", "--max-body", "1", "--max-connections", "220", "--max-pixels", "1000000") as (_, port):
        yield port
        equal(ask(port, "GET", "/healthz")[0], 200, "the server lives on")


def ask(port, method, path, body=None, headers=None):
    """A request on a connection of its own: status, headers, and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def until(condition):
    """Waits until it holds, for as long as a busy machine may take."""
    end = time.monotonic() + 20
    while not condition():
        expect(time.monotonic() < end, "this never comes to pass")
        time.sleep(0.01)


def raw(port, data, end=False):
    """What the server answers to these bytes, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data)
        if end:
            # Who is refused may have been closed already.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        return receive_all(connection)


def receive_all(connection):
    text = b""
    with contextlib.suppress(ConnectionResetError):
        while block := connection.recv(65536):
            text += block
    return text


def png(pixels, width=28, height=28):
    """A gray PNG file."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(pixels[row * width : (row + 1) * width]) for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def images(count=40):
    """Images of the test rows."""
    lines = (data_folder() / "sign_mnist_test.csv").read_text().splitlines()[1 : count + 1]
    return [[int(value) for value in line.split(",")[1:]] for line in lines]


def predictions(answer):
    expect(answer[0] == 200, answer)
    equal(answer[1]["Content-Type"], "application/json")
    return json.loads(answer[2])["predictions"]


def refused(answer, status, *texts):
    """An answer with that status, and an error in JSON that has these texts."""
    equal(answer[0], status, answer)
    message = json.loads(answer[2])["error"]
    expect(all(text in message for text in texts), f"{texts} in {message!r}")


def form(*files):
    parts = b"".join(
        b'--xyz\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n' + file + b"\r\n"
        for file in files)
    return parts + b"--xyz--\r\n", {"Content-Type": 'multipart/form-data; boundary="xyz"'}


def test_every_form_of_an_image_has_the_same_answer(port):
    """A file, with a type or without, pixels flat and nested, base64, a form, one of a batch, chunks: the same bits."""
    pixels = images(3)[1]
    nested, file = [pixels[i : i + 28] for i in range(0, 784, 28)], png(pixels)
    text = base64.b64encode(file).decode()
    first = predictions(ask(port, "POST", "/predict", file, PNG))
    equal(len(first), 1)
    equal(list(first[0])[:4], ["label", "probability", "probabilities", "unlike_training"])
    equal(list(first[0]["probabilities"]), list("ABCDEFGHIJKLMNOPQRSTUVWXY"))
    equal(first[0]["probability"], max(first[0]["probabilities"].values()))
    equal(first[0]["probabilities"][first[0]["label"]], first[0]["probability"])
    bodies = [
        (file, {}), (file, {"Content-Type": "application/octet-stream"}), (json.dumps({"pixels": pixels}), JSON),
        (json.dumps({"pixels": nested}), {}), (json.dumps({"pixels": [[[v] for v in row] for row in nested]}), JSON),
        (json.dumps({"pixels": [float(v) for v in pixels]}), JSON), (json.dumps({"image": text}), JSON),
        (json.dumps({"image": "data:image/png;base64," + text}), JSON), (json.dumps({"instances": [{"b64": text}]}), JSON),
        (json.dumps({"signature_name": "serving_default", "instances": [nested]}), JSON), form(file),
        (iter([file[:100], file[100:]]), PNG),
    ]  # fmt: skip
    for body, headers in bodies:
        equal(predictions(ask(port, "POST", "/predict", body, headers)), first, headers)
    others = images(40)
    batch = predictions(ask(port, "POST", "/predict", json.dumps({"instances": others}), JSON))
    equal((len(batch), batch[1]), (40, first[0]))
    equal(predictions(ask(port, "POST", "/predict", *form(png(others[0]), file)))[1], first[0])


def test_the_query_chooses(port):
    file = png(images(1)[0])
    everything = predictions(ask(port, "POST", "/predict", file))[0]
    top = predictions(ask(port, "POST", "/predict?top=3", file))[0]
    equal(top["probabilities"], everything["probabilities"])
    ranked = sorted(everything["probabilities"].items(), key=lambda pair: -pair[1])
    equal([(one["label"], one["probability"]) for one in top["top"]], ranked[:3])
    wide = png([v for row in range(28) for v in [255] * 20 + list(range(0, 252, 9)) + [0] * 20], 68, 28)
    answers = [predictions(ask(port, "POST", f"/predict?fit={fit}", wide)) for fit in ("crop", "pad", "stretch")]
    expect(answers[0] != answers[1] != answers[2] != answers[0], "three ways to fit give three answers")
    equal(predictions(ask(port, "POST", "/predict", wide)), answers[0], "crop is the usual one")


@pytest.mark.parametrize("fit", [None, "crop", "pad", "stretch", "hand"])
def test_the_answer_is_that_of_predict(port, fit):
    """The same bits however a picture becomes the input, and the same doubts about it."""
    width, height = 120, 90
    pixels = [30] * (width * height)
    for row in range(28):
        start = (row + 25) * width + 40
        pixels[start : start + 28] = images(1)[0][row * 28 : (row + 1) * 28]
    names = ["hand.png", "black.png"]
    for name, values in zip(names, (pixels, [0] * (width * height))):
        (harness.work / name).write_bytes(png(values, width, height))
    words = ["predict", model(), *names, "--json", "-", *(["--fit", fit] if fit else [])]
    expected = json.loads(succeeds(fingerspell(*words)).out)["predictions"]
    for name, prediction in zip(names, expected, strict=True):
        found = predictions(ask(port, "POST", f"/predict?fit={fit}" if fit else "/predict", (harness.work / name).read_bytes()))
        prediction.pop("input")
        equal(found, [prediction], name)
    expect(expected[1]["unlike_training"] and expected[1]["unlike_training_in"], expected[1])


def test_the_answers_are_those_of_predict():
    """Of a model that was trained on inverted images, with a hand cut out: the same fields and bits, and its page inverts too."""
    inverted, picture = harness.work / "inverted" / "model.safetensors", harness.work / "wide.png"
    succeeds(fingerspell(
        "train", "--data", data_folder(), "--epochs", "1", "--workers", "1", "--invert", "--output", inverted.parent))  # fmt: skip
    picture.write_bytes(png([250 if 20 < column < 50 and 5 < row else 9 for row in range(28) for column in range(68)], 68, 28))
    words = ["predict", inverted, picture, "--fit", "hand", "--top", "3", "--format", "json"]
    expected = json.loads(succeeds(fingerspell(*words)).out)["predictions"][0]
    del expected["input"]
    with serving(of=inverted) as (_, port):
        answer = predictions(ask(port, "POST", "/predict?fit=hand&top=3", picture.read_bytes()))[0]
        equal((answer, list(answer)), (expected, list(expected)))
        expect(b'"invert":true' in ask(port, "GET", "/")[2], "the page does not invert")


REFUSALS = [
    ("GET", "/nothing", None, {}, 404, "there are /, /predict"),
    ("GET", "/predict", None, {}, 405, "POST"),
    ("DELETE", "/", None, {}, 405, "GET"),
    ("POST", "/predict", b"", {}, 400, "empty"),
    ("POST", "/predict?top=0", b"x", {}, 400, "top"),
    ("POST", "/predict?fit=x", b"x", {}, 400, "crop, pad, stretch"),
    ("POST", "/predict?color=x", b"x", {}, 400, "top and fit"),
    ("POST", "/predict", b"GIF89a......", {}, 415, "GIF"),
    ("POST", "/predict", b"x", {"Content-Type": "application/pdf"}, 415, "application/pdf"),
    ("POST", "/predict", b"x", {"Content-Encoding": "gzip"}, 415, "gzip"),
    ("POST", "/predict", b"GIF89a......", PNG, 422, "neither a PNG nor a JPEG"),
    ("POST", "/predict", png([i * i % 251 for i in range(784)])[:300], PNG, 422, "damaged or incomplete"),
    ("POST", "/predict", png([0], 2000, 2000)[:40] + b"\0" * 60000, PNG, 422, "damaged"),
    ("POST", "/predict", b"{", JSON, 400, "not JSON", "at its end"),
    ("POST", "/predict", b'{"pixels": [1, 2}', JSON, 400, "not JSON", "at byte 16"),
    ("POST", "/predict", b"[1]", JSON, 400, "no JSON object"),
    ("POST", "/predict", b"{}", JSON, 400, "no images"),
    ("POST", "/predict", b'{"instances": []}', JSON, 400, "empty"),
    ("POST", "/predict", b'{"pixel\x1b": 1}', JSON, 400, "not JSON"),
    ("POST", "/predict", b'{"pix\\u001bel": 1}', JSON, 400, "pix\\u{1B}el"),
    ("POST", "/predict", json.dumps({"pixels": [0] * 783}), JSON, 400, "has 783 elements, but needs 784"),
    ("POST", "/predict", json.dumps({"pixels": [300] + [0] * 783}), JSON, 400, "pixels[0] is 300"),
    ("POST", "/predict", json.dumps({"pixels": [0.5] * 784}), JSON, 400, "divided by 255"),
    ("POST", "/predict", json.dumps({"instances": [[0] * 784, [[0] * 28] * 27]}), JSON, 400, "instances[1] has 27 elements"),
    ("POST", "/predict", json.dumps({"instances": [[[0] * 28] * 5 + [["x"] * 28]]}), JSON, 400, "instances[0][5][0] is no number"),
    ("POST", "/predict", json.dumps({"image": "%%"}), JSON, 400, "base64"),
    ("POST", "/predict", b"[" * 100000, {}, 400, "JSON"),
    ("POST", "/predict", b'{"signature_name": ' + b"[" * 100000, JSON, 400, "nested too deeply"),
    ("POST", "/predict", json.dumps({"instances": [[0]] * 1100}), JSON, 400, "instances[0]"),
    ("POST", "/predict", b"--xyz\r\n\r\n", {"Content-Type": "multipart/form-data; boundary=xyz"}, 400, "malformed"),
    ("POST", "/predict", b"x", {"Content-Type": "multipart/form-data"}, 400, "boundary"),
    ("POST", "/predict", b"x" * 1100000, {}, 413, "longer than 1048576"),
    ("POST", "/predict", b"x", {"Host": "evil.example"}, 421, "Host"),
    ("POST", "/predict", b"x", {"Origin": "http://evil.example"}, 403, "another site"),
    ("GET", "/metrics", None, {"Host": "evil.example:80"}, 421, "Host"),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS, ids=[f"{i}-{case[4]}-{case[1]}" for i, case in enumerate(REFUSALS)])
def test_refusals(port, case):
    method, path, body, headers, status, *texts = case
    answer = ask(port, method, path, body, headers)
    refused(answer, status, *texts)
    equal(answer[1].get("Allow"), {405: "POST" if path == "/predict" else "GET, HEAD"}.get(status))


def test_a_picture_of_too_many_pixels(port):
    """It is refused by its header: nothing of that size is allocated."""
    refused(ask(port, "POST", "/predict", png(bytes(1100 * 1000), 1100, 1000), PNG), 413, "1100 x 1000 pixels")
    huge = png([0], 1, 1).replace(struct.pack(">II", 1, 1), struct.pack(">II", 20000, 20000))
    huge = huge[:29] + struct.pack(">I", zlib.crc32(huge[12:29])) + huge[33:]
    refused(ask(port, "POST", "/predict", huge, PNG), 413, "20000 x 20000 pixels; at most 1000000")


HEADS = [
    (b"GET / HTTP/1.1\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505), (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    (b"GET /\r\n\r\n", 400), (b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nA : b\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: localhost\nA: b\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: \x01\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 20000, 431), (b"GET /" + b"a" * 20000, 414),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431),
    (b"POST /predict HTTP/1.1\r\nHost: localhost\r\n\r\n", 411),
    (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
    (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413),
    (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\n", 400),
    (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413),
    (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nExpect: x\r\nContent-Length: 1\r\n\r\n", 417),
]  # fmt: skip


@pytest.mark.parametrize(("head", "status"), HEADS, ids=range(len(HEADS)))
def test_heads(port, head, status):
    """What is no sound request gets its status, and the end of the connection. (One without an end gets it in time.)"""
    answer = raw(port, head)
    found = answer.split(b" ")[1:2]
    # A TLS client's greeting has no line's end; it is only told that it is late, or that a head has no zero bytes.
    equal(found, [str(status).encode()], answer[:200])
    expect(b"Connection: close" in answer, answer)


def test_pipelining_and_keeping(port):
    """Several requests in one packet are answered in their order, on one connection; HTTP/1.0 closes."""
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    file = png(images(1)[0])
    two = b"POST /predict?top=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (len(file), file)
    none = b"HEAD /predict HTTP/1.1\r\nHost: localhost\r\n\r\n"
    expect(raw(port, none).endswith(b"\r\n\r\n"), "nor has a refusal of HEAD")
    last = b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = raw(port, one + two * 3 + one + last)
    equal(answer.count(b"HTTP/1.1 200 OK"), 6)
    equal(answer.count(b'"predictions"'), 3)
    expect(answer.endswith(b"\r\n\r\n"), "HEAD has no body")
    expect(raw(port, b"GET /healthz HTTP/1.0\r\n\r\n").endswith(b"}\n"), "HTTP/1.0")
    # A client that has ended its side still gets its answer.
    expect(b"200 OK" in raw(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", end=True), "half closed")


def test_continue(port):
    file = png(images(1)[0])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(file))  # fmt: skip
        equal(connection.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(file)
        expect(b"predictions" in receive_all(connection), "the answer")


def test_slow_and_half_requests(port):
    """One that trickles is told that it is late; one that goes in the middle is forgotten; others are served meanwhile."""
    slow = socket.create_connection(("127.0.0.1", port), timeout=10)
    slow.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc")
    for length in range(1, 60, 7):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as half:
            half.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"[:length])
    begin = time.monotonic()
    while time.monotonic() - begin < 1:
        slow.sendall(b"a")
        equal(ask(port, "GET", "/healthz")[0], 200)
        time.sleep(0.05)
    answer = receive_all(slow)
    slow.close()
    expect(answer.startswith(b"HTTP/1.1 408 "), answer)
    expect(time.monotonic() - begin < 6, "a limit of 2 s")


def test_its_health_says_which_model_it_serves(port):
    """/healthz names the parameters as the model file and metrics.csv do."""
    found = json.loads(ask(port, "GET", "/healthz")[2])
    metadata = harness.model("run")[0]["__metadata__"]
    equal(found["model"]["parameters_sha256"], metadata["parameters_sha256"])
    equal((found["status"], found["model"]["input"], len(found["model"]["classes"])), ("ok", [28, 28, 1], 25))


def test_random_bytes(port):
    """Nothing that comes is answered by silence for ever, or by the server's end."""
    generator = random.Random(1)
    good = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n" + b'{"pixels": []}'
    for _ in range(150):
        data = bytearray(good)
        for _ in range(generator.randrange(1, 8)):
            data[generator.randrange(len(data))] = generator.randrange(256)
        raw(port, bytes(data) if generator.random() < 0.8 else generator.randbytes(200), end=True)
    equal(ask(port, "GET", "/healthz")[0], 200)


def test_many_connections(port):
    """200 are open at once and all served; beyond the most, one is told so."""
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    open_ones = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(200)]
    for connection in open_ones:
        connection.sendall(request)
    for connection in open_ones:
        expect(connection.recv(4096).startswith(b"HTTP/1.1 200"), "served")
    # Connections that have begun a request keep their places.
    busy = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(220)]
    for connection in busy:
        connection.sendall(b"GET ")
    answers = []
    # Until the server has seen all that they have sent.
    until(lambda: answers.append(raw(port, b"", end=True)) or answers[-1].startswith(b"HTTP/1.1 503 "))
    expect(b"Retry-After: 1" in answers[-1], answers[-1])
    for connection in open_ones + busy:
        connection.close()
    until(lambda: ask(port, "GET", "/healthz")[0] == 200)


def test_concurrent_requests_are_batches_of_the_same_bits():
    """Many clients at once: each gets the bits that it gets alone, and the metrics tell of batches."""
    rows = images(40)
    with serving("--threads", "1") as (_, port):
        alone = [predictions(ask(port, "POST", "/predict", png(row)))[0] for row in rows]
        found = [[None] * len(rows) for _ in range(16)]

        def run(mine):
            for index, row in enumerate(rows):
                mine[index] = predictions(ask(port, "POST", "/predict", png(row)))[0]

        threads = [threading.Thread(target=run, args=(mine,)) for mine in found]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for mine in found:
            equal(mine, alone)
        text = ask(port, "GET", "/metrics")[2].decode()
        expect("fingerspell_images_total 680\n" in text, text)


def test_metrics_are_read_by_prometheus(port):
    predictions(ask(port, "POST", "/predict", png(images(1)[0])))
    status, headers, body = ask(port, "GET", "/metrics")
    equal((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
    (harness.work / "metrics.txt").write_bytes(body)
    families = json.loads(succeeds(client("metrics.py", "metrics.txt")).out)
    equal(families["fingerspell_http_requests"], "counter")
    equal(families["fingerspell_http_request_duration_seconds"], "histogram")
    equal(families["fingerspell_batch_images"], "histogram")
    equal(families["process_start_time_seconds"], "gauge")


def test_a_taken_port_and_a_foreign_address(port):
    fails(fingerspell("serve", model(), "--port", port), 69, f"127.0.0.1, port {port}: another program listens there")
    fails(fingerspell("serve", model(), "--host", "192.0.2.1"), 64, "this host does not have that address")


def accepts(port):
    """Whether something listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        return True
    except OSError:
        return False


def test_the_end_answers_what_has_begun():
    with serving() as (process, port):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        file = png(images(1)[0])
        head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(file)
        connection.sendall(head)
        equal(connection.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
        process.send_signal(signal.SIGTERM)
        until(lambda: not accepts(port))
        connection.sendall(file)
        answer = receive_all(connection)
        expect(b"200 OK" in answer and b"Connection: close" in answer, answer)
        equal(process.wait(10), 0)
        # The fixture's own checks are for a server that still lives.
        process.poll = lambda: None
        process.send_signal = lambda _: None


def test_all_interfaces_are_warned_of():
    process = subprocess.Popen(
        [harness.program, "serve", str(model()), "--port", "0", "--host", "0.0.0.0"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=environment())  # fmt: skip
    port = int(process.stdout.readline().rstrip().rstrip("/").rsplit(":", 1)[1])
    equal(ask(port, "GET", "/healthz", headers={"Host": "my-server"})[0], 200)
    os.kill(process.pid, signal.SIGINT)
    equal(process.wait(10), 0)
    expect("warning: other machines can ask this server, on every network of this one" in process.stderr.read(), "a warning")
