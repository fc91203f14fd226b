"""Makes state_dicts of PyTorch modules as safetensors, and prints what the modules answer to rows, as JSON.

    torch_weights.py FOLDER ROWS.csv
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

import expected


class Recurrent(nn.Module):
    """The default network's shape, with PyTorch's own order of the axes: a Conv1d over rows, two LSTMs as one module."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(28, 12, 3, padding=1)
        self.lstm = nn.LSTM(12, 12, num_layers=2, batch_first=True)
        self.norm = nn.LayerNorm(12, eps=1e-3)
        self.gru = nn.GRU(12, 9, bidirectional=True, batch_first=True)
        self.fc1 = nn.Linear(18, 18)
        self.fc2 = nn.Linear(18, 18)
        self.out = nn.Linear(18, 25)

    def forward(self, x):
        x = torch.relu(self.conv(x.transpose(1, 2))).transpose(1, 2)
        x = self.norm(self.lstm(x)[0])
        states = self.gru(x)[1]
        x = torch.cat([states[0], states[1]], 1)
        return self.out(torch.tanh(self.fc2(torch.tanh(self.fc1(x)))))




def convolutional():
    """Convolutions of an image, whose channels come before the positions where they are flattened; ten modules, by number."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3), nn.GroupNorm(4, 8, eps=1e-3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(8 * 25, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 25))  # fmt: skip


def answers(model, labels, inputs):
    with torch.no_grad():
        found = model(torch.from_numpy(inputs)).double().log_softmax(1).numpy()
    counts = np.zeros((25, 25), int)
    np.add.at(counts, (labels, found.argmax(1)), 1)
    return {"loss": float(-found[np.arange(len(labels)), labels].mean()), "counts": counts.tolist()}


def main(folder, rows):
    labels, pixels = expected.rows(rows)
    images = (pixels.reshape(-1, 28, 28) / 255).astype(np.float32)
    torch.manual_seed(3)
    found = {}
    for name, model, inputs in (
        ("recurrent", Recurrent(), images), ("convolutional", convolutional(), images[:, None]),
    ):  # fmt: skip
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(9 if parameter.ndim > 1 else 0.5)
        save_file(model.state_dict(), Path(folder) / f"{name}.safetensors")
        save_file({f"model.{key}": value for key, value in model.state_dict().items()}, Path(folder) / f"{name}-prefixed.safetensors")
        found[name] = answers(model.eval(), labels, inputs)
    print(json.dumps(found))


main(*sys.argv[1:])
