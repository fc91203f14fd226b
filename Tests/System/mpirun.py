"""How these tests start ranks: the one place that knows which mpirun, and what it must be told on any machine."""

import functools
import os
import shutil
import subprocess

import pytest


# Several jobs share the cores here. A rank that waits without giving its core up holds the others up: what takes 0.3 ms with
# ranks that yield takes 24 ms with ranks that do not.
SETTINGS = {"OMPI_MCA_mpi_yield_when_idle": "1"}


def implementation():
    """The MPI library that the program is built for."""
    return os.environ.get("MPI_IMPLEMENTATION", "openmpi")


@functools.cache
def launcher():
    """The path of that library's mpirun; a machine without it fails the test."""
    wanted = implementation()
    for name in ("mpirun", f"mpirun.{wanted}"):
        path = shutil.which(name)
        if path:
            done = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            if ("Open MPI" in done.stdout) == (wanted == "openmpi"):
                return path
    pytest.fail(f"there is no mpirun of {wanted} on the PATH; launch/setup installs it", pytrace=False)


def mpirun_command(ranks):
    """The launcher's words before the program. The last two are the number of ranks, which each part of a job of several
    programs repeats."""
    more = ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"] if implementation() == "openmpi" else []
    return [launcher(), *more, "-n", str(ranks)]
