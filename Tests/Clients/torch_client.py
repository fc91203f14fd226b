"""Opens exported .py files with PyTorch.

    torch_client.py goldens FOLDER                   FOLDER/NAME.py of all golden architectures, against Keras' probabilities
    torch_client.py rows MODEL.py ROWS.csv OURS      against the output of `fingerspell predict --format json`
    torch_client.py evaluate MODEL.py ROWS.csv       prints loss and confusion matrix, as JSON
    torch_client.py state MODEL.py STATE             writes its state_dict as safetensors
    torch_client.py names                            prints the attributes of torch.nn.Module and Python's keywords, as JSON
"""

import importlib.util
import json
import keyword
import sys
import warnings

import torch
from safetensors.torch import save_file

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
    elif task == "evaluate":
        model = module(path).load()
        expected.evaluation(*more, (28, 28), lambda pixels: probabilities(model, pixels))
    elif task == "state":
        save_file({key: value.contiguous() for key, value in module(path).load().state_dict().items()}, more[0])
    else:
        print(json.dumps(sorted({name for name in dir(torch.nn.Module()) if not name.startswith("_")} | set(keyword.kwlist))))


main(*sys.argv[1:])
