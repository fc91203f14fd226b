"""Training over several hosts, each case on each of its layouts: Tests/run-hosts makes the hosts of network namespaces."""

import os
import subprocess

import pytest

import harness

pytestmark = pytest.mark.hosts

SCRIPT = harness.ROOT / "Tests/run-hosts"

# No case takes longer; each part of one has a limit of its own.
SECONDS = 600


# These start with launch/build, of which there may be one at a time.
BUILDING = ("cluster", "unreachable")


def cases():
    """Every CASE@LAYOUT."""
    environment = os.environ | {"FINGERSPELL_BIN": str(harness.bin_folder())}
    done = subprocess.run([SCRIPT, "--list"], check=True, capture_output=True, text=True, env=environment)
    one_at_a_time = [pytest.mark.builds, pytest.mark.xdist_group("build")]
    return [
        pytest.param(case, id=case, marks=one_at_a_time if case.startswith(BUILDING) else ())
        for case in done.stdout.split()
    ]


@pytest.mark.parametrize("case", cases())
def test_hosts(case):
    """A case on a layout, on hosts of its own."""
    environment = os.environ | {"FINGERSPELL_BIN": str(harness.bin_folder())}
    done = subprocess.run(
        [SCRIPT, case], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=SECONDS, env=environment)
    if done.returncode == 0 and "1 skipped" in done.stdout:
        pytest.skip(done.stdout.splitlines()[0])
    assert done.returncode == 0, done.stdout
