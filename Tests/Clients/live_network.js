// Runs the network of a live page under node, by the page's own script: pixels from standard input, probabilities to standard output.
//
// Usage: node live_network.js PAGE NETWORK_JS < uint8 images > float32 probabilities

"use strict";
const fs = require("fs");
const [page, source] = process.argv.slice(2);
const html = fs.readFileSync(page, "utf8");
if (!html.includes(fs.readFileSync(source, "utf8"))) throw new Error(`${page} has another network.js than ${source}`);
const { Network } = require(require("path").resolve(source));

const data = (id) => html.match(new RegExp(`<script type="[a-z/]+" id="${id}">([^<]*)</script>`))[1];
const network = new Network(JSON.parse(data("model")), Network.decode(data("weights")));
const pixels = fs.readFileSync(0), size = network.pixels.length, count = pixels.length / size;
const results = new Float32Array(count * network.probabilities.length);
for (let row = 0; row < count; row++) {
  network.pixels.set(pixels.subarray(row * size, (row + 1) * size));
  results.set(network.predict(), row * network.probabilities.length);
}
fs.writeSync(1, Buffer.from(results.buffer));
