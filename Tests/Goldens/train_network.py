"""Trains any Keras model on rows of the real data with Keras, without dropout and shuffling, and prints the losses as JSON.

    NETWORK            a model's to_json() or config.json; its dropout rates are set to 0
    losses             of every step: the mean over its batch before the step of Adam, as Keras reports it

    .venv/bin/python Tests/Goldens/train_network.py model.json --data data --steps 40 --save-initial-weights initial.safetensors
    fingerspell train --network model.json --initial-weights initial.safetensors --data data --shuffle none \\
        --steps-per-epoch 1 --epochs 40 --patience none

(in which the rates of dropout in model.json must be 0 as well).

The weights to begin with: the formula's (formula.py, seed 0), Keras' own initialisers from a seed, or a file, rounded to single
precision. Batches are consecutive rows, of those whose label is one of the model's classes. The input is pixel / 255, or the
pixel itself for a model that begins with Rescaling.

    .venv/bin/python Tests/Goldens/train_network.py --goldens --data data

writes Tests/Goldens/parity/NAME.json for the models of models.PARITY, with the greatest relative difference of the losses of
Keras' own training in single precision.
"""

import argparse
import json
import pathlib

import network  # first: it configures Keras
import jax
import keras
import numpy as np
from safetensors.numpy import load_file, save_file

import formula
import models
import parity
import tensors

HERE = pathlib.Path(__file__).parent


def load(path, precision):
    """The model in the given precision, under the names of its file."""
    keras.utils.clear_session()
    keras.config.set_floatx(precision)
    keras.config.set_dtype_policy(precision)
    text = json.dumps(parity.without_dropout(json.loads(path.read_text()))).replace('"float32"', json.dumps(precision))
    return keras.models.model_from_json(text)


def initial_weights(model, arguments):
    """By name, in single precision."""
    if arguments.initial_weights:
        return load_file(arguments.initial_weights)
    if arguments.keras_seed is None:
        return parity.weights(tensors.describe(model))
    return {name: np.array(value, np.float32) for name, value in zip(tensors.tensor_names(model), model.trainable_variables)}


def losses(model, weights, rows, steps, size, precision):
    """The mean loss of every batch, before its step."""
    for name, variable in zip(tensors.tensor_names(model), model.trainable_variables, strict=True):
        variable.assign(weights[name].astype(precision))
    rescales = isinstance(model.layers[0], keras.layers.Rescaling)
    x = rows[:, 1:].astype(precision).reshape(-1, *model.input_shape[1:]) / (1 if rescales else 255)
    y = keras.utils.to_categorical(rows[:, 0], model.output_shape[-1]).astype(precision)
    if precision == "float64":
        trace = str(jax.make_jaxpr(lambda x: model(x, training=True))(x[:size]))
        assert "f64[" in trace and "f32[" not in trace, "the model computes in single precision"
    model.compile(optimizer=keras.optimizers.Adam(), loss="categorical_crossentropy")
    result = []
    for step in range(steps):
        batch = slice(step * size, (step + 1) * size)
        model.reset_metrics()
        result.append(float(model.train_on_batch(x[batch], y[batch])))
    return result


def train(path, arguments):
    """The report on a model, and the weights that it began with."""
    if arguments.keras_seed is not None:
        keras.utils.set_random_seed(arguments.keras_seed)
    model = load(path, arguments.precision)
    weights = initial_weights(model, arguments)
    source = parity.training_file(arguments.data)
    lines = parity.rows(source, model.output_shape[-1], arguments.steps * arguments.batch_size)
    rows = np.array([line.split(",") for line in lines[1:]], np.int64)
    return {
        "model": path.stem,
        "classes": int(model.output_shape[-1]),
        "batch_size": arguments.batch_size,
        "sha256": parity.sha256(source),
        "versions": network.versions() | {"floatx": arguments.precision},
        "tensors": tensors.describe(model),
        "losses": losses(model, weights, rows, arguments.steps, arguments.batch_size, arguments.precision),
    }, weights


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=pathlib.Path, nargs="?", help="the model's to_json()")
    parser.add_argument("--goldens", action="store_true", help="write Tests/Goldens/parity instead")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of sign_mnist_train.csv")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--precision", choices=["float64", "float32"], default="float64")
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--initial-weights", type=pathlib.Path, help="safetensors of weights to begin with")
    start.add_argument("--keras-seed", type=int, help="begin with Keras' initialisers under this seed")
    parser.add_argument("--save-initial-weights", type=pathlib.Path, help="write the weights begun with (F32)")
    parser.add_argument("--output", type=pathlib.Path, help="write the JSON here too")
    arguments = parser.parse_args()
    if arguments.goldens == bool(arguments.network):
        parser.error("either a network or --goldens")
    if arguments.goldens:
        for name in models.PARITY:
            path = HERE / "models" / f"{name}.json"
            report, _ = train(path, arguments)
            arguments.precision = "float32"
            single, _ = train(path, arguments)
            arguments.precision = "float64"
            # Kinks let roundings grow: what single precision can do at all is measured with Keras itself.
            pairs = zip(single["losses"], report["losses"], strict=True)
            report["float32_difference"] = max(abs(own / exact - 1) for own, exact in pairs)
            lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in report.items())
            (HERE / "parity" / f"{name}.json").write_text("{\n" + lines + "\n}\n")
            print(name, report["losses"][0], report["losses"][-1], flush=True)
        return
    report, weights = train(arguments.network, arguments)
    if arguments.save_initial_weights:
        save_file(weights, arguments.save_initial_weights)
    text = json.dumps(report, indent=1) + "\n"
    print(text, end="")
    if arguments.output:
        arguments.output.write_text(text)


if __name__ == "__main__":
    main()
