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

import pytest

import harness
from harness import data_folder, environment, equal, expect, fails, fingerspell, metrics, mpirun_command, succeeds
from test_training import history, reference

pytestmark = pytest.mark.commandline

MODEL = "reference/model.safetensors"


def evaluate(*arguments, **options):
    """Evaluates the reference run's model."""
    reference()
    return fingerspell("evaluate", MODEL, "--data", data_folder(), *arguments, **options)


def test_a_device_is_written_not_replaced():
    """A device is written, not replaced: --json, --gallery and --output, in a /dev of the test's own."""
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


def test_a_pipe_is_written_where_somebody_reads():
    """A pipe is written where somebody reads; where nobody does that is told, and nothing hangs for ever."""
    os.mkfifo(harness.work / "pipe")
    texts = []
    reader = threading.Thread(target=lambda: texts.append((harness.work / "pipe").read_text()))
    reader.start()
    succeeds(evaluate("--json", "pipe"))
    reader.join(timeout=20)
    expect(json.loads(texts[0])["rows"] == 40 and stat.S_ISFIFO(os.stat(harness.work / "pipe").st_mode), texts)
    begin = time.monotonic()
    result = evaluate("--json", "pipe")
    expect(result.code == 74 and "pipe: No such device or address; it is a socket, or a pipe without a reader" in result.err, result)
    expect(time.monotonic() - begin < 40, "it waited for too long")


def test_a_link_is_followed_and_stays():
    """A link is followed, and stays; a mode is kept; a dangling link is filled."""
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


def test_inputs_are_never_outputs_by_whatever_name_nothing_is_lost():
    """64: inputs are never outputs, by whatever name; nothing is lost."""
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
            fails(result, 64, f"cannot write {output}: ", " is an input of this command; choose another output file")
            equal({p.name: p.read_bytes() for p in inputs.iterdir()}, before)
    words = ("data", "augment-preview", "--train-csv", "sign_mnist_train.csv", "--output", "sign_mnist_train.csv")
    fails(fingerspell(*words, cwd=inputs), 64, "cannot write sign_mnist_train.csv: it is an input of this command")
    # The other half of a folder that was named is the user's data too.
    for words in (("evaluate", "model", "--data", ".", "--json", "sign_mnist_train.csv"),
                  ("predict", "model", "--data", ".", "--gallery", "sign_mnist_train.csv"),
                  ("data", "augment-preview", "--data", ".", "--output", "sign_mnist_test.csv")):  # fmt: skip
        fails(fingerspell(*words, cwd=inputs), 64, f"cannot write {words[-1]}: ", " is an input of this command")
    equal({p.name: p.read_bytes() for p in inputs.iterdir()}, before)


def test_weights_that_lie_in_the_run_folder():
    """64: weights that lie in the run folder, which a new run would move aside."""
    shutil.copytree(harness.work / reference(), harness.work / "own-weights")
    words = ("train", "--data", data_folder(), "--epochs", "1", "--output", "own-weights", "--initial-weights")
    fails(fingerspell(*words, "own-weights/model.safetensors"), 64, "lies in the run folder")
    expect((harness.work / "own-weights/model.safetensors").exists(), "the weights are lost")


def test_results_do_not_hang_on_who_reads_what_is_printed():
    """Results do not hang on who reads what is printed: both files of a set, a gallery."""
    reference()
    script = '"$PROGRAM" data synthesize piped --train-rows 50 --test-rows 20 | true; ' \
        f'"$PROGRAM" predict {MODEL} --data {data_folder()} --random 30 --gallery piped.html | true'
    harness.execute(["bash", "-c", script], extra={"PROGRAM": harness.program})
    equal(sorted(p.name for p in (harness.work / "piped").iterdir()), ["sign_mnist_test.csv", "sign_mnist_train.csv"])
    expect("</html>" in (harness.work / "piped.html").read_text(), "no gallery")


def test_a_terminal_that_goes_away_does_not_end_a_training():
    """A terminal that goes away does not end a training that ignores SIGHUP."""
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


def test_outputs_that_cannot_be_written_are_told_before_the_work():
    """74: outputs that cannot be written are told before the work, a folder and one that is missing too."""
    fails(evaluate("--json", "nowhere/result.json"), 74, "cannot write nowhere/result.json: No such file or directory")
    (harness.work / "a-folder").mkdir()
    fails(evaluate("--json", "a-folder"), 74, "cannot write a-folder: Is a directory")


def test_json_to_standard_output():
    """--json - is standard output, and nothing else is there; for threads and ranks; /dev/stdout likewise."""
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
    expect(found["rows"] == 40 and text[end:].lstrip().startswith(MODEL) and "confusion matrix: " in text[end:], text)


def test_a_terminal_that_takes_nothing_does_not_hold_up_the_training():
    """A terminal that takes nothing holds up neither the training nor its end."""
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


def test_a_pipe_that_is_closed_turns_progress_off():
    """A pipe that is closed turns progress off; the training ends as ever, with the same bits."""
    reference()
    reading, writing = os.pipe()
    job = started("--epochs", "3", "--output", "unread", stdout=writing)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    _, err = job.communicate(timeout=30)
    equal((job.returncode, err), (0, b""))
    equal(history("unread"), history(reference()))


def test_a_training_whose_reader_is_gone_writes_its_checkpoint():
    """75: a training whose reader is gone writes its checkpoint when it is interrupted."""
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


def test_sighup_sigxcpu_and_sigusr2_let_the_run_write_its_checkpoint():
    """75: SIGHUP, SIGXCPU and SIGUSR2 let the run write its checkpoint; an ignored SIGHUP stays ignored."""
    for name in ("SIGHUP", "SIGXCPU", "SIGUSR2"):
        job = started("--epochs", "100000", "--quiet", "--output", name, stdout=subprocess.DEVNULL)
        # The file is there before the first step, which has no checkpoint.
        path = harness.work / name / "metrics.csv"
        while not path.exists() or path.read_text().count("\n") < 2:
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


def test_evaluate_predict_prove_and_doctor_end_when_a_rank_is_unresponsive():
    """69: evaluate, predict, prove and doctor end when a rank is unresponsive."""
    reference()
    big = data_folder(64, 4000)
    for words, text in (
        (("evaluate", MODEL, "--corruption", "all"), b"rank 0 on"), (("prove", "--steps", "100000"), b"rank 0 on"),
        (("predict", MODEL, "--random", "4000"), b"ending the job"), (("doctor",), b"ending the job"),
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
                # The first shared window has the heartbeats of the ranks, and the second one rows: by then the watchdog has them.
                if sum("/osc_sm." in line or "mpich_shm" in line for line in open(f"/proc/{name}/maps")) >= 2:
                    return int(name)
        time.sleep(0.005)


def test_prove_ends_its_mpirun_and_ranks_when_it_is_asked_to_end():
    """prove ends its mpirun and ranks when it is asked to end."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        words = [harness.program, "prove", "--data", data_folder(), "--workers", "2", "--epochs", "1000", "--steps", "1000"]
        job = subprocess.Popen(
            [str(word) for word in [*words, "--", *mpirun_command(2)[1:-2]]], cwd=harness.work, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())  # fmt: skip
        # The threads' layout comes first and takes long: what is asked for then ends it at once.
        time.sleep(0.5)
        job.send_signal(number)
        equal(job.wait(timeout=20), -number, "while threads train")
    words = [harness.program, "prove", "--data", data_folder(), "--workers", "2", "--epochs", "6", "--steps", "400"]
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


def test_a_warm_up_that_is_longer_than_the_run_is_warned_of():
    """A warm-up that is longer than the run is warned of."""
    words = ("train", "--data", data_folder(), "--epochs", "2", "--quiet", "--output", "warm", "--warmup-epochs")
    expect("the warm-up of 5 epochs is longer than the run of 2" in succeeds(fingerspell(*words, "5")).err, "no warning")
    equal(succeeds(fingerspell(*words, "2")).err, "")


def test_files_that_are_pipes_are_refused_at_once_models_weights_csvs():
    """Files that are pipes are refused at once: models, weights, CSVs."""
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
