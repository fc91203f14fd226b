"use strict";
// Takes pictures of each class with the camera and saves them as folders in a zip, as fingerspell train reads them.

const setup = JSON.parse(byId("setup").textContent);
const { classNames, image } = setup;
// Milliseconds from one picture to the next.
const PACE = 160;
const finder = new Viewfinder({ format: { ...image, channels: 3 }, takesPictures: false, changed: refresh });

/** The pictures of each class: a JPEG and an address for the page. */
const albums = classNames.map(() => []);
let chosen = 0, isHolding = false, number = 0, isSaved = true, countdown = 0;

const count = document.createElement("div");
count.className = "count";
count.setAttribute("aria-hidden", "true");
byId("stage").append(count);

// Classes

const chips = classNames.map((name, i) => {
  const chip = document.createElement("button"), label = document.createElement("b"), amount = document.createElement("small");
  chip.type = "button";
  chip.setAttribute("role", "radio");
  label.textContent = name;
  chip.append(label, amount);
  chip.onclick = () => choose(i);
  byId("chips").append(chip);
  return { chip, amount };
});
const longest = Math.max(...classNames.map((name) => name.length));
byId("chips").style.setProperty("--chip", `${Math.min(9, Math.max(3, 1.5 + 0.65 * longest))}rem`);

function choose(index, takesFocus = false) {
  stopTaking();
  chosen = (index + classNames.length) % classNames.length;
  if (takesFocus) chips[chosen].chip.focus();
  drawAlbum();
  refresh();
}

byId("chips").onkeydown = (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  choose(chosen + step, true);
};

/** Brings counts, names and buttons up to date. */
function refresh() {
  const isReady = finder.kind === "camera", total = albums.reduce((sum, album) => sum + album.length, 0);
  chips.forEach(({ chip, amount }, i) => {
    chip.setAttribute("aria-checked", i === chosen);
    chip.tabIndex = i === chosen ? 0 : -1;
    chip.dataset.count = albums[i].length;
    amount.textContent = albums[i].length;
    chip.setAttribute("aria-label", `${classNames[i]}, ${albums[i].length} pictures`);
  });
  byId("take").disabled = byId("timer").disabled = !isReady;
  if (!isReady) stopTaking();
  byId("take-name").textContent = byId("album-name").textContent = classNames[chosen];
  byId("total").textContent = total === 0 ? "No pictures yet"
    : `${total} ${total === 1 ? "picture" : "pictures"} of ${albums.filter((album) => album.length).length} of ${classNames.length} classes`;
  byId("save").disabled = total === 0;
  show("remove-all", albums[chosen].length > 0);
  show("album-hint", albums[chosen].length === 0);
}

// Taking pictures

async function take() {
  if (finder.kind !== "camera") return;
  const album = chosen, canvas = finder.cut(image.width, image.height);
  flash();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  if (!blob) return;
  const picture = { blob, url: URL.createObjectURL(blob), number: ++number, date: new Date() };
  albums[album].push(picture);
  isSaved = false;
  if (album === chosen) byId("album").prepend(thumbnail(picture));
  refresh();
}

let flashEnd = 0;
function flash() {
  finder.stage.classList.add("shot");
  clearTimeout(flashEnd);
  flashEnd = setTimeout(() => finder.stage.classList.remove("shot"), 70);
}

/** Takes pictures, one every `PACE` ms, until `isHolding` ends or there are `limit`. */
async function takeMany(limit = Infinity) {
  if (isHolding || finder.kind !== "camera") return;
  isHolding = true;
  document.querySelector(".shoot").classList.add("taking");
  const before = albums[chosen].length;
  for (let taken = 0; isHolding && taken < limit; taken++) {
    await Promise.all([take(), new Promise((done) => setTimeout(done, PACE))]);
  }
  stopTaking();
  announce(`${albums[chosen].length - before} pictures of ${classNames[chosen]}, ${albums[chosen].length} in all`);
}

function stopTaking() {
  isHolding = false;
  clearTimeout(countdown);
  countdown = 0;
  count.textContent = "";
  byId("timer").textContent = "Start in 3 s";
  document.querySelector(".shoot").classList.remove("taking");
}

const button = byId("take");
button.onpointerdown = (event) => {
  if (event.button !== 0) return;
  button.setPointerCapture(event.pointerId);
  stopTaking();
  takeMany();
};
button.onpointerup = button.onpointercancel = button.onlostpointercapture = stopTaking;
button.oncontextmenu = (event) => event.preventDefault();
// A screen reader presses without a pointer.
button.onclick = (event) => event.detail === 0 && !isHolding && takeMany(1);

byId("timer").onclick = () => {
  if (countdown || isHolding) return stopTaking();
  byId("timer").textContent = "Stop";
  announce(`Pictures of ${classNames[chosen]} in 3 seconds`);
  const tick = (seconds) => {
    count.textContent = seconds || "";
    if (seconds) countdown = setTimeout(tick, 1000, seconds - 1);
    else takeMany(Number(byId("burst").value));
  };
  tick(3);
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const focus = document.activeElement;
  if (event.key === " " && (focus === document.body || focus === button || focus.getAttribute("role") === "radio")) {
    event.preventDefault();
    if (!event.repeat) { stopTaking(); takeMany(); }
    return;
  }
  if (focus.tagName === "SELECT" || focus.tagName === "INPUT" || focus.id === "frame") return;
  const index = classNames.findIndex((name) => name.toLowerCase() === event.key.toLowerCase());
  if (index >= 0) choose(index);
});
addEventListener("keyup", (event) => event.key === " " && !countdown && isHolding && stopTaking());
addEventListener("blur", stopTaking);

// The album

function thumbnail(picture) {
  const item = document.createElement("li"), remove = document.createElement("button"), shown = document.createElement("img");
  remove.type = "button";
  remove.setAttribute("aria-label", `Remove picture ${picture.number}`);
  shown.src = picture.url;
  shown.alt = "";
  [shown.width, shown.height] = [image.width, image.height];
  shown.style.height = "auto";
  remove.append(shown);
  item.append(remove);
  remove.onclick = () => {
    const next = (item.nextElementSibling ?? item.previousElementSibling)?.firstElementChild;
    albums[chosen].splice(albums[chosen].indexOf(picture), 1);
    URL.revokeObjectURL(picture.url);
    item.remove();
    refresh();
    (next ?? chips[chosen].chip).focus({ preventScroll: true });
    announce(`Removed, ${albums[chosen].length} left`);
  };
  return item;
}

function drawAlbum() { byId("album").replaceChildren(...albums[chosen].map(thumbnail).reverse()); }

byId("remove-all").onclick = () => {
  if (!confirm(`Remove all ${albums[chosen].length} pictures of ${classNames[chosen]}?`)) return;
  for (const { url } of albums[chosen].splice(0)) URL.revokeObjectURL(url);
  drawAlbum();
  refresh();
};

// Saving

/** The name of a class as a folder's, the same on every system. */
const folders = (() => {
  const taken = new Set();
  return classNames.map((name) => {
    let folder = name.replace(/[\\/:*?"<>|\u0000-\u001f]/g, "_").replace(/^[. ]+|[. ]+$/g, "_");
    while (taken.has(folder.toLowerCase())) folder += "_";
    taken.add(folder.toLowerCase());
    return folder;
  });
})();

byId("save").onclick = async () => {
  const zip = new Zip(), digits = (value, width = 2) => String(value).padStart(width, "0");
  try {
    for (const [i, album] of albums.entries()) for (const { blob, number, date } of album) {
      // Names that two zips have in common only if they are of the same second.
      const day = `${date.getFullYear()}${digits(date.getMonth() + 1)}${digits(date.getDate())}`;
      const time = `${digits(date.getHours())}${digits(date.getMinutes())}${digits(date.getSeconds())}`;
      zip.add(`${folders[i]}/${day}-${time}-${digits(number, 4)}.jpg`, new Uint8Array(await blob.arrayBuffer()), date);
    }
  } catch (error) {
    byId("saved").textContent = `Not saved: ${error.message}. Remove some pictures.`;
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(zip.finish(), { type: "application/zip" }));
  link.download = setup.archive;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  isSaved = true;
  byId("saved").textContent = `Saved as ${setup.archive}, in the folder of your downloads.`;
  announce("Saved");
};

addEventListener("beforeunload", (event) => { if (!isSaved) event.preventDefault(); });
choose(0);
