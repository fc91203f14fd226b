"""Converts the training rows of a data set's folder to a NumPy file. Usage: convert.py FOLDER FILE"""

import sys
from pathlib import Path

import numpy as np

folder, target = sys.argv[1:]
name = "sign_mnist_train"
candidates = [Path(folder, f"{name}.csv"), Path(folder, name, f"{name}.csv"), Path(folder, f"{name}.csv", f"{name}.csv")]
source = next((candidate for candidate in candidates if candidate.is_file()), None)
if source is None:
    sys.exit(f"there is no {name}.csv in {folder}")
table = np.loadtxt(source, dtype=np.uint8, delimiter=",", skiprows=1)
assert table.ndim == 2 and table.shape[1] == 785, table.shape
np.save(target, table)
