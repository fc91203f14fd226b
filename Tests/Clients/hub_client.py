"""Uses a folder of `fingerspell export --hub` as its card says: the hub's own reader opens the card, and its Python is run as it stands.

    hub_client.py FOLDER       prints the card's data, and what model.py says of a picture, as JSON
"""

import json
import os
import re
import subprocess
import sys

import numpy as np
from huggingface_hub import ModelCard
from PIL import Image

TOLERANCE = 2e-6


def main(folder):
    os.chdir(folder)
    sys.path.insert(0, ".")
    card = ModelCard.load("README.md")
    torch_code, keras_code = re.findall(r"```python\n(.*?)```", card.content, re.DOTALL)
    by_torch, by_keras = {}, {}
    exec(torch_code, by_torch)
    exec(keras_code, by_keras)
    pixels = np.random.default_rng(1).integers(0, 256, (8, 28, 28), dtype=np.uint8)
    with by_torch["torch"].inference_mode():
        theirs = by_torch["model"](by_torch["torch"].from_numpy(pixels)).softmax(1).numpy()
    expected = by_keras["model"].predict(pixels / np.float32(255), verbose=0)
    assert np.abs(theirs - expected).max() < TOLERANCE, np.abs(theirs - expected).max()
    # Larger than the input, and not square.
    picture = pixels[0].repeat(3, 0).repeat(3, 1)
    Image.fromarray(np.concatenate([np.zeros((84, 30), np.uint8), picture, np.zeros((84, 30), np.uint8)], 1)).save("picture.png")
    printed = subprocess.run([sys.executable, "model.py", "picture.png"], check=True, stdout=subprocess.PIPE, text=True).stdout
    index = int(expected[0].argmax())
    assert printed.startswith(f"{by_torch['CLASSES'][index]}  {expected[0, index]:.1%}\n"), (printed, expected[0].max())
    print(json.dumps({"card": card.data.to_dict(), "configuration": json.load(open("config.json")), "printed": printed}))


main(*sys.argv[1:])
