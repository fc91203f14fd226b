"""Where results go: over devices, pipes, links and inputs; and terminals that take nothing, pipes that close, signals."""

import fcntl
import json
import os
import pty
import shutil
import signal
import stat
import subprocess
import termios
import threading
import time

import harness
from harness import case, data_folder, environment, equal, expect, fails, fingerspell, metrics, mpirun_command, succeeds
from training_cases import history, reference

MODEL = "reference/model.safetensors"


def evaluate(*arguments, **options):
    """Evaluates the reference run's model."""
    reference()
    return fingerspell("evaluate", MODEL, "--data", data_folder(), *arguments, **options)


@case("a device is written, not replaced: --json, --gallery and --output, in a /dev of the test's own")
def _():
    reference()
    script = """mkdir devices && mount -t tmpfs tmpfs devices && mknod -m 666 devices/null c 1 3 && mknod -m 666 devices/full c 1 7
    ln -s null devices/link; umask 077
    "$PROGRAM" evaluate MODEL --data DATA --json devices/null > /dev/null &&
    "$PROGRAM" evaluate MODEL --data DATA --json devices/link > /dev/null &&
    "$PROGRAM" predict MODEL --data DATA --gallery devices/null > /dev/null &&
    "$PROGRAM" data augment-preview --data DATA --output devices/null > /dev/null || exit 99
    "$PROGRAM" evaluate MODEL --data DATA --json devices/full 2>&1 > /dev/null; echo "$?"
    stat -c '%F %a' devices/null devices/full; readlink devices/link; ls -A devices | tr '\\n' ' '"""
    if os.geteuid() != 0:
        raise AssertionError("this case makes devices: run it as root")
    script = script.replace("MODEL", MODEL).replace("DATA", str(data_folder()))
    result = harness.execute(["unshare", "--mount", "bash", "-c", script], extra={"PROGRAM": harness.program})
    shutil.rmtree(harness.work / "devices")
    equal(result.out.splitlines(), [
        "fingerspell: cannot write devices/full: No space left on device; free some space or choose another folder", "74",
        "character special file 666", "character special file 666", "null", "full link null "], result)  # fmt: skip


@case("a pipe is written where somebody reads; where nobody does that is told, and nothing hangs for ever")
def _():
    os.mkfifo(harness.work / "pipe")
    texts = []
    reader = threading.Thread(target=lambda: texts.append((harness.work / "pipe").read_text()))
    reader.start()
    succeeds(evaluate("--json", "pipe"))
    reader.join(timeout=20)
    expect(json.loads(texts[0])["rows"] == 40 and stat.S_ISFIFO(os.stat(harness.work / "pipe").st_mode), texts)
    begin = time.monotonic()
    result = evaluate("--json", "pipe")
    expect(result.code == 74 and "pipe: No such device or address; it is a pipe that nobody reads" in result.err, result)
    expect(time.monotonic() - begin < 40, "it waited for too long")


@case("a link is followed, and stays; a mode is kept; a dangling link is filled")
def _():
    (harness.work / "there").mkdir()
    real, link, loose = (harness.work / name for name in ("there/real.json", "link.json", "loose.json"))
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to("there/real.json")
    loose.symlink_to("there/new.json")
    for output in (link, loose):
        succeeds(evaluate("--json", output))
        expect(output.is_symlink() and json.loads(output.read_text())["rows"] == 40, output)
    equal(stat.S_IMODE(real.stat().st_mode), 0o600)
    equal(sorted(p.name for p in (harness.work / "there").iterdir()), ["new.json", "real.json"])
    (harness.work / "loop").symlink_to("loop")
    fails(evaluate("--json", "loop"), 74, "cannot write loop: Too many levels of symbolic links")


@case("64: inputs are never outputs, by whatever name; nothing is lost")
def _():
    reference()
    inputs = harness.work / "inputs"
    shutil.copytree(data_folder(), inputs)
    shutil.copy(harness.work / MODEL, inputs / "model")
    (inputs / "symbolic").symlink_to("model")
    os.link(inputs / "model", inputs / "hard")
    test = "sign_mnist_test.csv"
    for command, option in (("evaluate", "--json"), ("predict", "--gallery")):
        for output in ("model", "./model", "symbolic", "hard", str(inputs / "model"), test):
            before = {p.name: p.read_bytes() for p in inputs.iterdir()}
            result = fingerspell(command, "model", "--test-csv", test, option, output, cwd=inputs)
            fails(result, 64, f"{output} is to be written, but ", " is read here; name another file")
            equal({p.name: p.read_bytes() for p in inputs.iterdir()}, before)
    words = ("data", "augment-preview", "--train-csv", "sign_mnist_train.csv", "--output", "sign_mnist_train.csv")
    fails(fingerspell(*words, cwd=inputs), 64, "sign_mnist_train.csv is to be written, but it is read here")
    # The other half of a folder that was named is the user's data too.
    for words in (("evaluate", "model", "--data", ".", "--json", "sign_mnist_train.csv"),
                  ("predict", "model", "--data", ".", "--gallery", "sign_mnist_train.csv"),
                  ("data", "augment-preview", "--data", ".", "--output", "sign_mnist_test.csv")):  # fmt: skip
        fails(fingerspell(*words, cwd=inputs), 64, f"{words[-1]} is to be written, but ", " is read here")
    equal({p.name: p.read_bytes() for p in inputs.iterdir()}, before)


@case("64: weights that lie in the run folder, which a new run would move aside")
def _():
    shutil.copytree(harness.work / reference(), harness.work / "own-weights")
    words = ("train", "--data", data_folder(), "--epochs", "1", "--output", "own-weights", "--initial-weights")
    fails(fingerspell(*words, "own-weights/model.safetensors"), 64, "lies in the run folder")
    expect((harness.work / "own-weights/model.safetensors").exists(), "the weights are lost")


@case("results do not hang on who reads what is printed: both files of a set, a gallery")
def _():
    reference()
    script = '"$PROGRAM" data synthesize piped --train-rows 50 --test-rows 20 | true; ' \
        f'"$PROGRAM" predict {MODEL} --data {data_folder()} --random 30 --gallery piped.html | true'
    harness.execute(["bash", "-c", script], extra={"PROGRAM": harness.program})
    equal(sorted(p.name for p in (harness.work / "piped").iterdir()), ["sign_mnist_test.csv", "sign_mnist_train.csv"])
    expect("</html>" in (harness.work / "piped.html").read_text(), "no gallery")


@case("a terminal that goes away does not end a training that ignores SIGHUP")
def _():
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(harness.work)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        words = [harness.program, "train", "--data", str(data_folder()), "--epochs", "60", "--patience", "none", "--output", "left"]
        os.execve(words[0], words, environment({"TERM": "xterm"}))
    while b"Epoch 1/60" not in os.read(terminal, 4096):
        pass
    os.close(terminal)
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
    equal(len(metrics("left")), 60)


@case("74: outputs that cannot be written are told before the work, a folder and one that is missing too")
def _():
    fails(evaluate("--json", "nowhere/result.json"), 74, "cannot write nowhere/result.json: No such file or directory")
    (harness.work / "a-folder").mkdir()
    fails(evaluate("--json", "a-folder"), 74, "cannot write a-folder: Is a directory")


@case("--json - is standard output, and nothing else is there; for threads and ranks; /dev/stdout likewise")
def _():
    result = succeeds(evaluate("--json", "-"))
    equal(json.loads(result.out)["rows"], 40)
    succeeds(evaluate("--json", "whole.json"))
    equal(json.loads(result.out), json.loads((harness.work / "whole.json").read_text()))
    words = ("evaluate", MODEL, "--data", data_folder(), "--json", "-")
    equal(json.loads(succeeds(harness.mpirun(2, *words)).out)["rows"], 40)
    expect('"rows" : 40' in succeeds(evaluate("--json", "/dev/stdout")).out, "a pipe as /dev/stdout")
    with open(harness.work / "redirected", "wb") as file:
        succeeds(evaluate("--json", "/dev/stdout", stdout=file))
    text = (harness.work / "redirected").read_text()
    found, end = json.JSONDecoder().raw_decode(text)
    expect(found["rows"] == 40 and text[end:].lstrip().startswith(MODEL) and "confusion: " in text[end:], text)


@case("a terminal that takes nothing holds up neither the training nor its end")
def _():
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(harness.work)
        words = [harness.program, "train", "--data", str(data_folder()), "--epochs", "60", "--patience", "none",
                 "--stall-timeout", "5", "--output", "held"]  # fmt: skip
        os.execve(words[0], words, environment({"TERM": "xterm"}))
    while b"Epoch 1/60" not in os.read(terminal, 4096):
        pass
    # What Ctrl-S does; nothing is read any more either.
    termios.tcflow(terminal, termios.TCOOFF)
    status, begin = None, time.monotonic()
    while status is None and time.monotonic() - begin < 50:
        done, code = os.waitpid(pid, os.WNOHANG)
        status = os.waitstatus_to_exitcode(code) if done else None
        time.sleep(0.1)
    if status is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os.close(terminal)
    equal(status, 0, "the training's exit code")
    equal(len(metrics("held")), 60)


def started(*words, stdout, **options):
    """A training that runs until somebody ends it."""
    command = [harness.program, "train", "--data", data_folder(), "--patience", "none", *words]
    return subprocess.Popen(
        [str(word) for word in command], cwd=harness.work, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
        env=environment(), **options)


@case("a pipe that is closed turns progress off; the training ends as ever, with the same bits")
def _():
    reference()
    reading, writing = os.pipe()
    job = started("--epochs", "3", "--output", "unread", stdout=writing)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    _, err = job.communicate(timeout=30)
    equal((job.returncode, err), (0, b""))
    equal(history("unread"), history(reference()))


@case("75: a training whose reader is gone writes its checkpoint when it is interrupted")
def _():
    reading, writing = os.pipe()
    job = started("--epochs", "100000", "--output", "teed", stdout=writing)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    while not any((harness.work / "teed/checkpoints").glob("*")) if (harness.work / "teed/checkpoints").exists() else True:
        time.sleep(0.05)
    job.send_signal(signal.SIGINT)
    _, err = job.communicate(timeout=30)
    expect(job.returncode == 75 and b"stopped by SIGINT" in err and b"Checkpoint: teed/checkpoints/" in err, err)


@case("75: SIGHUP, SIGXCPU and SIGUSR2 let the run write its checkpoint; an ignored SIGHUP stays ignored")
def _():
    for name in ("SIGHUP", "SIGXCPU", "SIGUSR2"):
        job = started("--epochs", "100000", "--quiet", "--output", name, stdout=subprocess.DEVNULL)
        while not (harness.work / name / "metrics.csv").exists():
            time.sleep(0.05)
        job.send_signal(getattr(signal, name))
        _, err = job.communicate(timeout=30)
        expect(job.returncode == 75 and f"stopped by {name}".encode() in err, err)
        expect(any((harness.work / name / "checkpoints").iterdir()), "no checkpoint")
    deaf = started("--epochs", "40", "--quiet", "--output", "nohup", stdout=subprocess.DEVNULL,
                   preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))  # fmt: skip
    while not (harness.work / "nohup/metrics.csv").exists():
        time.sleep(0.01)
    deaf.send_signal(signal.SIGHUP)
    deaf.communicate(timeout=30)
    equal((deaf.returncode, len(metrics("nohup"))), (0, 40))


@case("69: evaluate, predict, prove and doctor end when a rank stands still")
def _():
    reference()
    big = data_folder(64, 4000)
    for words, text in (
        (("evaluate", MODEL, "--disturb", "all"), b"rank 0 on"), (("prove", "--steps", "100000"), b"rank 0 on"),
        (("predict", MODEL, "--random", "4000"), b"so the job ends"), (("doctor",), b"so the job ends"),
    ):  # fmt: skip
        command = [*mpirun_command(2), harness.program, *words, "--data", big, "--stall-timeout", "2"]
        job = subprocess.Popen(
            [str(word) for word in command], cwd=harness.work, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=environment(), start_new_session=True)  # fmt: skip
        # Short commands can be stopped for sure only at their start, when the ranks have not met and cannot be named.
        os.kill(rank_process(job.pid, 0, hasMet=words[0] in ("evaluate", "prove")), signal.SIGSTOP)
        _, err = job.communicate(timeout=40)
        expect(job.returncode == 69 and text in err, f"{words}: {job.returncode} {err!r}")


def rank_process(launcher, rank, hasMet):
    """The process of a rank, once it is there, or once it has entered itself with the others."""
    while True:
        for name in os.listdir("/proc"):
            try:
                settings = open(f"/proc/{name}/environ", "rb").read().split(b"\0")
                parent = int(open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            if parent == launcher and (f"OMPI_COMM_WORLD_RANK={rank}".encode() in settings or f"PMI_RANK={rank}".encode() in settings):
                if not hasMet:
                    return int(name)
                # The first shared window has the board of the ranks, and the second one rows: by then the watchdog has the board.
                if sum("/osc_sm." in line or "mpich_shm" in line for line in open(f"/proc/{name}/maps")) >= 2:
                    return int(name)
        time.sleep(0.005)


@case("prove ends its mpirun and ranks when it is asked to end")
def _():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        words = [harness.program, "prove", "--data", data_folder(), "--workers", "2", "--epochs", "1000", "--steps", "1000"]
        job = subprocess.Popen(
            [str(word) for word in [*words, "--", *mpirun_command(2)[1:-2]]], cwd=harness.work, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())  # fmt: skip
        # The threads' layout comes first and takes long: what is asked for then ends it at once.
        time.sleep(0.5)
        job.send_signal(number)
        equal(job.wait(timeout=20), -number, "while threads train")
    words = [harness.program, "prove", "--data", data_folder(), "--workers", "2", "--epochs", "60", "--steps", "400"]
    job = subprocess.Popen([str(word) for word in words], cwd=harness.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, env=environment())  # fmt: skip
    while b"2 threads" not in job.stdout.readline():
        pass
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not ranks_of(job.pid):
        time.sleep(0.05)
    expect(ranks_of(job.pid), "no ranks were started")
    job.send_signal(signal.SIGTERM)
    equal(job.wait(timeout=20), -signal.SIGTERM)
    time.sleep(0.2)
    equal(ranks_of(job.pid), [], "ranks that were left")


def ranks_of(process):
    """The processes that were started by `prove` of that number, wherever they hang."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if f"FINGERSPELL_JOB={process}-".encode() in open(f"/proc/{name}/environ", "rb").read():
                found.append(int(name))
        except OSError:
            continue
    return found


@case("a warm-up that is longer than the run is warned of")
def _():
    words = ("train", "--data", data_folder(), "--epochs", "2", "--quiet", "--output", "warm", "--warmup-epochs")
    expect("the warm-up of 5 epochs is longer than the run of 2" in succeeds(fingerspell(*words, "5")).err, "no warning")
    equal(succeeds(fingerspell(*words, "2")).err, "")


@case("files that are pipes are refused at once: models, weights, CSVs")
def _():
    reference()
    os.mkfifo(harness.work / "fifo")
    data = data_folder()
    for words in (
        ("evaluate", "fifo", "--data", data), ("predict", "fifo", "--data", data), ("evaluate", MODEL, "--test-csv", "fifo"),
        ("predict", MODEL, "--test-csv", "fifo"), ("train", "--train-csv", "fifo", "--validation-split", "0.1"),
        ("train", "--data", data, "--initial-weights", "fifo", "--output", "failed"),
        ("train", "--train-csv", data / "sign_mnist_train.csv", "--test-csv", "fifo"), ("data", "inspect", "fifo"),
    ):  # fmt: skip
        result = fingerspell(*words)
        expect(result.code in (65, 74) and "fifo" in result.err and ("regular file" in result.err or "neither a folder nor a file" in result.err), f"{words}: {result}")
