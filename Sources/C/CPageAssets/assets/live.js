"use strict";
// The live page: the frame's picture goes through the network, its answer is drawn, and held letters become text.

const model = JSON.parse(byId("model").textContent);
const network = new Network(model, Network.decode(byId("weights").textContent));
const finder = new Viewfinder({ format: model.image, invert: model.invert, changed });
const speller = new Speller();

const names = model.classNames;
const isLetters = names.every((name) => [...name].length === 1);
const percent = (p) => `${(100 * p).toFixed(1)}\u00a0%`;

// What is shown of a picture: the camera's answers are smoothed, a still picture's are as they are.
const shown = new Float64Array(names.length);
const SMOOTHING = 150;
let lastTime = 0, isScheduled = false, current = -1, milliseconds = 0;

// The answer

const bars = Array.from({ length: Math.min(5, names.length) }, () => {
  const item = document.createElement("li"), name = document.createElement("b"), track = document.createElement("span");
  const fill = document.createElement("i"), value = document.createElement("span");
  track.className = "track";
  fill.className = "fill";
  value.className = "value";
  track.append(fill);
  item.append(name, track, value);
  byId("bars").append(item);
  return { name, fill, value };
});
const order = Array.from(names, (_, i) => i);
const seen = byId("seen"), seenPen = seen.getContext("2d");
const { height, width, channels } = model.image;
[seen.width, seen.height] = [width, height];
const seenPixels = seenPen.createImageData(width, height);

function drawSeen(pixels) {
  for (let i = 0, from = 0; i < seenPixels.data.length; i += 4, from += channels) {
    for (let c = 0; c < 3; c++) seenPixels.data[i + c] = pixels[from + (channels === 3 ? c : 0)];
    seenPixels.data[i + 3] = 255;
  }
  seenPen.putImageData(seenPixels, 0, 0);
}

/** Whether there is nothing to read: all pixels are about alike. */
function isBlank(pixels) {
  let sum = 0, squares = 0;
  for (const pixel of pixels) { sum += pixel; squares += pixel * pixel; }
  return squares / pixels.length - (sum / pixels.length) ** 2 < 9;
}

function drawAnswer() {
  order.sort((a, b) => shown[b] - shown[a] || a - b);
  const best = order[0], box = byId("letter-box");
  const isSure = shown[best] >= speller.threshold;
  setText(byId("letter"), current < 0 ? "–" : names[current]);
  box.style.setProperty("--size", current < 0 ? 0.25 : Math.min(0.58, 0.95 / Math.max(1, [...names[current]].length)));
  box.classList.toggle("unsure", current < 0 || !isSure);
  bars.forEach(({ name, fill, value }, i) => {
    const p = current < 0 ? 0 : shown[order[i]];
    setText(name, current < 0 ? "\u00a0" : names[order[i]]);
    fill.style.transform = `scaleX(${p.toFixed(4)})`;
    setText(value, current < 0 ? "" : percent(p));
  });
  byId("add").disabled = current < 0;
  setText(byId("add-letter"), current < 0 ? "letter" : names[current]);
}

function setText(element, text) { if (element.textContent !== text) element.textContent = text; }

function drawRing(progress, isWritten) {
  byId("ring").style.strokeDasharray = `${progress.toFixed(3)} 1`;
  byId("letter-box").classList.toggle("written", isWritten);
}

// The loop

/** The frame or the source has changed. */
function changed() {
  if (finder.kind === "picture") return requestAnimationFrame(look);
  speller.reset();
  if (finder.kind === "camera") return schedule();
  current = -1;
  drawAnswer();
  drawRing(0, false);
  seenPen.clearRect(0, 0, width, height);
  setText(byId("speed"), "Waiting for a picture");
}

function schedule() {
  if (isScheduled || finder.kind !== "camera") return;
  isScheduled = true;
  const next = (now) => { isScheduled = false; look(now); schedule(); };
  // A network that takes long leaves as much time to the page.
  if (milliseconds > 40) setTimeout(() => requestAnimationFrame(next), milliseconds);
  else if (finder.video.requestVideoFrameCallback) finder.video.requestVideoFrameCallback(next);
  else requestAnimationFrame(next);
}

/** Reads the frame, once. */
function look(now) {
  const begin = performance.now();
  if (!finder.read(network.pixels)) return;
  const probabilities = network.predict();
  const time = performance.now() - begin;
  milliseconds = milliseconds ? 0.9 * milliseconds + 0.1 * time : time;
  drawSeen(network.pixels);
  const isCamera = finder.kind === "camera", isNew = !isCamera || now - lastTime > 1000;
  const share = isNew ? 1 : 1 - Math.exp((lastTime - now) / SMOOTHING);
  for (let i = 0; i < shown.length; i++) shown[i] += share * (probabilities[i] - shown[i]);
  lastTime = now;
  current = isBlank(network.pixels) ? -1 : Network.best(shown);
  drawAnswer();
  if (isCamera) {
    const written = speller.update(current, current < 0 ? 0 : shown[current], now);
    if (written >= 0) write(names[written]);
    drawRing(speller.progress(now), speller.isWritten);
  } else {
    drawRing(current < 0 ? 0 : shown[current], false);
    tell();
  }
  setText(byId("speed"), `${milliseconds.toFixed(1)} ms a picture, in this page`);
}

/** Tells of a still picture, when it has stopped to change. */
const tell = (() => {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => finder.kind === "picture"
      && announce(current < 0 ? "There is nothing in the picture." : `${names[current]}, ${percent(shown[current])}`), 500);
  };
})();

// Spelling

const text = byId("text");

/** Changes the text where the insertion point is: at the end, as long as nobody has put it elsewhere. */
function edit(change, words) {
  const isTyping = document.activeElement === text, end = text.value.length;
  const at = isTyping ? text.selectionStart : end, [before, after] = [text.value.slice(0, at), text.value.slice(isTyping ? text.selectionEnd : end)];
  const changed = change(before, isTyping && text.selectionStart !== text.selectionEnd);
  text.value = changed + after;
  if (isTyping) text.setSelectionRange(changed.length, changed.length); else text.scrollLeft = text.scrollWidth;
  announce(words);
}

function write(name) {
  // Names of several characters are words.
  edit((before) => before + (isLetters || !before || before.endsWith(" ") ? "" : " ") + name, `${name} written`);
}

const addCurrent = () => { if (current >= 0) write(names[current]); };
const space = () => edit((before) => `${before} `, "Space");
const backspace = () => edit((before, isSelected) => (isSelected ? before : [...before].slice(0, -1).join("")), "Deleted");
const clear = () => { text.value = ""; announce("Cleared"); };

byId("add").onclick = addCurrent;
byId("space").onclick = space;
byId("backspace").onclick = backspace;
byId("clear").onclick = clear;
byId("copy").onclick = async () => {
  try {
    await navigator.clipboard.writeText(text.value);
  } catch {
    text.select();
    document.execCommand("copy");
  }
  byId("copy").textContent = "Copied";
  announce("Copied");
  setTimeout(() => { byId("copy").textContent = "Copy"; }, 1500);
};
byId("hold").oninput = (event) => {
  speller.hold = 1000 * event.target.valueAsNumber;
  byId("hold-time").textContent = `${event.target.valueAsNumber.toFixed(1)} s`;
};
speller.hold = 1000 * byId("hold").valueAsNumber;
// Buttons leave the focus where it was, so that the keys below still work.
for (const id of ["add", "space", "backspace", "clear", "copy"]) byId(id).onmousedown = (event) => event.preventDefault();

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.activeElement !== document.body) return;
  const actions = { Enter: addCurrent, " ": space, Backspace: backspace, Escape: clear };
  if (actions[event.key]) actions[event.key]();
  else if (/^\p{L}$/u.test(event.key)) write(event.key.toUpperCase());
  else return;
  event.preventDefault();
});

// What the page says of its model

const pixelsText = `${height} × ${width} ${channels === 1 ? "gray pixels" : "colour pixels"}`;
byId("format").textContent = pixelsText;
for (const line of ["What it sees:", `${height} × ${width}, ${channels === 1 ? "gray" : "colour"}`]) {
  const span = document.createElement("span");
  span.textContent = line;
  byId("seen-caption").append(span);
}
const missing = ["J", "Z"].filter((letter) => !names.includes(letter) || model.absent.includes(letter));
if (isLetters && names.includes("A") && names.includes("Y") && missing.length > 0) {
  show("missing", true);
  byId("missing").textContent = `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} drawn in the air, which no still picture shows: the network has never seen `
    + `${missing.length > 1 ? "them" : "it"}. Type ${missing.length > 1 ? "them" : "it"} on the keyboard.`;
}
changed();
