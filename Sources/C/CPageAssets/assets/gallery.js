"use strict";
// Sorts and filters the cards; without it the page shows all of them in the order given.
(() => {
  const tools = document.querySelector("form.tools");
  const list = document.querySelector("ul.cards");
  if (!tools || !list) return;
  const cards = Array.from(list.children, (element) => ({ element, ...element.dataset, isUnlike: "unlike" in element.dataset }));
  const filters = {
    all: () => true,
    wrong: (card) => card.element.classList.contains("wrong"),
    unlike: (card) => card.isUnlike,
  };
  const orders = {
    given: (a, b) => a.n - b.n,
    least: (a, b) => a.p - b.p || a.n - b.n,
    most: (a, b) => b.p - a.p || a.n - b.n,
  };
  let filter = "all";

  function show() {
    const label = tools.elements.class.value;
    let shown = 0;
    for (const card of cards) {
      const isShown = filters[filter](card) && (label === "" || card.label === label || card.true === label);
      card.element.classList.toggle("off", !isShown);
      if (isShown) shown += 1;
    }
    cards.sort(orders[tools.elements.order.value]);
    list.append(...cards.map((card) => card.element));
    tools.querySelector("output").value = shown === cards.length ? "" : `${shown} of ${cards.length} shown`;
    for (const button of tools.querySelectorAll("button")) button.setAttribute("aria-pressed", button.dataset.filter === filter);
  }

  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    filter = button.dataset.filter;
    show();
  });
  tools.addEventListener("change", show);
  tools.addEventListener("submit", (event) => event.preventDefault());
  tools.classList.remove("off");
})();
