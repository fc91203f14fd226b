"""Training steps of a network of networks.py. Usage: network_baseline.py keras|torch|torch-compile NAME THREADS STEPS

For a line of input it trains STEPS batches and answers with the seconds and the mean loss. Rows are noise, in memory; they do not
matter to the time. `network_baseline.py json NAME` prints the model's to_json() instead.
"""

import os
import sys

import numpy as np

import baseline
import networks

ROWS = 4096


def rows(shape, count):
    """`count` rows of noise, float32 in [0, 1), and their labels."""
    generator = np.random.default_rng(1)
    images = generator.random((ROWS, *shape), np.float32)
    labels = generator.integers(0, networks.CLASSES, ROWS)
    order = generator.integers(0, ROWS, count)
    return images[order], labels[order]


def keras_model(name):
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ["JAX_PLATFORMS"] = "cpu"
    import keras

    keras.utils.set_random_seed(1)
    network = networks.NETWORKS[name]
    return keras.Sequential([keras.Input(network.shape), *network.keras(keras.layers)])


def keras_epoch(name, threads, steps):
    """`fit` over the rows of as many batches. The process is bound to as many cores, which JAX takes for the machine's."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    model = keras_model(name)
    import jax
    import keras

    x, y = rows(model.input_shape[1:], steps * baseline.BATCH)
    y = keras.utils.to_categorical(y, networks.CLASSES)
    model.compile(optimizer=keras.optimizers.Adam(), loss="categorical_crossentropy")

    def epoch():
        return model.fit(x, y, batch_size=baseline.BATCH, epochs=1, verbose=0).history["loss"][-1]

    return epoch, f"Keras {keras.__version__}, JAX {jax.__version__}"


def torch_epoch(name, threads, steps, compiled):
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    network = networks.NETWORKS[name]
    model = network.torch().train()
    forward = torch.compile(model) if compiled else model
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), eps=1e-7, fused=True)
    x, y = (torch.from_numpy(values) for values in rows((28, 28), steps * baseline.BATCH))

    def epoch():
        total = torch.zeros(())
        for images, labels in zip(x.split(baseline.BATCH), y.split(baseline.BATCH), strict=True):
            loss = torch.nn.functional.cross_entropy(forward(images), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach()
        return total.item() / steps

    return epoch, f"PyTorch {torch.__version__}" + (", compiled" if compiled else "")


def main(kind, name, threads="1", steps="1"):
    if kind == "json":
        print(keras_model(name).to_json())
        return
    channel = baseline.answers()
    if kind == "keras":
        epoch, note = keras_epoch(name, int(threads), int(steps))
    else:
        epoch, note = torch_epoch(name, int(threads), int(steps), kind == "torch-compile")
    baseline.serve(channel, epoch, note)


if __name__ == "__main__":
    main(*sys.argv[1:])
