"""Opens exported .py files with PyTorch.

    torch_client.py goldens FOLDER                   FOLDER/NAME.py of all golden architectures, against Keras' probabilities
    torch_client.py rows MODEL.py ROWS.csv OURS      against the output of `fingerspell predict --format json`
    torch_client.py names                            prints the attributes of torch.nn.Module and Python's keywords, as JSON
"""

import importlib.util
import json
import keyword
import sys
import warnings

import torch

import expected

torch.set_num_threads(1)
warnings.simplefilter("error")


def module(path):
    """The file, imported."""
    spec = importlib.util.spec_from_file_location("exported", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def probabilities(model, pixels):
    """The probabilities of uint8 images."""
    with torch.inference_mode():
        return model(torch.from_numpy(pixels)).softmax(1).numpy()


def main(task, path=None, *more):
    if task == "goldens":
        expected.compare_goldens(path, ".py", lambda file, pixels: probabilities(module(file).load(), pixels))
    elif task == "rows":
        loaded = module(path)
        model = loaded.load()
        expected.compare_rows(*more, loaded.CLASSES, (28, 28), lambda pixels: probabilities(model, pixels))
    else:
        print(json.dumps(sorted({name for name in dir(torch.nn.Module()) if not name.startswith("_")} | set(keyword.kwlist))))


main(*sys.argv[1:])
