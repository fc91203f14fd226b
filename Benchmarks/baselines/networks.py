"""The networks that `run-networks` compares: a table, of which an entry is the input's shape, the layers in Keras, and in PyTorch.

The last layer gives logits in PyTorch, whose loss has the softmax. There is no dropout but in the default network, which comes
from torch_baseline.py and says there what PyTorch leaves out.
"""

import dataclasses
import typing

CLASSES = 25


@dataclasses.dataclass(frozen=True)
class Network:
    shape: tuple
    keras: typing.Callable
    torch: typing.Callable


def default_torch():
    import torch_baseline

    return torch_baseline.Network()


def recurrent_torch(kind, units):
    """One recurrent layer, whose last output goes into a dense one. nn.LSTM has a second bias, which stays 0."""
    from torch import nn

    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = getattr(nn, kind)(28, units, batch_first=True)
            self.dense = nn.Linear(units, CLASSES)
            if kind == "LSTM":
                nn.init.zeros_(self.recurrent.bias_hh_l0).requires_grad_(False)

        def forward(self, images):
            return self.dense(self.recurrent(images)[0][:, -1])

    return Recurrent()


def cnn_torch():
    from torch import nn

    return nn.Sequential(
        nn.Unflatten(1, (1, 28)), nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, CLASSES))  # fmt: skip


NETWORKS = {
    "default": Network((28, 28), lambda k: [
        k.Conv1D(64, 3, activation="relu", padding="same"), k.MaxPooling1D(2), k.Dropout(0.3),
        k.LSTM(64, return_sequences=True, dropout=0.3, recurrent_dropout=0.2), k.LSTM(64, dropout=0.3),
        k.Dense(64, activation="relu"), k.Dropout(0.3), k.Dense(CLASSES, activation="softmax")], default_torch),
    "lstm-128": Network((28, 28), lambda k: [
        k.LSTM(128), k.Dense(CLASSES, activation="softmax")], lambda: recurrent_torch("LSTM", 128)),
    "gru-64": Network((28, 28), lambda k: [
        k.GRU(64), k.Dense(CLASSES, activation="softmax")], lambda: recurrent_torch("GRU", 64)),
    "cnn": Network((28, 28, 1), lambda k: [
        k.Conv2D(32, 3, activation="relu"), k.MaxPooling2D(2), k.Conv2D(64, 3, activation="relu"), k.MaxPooling2D(2),
        k.Flatten(), k.Dense(128, activation="relu"), k.Dense(CLASSES, activation="softmax")], cnn_torch),
}  # fmt: skip
