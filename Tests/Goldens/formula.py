"""Weights, images, labels and dropout masks by formula: the same numbers in Python and in Swift, no random generator.

Every number comes from one 32-bit hash of (stream, index). All values are exact in single precision, so both sides start
from the same bits. Tests/Support/GoldenValues/Formula.swift is the twin of this file.

    mix(x):   x ^= x >> 16;  x *= 0x7feb352d;  x ^= x >> 15;  x *= 0x846ca68b;  x ^= x >> 16      (modulo 2^32)
    h(s, n) = mix(mix(s) + n)

    pixel     of sample n, row r, column c:  h(0, 784 n + 28 r + c) >> 24                         0 ... 255
              In column 0 an odd row repeats the row above.
    label     of sample n:  ((h(1, n) >> 16) * 25) >> 16                                          0 ... 24
    mask      element e of sample n, E elements a sample, in stream s of MASKS with rate p:
              0 if (h(s, E n + e) >> 16) < round(65536 p), else the single precision nearest to 1 / (1 - p)
    weight    element e of the i-th tensor of LAYOUT:  ((h(16 + i, e) >> 16) - 32768) / 32768 * scale
              The forget gate's biases (64 ..< 128 of a LSTM's 256) have 1 added.

Three places are set by hand, so that the cases in which implementations differ do occur:
    convolution filter 0 is zero except kernel[1, 0, 0] = 1/8: with the repeated pixels of column 0, its two outputs in a
        pooling window are equal and positive, but their inputs are not (which one gets the gradient of a tie?);
    convolution filter 1 and its bias are zero, and so are unit 1 of the dense layer and its bias: their relu sits at
        exactly zero (is the gradient there 0?).
The scales are such that everywhere else the first 11 samples keep a distance of 1e-5 from every kink, of relu and of the
pooling, with and without the masks: rounding to single precision (some 1e-7) takes no other branch.

Any other architecture (architectures.py) has numbers of the same kind under a seed, in the streams
S(s) = 4096 (seed + 1) + s, for inputs of E numbers a sample, C classes and tensors of any shape:

    pixel     number e of sample n:  h(S(0), E n + e) >> 24                                       0 ... 255
    label     of sample n:  ((h(S(1), n) >> 16) * C) >> 16                                        0 ... C - 1
    weight    element e of the i-th tensor:  offset + ((h(S(16 + i), e) >> 16) - 32768) / 32768 * scale
    sampled   index j of those at which a tensor of N elements is compared:  (h(S(2), j) * N) >> 32
    direction element e of the d-th on which a tensor is projected:  ((h(S(8 + d), e) >> 16) - 32768) / 32768

The scale is a power of two, and so every weight is exact in single precision.
"""

import numpy as np

# name, shape, scale of the formula's weights. The order is Keras' own.
LAYOUT = [
    ("conv1d/kernel", (3, 28, 64), 1 / 8),
    ("conv1d/bias", (64,), 1 / 16),
    ("lstm/kernel", (64, 256), 1 / 8),
    ("lstm/recurrent_kernel", (64, 256), 1 / 8),
    ("lstm/bias", (256,), 1 / 16),
    ("lstm_1/kernel", (64, 256), 1 / 8),
    ("lstm_1/recurrent_kernel", (64, 256), 1 / 8),
    ("lstm_1/bias", (256,), 1 / 16),
    ("dense/kernel", (64, 64), 1 / 4),
    ("dense/bias", (64,), 1 / 8),
    ("dense_1/kernel", (64, 25), 1 / 2),
    ("dense_1/bias", (25,), 1 / 16),
]

# name: stream, shape a sample, rate. The four gates are in Keras' order i, f, c, o.
MASKS = {
    "pooling": (2, (14, 64), 0.3),
    "lstm_input": (3, (4, 64), 0.3),
    "lstm_recurrent": (4, (4, 64), 0.2),
    "lstm_1_input": (5, (64,), 0.3),
    "dense": (6, (64,), 0.3),
}


def mix(x):
    x = np.asarray(x, np.uint32)
    with np.errstate(over="ignore"):
        x = x ^ (x >> np.uint32(16))
        x = x * np.uint32(0x7FEB352D)
        x = x ^ (x >> np.uint32(15))
        x = x * np.uint32(0x846CA68B)
        return x ^ (x >> np.uint32(16))


def hashes(stream, first, count):
    """h(stream, n) for n in first ..< first + count, as int64."""
    index = np.arange(first, first + count, dtype=np.uint64).astype(np.uint32)
    return mix(mix([stream]) + index).astype(np.int64)


def weights():
    """The formula's weights: name -> float32 array, in Keras' order."""
    tensors = {}
    for i, (name, shape, scale) in enumerate(LAYOUT):
        bits = hashes(16 + i, 0, int(np.prod(shape)))
        value = ((bits >> 16) - 32768) / 32768 * scale
        if name in ("lstm/bias", "lstm_1/bias"):
            value[64:128] += 1
        tensors[name] = value.reshape(shape)
    tensors["conv1d/kernel"][:, :, :2] = 0
    tensors["conv1d/kernel"][1, 0, 0] = 1 / 8
    tensors["conv1d/bias"][1] = 0
    tensors["dense/kernel"][:, 1] = 0
    tensors["dense/bias"][1] = 0
    for name, value in tensors.items():
        assert np.array_equal(value, value.astype(np.float32)), name
    return {name: value.astype(np.float32) for name, value in tensors.items()}


def batch(first, count):
    """Samples first ..< first + count: pixels uint8 [count, 28, 28] and labels int64 [count]."""
    pixels = (hashes(0, 784 * first, 784 * count) >> 24).reshape(count, 28, 28)
    pixels[:, 1::2, 0] = pixels[:, 0::2, 0]
    labels = ((hashes(1, first, count) >> 16) * 25) >> 16
    return pixels.astype(np.uint8), labels


def masks(first, count):
    """The dropout masks of samples first ..< first + count: name -> float32 [count, *shape]."""
    result = {}
    for name, (stream, shape, rate) in MASKS.items():
        size = int(np.prod(shape))
        kept = (hashes(stream, size * first, size * count) >> 16) >= round(65536 * rate)
        result[name] = np.where(kept, np.float32(1 / (1 - rate)), np.float32(0)).reshape(count, *shape)
    return result


def stream(seed, purpose):
    """S(purpose) of an architecture's seed."""
    return 4096 * (seed + 1) + purpose


def fractions(seed, purpose, count):
    """`count` multiples of 1 / 2^15 in [-1, 1), as float64."""
    return ((hashes(stream(seed, purpose), 0, count) >> 16) - 32768) / 32768


def tensor(seed, index, shape, scale, offset):
    """The weights of an architecture's tensor `index`, as float32."""
    exact = offset + fractions(seed, 16 + index, int(np.prod(shape))).reshape(shape) * scale
    assert np.array_equal(exact, exact.astype(np.float32))
    return exact.astype(np.float32)


def samples(seed, shape, classes, first, count):
    """Samples first ..< first + count: pixels uint8 [count, *shape] and labels int64 [count]."""
    size = int(np.prod(shape))
    pixels = (hashes(stream(seed, 0), size * first, size * count) >> 24).reshape(count, *shape)
    return pixels.astype(np.uint8), ((hashes(stream(seed, 1), first, count) >> 16) * classes) >> 16


def sampled(seed, size, count):
    """`count` indices of a tensor of `size` elements."""
    return (hashes(stream(seed, 2), 0, count) * size) >> 32
