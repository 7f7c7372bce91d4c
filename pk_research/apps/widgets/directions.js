// Indicators to pick, each with the end that counts as better: a tick box and a button that turns.
const SEARCH_FROM = 12;
const PAUSE_MS = 500;

function render({ model, el }) {
  el.classList.add("pk-checklist", "pk-directions");
  let waiting;
  let directions = {};

  const save = () => {
    const value = {};
    for (const box of el.querySelectorAll("input[type=checkbox]:checked")) value[box.value] = directions[box.value];
    model.set("value", value);
    model.save_changes();
  };
  const saveSoon = () => {
    count();
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE_MS);
  };
  const count = () => {
    el.querySelector(".pk-count").textContent = ` (${el.querySelectorAll("input[type=checkbox]:checked").length})`;
  };
  const sift = (text) => {
    const wanted = text.trim().toLowerCase();
    for (const line of el.querySelectorAll(".pk-option")) line.hidden = !line.textContent.toLowerCase().includes(wanted);
  };
  const writeTurn = (turn) => {
    const isHigher = directions[turn.dataset.name] === 1;
    const [higher, lower] = model.get("direction_labels");
    turn.textContent = isHigher ? `↑ ${higher}` : `↓ ${lower}`;
    turn.setAttribute("aria-label", `${turn.dataset.label}: ${isHigher ? higher : lower}`);
  };
  const tick = () => {
    const value = model.get("value");
    directions = Object.fromEntries(model.get("options").map(([name, , , proposed]) => [name, value[name] ?? proposed]));
    for (const box of el.querySelectorAll("input[type=checkbox]")) box.checked = box.value in value;
    el.querySelectorAll(".pk-turn").forEach(writeTurn);
    count();
  };
  const lineFor = ([name, text]) => {
    const line = document.createElement("div");
    const label = document.createElement("label");
    const box = document.createElement("input");
    const turn = document.createElement("button");
    line.className = "pk-option";
    box.type = "checkbox";
    box.value = name;
    label.append(box, document.createTextNode(text));
    turn.type = "button";
    turn.className = "pk-turn";
    turn.dataset.name = name;
    turn.dataset.label = text;
    line.append(label, turn);
    return line;
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
    let part;
    for (const option of options) {
      if (option[2] !== part) {
        part = option[2];
        const heading = document.createElement("p");
        heading.className = "pk-part";
        heading.textContent = part;
        list.append(heading);
      }
      list.append(lineFor(option));
    }
    group.append(list);
    el.replaceChildren(group);
    tick();
  };

  el.addEventListener("change", (event) => {
    if (event.target.type === "checkbox") saveSoon();
  });
  el.addEventListener("click", (event) => {
    const turn = event.target.closest(".pk-turn");
    if (!turn) return;
    directions[turn.dataset.name] *= -1;
    writeTurn(turn);
    saveSoon();
  });
  model.on("change:options change:label change:search_label change:direction_labels", draw);
  model.on("change:value", tick);
  draw();
}

export default { render };
