"""Inference with the default network. Usage: inference_baseline.py onnxruntime|torch|torch-compile MODEL THREADS BATCH COUNT

Bytes go in, probabilities come out. MODEL is an ONNX file of `fingerspell export`, which ONNX Runtime computes; PyTorch computes
the network of torch_baseline.py, with weights of its own. For a line of input it computes COUNT batches and answers with the
seconds of each.
"""

import json
import sys
import time

import numpy as np

import baseline

DISTINCT = 1024


def onnxruntime_batch(model, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: session.run(["probabilities"], {name: images})[0], f"ONNX Runtime {onnxruntime.__version__}"


def torch_batch(threads, compiled):
    import torch

    import torch_baseline

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    network = torch_baseline.Network().eval()
    model = torch.compile(network) if compiled else network

    @torch.inference_mode()
    def batch(images):
        return model(torch.from_numpy(images).float() / 255).softmax(1).numpy()

    return batch, f"PyTorch {torch.__version__}" + (", compiled" if compiled else "")


def main(kind, model, threads, size, count):
    channel = baseline.answers()
    if kind == "onnxruntime":
        batch, note = onnxruntime_batch(model, threads)
    else:
        batch, note = torch_batch(threads, kind == "torch-compile")
    generator = np.random.default_rng(1)
    images = generator.integers(0, 256, (max(DISTINCT, size), 28, 28), np.uint8)
    batches = [images[at : at + size] for at in range(0, len(images) - size + 1, size)]

    def answer(**values):
        channel.write(json.dumps(values) + "\n")
        channel.flush()

    def work():
        seconds = []
        for number in range(count):
            start = time.perf_counter()
            probabilities = batch(batches[number % len(batches)])
            seconds.append(time.perf_counter() - start)
            assert probabilities.shape == (size, 25)
        return seconds

    work()
    answer(note=note)
    for _ in sys.stdin:
        answer(seconds=work())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
