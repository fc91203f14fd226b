"""Makes the golden values of architectures.py with Keras, in double precision, in the folder architectures/:

    index.json         of every architecture: input shape, classes, seed of the formula, its tensors in Keras' order with the
                       formula's scale and offset, its layers with output shapes and numbers of parameters, and a checksum of what the
                       formula makes, for its twin in Swift
    NAME.json          the model's to_json()
    NAME.safetensors   what Keras makes of it

In NAME.safetensors, without dropout:

    probabilities [11, classes], losses [11]  (F64) of samples 0 ..< 11: a micro-batch of 8 and a rest
    gradient/TENSOR      (F32) of the SUM of these losses; of a tensor of more than 4096 elements instead
    gradient-sample/TENSOR [512]       (F32) at the formula's indices, and
    gradient-summary/TENSOR [6]        (F64) greatest magnitude, norm, projections on four of the formula's directions
    step_losses [4]      (F64) mean losses before each of three steps of Adam(1e-3) on the mean loss of samples 0 ..< 11,
                         11 ..< 22, 22 ..< 33, and at last of samples 0 ..< 11 after them
    parameter/TENSOR     (F32) after these steps; of a tensor of more than 1024 elements instead
    parameter-sample/TENSOR [512]      (F32) at the formula's indices

The seed of an architecture is the first under which no number comes close to a kink (of relu, or of a pooling's tie), and
every gradient is more than rounding: see KINK and `usable`.

    .venv/bin/python Tests/Goldens/make_architecture_goldens.py [NAME ...]     all, or these
"""

import json
import pathlib
import sys

import network  # first: it configures Keras
import jax
import keras
import numpy as np
from safetensors.numpy import save_file

import architectures
import formula
import tensors
from kinks import distance_from_kinks
from make_goldens import fnv1a

SAMPLES, STEPS = 11, 3
# No number may be closer to a kink, so that rounding to single precision takes no other branch; in the later steps, where one
# branch more or less could hardly be seen, a tenth of it will do.
KINK, LATER_KINK = 1e-5, 1e-6
FULL_GRADIENT, FULL_PARAMETER, SAMPLED, DIRECTIONS = 4096, 1024, 512, 4
FOLDER = pathlib.Path(__file__).parent / "architectures"


def build(entry, dtype="float64"):
    """The model, with the names that Keras gives in a fresh session."""
    keras.utils.clear_session()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    return keras.Sequential([keras.Input(entry.shape, dtype=dtype), *entry.layers()])


class Case:
    """An entry under a seed: the model with the formula's weights, and its samples."""

    def __init__(self, entry, seed):
        self.entry, self.seed, self.model = entry, seed, build(entry)
        self.classes = self.model.output_shape[-1]
        self.tensors = tensors.describe(self.model)
        self.names = [tensor["name"] for tensor in self.tensors]
        self.weights = [
            formula.tensor(seed, i, t["shape"], t["scale"], t["offset"]) for i, t in enumerate(self.tensors)]
        for variable, value in zip(self.model.trainable_variables, self.weights, strict=True):
            variable.assign(value.astype(np.float64))

    def batch(self, first):
        """SAMPLES samples: inputs, and one-hot labels, in double precision."""
        pixels, labels = formula.samples(self.seed, self.entry.shape, self.classes, first, SAMPLES)
        return pixels.astype(np.float64) / self.entry.divisor, np.eye(self.classes)[labels]

    def losses(self, values, x, y):
        """The sum of the losses, and (probabilities, losses)."""
        probabilities, _ = self.model.stateless_call(values, self.model.non_trainable_variables, x, training=False)
        losses = keras.losses.categorical_crossentropy(y, probabilities)
        return losses.sum(), (probabilities, losses)

    def checksum(self):
        """Of all weights, and pixels and labels of the first samples."""
        pixels, labels = formula.samples(self.seed, self.entry.shape, self.classes, 0, SAMPLES)
        weights = [weights.tobytes() for weights in self.weights]
        return fnv1a(np.frombuffer(b"".join([*weights, pixels.tobytes(), labels.astype(np.uint8).tobytes()]), np.uint8))


def evaluate(case):
    """What NAME.safetensors holds, in double precision: all tensors in full."""
    run = jax.jit(jax.value_and_grad(case.losses, has_aux=True))
    values = [variable.value for variable in case.model.trainable_variables]
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(case.model.trainable_variables)
    state = [variable.value for variable in optimizer.variables]
    step_losses = []
    for step in range(STEPS):
        x, y = case.batch(SAMPLES * step)
        distance = distance_from_kinks(case.model, x)
        if distance < (LATER_KINK if step else KINK):
            raise Unusable(f"step {step} has a number {distance:.1e} from a kink")
        (total, (probabilities, losses)), gradients = run(values, x, y)
        if step == 0:
            trace = str(jax.make_jaxpr(case.losses)(values, x, y))
            assert "f64[" in trace and "f32[" not in trace, "the model computes in single precision"
            result = {"probabilities": probabilities, "losses": losses}
            result |= {f"gradient/{name}": gradient for name, gradient in zip(case.names, gradients, strict=True)}
        step_losses.append(total / SAMPLES)
        values, state = optimizer.stateless_apply(state, [g / SAMPLES for g in gradients], values)
        for variable, value in zip(case.model.trainable_variables, values, strict=True):
            variable.assign(value)
    step_losses.append(case.losses(values, *case.batch(0))[0] / SAMPLES)
    result["step_losses"] = np.stack(step_losses)
    result |= {f"parameter/{name}": value for name, value in zip(case.names, values, strict=True)}
    assert all(value.dtype == np.float64 for value in result.values())
    return {name: np.array(value) for name, value in result.items()}


class Unusable(Exception):
    """Why a seed is passed over."""


def usable(result):
    """Refuses values that Keras would clip, and gradients that are nothing but rounding."""
    if not 1e-6 < result["probabilities"].min() <= result["probabilities"].max() < 1 - 1e-6:
        raise Unusable("Keras would clip a probability")
    gradients = {name: np.abs(value).max() for name, value in result.items() if name.startswith("gradient/")}
    for name, greatest in gradients.items():
        if greatest < 1e-4 * max(gradients.values()):
            raise Unusable(f"{name} is at most {greatest:.1e}")
    return result


def search(entry):
    """The first usable seed: its case, and what Keras makes of it."""
    for seed in range(200):
        case = Case(entry, seed)
        try:
            result = usable(evaluate(case))
        except Unusable as reason:
            print(f"  seed {seed}: {reason}")
            continue
        return Case(entry, seed), result
    raise SystemExit(f"{entry.name}: no usable seed")


def stored(case, result):
    """The tensors as the file has them: large ones by a sample and a summary."""
    contents = {}
    for name, value in result.items():
        role, _, tensor = name.partition("/")
        if not tensor:
            contents[name] = value
            continue
        flat = value.reshape(-1)
        if flat.size <= (FULL_GRADIENT if role == "gradient" else FULL_PARAMETER):
            contents[name] = value.astype(np.float32)
            continue
        contents[f"{role}-sample/{tensor}"] = flat[formula.sampled(case.seed, flat.size, SAMPLED)].astype(np.float32)
        if role == "gradient":
            directions = [formula.fractions(case.seed, 8 + d, flat.size) for d in range(DIRECTIONS)]
            summary = [np.abs(flat).max(), np.linalg.norm(flat), *(flat @ direction for direction in directions)]
            contents[f"gradient-summary/{tensor}"] = np.array(summary)
    return contents


def make(entry):
    """Writes the entry's files and returns its part of the index."""
    case, result = search(entry)
    text = build(entry, "float32").to_json()
    (FOLDER / f"{entry.name}.json").write_text(text + "\n")
    path = FOLDER / f"{entry.name}.safetensors"
    save_file(stored(case, result), path)
    print(f"{entry.name}: seed {case.seed}, {sum(w.size for w in case.weights):,} parameters, {path.stat().st_size:,} bytes, "
          f"losses {np.round(result['step_losses'], 4)}", flush=True)
    return {
        "name": entry.name, "input_shape": list(entry.shape), "classes": case.classes, "divisor": entry.divisor,
        "seed": case.seed, "checksum": case.checksum(), "tensors": case.tensors, "layers": tensors.outline(case.model)}  # fmt: skip


def main(names):
    entries = {entry.name: entry for entry in architectures.TABLE}
    assert len(entries) == len(architectures.TABLE) and set(names) <= set(entries)
    FOLDER.mkdir(exist_ok=True)
    index = FOLDER / "index.json"
    known = {known["name"]: known for known in json.loads(index.read_text())["architectures"]} if index.exists() else {}
    for name in names or entries:
        known[name] = make(entries[name])
    for path in FOLDER.iterdir():
        if path != index and path.stem not in entries:
            path.unlink()
    lines = [json.dumps(known[name]) for name in entries if name in known]
    versions = json.dumps(network.versions() | {"floatx": "float64"})
    index.write_text(f'{{"versions": {versions},\n"architectures": [\n' + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
