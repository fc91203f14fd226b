"""What the baselines share: the data, and the protocol with `run`.

A baseline trains one epoch per line on standard input and answers with one line of JSON. Its standard output is reserved for
that; whatever a framework prints goes to standard error.
"""

import json
import os
import sys
import time

import numpy as np

BATCH = 32


def load(path):
    """The rows of a file that `run` made: images [rows, 28, 28], float32 in [0, 1], and labels [rows]."""
    table = np.load(path)
    return table[:, 1:].reshape(-1, 28, 28).astype(np.float32) / 255, table[:, 0].astype(np.int64)


def answers():
    """Standard output, reserved for answers: from now on, print() writes to standard error."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return channel


def serve(channel, epoch, note):
    """Warms up with one epoch, then trains one per line of input.

    `epoch()` returns the epoch's mean training loss; `note` names the framework and its version.
    """

    def answer(**values):
        channel.write(json.dumps(values) + "\n")
        channel.flush()

    epoch()
    answer(note=note)
    for _ in sys.stdin:
        start = time.perf_counter()
        loss = epoch()
        answer(seconds=time.perf_counter() - start, loss=float(loss))
