// Shows a picture of villages (tiles or a map) and says which one is chosen: by tap, click or keys.
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function render({ model, el }) {
  el.classList.add("pk-picture");
  const villages = () => [...el.querySelectorAll("[data-village-code]")];
  const villageOf = (event) => event.target.closest("[data-village-code]");

  const mark = () => {
    const all = villages();
    const chosen = all.find((node) => node.dataset.villageCode === model.get("selected"));
    for (const node of all) {
      node.classList.toggle("pk-selected", node === chosen);
      // Tiles are the choices of a list, which has to have a name; a shape on a map is a button.
      const isTile = node.tagName === "LI";
      node.setAttribute("role", isTile ? "option" : "button");
      node.setAttribute(isTile ? "aria-selected" : "aria-pressed", node === chosen);
      if (isTile) {
        node.parentNode.setAttribute("role", "listbox");
        node.parentNode.setAttribute("aria-label", node.parentNode.previousElementSibling?.textContent ?? "–");
      }
      // One stop for the Tab key, not one a village; arrow keys go from village to village.
      node.setAttribute("tabindex", node === (chosen ?? all[0]) ? "0" : "-1");
    }
    // The last shape drawn is on top, so its outline is not covered by its neighbours.
    if (chosen instanceof SVGElement && chosen !== chosen.parentNode.lastChild) {
      chosen.parentNode.append(chosen);
    }
  };
  const draw = () => {
    el.innerHTML = model.get("html");
    mark();
  };
  const speak = () => el.closest(".pk-app")?.setAttribute("lang", model.get("language"));
  const choose = (node) => {
    model.set("selected", node.dataset.villageCode);
    model.save_changes();
  };

  el.addEventListener("click", (event) => {
    const node = villageOf(event);
    if (node) choose(node);
  });
  el.addEventListener("keydown", (event) => {
    const node = villageOf(event);
    if (!node) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(node);
    } else if (event.key in STEPS) {
      event.preventDefault();
      const all = villages();
      const next = all[(all.indexOf(node) + STEPS[event.key] + all.length) % all.length];
      node.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    }
  });
  model.on("change:html", draw);
  model.on("change:selected", mark);
  model.on("change:language", speak);
  draw();
  requestAnimationFrame(speak); // by then it is part of the page
  model.send({ seen: true });
  // A village tapped on the page that was shown before this widget was ready.
  const tapped = window.pkTapped;
  if (tapped) {
    delete window.pkTapped;
    if (villages().some((node) => node.dataset.villageCode === tapped)) {
      model.set("selected", tapped);
      model.save_changes();
    }
  }
}

export default { render };
