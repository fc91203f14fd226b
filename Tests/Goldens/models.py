"""Keras models as users have them, for the tests of what is read from `to_json()`, of training, and of what is refused.

    ACCEPTED   name: input shape, and a function that makes the layers, of Keras 3 or of Keras 2
    REFUSED    name: the words that an error must contain, a model, and what is changed in its JSON by hand because Keras itself
               would not build it here
"""

import dataclasses
import typing

ACCEPTED = {
    # The network of the default recipes.
    "default": ((28, 28), lambda k: [
        k.Conv1D(64, 3, activation="relu", padding="same"), k.MaxPooling1D(2), k.Dropout(0.3),
        k.LSTM(64, return_sequences=True, dropout=0.3, recurrent_dropout=0.2), k.LSTM(64, dropout=0.3),
        k.Dense(64, activation="relu"), k.Dropout(0.3), k.Dense(25, activation="softmax")]),
    "lstm-pair": ((28, 28), lambda k: [
        k.LSTM(128, return_sequences=True, dropout=0.2), k.LSTM(96), k.Dense(10, activation="softmax")]),
    "gru": ((28, 28), lambda k: [
        k.GRU(96, return_sequences=True), k.GRU(64, dropout=0.3), k.Dropout(0.3), k.Dense(48, activation="relu"),
        k.Dense(25, activation="softmax")]),
    # As most notebooks on this data set have it.
    "cnn": ((28, 28, 1), lambda k: [
        k.Conv2D(32, (3, 3), activation="relu"), k.MaxPooling2D((2, 2)), k.Dropout(0.25),
        k.Conv2D(64, (3, 3), activation="relu"), k.MaxPooling2D((2, 2)), k.Dropout(0.25), k.Flatten(),
        k.Dense(128, activation="relu"), k.Dropout(0.5), k.Dense(25, activation="softmax")]),
    "bidirectional": ((28, 28), lambda k: [
        k.Bidirectional(k.LSTM(64, return_sequences=True)), k.LayerNormalization(), k.Bidirectional(k.LSTM(32)),
        k.LayerNormalization(), k.Dropout(0.3), k.Dense(25, activation="softmax")]),
    "rescaled-cnn": ((28, 28, 1), lambda k: [
        k.Rescaling(1 / 255), k.Conv2D(16, 3, padding="same", activation="relu"), k.MaxPooling2D(),
        k.Conv2D(32, 3, padding="same", strides=2), k.GroupNormalization(groups=8), k.Activation("relu"),
        k.Conv2D(64, 3, padding="same", activation="relu"), k.GlobalAveragePooling2D(), k.Dense(25), k.Activation("softmax")]),
    "mlp": ((784,), lambda k: [
        k.Dense(256, activation="relu"), k.Dropout(0.2), k.Dense(128, activation="gelu"), k.Dense(25, activation="softmax")]),
}  # fmt: skip

# Those whose training is compared with Keras on real rows.
PARITY = ("default", "lstm-pair", "gru", "cnn", "bidirectional")


@dataclasses.dataclass(frozen=True)
class Refused:
    words: tuple
    shape: tuple
    layers: typing.Callable
    edit: typing.Callable = lambda layers: None


def within(layers, name):
    """The configuration of the layer `name`."""
    return next(layer["config"] for layer in layers if layer["config"]["name"] == name)


def dense(k, classes=25):
    return k.Dense(classes, activation="softmax")


REFUSED = {
    "batch-normalization": Refused(
        ("batch_normalization", "BatchNormalization", "LayerNormalization", "GroupNormalization"), (28, 28, 1),
        lambda k: [k.Conv2D(8, 3), k.BatchNormalization(), k.Flatten(), dense(k)]),
    "unknown-layer": Refused(
        ("conv2d_transpose", "Conv2DTranspose"), (28, 28, 1), lambda k: [k.Conv2DTranspose(8, 3), k.Flatten(), dense(k)]),
    "custom-layer": Refused(
        ("my_layer", "MyLayer"), (28, 28), lambda k: [k.Flatten(name="my_layer"), dense(k)],
        lambda layers: layers[1].update(class_name="MyLayer", module=None, registered_name="Custom>MyLayer")),
    "masking": Refused(("masking", "Masking"), (28, 28), lambda k: [k.Masking(), k.LSTM(8), dense(k)]),
    "embedding": Refused(("embedding", "Embedding"), (28,), lambda k: [k.Embedding(256, 8), k.LSTM(8), dense(k)]),
    "dilation-rate": Refused(
        ("conv1d", "dilation_rate"), (28, 28), lambda k: [k.Conv1D(8, 3, dilation_rate=2), k.Flatten(), dense(k)]),
    "conv2d-groups": Refused(
        ("conv2d_1", "groups"), (28, 28, 1), lambda k: [k.Conv2D(8, 3), k.Conv2D(8, 3, groups=2), k.Flatten(), dense(k)]),
    "channels-first": Refused(
        ("conv2d", "data_format"), (28, 28, 1), lambda k: [k.Conv2D(8, 3), k.Flatten(), dense(k)],
        lambda layers: within(layers, "conv2d").update(data_format="channels_first")),
    "causal-padding": Refused(
        ("conv1d", "padding", "causal"), (28, 28), lambda k: [k.Conv1D(8, 3, padding="causal"), k.Flatten(), dense(k)]),
    "bidirectional-without-merge": Refused(
        ("bidirectional", "merge_mode"), (28, 28), lambda k: [k.Bidirectional(k.LSTM(8)), dense(k)],
        lambda layers: within(layers, "bidirectional").update(merge_mode=None)),
    "stateful-lstm": Refused(
        ("lstm", "stateful"), (28, 28), lambda k: [k.LSTM(8), dense(k)],
        lambda layers: within(layers, "lstm").update(stateful=True)),
    "lstm-relu": Refused(("lstm", "activation", "relu"), (28, 28), lambda k: [k.LSTM(8, activation="relu"), dense(k)]),
    "lstm-hard-sigmoid": Refused(
        ("lstm", "recurrent_activation", "hard_sigmoid"), (28, 28),
        lambda k: [k.LSTM(8, recurrent_activation="hard_sigmoid"), dense(k)]),
    "gru-reset-before": Refused(("gru", "reset_after"), (28, 28), lambda k: [k.GRU(8, reset_after=False), dense(k)]),
    "unknown-activation": Refused(("dense", "activation", "mish"), (784,), lambda k: [k.Dense(8, activation="mish"), dense(k)]),
    "sigmoid-at-the-end": Refused(
        ("dense_1", "softmax"), (784,), lambda k: [k.Dense(8, activation="relu"), k.Dense(25, activation="sigmoid")]),
    "one-class": Refused(("dense_1",), (784,), lambda k: [k.Dense(8, activation="relu"), k.Dense(1, activation="softmax")]),
    "sequence-at-the-end": Refused(("dense",), (28, 28), lambda k: [k.LSTM(8, return_sequences=True), dense(k)]),
    "kernel-regularizer": Refused(
        ("dense", "kernel_regularizer"), (784,), lambda k: [k.Dense(8, kernel_regularizer="l2"), dense(k)]),
    "kernel-constraint": Refused(
        ("dense", "kernel_constraint"), (784,), lambda k: [k.Dense(8, kernel_constraint="max_norm"), dense(k)]),
    "relu6": Refused(("re_lu", "max_value"), (784,), lambda k: [k.Dense(8), k.ReLU(max_value=6.0), dense(k)]),
    "layer-normalization-axis": Refused(
        ("layer_normalization", "axis"), (28, 28), lambda k: [k.LayerNormalization(axis=1), k.Flatten(), dense(k)]),
    "unknown-length": Refused(("input",), (None, 28), lambda k: [k.LSTM(8), dense(k)]),
    "frozen-layer": Refused(("dense", "trainable"), (784,), lambda k: [k.Dense(8, trainable=False), dense(k)]),
}  # fmt: skip
