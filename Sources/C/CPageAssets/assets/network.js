"use strict";
// The forward pass of a network in plain JavaScript: no page and no library, so that it runs in a browser and under node.
//
// A model is what the page's JSON says: `layers` as Keras describes them, `tensors` with name, shape and offset, `input`, a sample's
// shape, `preprocessing`, and `softmax`, whether the last layer gives probabilities. Numbers between layers are float32, sums are
// float64. All memory is taken once: a prediction allocates nothing.

const Network = (() => {
  /** sums[j] += Σ x[xAt + i] · matrix[at + i · width + j] for i < count, four rows of the matrix at a time. */
  function addProduct(sums, x, xAt, count, matrix, at, width) {
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const a = x[xAt + i], b = x[xAt + i + 1], c = x[xAt + i + 2], d = x[xAt + i + 3];
      // A rectifier leaves many zeros.
      if (a === 0 && b === 0 && c === 0 && d === 0) continue;
      const p = at + i * width, q = p + width, r = q + width, s = r + width;
      for (let j = 0; j < width; j++) {
        sums[j] += a * matrix[p + j] + b * matrix[q + j] + c * matrix[r + j] + d * matrix[s + j];
      }
    }
    for (; i < count; i++) {
      const a = x[xAt + i], p = at + i * width;
      if (a !== 0) for (let j = 0; j < width; j++) sums[j] += a * matrix[p + j];
    }
  }

  const product = (numbers) => numbers.reduce((a, b) => a * b, 1);
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));

  /** The error function: the rational approximation that the program itself computes, within 5.5 units in float32's last place. */
  function erf(argument) {
    const x = Math.min(3.9, Math.max(-3.9, argument)), z = x * x;
    const p = ((((2.0664424e-6 * z + 2.8506017e-4) * z + 3.7383502e-3) * z + 5.2668087e-2) * z + 1.8966722e-1) * z + 1.1283791;
    const q = ((((3.8269594e-5 * z + 1.1573732e-3) * z + 1.4914286e-2) * z + 1.1381908e-1) * z + 5.01421e-1) * z + 1;
    return x * p / q;
  }

  /** Activation functions, in place on rows of `channels` numbers. */
  const ACTIVATIONS = {
    linear: () => {},
    relu: (y) => { for (let i = 0; i < y.length; i++) if (y[i] < 0) y[i] = 0; },
    leaky_relu: (y, _, slope = 0.2) => { for (let i = 0; i < y.length; i++) if (y[i] < 0) y[i] *= slope; },
    tanh: (y) => { for (let i = 0; i < y.length; i++) y[i] = Math.tanh(y[i]); },
    sigmoid: (y) => { for (let i = 0; i < y.length; i++) y[i] = sigmoid(y[i]); },
    gelu: (y) => { for (let i = 0; i < y.length; i++) y[i] *= 0.5 + 0.5 * erf(y[i] * 0.70710678); },
    softmax: (y, channels) => {
      for (let at = 0; at < y.length; at += channels) {
        let largest = -Infinity, sum = 0;
        for (let i = at; i < at + channels; i++) if (y[i] > largest) largest = y[i];
        for (let i = at; i < at + channels; i++) sum += y[i] = Math.exp(y[i] - largest);
        for (let i = at; i < at + channels; i++) y[i] /= sum;
      }
    },
  };

  /** A layer that works on each number, or each row of channels, alone. */
  function pointwise(input, apply) {
    const output = new Float32Array(product(input));
    return { shape: input, run(x) { output.set(x); apply(output); return output; } };
  }

  function activation(input, name, slope) {
    const apply = ACTIVATIONS[name], channels = input[input.length - 1];
    return pointwise(input, (y) => apply(y, channels, slope));
  }

  /** The positions of the input that each window sees, row-major, -1 outside: as Keras and TensorFlow place them. */
  function windows(input, config, sizeKey) {
    const sides = input.slice(0, -1), size = config[sizeKey], strides = config.strides ?? size, same = config.padding === "same";
    const outputs = sides.map((side, i) =>
      same ? Math.ceil(side / strides[i]) : Math.floor((side - size[i]) / strides[i]) + 1);
    const before = sides.map((side, i) =>
      same ? Math.floor(Math.max((outputs[i] - 1) * strides[i] + size[i] - side, 0) / 2) : 0);
    // One dimension is a single row of two.
    const two = (numbers, row) => (numbers.length === 1 ? [row, numbers[0]] : numbers);
    const [h, w] = two(sides, 1), [oh, ow] = two(outputs, 1), [kh, kw] = two(size, 1), [sh, sw] = two(strides, 1), [bh, bw] = two(before, 0);
    const table = [];
    for (let r = 0; r < oh; r++) for (let c = 0; c < ow; c++) {
      for (let i = r * sh - bh; i < r * sh - bh + kh; i++) for (let j = c * sw - bw; j < c * sw - bw + kw; j++) {
        table.push(i >= 0 && i < h && j >= 0 && j < w ? i * w + j : -1);
      }
    }
    return { outputs, positions: oh * ow, taps: kh * kw, table: Int32Array.from(table) };
  }

  function convolution(config, input, tensor) {
    const { outputs, positions, taps, table } = windows(input, config, "kernel_size");
    const channels = input[input.length - 1], filters = config.filters, depth = taps * channels;
    const kernel = tensor("kernel"), bias = tensor("bias"), apply = ACTIVATIONS[config.activation];
    const row = new Float32Array(depth), sums = new Float64Array(filters), output = new Float32Array(positions * filters);
    return {
      shape: [...outputs, filters],
      run(x) {
        for (let position = 0; position < positions; position++) {
          for (let tap = 0; tap < taps; tap++) {
            const from = table[position * taps + tap] * channels, to = tap * channels;
            for (let c = 0; c < channels; c++) row[to + c] = from < 0 ? 0 : x[from + c];
          }
          if (bias) sums.set(bias); else sums.fill(0);
          addProduct(sums, row, 0, depth, kernel, 0, filters);
          output.set(sums, position * filters);
        }
        apply(output, filters);
        return output;
      },
    };
  }

  /** The largest or the mean of a window's numbers, channel by channel; those outside the input do not count. */
  function pooling(isMaximum, { positions, taps, table }, channels, shape) {
    const output = new Float32Array(positions * channels);
    return {
      shape,
      run(x) {
        for (let position = 0; position < positions; position++) {
          for (let c = 0; c < channels; c++) {
            let value = isMaximum ? -Infinity : 0, count = 0;
            for (let tap = position * taps; tap < (position + 1) * taps; tap++) {
              if (table[tap] < 0) continue;
              const number = x[table[tap] * channels + c];
              if (isMaximum) { if (number > value) value = number; } else value += number;
              count++;
            }
            output[position * channels + c] = isMaximum ? value : value / count;
          }
        }
        return output;
      },
    };
  }

  const windowed = (isMaximum) => (config, input) => {
    const found = windows(input, config, "pool_size"), channels = input[input.length - 1];
    return pooling(isMaximum, found, channels, [...found.outputs, channels]);
  };

  const global = (isMaximum) => (_, input) => {
    const channels = input[input.length - 1], sides = input.slice(0, -1);
    return pooling(isMaximum, windows(input, { size: sides, strides: sides }, "size"), channels, [channels]);
  };

  /** A recurrent layer's pass over time; `cell(x, at)` turns the state into the next one. Sequences lie in the order of the
   * steps, or, with `inPlace`, at the input's positions. */
  function recurrence(config, input, makeCell, tensor, { reversed, inPlace }) {
    const [steps, channels] = input, units = config.units, sequences = config.return_sequences;
    const state = new Float32Array(units), cell = makeCell(config, channels, state, tensor);
    const output = sequences ? new Float32Array(steps * units) : state;
    return {
      shape: sequences ? [steps, units] : [units],
      run(x) {
        cell.begin();
        for (let step = 0; step < steps; step++) {
          const position = reversed ? steps - 1 - step : step;
          cell.step(x, position * channels);
          if (sequences) output.set(state, (inPlace ? position : step) * units);
        }
        return output;
      },
    };
  }

  /** i, f, o = σ(z), ĉ = tanh(z_c); c = f c + i ĉ; h = o tanh c. */
  function lstmCell(config, channels, state, tensor) {
    const units = config.units, width = 4 * units, cells = new Float32Array(units), sums = new Float64Array(width);
    const kernel = tensor("kernel"), recurrent = tensor("recurrent_kernel"), bias = tensor("bias");
    return {
      begin() { state.fill(0); cells.fill(0); },
      step(x, at) {
        if (bias) sums.set(bias); else sums.fill(0);
        addProduct(sums, x, at, channels, kernel, 0, width);
        addProduct(sums, state, 0, units, recurrent, 0, width);
        for (let u = 0; u < units; u++) {
          cells[u] = sigmoid(sums[units + u]) * cells[u] + sigmoid(sums[u]) * Math.tanh(sums[2 * units + u]);
          state[u] = sigmoid(sums[3 * units + u]) * Math.tanh(cells[u]);
        }
      },
    };
  }

  /** z, r = σ(x + u); ĥ = tanh(x_h + r u_h); h = z h + (1 - z) ĥ: the reset gate after the product. */
  function gruCell(config, channels, state, tensor) {
    const units = config.units, width = 3 * units, inputs = new Float64Array(width), states = new Float64Array(width);
    const kernel = tensor("kernel"), recurrent = tensor("recurrent_kernel"), bias = tensor("bias");
    return {
      begin() { state.fill(0); },
      step(x, at) {
        if (bias) { inputs.set(bias.subarray(0, width)); states.set(bias.subarray(width)); } else { inputs.fill(0); states.fill(0); }
        addProduct(inputs, x, at, channels, kernel, 0, width);
        addProduct(states, state, 0, units, recurrent, 0, width);
        for (let u = 0; u < units; u++) {
          const z = sigmoid(inputs[u] + states[u]), r = sigmoid(inputs[units + u] + states[units + u]);
          state[u] = z * state[u] + (1 - z) * Math.tanh(inputs[2 * units + u] + r * states[2 * units + u]);
        }
      },
    };
  }

  const CELLS = { LSTM: lstmCell, GRU: gruCell };
  const recurrent = (kind) => (config, input, tensor) =>
    recurrence(config, input, CELLS[kind], tensor, { reversed: config.go_backwards, inPlace: false });

  function bidirectional(config, input, tensor) {
    const { class_name: kind, config: own } = config.layer;
    const forward = recurrence(own, input, CELLS[kind], (name) => tensor(`forward/${name}`), { reversed: false, inPlace: true });
    const backward = recurrence(own, input, CELLS[kind], (name) => tensor(`backward/${name}`), { reversed: true, inPlace: true });
    const units = own.units, rows = own.return_sequences ? input[0] : 1, mode = config.merge_mode;
    const width = mode === "concat" ? 2 * units : units, output = new Float32Array(rows * width);
    const merge = { sum: (a, b) => a + b, ave: (a, b) => (a + b) / 2, mul: (a, b) => a * b }[mode];
    return {
      shape: own.return_sequences ? [rows, width] : [width],
      run(x) {
        const a = forward.run(x), b = backward.run(x);
        if (merge) {
          for (let i = 0; i < output.length; i++) output[i] = merge(a[i], b[i]);
        } else {
          for (let row = 0; row < rows; row++) for (let u = 0; u < units; u++) {
            output[row * width + u] = a[row * units + u];
            output[row * width + units + u] = b[row * units + u];
          }
        }
        return output;
      },
    };
  }

  /** Groups of `size` channels over `positions` positions are normalized: less their mean, over their standard deviation, then scaled. */
  function normalization(config, input, tensor, positions, blocks, size) {
    const channels = input[input.length - 1], gamma = tensor("gamma"), beta = tensor("beta");
    const output = new Float32Array(product(input)), count = positions * size, epsilon = Math.fround(config.epsilon);
    return {
      shape: input,
      run(x) {
        for (let block = 0; block < blocks; block++) for (let first = 0; first < channels; first += size) {
          const start = block * positions * channels;
          let sum = 0, squares = 0;
          for (let p = 0; p < positions; p++) for (let c = first; c < first + size; c++) sum += x[start + p * channels + c];
          const mean = sum / count;
          for (let p = 0; p < positions; p++) for (let c = first; c < first + size; c++) squares += (x[start + p * channels + c] - mean) ** 2;
          const inverse = 1 / Math.sqrt(squares / count + epsilon);
          for (let p = 0; p < positions; p++) for (let c = first; c < first + size; c++) {
            const at = start + p * channels + c;
            output[at] = (x[at] - mean) * inverse * (gamma ? gamma[c] : 1) + (beta ? beta[c] : 0);
          }
        }
        return output;
      },
    };
  }

  function reshaped(config, input) {
    const count = product(input), known = product(config.target_shape.filter((side) => side !== -1));
    return { shape: config.target_shape.map((side) => (side === -1 ? count / known : side)), run: (x) => x };
  }

  function dense(config, input, tensor) {
    const channels = input[input.length - 1], units = config.units, rows = product(input) / channels;
    const kernel = tensor("kernel"), bias = tensor("bias"), apply = ACTIVATIONS[config.activation];
    const sums = new Float64Array(units), output = new Float32Array(rows * units);
    return {
      shape: [...input.slice(0, -1), units],
      run(x) {
        for (let row = 0; row < rows; row++) {
          if (bias) sums.set(bias); else sums.fill(0);
          addProduct(sums, x, row * channels, channels, kernel, 0, units);
          output.set(sums, row * units);
        }
        apply(output, units);
        return output;
      },
    };
  }

  function rescaling(config, input) {
    const scale = Math.fround(config.scale), offset = Math.fround(config.offset);
    return pointwise(input, (y) => { for (let i = 0; i < y.length; i++) y[i] = Math.fround(y[i] * scale) + offset; });
  }

  /** What computes each layer: a function of its configuration, its input's shape and its tensors. */
  const LAYERS = {
    Dense: dense,
    Activation: (config, input) => activation(input, config.activation),
    ReLU: (config, input) => activation(input, "leaky_relu", config.negative_slope),
    LeakyReLU: (config, input) => activation(input, "leaky_relu", config.negative_slope),
    Softmax: (_, input) => activation(input, "softmax"),
    Dropout: (_, input) => ({ shape: input, run: (x) => x }),
    Conv1D: convolution, Conv2D: convolution,
    MaxPooling1D: windowed(true), MaxPooling2D: windowed(true),
    AveragePooling1D: windowed(false), AveragePooling2D: windowed(false),
    GlobalMaxPooling1D: global(true), GlobalMaxPooling2D: global(true),
    GlobalAveragePooling1D: global(false), GlobalAveragePooling2D: global(false),
    Flatten: (_, input) => ({ shape: [product(input)], run: (x) => x }),
    Reshape: reshaped,
    Rescaling: rescaling,
    LayerNormalization: (config, input, tensor) =>
      normalization(config, input, tensor, 1, product(input.slice(0, -1)), input[input.length - 1]),
    GroupNormalization: (config, input, tensor) =>
      normalization(config, input, tensor, product(input.slice(0, -1)), 1, config.groups === -1 ? 1 : input[input.length - 1] / config.groups),
    LSTM: recurrent("LSTM"), GRU: recurrent("GRU"), Bidirectional: bidirectional,
  };

  /** The inputs that pixels become: of each of the 256 levels, into `levels`. */
  function preprocess(kind, pixels, levels) {
    if (kind !== "standardized") {
      const divisor = kind === "unit" ? 255 : 1;
      for (let level = 0; level < 256; level++) levels[level] = level / divisor;
      return;
    }
    let sum = 0, squares = 0;
    for (let i = 0; i < pixels.length; i++) { sum += pixels[i]; squares += pixels[i] * pixels[i]; }
    const total = pixels.length, standardDeviation = Math.sqrt(Math.max(total * squares - sum * sum, total)) / total;
    const scale = Math.fround(1 / standardDeviation), shift = Math.fround(-sum / total / standardDeviation);
    for (let level = 0; level < 256; level++) levels[level] = shift + level * scale;
  }

  class Network {
    /** @param weights a Float32Array of all tensors; the page has it in base64 (`Network.decode`). */
    constructor(model, weights) {
      this.model = model;
      this.pixels = new Uint8Array(product(model.input));
      this.input = new Float32Array(this.pixels.length);
      this.levels = new Float32Array(256);
      const places = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
      let shape = model.input;
      this.layers = model.layers.map(({ class_name: kind, config }) => {
        const make = LAYERS[kind];
        if (!make) throw new Error(`${config.name} (${kind}) cannot be computed here`);
        const layer = make(config, shape, (name) => {
          const place = places.get(`${config.name}/${name}`);
          return place && weights.subarray(place.offset, place.offset + product(place.shape));
        });
        shape = layer.shape;
        return layer;
      });
      this.probabilities = new Float32Array(shape[0]);
    }

    /** The probabilities of the classes for `this.pixels`, bytes in row-major order; the next prediction overwrites them. */
    predict() {
      preprocess(this.model.preprocessing, this.pixels, this.levels);
      for (let i = 0; i < this.input.length; i++) this.input[i] = this.levels[this.pixels[i]];
      let signal = this.input;
      for (const layer of this.layers) signal = layer.run(signal);
      this.probabilities.set(signal);
      if (!this.model.softmax) ACTIVATIONS.softmax(this.probabilities, this.probabilities.length);
      return this.probabilities;
    }

    /** The first of the largest numbers. */
    static best(probabilities) {
      let best = 0;
      for (let i = 1; i < probabilities.length; i++) if (probabilities[i] > probabilities[best]) best = i;
      return best;
    }

    /** Little-endian float32 numbers of a text in base64. */
    static decode(base64) {
      const text = atob(base64.trim()), bytes = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
      const view = new DataView(bytes.buffer), numbers = new Float32Array(bytes.length / 4);
      for (let i = 0; i < numbers.length; i++) numbers[i] = view.getFloat32(4 * i, true);
      return numbers;
    }
  }
  Network.layerNames = Object.keys(LAYERS);
  return Network;
})();

if (typeof module !== "undefined") module.exports = { Network };
