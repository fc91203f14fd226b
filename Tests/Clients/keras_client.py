"""Keras 3 opens exported models, and makes files for this program to open.

    keras_client.py goldens FOLDER              FOLDER/NAME.keras of all golden architectures, against Keras' probabilities; and
                                                NAME.weights.h5, loaded into the architecture's own model, has the same weights
    keras_client.py rows MODEL.keras ROWS.csv OURS      against the output of `fingerspell predict --format json`
    keras_client.py make FOLDER ROWS.csv        models of Keras' own in every form, and their answers to the rows, as JSON
"""

import json
import logging
import os
import sys
import warnings
from pathlib import Path

import numpy as np

# JAX would compile every model for every batch, which takes minutes.
os.environ["KERAS_BACKEND"] = "torch"
import h5py
import keras
import ml_dtypes
from keras import layers as k

import expected

logging.disable(logging.WARNING)  # "this file format is considered legacy" is said of what is made here on purpose


def opened(path):
    """A model that Keras opens without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return keras.models.load_model(path)


def probabilities(model, pixels):
    return keras.ops.convert_to_numpy(model(np.asarray(pixels, np.float32), training=False))


def answers(model, labels, inputs):
    """The loss over all rows in double precision, and the counts of the confusion matrix."""
    found = np.concatenate([probabilities(model, part) for part in np.array_split(inputs, max(1, len(inputs) // 2048))])
    classes = found.shape[1]
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, found.argmax(1)), 1)
    loss = -np.log(found[np.arange(len(labels)), labels].astype(np.float64)).mean()
    return {"loss": float(loss), "counts": counts.tolist()}


def goldens(folder):
    entries = expected.architectures()
    differences = {}
    for name, entry in entries.items():
        model = opened(f"{folder}/{name}.keras")
        pixels, wanted = expected.golden(entry)
        found = probabilities(model, pixels)
        assert found.dtype == np.float32 and found.shape == wanted.shape, (name, found.dtype, found.shape)
        differences[name] = float(np.abs(found - wanted).max())
        own = keras.models.model_from_json((expected.GOLDENS / "architectures" / f"{name}.json").read_text())
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            own.load_weights(f"{folder}/{name}.weights.h5")
        pairs = zip(own.get_weights(), model.get_weights(), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs), name
    print(json.dumps(differences))
    wrong = {name: value for name, value in differences.items() if not value < expected.TOLERANCE}
    assert not wrong, wrong


def small():
    """Layers whose variables lie at every kind of place."""
    return [
        k.Conv1D(8, 3, activation="relu"), k.Dropout(0.2), k.LSTM(6, return_sequences=True, dropout=0.1),
        k.Bidirectional(k.GRU(5, return_sequences=True, recurrent_dropout=0.1)), k.LayerNormalization(), k.LSTM(6, go_backwards=True),
        k.Dense(7, activation="tanh"), k.Dense(25, activation="softmax")]  # fmt: skip


def narrowed(path, kind):
    """Writes the weights of a file as Keras does where they are of that type: bfloat16 as two bytes, and an attribute that says so."""
    with h5py.File(path, "a") as file:
        places = []
        file.visititems(lambda place, found: places.append(place) if isinstance(found, h5py.Dataset) else None)
        for place in places:
            values = file[place][()].astype(kind)
            del file[place]
            made = file.create_dataset(place, data=values)
            if kind is ml_dtypes.bfloat16:
                made.attrs["dtype"] = "bfloat16"


def make(folder, rows):
    """Files of each form, and what the models answer. The weights are far from zero, so that a wrong order shows."""
    folder = Path(folder)
    labels, pixels = expected.rows(rows)
    images = pixels.reshape(-1, 28, 28).astype(np.float32)
    keras.utils.set_random_seed(5)
    generator = np.random.default_rng(5)

    def model(first=(), name=None):
        made = keras.Sequential([keras.Input((28, 28)), *first, *small()], name=name)
        spread = {weight.shape: 0.1 if weight.ndim == 1 else 1.2 for weight in made.get_weights()}
        made.set_weights([spread[weight.shape] * generator.standard_normal(weight.shape) for weight in made.get_weights()])
        return made

    plain = model()
    (folder / "network.json").write_text(plain.to_json())
    found = {}
    for name in ("plain.keras", "plain.weights.h5", "plain.h5"):
        (plain.save_weights if name.endswith(".weights.h5") else plain.save)(folder / name)
        found[name] = answers(plain, labels, images / np.float32(255))
    rescaling = model([k.Rescaling(1 / 255)], "with_a_name")
    rescaling.set_weights(plain.get_weights())
    rescaling.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    rescaling.fit(images[:32], labels[:32], verbose=0)
    for name in ("trained.keras", "trained.h5"):
        rescaling.save(folder / name)
        found[name] = answers(rescaling, labels, images)
    for kind in (np.float16, ml_dtypes.bfloat16):
        name = f"{np.dtype(kind).name}.weights.h5"
        narrow = model()
        narrow.set_weights([weight.astype(kind).astype(np.float32) for weight in plain.get_weights()])
        found[name] = answers(narrow, labels, images / np.float32(255))
        narrow.save_weights(folder / name)
        narrowed(folder / name, kind)
    print(json.dumps(found))


def rows(path, rows, ours):
    model = opened(path)
    classes = json.loads(Path(ours).read_text())["classes"]

    def found(pixels):
        return np.concatenate([probabilities(model, part) for part in np.array_split(pixels, 4)])

    expected.compare_rows(rows, ours, classes, model.input_shape[1:], found)


{"goldens": goldens, "rows": rows, "make": make}[sys.argv[1]](*sys.argv[2:])
