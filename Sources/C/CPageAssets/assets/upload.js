// Sends a picture to the server that this page is from, and shows what it answers.
"use strict";
(() => {
  const byID = (id) => document.getElementById(id);
  const [drop, file, preview, hint, message, answer] = ["drop", "file", "preview", "hint", "message", "answer"].map(byID);
  byID("origin").textContent = location.origin;

  function say(text, isWrong = false) {
    message.textContent = text;
    message.classList.toggle("wrong", isWrong);
  }

  function row(name, probability) {
    const item = document.createElement("li");
    const [label, track, bar, share] = ["span", "span", "span", "span"].map((tag) => document.createElement(tag));
    label.textContent = name;
    track.className = "track";
    bar.className = "bar";
    bar.style.width = `${100 * probability}%`;
    track.append(bar);
    share.className = "share";
    share.textContent = `${(100 * probability).toFixed(1)} %`;
    item.append(label, track, share);
    return item;
  }

  async function predict(picture) {
    if (preview.src) URL.revokeObjectURL(preview.src);
    preview.src = URL.createObjectURL(picture);
    preview.classList.remove("away");
    hint.classList.add("away");
    say("…");
    try {
      const response = await fetch("/predict?top=5", { method: "POST", body: picture });
      const result = await response.json();
      if (!response.ok) throw new Error(result.error);
      const { label, probability, top } = result.predictions[0];
      say(`${label}, with a probability of ${(100 * probability).toFixed(1)} %`);
      answer.replaceChildren(...top.map((one) => row(one.label, one.probability)));
    } catch (error) {
      answer.replaceChildren();
      say(error.message, true);
    }
  }

  file.addEventListener("change", () => { if (file.files[0]) predict(file.files[0]); });
  for (const type of ["dragover", "dragenter"]) {
    drop.addEventListener(type, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files[0]) predict(event.dataTransfer.files[0]);
  });
})();
