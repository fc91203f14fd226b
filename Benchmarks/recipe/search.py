#!/usr/bin/env python3
"""Trains recipes on the folds of group.py, and counts their mistakes on the photographs that were held out.

A plan is a JSON object of recipes by name, each the options that it adds to `train --recipe fast`, or to
another recipe that it names:

    {"24 epochs": "--epochs 24", "24 epochs, rate 0.01": "--epochs 24 --learning-rate 0.01"}

Every run appends a line to the results: recipe, options, fold, seed, seconds, and the mistakes among the held-out rows as
they are and under each corruption. Runs that are there already are left out, so the script may be interrupted, and the plan
may grow while it runs.

    search.py run --plan plan.json --folds folds --results results.jsonl --fold 0 1 --seed 1 [--taskset 1]
    search.py table --results results.jsonl
"""

import argparse
import collections
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import tempfile
import time

KINDS = (
    "clean shift zero-padded-shift rotation zoom noise salt-and-pepper brightness-contrast lighting-gradient blur occlusion"
).split()


def mistakes(evaluation):
    """The number of wrong rows of each kind in the JSON of `evaluate --corruption all`."""
    rows = evaluation["rows"]
    accuracies = {"clean": evaluation["accuracy"]}
    for corruption in evaluation["corruptions"]:
        accuracies[corruption["kind"]] = corruption["accuracy"]
    return {kind: round((1 - accuracies[kind]) * rows) for kind in KINDS}


def measure(program, options, train, test, workers, seed, folder):
    """Trains on a file without looking at the other, then evaluates on that: seconds of training, rows, mistakes."""
    glance = folder / "glance.csv"  # Validation chooses nothing in these recipes; a few rows cost no time.
    with test.open() as rows:
        glance.write_text("".join(next(rows) for _ in range(33)))
    output, result = folder / "run", folder / "result.json"
    recipe = [] if "--recipe" in options else ["--recipe", "fast"]
    start = time.monotonic()
    training = subprocess.run(
        [program, "train", *recipe, *options, "--train-csv", train, "--test-csv", glance, "--workers", workers,
         "--seed", str(seed), "--output", output, "--no-tensorboard", "--quiet"],
        capture_output=True, text=True)  # fmt: skip
    seconds = time.monotonic() - start
    if training.returncode != 0:
        return {"error": training.stderr.strip()[-300:]}
    subprocess.run(
        [program, "evaluate", output / "model.safetensors", "--test-csv", test, "--workers", workers, "--corruption", "all",
         "--json", result],
        check=True, capture_output=True)  # fmt: skip
    evaluation = json.loads(result.read_text())
    last = (output / "metrics.csv").read_text().splitlines()[-1].split(",")
    losses = {"clean": evaluation["loss"], **{each["kind"]: each["loss"] for each in evaluation["corruptions"]}}
    return {
        "seconds": round(seconds, 1), "rows": evaluation["rows"], "mistakes": mistakes(evaluation),
        "training_loss": round(float(last[1]), 5), "training_accuracy": round(float(last[2]), 5),
        "losses": {kind: round(losses[kind], 6) for kind in KINDS},
    }  # fmt: skip


def read(path):
    """The runs of a file of results."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run(arguments):
    """Works off the plan: every recipe on the first fold and seed before any on the next."""
    while True:
        plan = json.loads(arguments.plan.read_text())
        done = {(r["recipe"], r["fold"], r["seed"]) for r in read(arguments.results)}
        claims = arguments.results.with_suffix(".claims")
        claims.mkdir(exist_ok=True)
        pairs = [(fold, seed) for seed in arguments.seed for fold in arguments.fold]
        for recipe, fold, seed in ((recipe, *pair) for pair in pairs for recipe in plan):
            claim = claims / f"{recipe}, fold {fold}, seed {seed}".replace("/", "_")
            if (recipe, fold, seed) in done or claim.exists():
                continue
            claim.touch()
            break
        else:
            return
        name = "" if fold == "test" else f"-{fold}"
        train, test = arguments.folds / f"train{name}.csv", arguments.folds / f"held-out{name}.csv"
        if fold == "test":
            train, test = arguments.data / "sign_mnist_train.csv", arguments.data / "sign_mnist_test.csv"
        with tempfile.TemporaryDirectory() as folder:
            result = measure(
                arguments.program, shlex.split(plan[recipe]), train, test, arguments.workers, seed, pathlib.Path(folder))
        line = {"recipe": recipe, "options": plan[recipe], "fold": fold, "seed": seed, **result}
        with arguments.results.open("a") as results:
            results.write(json.dumps(line) + "\n")
        if "error" not in line:
            claim.unlink()
        print(json.dumps(line), flush=True)


def table(arguments):
    """Prints the mistakes per 10,000 held-out rows: means over the runs, and standard errors of the sums."""
    by_recipe = collections.defaultdict(list)
    for result in read(arguments.results):
        if "mistakes" in result and (not arguments.on or str(result["fold"]) in arguments.on):
            by_recipe[result["recipe"]].append(result)
    # The difference from another recipe on the same fold and seed leaves out how hard the fold is.
    sums = {(name, r["fold"], r["seed"]): 1e4 * sum(r["mistakes"].values()) / r["rows"] for name, rs in by_recipe.items() for r in rs}
    base = {(fold, seed): value for (name, fold, seed), value in sums.items() if name == arguments.against}
    print(f"{'recipe':60} runs {'s':>5}", *(f"{kind[:6]:>6}" for kind in KINDS), "   sum", f"{'against':>8} +-")
    lines = []
    for name, results in by_recipe.items():
        means = [1e4 * statistics.fmean(r["mistakes"][kind] / r["rows"] for r in results) for kind in KINDS]
        differences = [sums[name, r["fold"], r["seed"]] - base[r["fold"], r["seed"]] for r in results if (r["fold"], r["seed"]) in base]
        error = statistics.stdev(differences) / len(differences) ** 0.5 if len(differences) > 1 else float("nan")
        mean = statistics.fmean(differences) if differences else float("nan")
        seconds = statistics.fmean(r["seconds"] for r in results)
        text = f"{name[:60]:60} {len(results):4} {seconds:5.0f} " + " ".join(f"{value:6.1f}" for value in means)
        lines.append((mean if mean == mean else sum(means), f"{text} {sum(means):6.0f} {mean:8.0f} {error:.0f}"))
    for _, line in sorted(lines, key=lambda pair: pair[0]):
        print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    running, printing = commands.add_parser("run"), commands.add_parser("table")
    for command in (running, printing):
        command.add_argument("--results", type=pathlib.Path, required=True)
    running.add_argument("--plan", type=pathlib.Path, required=True)
    running.add_argument("--program", default="fingerspell")
    running.add_argument("--folds", type=pathlib.Path, required=True, help="the folder that group.py wrote")
    running.add_argument("--data", type=pathlib.Path, help="the folder of the data, for --fold test")
    running.add_argument("--fold", nargs="+", default=["0"], help="folds to hold out; test for the real test rows")
    running.add_argument("--seed", nargs="+", type=int, default=[1])
    running.add_argument("--workers", default="1")
    printing.add_argument("--on", nargs="+", help="only these folds")
    printing.add_argument("--against", help="the recipe that others are compared with, run by run")
    arguments = parser.parse_args()
    (run if arguments.command == "run" else table)(arguments)


if __name__ == "__main__":
    main()
