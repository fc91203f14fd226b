"""Runs every benchmark of the built program with as few repetitions as it takes, and looks at its JSON: the fields are there
and make sense. How fast anything was is no test.
"""

import json
import subprocess

import pytest

from harness import environment
from mpirun import mpirun_command

pytestmark = pytest.mark.benchmarks

TIMING = {"count", "best", "median", "p99"}
RATE = {"workers", "mean_step", "single_step", "samples_per_second", "flops", "flop_utilization", "phases"}
CALLS = {"reproducible", "all_reduce", "reproducible_with_adam", "all_reduce_with_adam"}
RATIOS = {"call_ratio", "read_ratio", "call_ratio_with_adam", "read_ratio_with_adam"}


def numbers(value, place="report"):
    """Every number of a JSON value with its place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from numbers(inner, f"{place}[{index}]")
    elif not isinstance(value, str) and value is not None:
        yield place, value


def need(condition, text):
    if not condition:
        raise AssertionError(text)


def check_timing(timing, count):
    need(set(timing) == TIMING, f"a timing has {sorted(timing)}")
    need(timing["count"] == count, f"{timing['count']} measurements instead of {count}")
    need(0 < timing["best"] <= timing["median"] <= timing["p99"], f"{timing} is out of order")


def check_peak(peak, workers):
    need(peak["workers"] == workers and peak["alone"] > 0 and peak["together"] > 0, f"the peak is {peak}")


def check_step(report, workers):
    check_peak(report["peak"], workers)
    need(report["multiply_adds_per_sample"] == 3070656, "the network's work is fixed by its definition")
    rates = {1: report["one"], **({workers: report["all"]} if workers > 1 else {})}
    for count, rate in rates.items():
        need(set(rate) == RATE and rate["workers"] == count, f"a rate has {sorted(rate)}")
        check_timing(rate["mean_step"], 2)
        check_timing(rate["single_step"], 2 * report["steps_per_repetition"])
        need(abs(sum(rate["phases"].values()) - 1) < 1e-9, "the phases are shares of one step")
        need(abs(rate["flops"] / rate["samples_per_second"] - 2 * 3070656) < 1, "two operations a multiply-add")
        augmented = rate["phases"]["augmentation"] > 0
        need(augmented == (report["recipe"] == "best"), "the recipe best augments its images, keras does not")
    need(("parallel_efficiency" in report) == (workers > 1), "efficiency is of several workers")


def check_best_step(report, workers):
    need(report["recipe"] == "best" and report["batch_size"] == 64, "the recipe and its batch")
    check_step(report, workers)


def check_inference(report, workers):
    check_peak(report["peak"], workers)
    need(report["multiply_adds_per_image"] == 1073728, "the network's work is fixed by its definition")
    sizes = [batch["batch_size"] for batch in report["batches"]]
    need(sizes in ([1, 64, 1024], [5]), f"the batches are {sizes}")
    for batch in report["batches"]:
        rates = {1: batch["one"], **({workers: batch["all"]} if workers > 1 else {})}
        need(("all" in batch) == (workers > 1), "all workers are several")
        for count, rate in rates.items():
            need(rate["workers"] == count, f"{rate['workers']} workers instead of {count}")
            check_timing(rate["batch"], 2 * -(-1024 // batch["batch_size"]))
            images = rate["images_per_second"]
            need(abs(images * rate["batch"]["median"] / batch["batch_size"] - 1) < 1e-9, "the rate is the median's")
            need(rate["flop_utilization"] > 0, "work takes time")


def check_reduction(report, workers):
    need(report["workers"] == workers and report["bytes"] == 309120, "the vector is the padded gradient")
    need(CALLS | RATIOS <= set(report), f"the report has {sorted(report)}")
    for kind in CALLS:
        check_timing(report[kind]["call"], 2)
        check_timing(report[kind]["call_and_read"], 2)
    check_timing(report["barrier"], 2)
    need("fraction" in report["overhead"], "the overhead of reproducibility is missing")
    check_timing(report["overhead"]["reproducible"], 1)
    check_timing(report["overhead"]["all_reduce"], 1)


def check_load(report, workers):
    need(report["workers"] == workers and report["rows"] == 300, "all rows are parsed, once")
    check_timing(report["parsing"], 2)
    check_timing(report["loading"], 2)
    need(report["workers_to_first_step"] > 0, "the first step takes time")


def check_epoch(report, workers):
    check_peak(report["peak"], workers)
    need(report["training_rows"] == 300 and report["validation_rows"] == 78, "the rows that were asked for")
    check_timing(report["training"], 2)
    check_timing(report["validation"], 2)
    need(report["loss"] < 5 and report["resident_bytes"] > 1 << 20, "the network learns, in memory")


CASES = [
    ("step", ["--batch-size", "24"], check_step),
    ("step", ["--recipe", "best"], check_best_step),
    ("inference", [], check_inference),
    ("inference", ["--batch-size", "5"], check_inference),
    ("reduction", [], check_reduction),
    ("load", ["--rows", "300"], check_load),
    ("epoch", ["--rows", "300"], check_epoch),
]


@pytest.mark.parametrize(("name", "options", "check"), [
    pytest.param(name, options, check, id=" ".join([name, *options]))
    for name, options, check in CASES
])
@pytest.mark.parametrize(("kind", "workers"), [("threads", 1), ("threads", 3), ("ranks", 2)])
def test_benchmark(program, name, options, check, kind, workers):
    """A benchmark's JSON has what it must have, and without --json there is a table."""
    command = [program, "benchmark", name, *options, "--repetitions", "2"]
    if kind == "ranks":
        command = [*mpirun_command(workers), *command]
    else:
        command += ["--workers", str(workers)]
    for form in [["--json"], []]:
        result = subprocess.run(
            [*command, *form], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, env=environment())
        need(result.returncode == 0, f"exit code {result.returncode}: {result.stderr}")
        need(result.stderr == "", f"it complains: {result.stderr}")
        if not form:
            need(result.stdout.count("\n") > 3, "a table has lines")
            continue
        document = json.loads(result.stdout)
        need(set(document) == {"version", "machine", "report"}, f"the document has {sorted(document)}")
        need(document["machine"]["workers"] == workers, "the machine has its workers")
        need(document["machine"]["kind"] == kind, "workers are ranks or threads")
        for place, number in numbers(document["report"]):
            need(isinstance(number, (int, float)) and number == number, f"{place} is {number}")
        check(document["report"], workers)
