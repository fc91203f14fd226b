"""A Keras model's trainable tensors under our names, and the scale of the formula's weights for them. Needs no Keras itself."""

import numpy as np


def tensor_names(model):
    """`<layer>/<weight>` of the trainable weights, in Keras' order; a wrapped layer is `forward` or `backward`."""
    names = []
    for layer in model.layers:
        wrapped = {"forward": getattr(layer, "forward_layer", None), "backward": getattr(layer, "backward_layer", None)}
        for variable in layer.trainable_variables:
            within = [word for word, part in wrapped.items() if part and any(variable is own for own in part.trainable_variables)]
            names.append("/".join([layer.name, *within, variable.name]))
    assert len(set(names)) == len(names) == len(model.trainable_variables), names
    return names


def scale_and_offset(name, shape):
    """The formula's numbers are scaled such that a layer about keeps the magnitude of its input."""
    weight = name.split("/")[-1]
    if weight == "gamma":
        return 1 / 4, 1.0
    if weight in ("bias", "beta"):
        return 1 / 8, 0.0
    return 2.0 ** round(np.log2(np.sqrt(3 / np.prod(shape[:-1])))), 0.0


def describe(model):
    """Of every trainable tensor: name and shape, and the formula's scale and offset."""
    tensors = []
    for name, variable in zip(tensor_names(model), model.trainable_variables, strict=True):
        shape = list(map(int, variable.shape))
        scale, offset = scale_and_offset(name, shape)
        tensors.append({"name": name, "shape": shape, "scale": scale, "offset": offset})
    return tensors


def outline(model):
    """Of every layer: name, class, output shape without the batch, and number of parameters, as model.summary() prints them."""
    return [
        {"name": layer.name, "class": type(layer).__name__, "output_shape": list(layer.output.shape[1:]),
         "parameters": int(layer.count_params())}
        for layer in model.layers
    ]  # fmt: skip
