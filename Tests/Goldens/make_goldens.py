"""Makes the golden values beside this file with Keras, in double precision:

    plain.safetensors    without dropout: probabilities [11, 25] and losses [11] (F64), gradient/NAME (F64)
    dropout.safetensors  with the formula's dropout masks: the same
    adam.safetensors     10 steps of Adam without dropout: losses [10] (F64; the mean over each batch before its step),
                         parameter/NAME, momentum/NAME, velocity/NAME after them (F32)
    regularized.json     10 steps of AdamW with weight decay, clipping by the global norm and label smoothing: those three,
                         and the losses, smoothing included

    weighted.json        10 steps of Adam with class weights: those, and the losses as Keras reports them

    formula.json         checksums of what the formula makes, for its twin in Swift

Gradients are of the SUM of the 11 samples' losses; Adam steps on the gradient of the MEAN, as Keras does.

    python3 -m venv .venv && .venv/bin/pip install -r Tests/Goldens/requirements.txt
    .venv/bin/python Tests/Goldens/make_goldens.py
"""

import json
import pathlib

import network  # first: it configures Keras
import jax
import keras
import numpy as np
from safetensors.numpy import save_file

import formula

SAMPLES = 11  # one micro-batch of 8 and a rest
ADAM_BATCHES = [20] * 9 + [7]  # the last one smaller
CLASS_WEIGHTS = [0.5 + 0.25 * (label % 5) for label in range(25)]
REGULARIZED = {"weight_decay": 0.5, "global_clipnorm": 0.25, "label_smoothing": 0.1}
HERE = pathlib.Path(__file__).parent


def evaluate(masks=None):
    """Probabilities, losses and gradients of the first samples."""
    model = network.build(masks)
    network.set_weights(model, formula.weights())
    x, y = network.inputs(*formula.batch(0, SAMPLES))

    def total(trainable):
        probabilities, _ = model.stateless_call(trainable, model.non_trainable_variables, x, training=True)
        losses = keras.losses.categorical_crossentropy(y, probabilities)
        return losses.sum(), (probabilities, losses)

    values = [v.value for v in model.trainable_variables]
    (_, (probabilities, losses)), gradients = jax.value_and_grad(total, has_aux=True)(values)
    assert 1e-6 < probabilities.min() and probabilities.max() < 1 - 1e-6, "Keras would clip these"
    result = {"probabilities": probabilities, "losses": losses}
    for (name, _, _), gradient in zip(formula.LAYOUT, gradients):
        result["gradient/" + name] = gradient
    return {name: np.array(value, np.float64) for name, value in result.items()}


def ten_steps(optimizer, loss, class_weight=None):
    """The model after ten steps, and the losses before each."""
    model = network.build()
    network.set_weights(model, formula.weights())
    model.compile(optimizer=optimizer, loss=loss)
    losses, first = [], 0
    for count in ADAM_BATCHES:
        x, y = network.inputs(*formula.batch(first, count))
        model.reset_metrics()
        losses.append(float(model.train_on_batch(x, y, class_weight=class_weight)))
        first += count
    return model, losses


def train_regularized():
    """Ten steps of Keras' AdamW with all that may be added to it; each of the three must change the losses."""
    def losses(weight_decay, global_clipnorm, label_smoothing):
        optimizer = keras.optimizers.AdamW(weight_decay=weight_decay, global_clipnorm=global_clipnorm)
        return ten_steps(optimizer, keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing))[1]

    result = losses(**REGULARIZED)
    for name, off in {"weight_decay": 0.0, "global_clipnorm": None, "label_smoothing": 0.0}.items():
        change = abs(losses(**REGULARIZED | {name: off})[-1] / result[-1] - 1)
        print(f"without {name}: last loss changed by {change:.1e}")
        assert change > 1e-4
    return {"versions": network.versions(), **REGULARIZED, "losses": result}


def train_weighted():
    """Ten steps of Adam with class weights. Keras reports, and descends, the sum of the weighted losses over the number of samples."""
    weights = dict(enumerate(CLASS_WEIGHTS))
    losses = ten_steps(keras.optimizers.Adam(), "categorical_crossentropy", weights)[1]
    plain = ten_steps(keras.optimizers.Adam(), "categorical_crossentropy")[1]
    assert abs(losses[-1] / plain[-1] - 1) > 1e-3
    return {"versions": network.versions(), "class_weights": CLASS_WEIGHTS, "losses": losses}


def train():
    """Ten steps of Keras' Adam with its default options."""
    optimizer = keras.optimizers.Adam()
    model, losses = ten_steps(optimizer, "categorical_crossentropy")
    names = [name for name, _, _ in formula.LAYOUT]
    assert int(optimizer.iterations) == len(ADAM_BATCHES) and optimizer.learning_rate.dtype == "float64"
    result = {"losses": np.array(losses, np.float64)}
    moments = {"momentum": optimizer._momentums, "velocity": optimizer._velocities}
    for role, variables in {"parameter": model.trainable_variables, **moments}.items():
        for name, variable in zip(names, variables, strict=True):
            result[f"{role}/{name}"] = np.array(variable.value, np.float64).astype(np.float32)
    return result


def fnv1a(array):
    """The 64-bit FNV-1a hash of the array's bytes, little-endian."""
    value = 0xCBF29CE484222325
    for byte in np.ascontiguousarray(array).tobytes():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def checksums():
    """By name: of the weights and masks (single precision), pixels and labels (bytes) of the samples."""
    pixels, labels = formula.batch(0, SAMPLES)
    tensors = {**formula.weights(), "pixels": pixels, "labels": labels.astype(np.uint8)}
    tensors |= {"mask/" + name: mask for name, mask in formula.masks(0, SAMPLES).items()}
    return {name: fnv1a(tensor) for name, tensor in tensors.items()}


def check_ones(plain):
    """Masks of ones must change nothing: the masks are applied where Keras applies its own, and only there."""
    ones = {name: np.ones_like(mask) for name, mask in formula.masks(0, SAMPLES).items()}
    for name, value in evaluate(ones).items():
        np.testing.assert_allclose(value, plain[name], rtol=1e-9, atol=1e-13, err_msg=name)


def check_hand_set(values):
    """The hand-set places must occur: units at exactly zero have no gradient, the tied filter has one."""
    assert not values["gradient/conv1d/kernel"][:, :, 1].any() and not values["gradient/conv1d/bias"][1]
    assert not values["gradient/dense/kernel"][:, 1].any() and not values["gradient/dense/bias"][1]
    assert values["gradient/conv1d/kernel"][:, :, 0].any()


def main():
    metadata = {**network.versions(), "formula": formula.__doc__, "script": "Tests/Goldens/make_goldens.py"}
    plain = evaluate()
    dropout = evaluate(formula.masks(0, SAMPLES))
    check_ones(plain)
    check_hand_set(plain)
    check_hand_set(dropout)
    assert not np.allclose(plain["losses"], dropout["losses"])
    (HERE / "formula.json").write_text(json.dumps(checksums(), indent=2) + "\n")
    (HERE / "regularized.json").write_text(json.dumps(train_regularized(), indent=2) + "\n")
    (HERE / "weighted.json").write_text(json.dumps(train_weighted(), indent=2) + "\n")
    for name, tensors in {"plain": plain, "dropout": dropout, "adam": train()}.items():
        path = HERE / f"{name}.safetensors"
        save_file(tensors, path, metadata)
        print(f"{path.name}: {path.stat().st_size:,} bytes, losses {tensors['losses']}")


if __name__ == "__main__":
    main()
