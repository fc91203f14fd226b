#!/usr/bin/env python3
"""Groups the training rows of Sign Language MNIST by photograph, and writes folds that hold out whole groups.

The set has about twenty variants of every photograph. A choice that is validated on random training rows is therefore
validated on photographs that were trained on. Here images are compared by their correlation (of their pixels, normalised
to mean 0 and length 1), in the best alignment that shifts one of the two by up to two pixels. Every row belongs with its
--neighbours nearest rows of its class, and with all that correlate by at least --threshold; the groups are the connected
components. Nearly all of them are the 21 variants of one photograph, the others a few photographs that were taken one
after the other. Each fold holds out whole groups, about the same number of rows of every class.

    group.py --data data --output folds      # sizes of the groups; folds/train-0.csv, folds/held-out-0.csv, ...

Needs NumPy.
"""

import argparse
import collections
import pathlib

import numpy as np

SIDE, REACH = 28, 2


def normalised(images):
    """Rows of mean 0 and length 1."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def similarity(images):
    """The largest correlation of each pair's middle parts, one of the two shifted by up to REACH pixels."""
    inner = SIDE - 2 * REACH
    middle = normalised(images[:, REACH : REACH + inner, REACH : REACH + inner])
    best = np.full((len(images), len(images)), -1, np.float32)
    for down in range(2 * REACH + 1):
        for right in range(2 * REACH + 1):
            shifted = normalised(images[:, down : down + inner, right : right + inner])
            np.maximum(best, middle @ shifted.T, out=best)
    return np.maximum(best, best.T)


def components(linked):
    """The number of each row's connected component in a matrix of links."""
    numbers = np.full(len(linked), -1)
    count = 0
    for start in range(len(linked)):
        if numbers[start] >= 0:
            continue
        numbers[start], open_rows = count, [start]
        while open_rows:
            found = np.flatnonzero(linked[open_rows.pop()] & (numbers < 0))
            numbers[found] = count
            open_rows.extend(found)
        count += 1
    return numbers


def links(similarities, neighbours, threshold):
    """Which pairs belong together: each row and its nearest neighbours, and all pairs that are alike enough."""
    others = similarities - 3 * np.eye(len(similarities), dtype=np.float32)
    linked = others >= threshold
    nearest = np.argsort(-others, axis=1)[:, :neighbours]
    linked[np.arange(len(linked))[:, None], nearest] = True
    return linked | linked.T


def groups_of(labels, images, neighbours, threshold):
    """The group of each row; groups of different classes have different numbers."""
    groups, count = np.zeros(len(labels), int), 0
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        numbers = components(links(similarity(images[rows]), neighbours, threshold))
        groups[rows] = numbers + count
        count += numbers.max() + 1
    return groups


def folds_of(labels, groups, folds, seed):
    """The fold that holds each row out: groups of a class in random order, the largest first, each to the emptiest fold."""
    random, fold_of_row = np.random.default_rng(seed), np.zeros(len(labels), int)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        sizes = collections.Counter(groups[rows].tolist())
        filled = random.permutation(folds) * 1e-3
        for group in sorted(random.permutation(list(sizes)), key=lambda group: -sizes[group]):
            fold = int(filled.argmin())
            filled[fold] += sizes[group]
            fold_of_row[groups == group] = fold
    return fold_of_row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="the folder of sign_mnist_train.csv")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="the folder of the folds")
    parser.add_argument("--neighbours", type=int, default=3)
    parser.add_argument("--threshold", type=float, default=0.99)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    header, *lines = (arguments.data / "sign_mnist_train.csv").read_text().splitlines()
    table = np.array([line.split(",") for line in lines], np.uint8)
    labels, images = table[:, 0], table[:, 1:].reshape(-1, SIDE, SIDE).astype(np.float32)
    groups = groups_of(labels, images, arguments.neighbours, arguments.threshold)
    sizes = np.bincount(groups)
    quartiles = np.percentile(sizes, [0, 25, 50, 75, 100]).astype(int).tolist()
    print(f"{len(labels)} rows, {len(sizes)} groups; smallest, quartiles and largest: {quartiles}")
    print("rows in groups of at most", {limit: int(sizes[sizes <= limit].sum()) for limit in (15, 22, 43, 64, 160)})

    fold_of_row = folds_of(labels, groups, arguments.folds, arguments.seed)
    arguments.output.mkdir(parents=True, exist_ok=True)
    np.savetxt(arguments.output / "groups.csv", np.stack([groups, fold_of_row], 1), "%d", ",", header="group,fold", comments="")
    for fold in range(arguments.folds):
        for name, chosen in (("train", fold_of_row != fold), ("held-out", fold_of_row == fold)):
            rows = [lines[row] for row in np.flatnonzero(chosen)]
            (arguments.output / f"{name}-{fold}.csv").write_text("\n".join([header, *rows]) + "\n")
        print(f"fold {fold}: {np.sum(fold_of_row == fold)} rows, {len(set(groups[fold_of_row == fold]))} groups held out")


if __name__ == "__main__":
    main()
