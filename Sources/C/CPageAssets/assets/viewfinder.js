"use strict";
// A camera or a picture, and the frame in it that is cut out and made an image. Both pages that look at hands use it; its parts of
// the page are in viewfinder.html.

const byId = (id) => document.getElementById(id);

function show(id, isShown) { byId(id).toggleAttribute("hidden", !isShown); }

/** Tells a screen reader, politely. */
function announce(text) { byId("announcer").textContent = text; }

class Viewfinder {
  /** "camera", "picture", or null where nothing is shown. */
  kind = null;
  /** The size of the whole picture. */
  width = 0;
  height = 0;
  /** Whether images are turned over, left to right. */
  isTurned = false;
  #stream = null;
  #bitmap = null;
  #zoom = 1;
  // Where the frame lies in the room that it leaves: 0 is left or top, 1 right or bottom.
  #place = { x: 0.5, y: 0.5 };
  #starts = 0;
  #work = document.createElement("canvas");
  #pen = this.#work.getContext("2d", { willReadFrequently: true });
  #fitter = null;

  /** @param options `format` of the images, `invert`, `takesPictures`, and `changed()`, called when source or frame have changed. */
  constructor({ format, invert = false, takesPictures = true, changed }) {
    Object.assign(this, { format, invert, takesPictures, changed });
    this.stage = byId("stage");
    this.video = byId("video");
    this.frame = byId("frame");
    byId("start").onclick = byId("again").onclick = () => this.startCamera();
    byId("stop").onclick = () => this.close();
    byId("switch").onclick = () => this.#switchCamera();
    byId("left").onclick = () => this.#turn();
    byId("zoom").oninput = (event) => this.#resize(event.target.valueAsNumber / 100);
    for (const id of ["choose", "choose-other", "prompt-hint"]) show(id, takesPictures);
    if (takesPictures) this.#takePictures();
    this.#moveByPointer();
    this.#moveByKeys();
    new ResizeObserver(() => this.#lay()).observe(this.stage);
    this.video.onresize = () => this.kind === "camera" && this.#show("camera", this.video.videoWidth, this.video.videoHeight);
  }

  // The camera

  async startCamera(wanted = { facingMode: "user" }) {
    const start = ++this.#starts;
    if (!navigator.mediaDevices?.getUserMedia) return this.#say("The camera is not available here", insecure());
    this.#say("Waiting for the camera", "Your browser may ask whether this page may use it.", true);
    this.#stop();
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false, video: { width: { ideal: 640 }, height: { ideal: 480 }, ...wanted },
      });
      if (start !== this.#starts) return stop(stream);
      this.video.srcObject = stream;
      await this.video.play();
    } catch (error) {
      if (stream) stop(stream);
      if (start === this.#starts) this.#say(...reason(error));
      return;
    }
    if (start !== this.#starts) return stop(stream);
    this.#stream = stream;
    const [track] = stream.getVideoTracks();
    track.onended = () => this.#stream === stream && this.#fail("The camera was disconnected", "Plug it in again, or choose another one.");
    this.stage.classList.toggle("mirrored", track.getSettings().facingMode !== "environment");
    this.#show("camera", this.video.videoWidth, this.video.videoHeight);
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    show("switch", devices.filter((device) => device.kind === "videoinput").length > 1);
    announce("The camera is on.");
  }

  /** The other side of a phone, or the next of several cameras. */
  async #switchCamera() {
    const settings = this.#stream?.getVideoTracks()[0].getSettings() ?? {};
    if (settings.facingMode) {
      return this.startCamera({ facingMode: settings.facingMode === "environment" ? "user" : "environment" });
    }
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    const next = devices[(devices.findIndex((device) => device.deviceId === settings.deviceId) + 1) % devices.length];
    return this.startCamera(next?.deviceId ? { deviceId: { exact: next.deviceId } } : undefined);
  }

  #stop() {
    if (this.#stream) stop(this.#stream);
    this.#stream = null;
    this.video.srcObject = null;
  }

  // Pictures

  #takePictures() {
    const file = byId("file");
    byId("choose").onclick = byId("choose-other").onclick = () => file.click();
    file.onchange = () => {
      if (file.files[0]) this.showPicture(file.files[0]);
      file.value = "";
    };
    const carriesFile = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragover", (event) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      document.body.classList.add("dropping");
    });
    addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("dropping"));
    addEventListener("drop", (event) => {
      document.body.classList.remove("dropping");
      if (!carriesFile(event)) return;
      event.preventDefault();
      if (event.dataTransfer.files[0]) this.showPicture(event.dataTransfer.files[0]);
    });
    addEventListener("paste", (event) => {
      const picture = [...(event.clipboardData?.files ?? [])].find((file) => file.type.startsWith("image/"));
      if (picture) this.showPicture(picture);
    });
  }

  /** Shows an image file, upright, in the values that it has: no colour profile is applied, as in the program. */
  async showPicture(file) {
    const start = ++this.#starts;
    let bitmap;
    try {
      // Older browsers know no options, and turn and convert as they like.
      bitmap = await createImageBitmap(file, { imageOrientation: "from-image", colorSpaceConversion: "none", premultiplyAlpha: "none" })
        .catch(() => createImageBitmap(file));
    } catch {
      if (start === this.#starts) {
        this.#fail("This is no picture that the browser can open", `${file.name || "It"} is damaged or of another kind. PNG and JPEG work.`);
      }
      return;
    }
    if (start !== this.#starts) return bitmap.close();
    this.#stop();
    this.#bitmap?.close();
    this.#bitmap = bitmap;
    this.#draw(bitmap);
    this.stage.classList.remove("mirrored");
    this.#zoom = 1;
    this.#place = { x: 0.5, y: 0.5 };
    this.#show("picture", bitmap.width, bitmap.height);
  }

  /** Draws a picture as large as it is looked at; what the network gets is cut from the picture itself. */
  #draw(bitmap) {
    const still = byId("still"), scale = Math.min(1, 1600 / Math.max(bitmap.width, bitmap.height));
    still.width = Math.max(1, Math.round(bitmap.width * scale));
    still.height = Math.max(1, Math.round(bitmap.height * scale));
    const pen = still.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, still.width, still.height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(bitmap, 0, 0, still.width, still.height);
    still.classList.toggle("pixels", Math.max(bitmap.width, bitmap.height) < 200);
  }

  // What is shown

  close() {
    this.#starts++;
    this.#say("Show your hand", "");
  }

  #fail(title, text) { this.#say(title, text); }

  /** Puts words, and the ways on, in place of a picture. */
  #say(title, text, isWaiting = false) {
    this.#stop();
    this.kind = null;
    byId("prompt-title").textContent = title;
    byId("prompt-text").textContent = text;
    byId("start").disabled = isWaiting;
    byId("start").textContent = text && !isWaiting ? "Try the camera again" : "Use the camera";
    for (const id of ["video", "still", "frame", "controls"]) show(id, false);
    show("prompt", true);
    if (text) announce(`${title}. ${text}`);
    this.changed();
  }

  #show(kind, width, height) {
    if (!width || !height) return;
    const isNew = kind !== this.kind;
    Object.assign(this, { kind, width, height });
    this.stage.style.setProperty("--ratio", Math.min(16 / 9, Math.max(3 / 4, width / height)));
    show("prompt", false);
    for (const id of ["frame", "controls"]) show(id, true);
    for (const id of ["video", "stop"]) show(id, kind === "camera");
    for (const id of ["still", "again"]) show(id, kind === "picture");
    byId("again").disabled = byId("start").disabled = false;
    if (kind !== "camera") show("switch", false);
    byId("zoom").value = 100 * this.#zoom;
    this.#lay();
    if (isNew || kind === "picture") this.changed();
  }

  /** The frame's place in the picture, in whole pixels; in the middle and largest, it is what the program cuts out. */
  get rectangle() {
    const { width, height } = centerCrop(this.width, this.height, this.format);
    const w = Math.max(1, Math.round(width * this.#zoom)), h = Math.max(1, Math.round(height * this.#zoom));
    return { x: Math.floor((this.width - w) * this.#place.x), y: Math.floor((this.height - h) * this.#place.y), width: w, height: h };
  }

  /** Pixels of the screen for one of the picture, and where the picture begins. */
  get #view() {
    const { clientWidth: w, clientHeight: h } = this.stage, scale = Math.min(w / this.width, h / this.height) || 1;
    return { scale, x: (w - this.width * scale) / 2, y: (h - this.height * scale) / 2 };
  }

  get #isMirrored() { return this.stage.classList.contains("mirrored"); }

  /** Lays the frame over the picture. */
  #lay() {
    if (!this.kind) return;
    const { scale, x, y } = this.#view, area = this.rectangle, style = this.frame.style;
    const left = this.#isMirrored ? this.width - area.x - area.width : area.x;
    style.left = `${x + left * scale}px`;
    style.top = `${y + area.y * scale}px`;
    style.width = `${area.width * scale}px`;
    style.height = `${area.height * scale}px`;
    const isWhole = area.width === this.width && area.height === this.height;
    this.frame.classList.toggle("whole", isWhole);
    // A finger on a frame that cannot move scrolls the page.
    style.touchAction = isWhole ? "auto" : "none";
  }

  #resize(zoom) {
    this.#zoom = Math.min(1, Math.max(0.2, zoom));
    byId("zoom").value = 100 * this.#zoom;
    this.#lay();
    this.changed();
  }

  /** Moves the frame by pixels of the screen. */
  #move(dx, dy) {
    const { scale } = this.#view, area = this.rectangle;
    const along = (place, room, distance) => (room > 0 ? Math.min(1, Math.max(0, place + distance / scale / room)) : place);
    this.#place.x = along(this.#place.x, this.width - area.width, this.#isMirrored ? -dx : dx);
    this.#place.y = along(this.#place.y, this.height - area.height, dy);
    this.#lay();
    this.changed();
  }

  #moveByPointer() {
    let last = null, isResizing = false;
    this.frame.onpointerdown = (event) => {
      if (event.button !== 0) return;
      [last, isResizing] = [event, event.target.id === "grip"];
      this.frame.setPointerCapture(event.pointerId);
    };
    this.frame.onpointermove = (event) => {
      if (!last) return;
      const dx = event.clientX - last.clientX, dy = event.clientY - last.clientY;
      if (isResizing) this.#resize(this.#zoom * (1 + (dx + dy) / Math.max(40, this.frame.clientWidth))); else this.#move(dx, dy);
      last = event;
    };
    this.frame.onpointerup = this.frame.onpointercancel = () => { last = null; };
  }

  #moveByKeys() {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    this.frame.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (steps[event.key]) this.#move(...steps[event.key].map((step) => step * (event.shiftKey ? 30 : 8)));
      else if (event.key === "+" || event.key === "=") this.#resize(this.#zoom + 0.05);
      else if (event.key === "-") this.#resize(this.#zoom - 0.05);
      else return;
      event.preventDefault();
    };
  }

  #turn() {
    this.isTurned = !this.isTurned;
    byId("left").setAttribute("aria-pressed", this.isTurned);
    this.changed();
  }

  // What the network gets

  /** Writes what is in the frame into `image`, bytes of the format; false where there is nothing. */
  read(image) {
    if (!this.kind || (this.kind === "camera" && this.video.readyState < 2)) return false;
    const { x, y, width, height } = this.rectangle;
    if (this.#fitter?.width !== width || this.#fitter?.height !== height) this.#fitter = new Fitter(width, height, this.format, this.invert);
    if (this.kind === "camera") {
      const { data } = this.#pixels(this.video, x, y, width, height);
      this.#fitter.fit((first) => ({ data, at: 4 * width * first }), image);
    } else {
      // A few rows at a time: a photograph is large.
      this.#fitter.fit((first, count) => ({ data: this.#pixels(this.#bitmap, x, y + first, width, count).data, at: 0 }), image);
    }
    if (this.isTurned) turn(image, this.format);
    return true;
  }

  /** The frame as a canvas of that size, in colour. */
  cut(width, height) {
    const canvas = document.createElement("canvas"), area = this.rectangle;
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    if (this.isTurned) pen.setTransform(-1, 0, 0, 1, width, 0);
    pen.drawImage(this.kind === "camera" ? this.video : this.#bitmap, area.x, area.y, area.width, area.height, 0, 0, width, height);
    return canvas;
  }

  /** Pixels as they are: none is scaled. */
  #pixels(source, x, y, width, height) {
    const work = this.#work, pen = this.#pen;
    if (work.width !== width || work.height < height) {
      work.width = width;
      work.height = height;
    }
    pen.clearRect(0, 0, width, height);
    pen.drawImage(source, x, y, width, height, 0, 0, width, height);
    return pen.getImageData(0, 0, width, height);
  }
}

function stop(stream) { for (const track of stream.getTracks()) track.stop(); }

/** Turns an image over, left to right. */
function turn(image, { height, width, channels }) {
  for (let row = 0; row < height; row++) for (let a = 0, b = width - 1; a < b; a++, b--) for (let c = 0; c < channels; c++) {
    const i = (row * width + a) * channels + c, j = (row * width + b) * channels + c;
    [image[i], image[j]] = [image[j], image[i]];
  }
}

/** Why there is no camera, and what to do: a title and a sentence. */
function reason(error) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return ["The camera is blocked", "Allow it for this page, in the address bar or the browser's settings, and try again."];
    case "NotFoundError":
    case "OverconstrainedError":
      return ["No camera was found", "Connect one, or use a picture of a hand."];
    case "NotReadableError":
    case "AbortError":
      return ["The camera is busy", "Another program may be using it. Close that, and try again."];
    default: return ["The camera did not start", error.message || error.name];
  }
}

function insecure() {
  return isSecureContext
    ? "This browser has no camera for pages. Open the page in another browser, or use a picture."
    : "Browsers give the camera only to https, to http://localhost and, some of them, to files. Run fingerspell serve on this computer, and open its http://localhost address.";
}
