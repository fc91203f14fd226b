"""The architectures that the engine is compared with Keras on: a table, of which an entry is a name, an input shape and layers.

A new layer's case is one entry here, and one call of make_architecture_goldens.py with its name. The layers together should
meet the layer's every option, an odd width, and a neighbour on both sides, so that its input's gradient is needed too.

    shape    of the input, without the batch
    layers   a function that makes them, so that Keras counts its names (`dense`, `dense_1`) from the beginning
    divisor  the input is pixel / divisor: 255, but 1 for a model that rescales its pixels itself

The last layer's width is the number of classes. MaxPooling must not come first: pixels tie, and then which one gets the
gradient is a matter of the implementation.
"""

import dataclasses
import typing

import network  # noqa: F401 (first: it configures Keras)
from keras import layers as k


@dataclasses.dataclass(frozen=True)
class Entry:
    name: str
    shape: tuple
    layers: typing.Callable
    divisor: int = 255


def softmax(classes=25):
    return k.Dense(classes, activation="softmax")


TABLE = [
    # The network of the default recipes.
    Entry("default", (28, 28), lambda: [
        k.Conv1D(64, 3, activation="relu", padding="same"), k.MaxPooling1D(2), k.Dropout(0.3),
        k.LSTM(64, return_sequences=True, dropout=0.3, recurrent_dropout=0.2), k.LSTM(64, dropout=0.3),
        k.Dense(64, activation="relu"), k.Dropout(0.3), softmax()]),

    # Dense
    Entry("dense", (784,), lambda: [k.Dense(33, activation="relu"), softmax()]),
    Entry("dense-alone", (784,), lambda: [softmax(30)]),
    Entry("dense-two-classes", (6, 5, 3), lambda: [
        k.Flatten(), k.Dense(17, activation="tanh"), k.Dense(7, activation="sigmoid", use_bias=False), softmax(2)]),
    Entry("dense-on-a-sequence", (9, 7), lambda: [
        k.Dense(16, activation="gelu"), k.Dense(3), k.Flatten(), softmax(30)]),
    Entry("dense-on-an-image", (6, 5, 3), lambda: [
        k.Dense(7, activation="tanh"), k.Dense(1, use_bias=False), k.Flatten(), softmax(10)]),
    Entry("dense-odd-widths", (28, 28), lambda: [
        k.Flatten(), k.Dense(1, activation="tanh"), k.Dense(3, activation="leaky_relu"), k.Dense(65, activation="relu"),
        k.Dense(130, activation="relu"), k.Dense(17), softmax(26)]),

    # Convolutions
    Entry("conv1d-same", (28, 28), lambda: [
        k.Conv1D(17, 3, padding="same", activation="relu"), k.Conv1D(7, 5, strides=2, padding="same", activation="tanh"),
        k.Conv1D(24, 2, padding="same", activation="relu"), k.Conv1D(5, 4, strides=2, padding="same"), k.Flatten(), softmax()]),
    Entry("conv1d-valid", (28, 28), lambda: [
        k.Conv1D(16, 2, use_bias=False), k.Activation("relu"), k.Conv1D(24, 4, strides=2, activation="relu"),
        k.Conv1D(3, 5), k.Conv1D(7, 1, strides=2, activation="sigmoid"), k.Flatten(), softmax()]),
    Entry("conv1d-wide", (12, 5), lambda: [
        k.Conv1D(130, 3, padding="same", activation="relu"), k.Conv1D(96, 1, activation="relu"), k.GlobalMaxPooling1D(),
        softmax()]),
    Entry("conv1d-one-channel", (28, 1), lambda: [
        k.Conv1D(1, 3, padding="same", activation="leaky_relu"), k.Conv1D(33, 5, strides=3, activation="relu"), k.Flatten(),
        softmax()]),
    Entry("conv2d-same", (28, 28, 1), lambda: [
        k.Conv2D(7, 3, padding="same", activation="relu"), k.MaxPooling2D(2),
        k.Conv2D(16, (2, 4), strides=2, padding="same", activation="relu"),
        k.Conv2D(3, 5, strides=(2, 1), padding="same", activation="tanh"), k.Flatten(), softmax()]),
    Entry("conv2d-valid", (28, 28, 1), lambda: [
        k.Conv2D(8, 5, strides=2, activation="relu"), k.Conv2D(17, (1, 3), use_bias=False, activation="relu"),
        k.Conv2D(5, (4, 2), strides=(1, 2)), k.MaxPooling2D(2), k.Flatten(), softmax()]),
    Entry("conv2d-wide", (6, 5, 3), lambda: [
        k.Conv2D(65, 3, padding="same", activation="relu"), k.Conv2D(96, 1, activation="relu"),
        k.GlobalAveragePooling2D(), softmax(2)]),
    Entry("conv2d-notebook", (28, 28, 1), lambda: [
        k.Conv2D(8, 3, activation="relu"), k.MaxPooling2D(2), k.Conv2D(16, 3, activation="relu"), k.MaxPooling2D(2),
        k.Dropout(0.25), k.Flatten(), k.Dense(32, activation="relu"), k.Dropout(0.5), softmax()]),

    # Pooling
    Entry("max-pooling1d", (28, 28), lambda: [
        k.Conv1D(17, 3, activation="relu"), k.MaxPooling1D(3, strides=2, padding="same"), k.Dense(7),
        k.MaxPooling1D(2, strides=3, padding="valid"), k.Dense(5), k.MaxPooling1D(3, padding="same"), k.Flatten(), softmax()]),
    Entry("average-pooling1d", (28, 28), lambda: [
        k.AveragePooling1D(3, strides=2, padding="same"), k.Dense(17, activation="tanh"),
        k.AveragePooling1D(2, strides=3, padding="valid"), k.Dense(7), k.AveragePooling1D(2), k.Flatten(), softmax()]),
    Entry("max-pooling2d", (13, 11, 1), lambda: [
        k.Conv2D(7, 3, padding="same", activation="relu"), k.MaxPooling2D(3, strides=2, padding="same"), k.Dense(5),
        k.MaxPooling2D((2, 3), strides=(3, 1), padding="valid"), k.Dense(3), k.MaxPooling2D(2, padding="same"), k.Flatten(),
        softmax()]),
    Entry("average-pooling2d", (13, 11, 3), lambda: [
        k.AveragePooling2D(3, strides=2, padding="same"), k.Conv2D(7, 3, padding="same", activation="relu"),
        k.AveragePooling2D((2, 3), strides=(3, 1), padding="valid"), k.Dense(5), k.AveragePooling2D(2, padding="same"),
        k.Flatten(), softmax()]),
    Entry("global-max-pooling", (6, 5, 3), lambda: [
        k.Conv2D(33, 2, activation="relu"), k.GlobalMaxPooling2D(), softmax()]),
    Entry("global-average-pooling", (14, 6), lambda: [
        k.Conv1D(17, 3, activation="relu"), k.GlobalAveragePooling1D(), k.Dense(7, activation="relu"), softmax()]),

    # LSTM
    Entry("lstm", (28, 28), lambda: [k.LSTM(24, return_sequences=True), k.LSTM(16), softmax()]),
    Entry("lstm-odd", (9, 7), lambda: [k.LSTM(5, return_sequences=True), k.LSTM(3, return_sequences=True), k.Flatten(), softmax()]),
    Entry("lstm-backwards", (11, 7), lambda: [
        k.LSTM(5, go_backwards=True, return_sequences=True, use_bias=False),
        k.LSTM(17, go_backwards=True, unit_forget_bias=False), softmax(30)]),
    Entry("lstm-100", (9, 7), lambda: [k.LSTM(100, dropout=0.2, recurrent_dropout=0.1), softmax()]),
    Entry("lstm-128", (28, 28), lambda: [k.LSTM(128), softmax()]),

    # GRU
    Entry("gru", (28, 28), lambda: [k.GRU(24, return_sequences=True), k.GRU(16), softmax()]),
    Entry("gru-odd", (9, 7), lambda: [k.GRU(5, return_sequences=True), k.GRU(3, return_sequences=True), k.Flatten(), softmax()]),
    Entry("gru-backwards", (11, 7), lambda: [
        k.GRU(5, go_backwards=True, return_sequences=True, use_bias=False), k.GRU(17, go_backwards=True), softmax(30)]),
    Entry("gru-96", (9, 7), lambda: [k.GRU(96, dropout=0.2, recurrent_dropout=0.1), softmax()]),

    # Bidirectional
    Entry("bidirectional-lstm", (11, 7), lambda: [
        k.Bidirectional(k.LSTM(16, return_sequences=True)), k.Bidirectional(k.LSTM(5)), softmax()]),
    Entry("bidirectional-lstm-sum", (9, 7), lambda: [
        k.Bidirectional(k.LSTM(7, return_sequences=True), merge_mode="sum"),
        k.Bidirectional(k.LSTM(5, use_bias=False), merge_mode="sum"), softmax()]),
    Entry("bidirectional-lstm-ave", (9, 7), lambda: [
        k.Bidirectional(k.LSTM(7, return_sequences=True), merge_mode="ave"),
        k.Bidirectional(k.LSTM(5, dropout=0.3), merge_mode="ave"), softmax()]),
    Entry("bidirectional-lstm-mul", (9, 7), lambda: [
        k.Bidirectional(k.LSTM(7, return_sequences=True), merge_mode="mul"),
        k.Bidirectional(k.LSTM(5), merge_mode="mul"), softmax()]),
    Entry("bidirectional-gru", (11, 7), lambda: [
        k.Bidirectional(k.GRU(16, return_sequences=True)), k.Bidirectional(k.GRU(5)), softmax()]),
    Entry("bidirectional-gru-merged", (9, 7), lambda: [
        k.Bidirectional(k.GRU(7, return_sequences=True), merge_mode="sum"),
        k.Bidirectional(k.GRU(6, return_sequences=True), merge_mode="ave"),
        k.Bidirectional(k.GRU(5), merge_mode="mul"), softmax()]),

    # Normalization. No bias before it where its gradient would be nothing but rounding.
    Entry("layer-normalization", (28, 28), lambda: [
        k.LayerNormalization(), k.Conv1D(17, 3, activation="relu"), k.LayerNormalization(epsilon=1e-5),
        k.LSTM(5, return_sequences=True), k.LayerNormalization(center=False), k.LSTM(7), k.LayerNormalization(scale=False),
        softmax()]),
    Entry("group-normalization2d", (6, 5, 3), lambda: [
        k.Conv2D(8, 3, padding="same", activation="relu"), k.GroupNormalization(groups=2),
        k.Conv2D(12, 2, padding="same", activation="relu"), k.GroupNormalization(groups=4, epsilon=1e-5, center=False),
        k.Conv2D(7, 2, padding="same", activation="tanh"), k.GroupNormalization(groups=-1, scale=False),
        k.Conv2D(3, 3, activation="tanh"), k.GroupNormalization(groups=1), k.Flatten(), softmax()]),
    Entry("group-normalization1d", (14, 6), lambda: [
        k.Conv1D(8, 3, activation="relu"), k.GroupNormalization(groups=2), k.Conv1D(16, 3, activation="gelu"),
        k.GroupNormalization(groups=4), k.Conv1D(7, 3, activation="tanh"), k.GroupNormalization(groups=-1), k.Flatten(),
        softmax()]),

    # Activations
    Entry("activation-layers", (28, 28), lambda: [
        k.Conv1D(7, 3), k.Activation("tanh"), k.Dense(17), k.Activation("gelu"), k.Dense(5), k.Activation("sigmoid"),
        k.Dense(16), k.Activation("relu"), k.Dense(6), k.Activation("leaky_relu"), k.Flatten(), k.Dense(25),
        k.Activation("softmax")]),
    Entry("activation-arguments", (6, 5, 3), lambda: [
        k.Conv2D(7, 2, activation="tanh"), k.Conv2D(6, 2, activation="gelu"), k.Dense(5, activation="leaky_relu"),
        k.Flatten(), k.Dense(17, activation="sigmoid"), k.Dense(16, activation="relu"), k.Dense(9, activation="linear"),
        softmax()]),
    Entry("activation-classes", (9, 7), lambda: [
        k.Conv1D(16, 3), k.ReLU(), k.Dense(7), k.LeakyReLU(), k.Dense(17), k.LeakyReLU(negative_slope=0.1), k.Flatten(),
        k.Dense(30), k.Softmax()]),
    Entry("softmax-within", (9, 7), lambda: [
        k.Dense(5, activation="softmax"), k.LSTM(7, return_sequences=True), k.Activation("softmax"), k.Dense(17), k.Softmax(),
        k.Flatten(), softmax(30)]),

    # Shapes and scales
    Entry("reshape", (28, 28), lambda: [
        k.Reshape((28, 28, 1)), k.Conv2D(4, 3, strides=3, activation="relu"), k.Reshape((-1, 12)),
        k.LSTM(7, return_sequences=True), k.Reshape((9, -1, 3)), k.AveragePooling2D(3), k.Flatten(), softmax()]),
    Entry("rescaling", (28, 28, 1), lambda: [
        k.Rescaling(1 / 127.5, offset=-1), k.Conv2D(7, 5, strides=3, activation="relu"), k.Rescaling(0.5),
        k.GlobalAveragePooling2D(), softmax()], divisor=1),
    Entry("dropout", (28, 28), lambda: [
        k.Dropout(0.2), k.Conv1D(7, 3, activation="relu"), k.Dropout(0.0), k.GRU(6, dropout=0.3, return_sequences=True),
        k.Dropout(0.5), k.Flatten(), softmax(26)]),
    # The last layer's own output is needed once more in the backward pass: by relu, and by a maximum.
    Entry("softmax-after-relu", (12, 10), lambda: [k.Flatten(), k.Dense(10, activation="relu"), k.Softmax()]),
    Entry("logits-of-maxima", (12, 10), lambda: [
        k.Conv1D(12, 3, activation="tanh"), k.Conv1D(10, 3), k.GlobalMaxPooling1D(), k.Softmax()]),
]  # fmt: skip
