"""What the scripts that compare share: the environment of the frameworks, and programs that do a piece of work when told to."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def say(text):
    print(f"baselines: {text}", file=sys.stderr, flush=True)


def install(venv, requirements="requirements.txt"):
    """The environment's Python, with everything of a file of requirements installed."""
    python = venv / "bin" / "python"
    if not python.exists():
        say(f"making {venv}")
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / requirements]
    subprocess.run(pip, check=True, stdin=subprocess.DEVNULL)
    return python


class Framework:
    """A long-lived program that trains an epoch, or does another piece of work, when told to (see baseline.py)."""

    def __init__(self, name, command, environment):
        self.name, self.command, self.environment = name, command, environment

    def start(self, log):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=HERE,
            env={**os.environ, **self.environment})  # fmt: skip
        self.note = self.answer()["note"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with exit code {self.process.wait()}")
        return json.loads(line)

    def epoch(self):
        self.process.stdin.write("epoch\n")
        self.process.stdin.flush()
        return self.answer()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def cpu():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
