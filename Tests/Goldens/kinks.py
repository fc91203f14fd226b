"""How far a model's numbers stay from the kinks of its layers: where relu bends, and where a pooling's greatest two tie."""

import keras
import numpy as np


def distance_from_kinks(model, x):
    """The smallest distance over all layers and all samples of `x`; infinite if there is no kink."""
    smallest = np.inf
    for layer in model.layers:
        smallest = min(smallest, distance(layer, x))
        x = np.array(layer(x, training=False))
    return smallest


def distance(layer, x):
    """The smallest distance within a layer, of its input `x`."""
    layers = keras.layers
    if isinstance(layer, (layers.ReLU, layers.LeakyReLU)):
        assert getattr(layer, "threshold", 0) == 0 and getattr(layer, "max_value", None) is None, "more than one kink"
        return np.abs(x).min()
    if getattr(layer, "activation", None) in (keras.activations.relu, keras.activations.leaky_relu):
        return np.abs(before_activation(layer, x)).min()
    if isinstance(layer, (layers.MaxPooling1D, layers.MaxPooling2D)):
        return gap(windows(x, layer.pool_size, layer.strides, layer.padding))
    if isinstance(layer, (layers.GlobalMaxPooling1D, layers.GlobalMaxPooling2D)):
        return gap(x.reshape(len(x), -1, x.shape[-1]).swapaxes(1, 2))
    return np.inf


def before_activation(layer, x):
    """What the layer hands to its activation function."""
    activation, layer.activation = layer.activation, keras.activations.linear
    try:
        return np.array(layer(x, training=False))
    finally:
        layer.activation = activation


def windows(x, size, strides, padding):
    """The windows of a pooling: [..., elements of a window], -inf where it hangs over the edge."""
    dimensions = len(size)
    pads = [(0, 0)]
    for length, k, s in zip(x.shape[1:-1], size, strides, strict=True):
        total = max((-(-length // s) - 1) * s + k - length, 0) if padding == "same" else 0
        pads.append((total // 2, total - total // 2))
    padded = np.pad(x, [*pads, (0, 0)], constant_values=-np.inf)
    axes = tuple(range(1, 1 + dimensions))
    view = np.lib.stride_tricks.sliding_window_view(padded, tuple(size), axes)
    steps = tuple(slice(None, None, s) for s in strides)
    view = view[(slice(None), *steps)]
    return view.reshape(*view.shape[: view.ndim - dimensions], -1)


def gap(values):
    """The smallest gap of the greatest two along the last axis. Zeros that tie come from relu, which passes no gradient."""
    if values.shape[-1] < 2:
        return np.inf
    second, first = np.moveaxis(np.sort(values, -1)[..., -2:], -1, 0)
    return np.where((first == 0) & (second == 0), np.inf, first - second).min()
