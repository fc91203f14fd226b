"use strict";
// From a picture to the network's pixels, number by number as the program does it (Sources/ImageFiles/Fitting): gray by luma, then the
// mean over the area that each pixel covers. No page is needed, so that it also runs under node.

/** The weights of `from` pixels in each of `to` new ones: whole numbers that add up to `total`, so that sums are exact. */
function axisWeights(from, to) {
  const total = from >= to ? from : 2 * to, firsts = new Int32Array(to), starts = new Int32Array(to + 1), weights = [];
  for (let pixel = 0; pixel < to; pixel++) {
    if (from >= to) {
      const begin = pixel * from, end = begin + from;
      firsts[pixel] = Math.floor(begin / to);
      for (let i = firsts[pixel]; i * to < end; i++) weights.push(Math.min(end, (i + 1) * to) - Math.max(begin, i * to));
    } else {
      const place = Math.min(Math.max(0, (2 * pixel + 1) * from - to), 2 * to * (from - 1)), weight = place % (2 * to);
      firsts[pixel] = Math.floor(place / (2 * to));
      weights.push(2 * to - weight);
      if (weight > 0) weights.push(weight);
    }
    starts[pixel + 1] = weights.length;
  }
  return { total, firsts, starts, weights: Float64Array.from(weights) };
}

/** The largest rectangle of the format's aspect ratio in the middle of a picture: sizes and places are rounded down. */
function centerCrop(width, height, format) {
  const w = Math.max(1, Math.min(width, Math.floor((height * format.width) / format.height)));
  const h = Math.max(1, Math.min(height, Math.floor((width * format.height) / format.width)));
  return { x: Math.floor((width - w) / 2), y: Math.floor((height - h) / 2), width: w, height: h };
}

/** Makes images of one format from pictures of one size. */
class Fitter {
  /** @param format height, width, and 1 (gray) or 3 channels. */
  constructor(width, height, format, invert = false) {
    Object.assign(this, { width, height, format, invert });
    this.across = axisWeights(width, format.width);
    this.down = axisWeights(height, format.height);
    this.sums = new Float64Array(width * format.channels);
  }

  /**
   * Writes the image's bytes, row-major, into `image`.
   * @param rows `rows(first, count)` gives RGBA bytes of these rows: `data`, and where in it they begin, `at`.
   */
  fit(rows, image) {
    const { format, across, down, sums } = this, channels = format.channels;
    const total = across.total * down.total, half = Math.floor(total / 2);
    let to = 0;
    for (let row = 0; row < format.height; row++) {
      sums.fill(0);
      const start = down.starts[row], count = down.starts[row + 1] - start, { data, at } = rows(down.firsts[row], count);
      for (let line = 0; line < count; line++) this.#addLine(data, at + line * 4 * this.width, down.weights[start + line]);
      for (let column = 0; column < format.width; column++) {
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0, from = across.firsts[column] * channels + channel;
          for (let i = across.starts[column]; i < across.starts[column + 1]; i++, from += channels) sum += sums[from] * across.weights[i];
          const value = Math.floor((sum + half) / total);
          image[to++] = this.invert ? 255 - value : value;
        }
      }
    }
    return image;
  }

  /** Adds a line of RGBA times `weight` to the sums. Transparency is laid on white. */
  #addLine(data, at, weight) {
    const { sums, width } = this;
    const isGray = this.format.channels === 1;
    for (let x = 0; x < width; x++, at += 4) {
      let r = data[at], g = data[at + 1], b = data[at + 2];
      const alpha = data[at + 3];
      if (alpha < 255) {
        const white = 255 * (255 - alpha) + 127;
        r = Math.floor((r * alpha + white) / 255);
        g = Math.floor((g * alpha + white) / 255);
        b = Math.floor((b * alpha + white) / 255);
      }
      if (isGray) {
        // ITU-R BT.601 in whole numbers, as Pillow computes it.
        sums[x] += weight * ((19595 * r + 38470 * g + 7471 * b + 32768) >>> 16);
      } else {
        sums[3 * x] += weight * r;
        sums[3 * x + 1] += weight * g;
        sums[3 * x + 2] += weight * b;
      }
    }
  }
}

if (typeof module !== "undefined") module.exports = { axisWeights, centerCrop, Fitter };
