"""Makes the golden values of optimizers and callbacks beside this file with Keras, in double precision:

    optimizers.json    ten steps of every optimizer on the gradients of a formula, which need no network: its options under
                       Keras' names, and the parameters after the steps
    callbacks.json     what ReduceLROnPlateau and EarlyStopping make of lists of values: the learning rate after each epoch; the
                       best epoch and the one after which training stops, both from 1

The formula's numbers are exact in single precision. A gradient is the mean over 4 samples; our engine is given the sum.

    python3 -m venv .venv && .venv/bin/pip install -r Tests/Goldens/requirements.txt
    .venv/bin/python Tests/Goldens/make_optimizer_goldens.py
"""

import json
import pathlib
import types

import network  # first: it configures Keras
import jax
import keras
import numpy as np

HERE = pathlib.Path(__file__).parent
# Tensors of these lengths straddle groups of 16 numbers. The last one begins with zeros, so that it has no norm.
LENGTHS = [37, 5, 100, 3]
STEPS, SAMPLES = 10, 4

CASES = [
    ("sgd", {}),
    ("sgd", {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "nesterov": True, "learning_rate": 0.02, "weight_decay": 0.01}),
    ("rmsprop", {}),
    ("rmsprop", {"rho": 0.8, "momentum": 0.5, "epsilon": 1e-4}),
    ("rmsprop", {"centered": True}),
    ("rmsprop", {"centered": True, "momentum": 0.9, "weight_decay": 0.02}),
    ("adam", {}),
    ("adam", {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3, "learning_rate": 0.01}),
    ("adamw", {}),
    ("lion", {}),
    ("lion", {"beta_1": 0.5, "beta_2": 0.8, "learning_rate": 0.003, "weight_decay": 0.1}),
    ("lamb", {}),
    ("lamb", {"learning_rate": 0.01, "beta_2": 0.9, "weight_decay": 0.1}),
]
CLASSES = {
    "sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop, "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW, "lion": keras.optimizers.Lion, "lamb": keras.optimizers.Lamb,
}  # fmt: skip

# Values of epochs: with plateaus, improvements that are too small, and one after a long wait.
LOSSES = [1.0, 0.9, 0.89995, 0.9, 0.91, 0.8, 0.80005, 0.8, 0.79, 0.9, 0.9, 0.9, 0.9, 0.9, 0.5, 0.5, 0.5, 0.5, 0.6, 0.55]
ACCURACIES = [0.5, 0.5, 0.50005, 0.6, 0.6, 0.59, 0.601, 0.6, 0.6, 0.6, 0.7, 0.7, 0.7, 0.7]
PLATEAUS = [
    ("val_loss", LOSSES, {}),
    ("val_loss", LOSSES, {"patience": 2}),
    ("val_loss", LOSSES, {"patience": 2, "cooldown": 2, "factor": 0.5}),
    ("loss", LOSSES, {"patience": 1, "min_lr": 2e-4, "factor": 0.3}),
    ("loss", LOSSES, {"patience": 0, "min_delta": 0.05, "factor": 0.5, "cooldown": 1}),
    ("val_accuracy", ACCURACIES, {"patience": 2, "factor": 0.2}),
    ("accuracy", ACCURACIES, {"patience": 1, "min_delta": 0.002, "cooldown": 3}),
]
STOPPINGS = [
    ("val_loss", LOSSES, {"patience": 5}),
    ("val_loss", LOSSES, {"patience": 3}),
    ("val_loss", LOSSES, {"patience": 5, "min_delta": 0.05}),
    ("loss", LOSSES, {"patience": 20, "min_delta": 0.2}),
    ("val_accuracy", ACCURACIES, {"patience": 3}),
    ("accuracy", ACCURACIES, {"patience": 4, "min_delta": 0.002}),
]


def parameters():
    """The parameters before the first step, tensor by tensor; multiples of 1/1024 between -1 and 1."""
    values = np.array([(i * 613 + 7) % 2003 - 1001 for i in range(sum(LENGTHS))], np.float64) / 1024
    values[-LENGTHS[-1]:] = 0
    return np.split(values, np.cumsum(LENGTHS)[:-1])


def gradients(step):
    """The summed gradients of a step, counted from 0; multiples of 1/16384. The first of every tensor is always zero."""
    values = np.array([(i * 7919 + step * 10477) % 20011 - 10005 for i in range(sum(LENGTHS))], np.float64) / 16384
    values[np.cumsum([0, *LENGTHS[:-1]])] = 0
    return np.split(values, np.cumsum(LENGTHS)[:-1])


def ten_steps(name, options):
    """The parameters after ten steps, as one list."""
    variables = [keras.Variable(value, dtype="float64") for value in parameters()]
    optimizer = CLASSES[name](**options)
    optimizer.build(variables)
    assert optimizer.learning_rate.dtype == "float64"
    for step in range(STEPS):
        if name == "lion" and step > 0:
            # A direction that is all rounding error would have another sign in single precision.
            for m, g in zip(optimizer._momentums, gradients(step)):
                c = np.array(m.value) * optimizer.beta_1 + g / SAMPLES * (1 - optimizer.beta_1)
                assert np.abs(c[1:]).min() > 1e-6, np.abs(c[1:]).min()
        optimizer.apply([jax.numpy.asarray(g / SAMPLES) for g in gradients(step)], variables)
    return [float(x) for variable in variables for x in np.array(variable.value)]


def rates(monitor, values, options):
    """The learning rate after each epoch."""
    model = types.SimpleNamespace(optimizer=keras.optimizers.SGD(learning_rate=0.001))
    callback = keras.callbacks.ReduceLROnPlateau(monitor=monitor, mode=mode(monitor), **options)
    callback.set_model(model)
    callback.on_train_begin()
    found = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {monitor: value})
        found.append(float(model.optimizer.learning_rate))
    return found


def stops(monitor, values, options):
    """The best epoch, and the one after which training stops; None if it does not."""
    model = types.SimpleNamespace(stop_training=False, get_weights=lambda: [], set_weights=lambda weights: None)
    callback = keras.callbacks.EarlyStopping(monitor=monitor, mode=mode(monitor), restore_best_weights=True, **options)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {monitor: value})
        if model.stop_training:
            return callback.best_epoch + 1, epoch + 1
    return callback.best_epoch + 1, None


def mode(monitor):
    """What Keras makes of `auto` for a compiled model."""
    return "max" if "accuracy" in monitor else "min"


def main():
    steps = [{"optimizer": name, "options": options, "parameters": ten_steps(name, options)} for name, options in CASES]
    results = [tuple(case["parameters"]) for case in steps]
    assert len(set(results)) == len(results), "an option changes nothing"
    plateaus = [
        {"monitor": monitor, "options": options, "values": values, "rates": rates(monitor, values, options)}
        for monitor, values, options in PLATEAUS
    ]
    stoppings = []
    for monitor, values, options in STOPPINGS:
        best, stopped = stops(monitor, values, options)
        stoppings.append({"monitor": monitor, "options": options, "values": values, "best": best, "stopped": stopped})
    for name, contents in {
        "optimizers": {"versions": network.versions(), "lengths": LENGTHS, "steps": STEPS, "samples": SAMPLES, "cases": steps},
        "callbacks": {"versions": network.versions(), "plateaus": plateaus, "stoppings": stoppings},
    }.items():
        path = HERE / f"{name}.json"
        path.write_text(json.dumps(contents) + "\n")
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
