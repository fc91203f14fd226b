"""A server as one writes it with FastAPI and ONNX Runtime: a PNG or JPEG image in, JSON out. run-serving starts it under uvicorn.

The model is $MODEL, an ONNX file of `fingerspell export` (input uint8, preprocessing inside); $THREADS are ONNX Runtime's threads.
"""

import io
import os

import numpy
import onnxruntime
from fastapi import FastAPI, Request
from PIL import Image

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(os.environ.get("THREADS", "1"))
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
classes = [chr(ord("A") + label) for label in range(25)]
app = FastAPI()


def infer(body):
    """The answer for a picture."""
    pixels = numpy.asarray(Image.open(io.BytesIO(body)).convert("L").resize((28, 28)))
    probabilities = session.run(["probabilities"], {name: pixels[None]})[0][0].tolist()
    best = max(range(len(probabilities)), key=probabilities.__getitem__)
    answer = {"label": classes[best], "probability": probabilities[best], "probabilities": dict(zip(classes, probabilities, strict=True))}
    return {"predictions": [answer]}


@app.post("/predict")
async def predict(request: Request):
    # On the event loop: at a tenth of a millisecond, handing the work to a thread costs more than doing it.
    return infer(await request.body())
