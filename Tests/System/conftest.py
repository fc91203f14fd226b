"""What all system tests share: the built program, the folder that they work in, and which of them can be run here."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

import harness
from mpirun import implementation

# The markers of which each test has one.
SUITES = ("commandline", "ranks", "hosts", "layouts", "faults", "benchmarks")

# The selection of a minute or so that `-m smoke` makes: tests by the beginning of their names.
SMOKE = (
    "test_help[", "test_a_run_prints_", "test_every_layout_gives_the_same_model[2 ", "test_only_rank_0_talks",
    "test_a_killed_run_is_resumed[3 ranks]",
    "test_ranks[contract-collectives, 2 ", "test_ranks[contract-collectives, 3 ", "test_ranks[one-rank-throws, 2 ",
    "test_hosts[names@2x2]", "test_hosts[training@3+1]",
    "test_every_layout_has_the_bits_of_one_thread[batch 31, 3 ", "test_doctor_ranks",
    "test_a_schedule_of_faults[seed 2]",
    "test_benchmark[threads-1-step --batch", "test_benchmark[ranks-2-load",
)  # fmt: skip

# Those that take longest, and mostly wait, begin first where several run at a time.
FIRST = ("test_hosts[stopped-daemon", "test_hosts[cut-off", "test_a_build_for_x86_64_v3")

# Every run of a program has a limit of its own, which comes first; this one is for what hangs beside it.
SECONDS = 900


def pytest_addoption(parser):
    parser.addoption("--update-help", action="store_true", help="rewrite the texts of --help instead of testing them")
    parser.addoption("--kills", type=int, default=15, help="how many times test_kills.py kills its run (default: 15)")
    parser.addoption("--kills-seed", type=int, default=1, help="the seed of the moments of those kills (default: 1)")


def pytest_collection_modifyitems(config, items):
    """Leaves out the tests of another MPI library, marks the small selection, and limits every test."""
    for item in items:
        if item.name.startswith(SMOKE):
            item.add_marker(pytest.mark.smoke)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.name.startswith(FIRST))
    others = [item for item in items if item.get_closest_marker("openmpi") and implementation() != "openmpi"]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]
    if config.pluginmanager.hasplugin("timeout"):
        for item in items:
            item.add_marker(pytest.mark.timeout(SECONDS))


def pytest_terminal_summary(terminalreporter):
    """Says how long the tests of each suite took, one after the other."""
    seconds = dict.fromkeys(SUITES, 0.0)
    reports = [report for found in terminalreporter.stats.values() for report in found if hasattr(report, "duration")]
    if not reports:
        return
    for report in reports:
        for suite in SUITES:
            seconds[suite] += report.duration if suite in report.keywords else 0
    terminalreporter.section("seconds by suite, if its tests had run one after the other")
    for suite in SUITES:
        terminalreporter.line(f"{seconds[suite]:8.0f}  {suite}")


@pytest.fixture(scope="session", autouse=True)
def program():
    """The built program."""
    path = harness.bin_folder() / "fingerspell"
    if not os.access(path, os.X_OK):
        pytest.exit(f"there is no {path}: build it with launch/build, or name its folder in FINGERSPELL_BIN", returncode=1)
    harness.program = str(path)
    return harness.program


@pytest.fixture(scope="session", autouse=True)
def shared():
    """The folder of what all tests may read, such as data sets, which are made once."""
    harness.shared = Path(tempfile.mkdtemp(prefix="fingerspell-tests-"))
    yield harness.shared
    shutil.rmtree(harness.shared, ignore_errors=True)


@pytest.fixture(scope="module", autouse=True)
def work(shared, request):
    """The folder that the tests of a file work in. They share it, so that a run to compare with is made once."""
    harness.work = Path(tempfile.mkdtemp(prefix=f"{request.module.__name__}-", dir=shared))
    yield harness.work
    shutil.rmtree(harness.work, ignore_errors=True)
