"""Writes the models of models.py, in the folder models/:

    NAME.json           to_json() of Keras 3
    outlines.json       of each of them: layers with output shapes and numbers of parameters, and tensors in Keras' order
    keras2/NAME.json    to_json() of Keras 2, as tf-keras writes it; default-2.4.json in the plainer form of Keras 2.4
    refused/NAME.json   models that must be refused; words.json has the words that the error must contain

    .venv/bin/python Tests/Goldens/make_models.py
    .venv-keras2/bin/python Tests/Goldens/make_models.py --keras2     in an environment with tf-keras and tensorflow-cpu
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import models
import tensors

FOLDER = pathlib.Path(__file__).parent / "models"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def keras3():
    import keras

    def build(shape, layers):
        keras.utils.clear_session()
        return keras.Sequential([keras.Input(shape), *layers(keras.layers)])

    outlines = {}
    for name, (shape, layers) in models.ACCEPTED.items():
        model = build(shape, layers)
        write(FOLDER / f"{name}.json", model.to_json())
        described = [{"name": tensor["name"], "shape": tensor["shape"]} for tensor in tensors.describe(model)]
        outlines[name] = {
            "parameters": model.count_params(), "layers": tensors.outline(model), "tensors": described}  # fmt: skip
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(outline)}" for name, outline in outlines.items())
    write(FOLDER / "outlines.json", "{\n" + lines + "\n}")
    words = {}
    for name, refused in models.REFUSED.items():
        model = json.loads(build(refused.shape, refused.layers).to_json())
        refused.edit(model["config"]["layers"])
        write(FOLDER / "refused" / f"{name}.json", json.dumps(model))
        words[name] = refused.words
    keras.utils.clear_session()
    inputs = keras.Input((784,))
    hidden = keras.layers.Dense(8, activation="relu")(inputs)
    outputs = keras.layers.Dense(25, activation="softmax")(keras.layers.Concatenate()([inputs, hidden]))
    write(FOLDER / "refused" / "functional.json", keras.Model(inputs, outputs).to_json())
    words["functional"] = ("Functional", "Sequential")
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(list(wanted))}" for name, wanted in words.items())
    write(FOLDER / "refused" / "words.json", "{\n" + lines + "\n}")


def keras2():
    import tf_keras

    for name, (shape, layers) in models.ACCEPTED.items():
        tf_keras.backend.clear_session()
        text = tf_keras.Sequential([tf_keras.Input(shape), *layers(tf_keras.layers)]).to_json()
        write(FOLDER / "keras2" / f"{name}.json", text)
        if name == "default":
            write(FOLDER / "keras2" / "default-2.4.json", json.dumps(older(json.loads(text))))


def older(model):
    """The form before Keras 2.13: no module, no registered name, no build configuration, and the input named after the layer."""
    def plain(value):
        if isinstance(value, list):
            return [plain(element) for element in value]
        if not isinstance(value, dict):
            return value
        return {key: plain(element) for key, element in value.items()
                if key not in ("module", "registered_name", "build_config")}  # fmt: skip

    model = plain(model) | {"keras_version": "2.4.0"}
    first, second = (layer["config"] for layer in model["config"]["layers"][:2])
    first.pop("optional", None)
    first["name"] = second["name"] + "_input"
    second["batch_input_shape"] = first["batch_input_shape"]
    return model


if __name__ == "__main__":
    keras2() if sys.argv[1:] == ["--keras2"] else keras3()
