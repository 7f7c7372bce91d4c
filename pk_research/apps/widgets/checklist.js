// A list of tick boxes with a search field. A native list of many would lose the whole choice at
// one click without the Ctrl key.
const SEARCH_FROM = 12;
const PAUSE_MS = 500;

function render({ model, el }) {
  el.classList.add("pk-checklist");
  let waiting;

  const send = () => {
    const ticked = [...el.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value);
    // In the order of the list, so that the same choice is the same value.
    model.set("value", ticked);
    model.save_changes();
  };
  const count = () => {
    const n = el.querySelectorAll("input[type=checkbox]:checked").length;
    el.querySelector(".pk-count").textContent = ` (${n})`;
  };
  const sift = (text) => {
    for (const line of el.querySelectorAll(".pk-option")) {
      line.hidden = !line.textContent.toLowerCase().includes(text.trim().toLowerCase());
    }
  };
  const tick = () => {
    const chosen = new Set(model.get("value"));
    for (const box of el.querySelectorAll("input[type=checkbox]")) box.checked = chosen.has(box.value);
    count();
  };
  const draw = () => {
    const group = document.createElement("fieldset");
    const legend = document.createElement("legend");
    const counter = document.createElement("span");
    counter.className = "pk-count";
    legend.append(model.get("label"), counter);
    group.append(legend);
    const options = model.get("options");
    if (options.length >= SEARCH_FROM) {
      const search = document.createElement("input");
      search.type = "search";
      search.placeholder = model.get("search_label");
      search.setAttribute("aria-label", model.get("search_label"));
      search.addEventListener("input", () => sift(search.value));
      group.append(search);
    }
    const list = document.createElement("div");
    list.className = "pk-options";
    for (const [name, text] of options) {
      const line = document.createElement("label");
      const box = document.createElement("input");
      line.className = "pk-option";
      box.type = "checkbox";
      box.value = name;
      line.append(box, document.createTextNode(text));
      list.append(line);
    }
    group.append(list);
    el.replaceChildren(group);
    tick();
  };

  el.addEventListener("change", (event) => {
    if (event.target.type !== "checkbox") return;
    count();
    clearTimeout(waiting);
    waiting = setTimeout(send, PAUSE_MS);
  });
  model.on("change:options change:label change:search_label", draw);
  model.on("change:value", tick);
  draw();
}

export default { render };
