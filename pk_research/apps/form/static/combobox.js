// A field to search a list in: a dozen choices or 83,000, of which only a few are ever drawn.
import { button, h, plainText } from "./elements.js";
import { SHOWN, found, normal } from "./lists.js";
import { writtenNumber } from "./numbers.js";

export function comboboxControl(node, ctx) {
  const isMany = node.control === "select_multiple";
  const listId = `${ctx.id}-list`;
  const input = h("input", {
    id: ctx.id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId, placeholder: ctx.t("search"),
  });
  const list = h("ul", { id: listId, role: "listbox", class: "pk-listbox", hidden: true, "aria-label": ctx.t("choices") });
  const said = h("p", { class: "pk-hint pk-count", role: "status" });
  const chips = h("ul", { class: "pk-chips", hidden: !isMany });
  const clear = button("×", () => { choose(null); input.focus(); }, { class: "pk-clear-field", "aria-label": ctx.t("clear_answer") });
  let fresh = node;
  let active = -1;
  let asked = 0;

  const values = () => (fresh.value || "").split(" ").filter(Boolean);
  const labelOf = (value) => {
    const choice = fresh.choices?.find((other) => other.value === value);
    if (choice) return plainText(choice.label);
    return fresh.chosen?.[value] ?? ctx.lists.ready(fresh.list?.hash)?.labelOf(value) ?? value;
  };

  const search = async (query, isStale) => {
    if (fresh.choices) return sifted(fresh.choices, query);
    const ready = ctx.lists.ready(fresh.list.hash);
    if (ready) return found(ready, query, { isStale });
    const choices = await ctx.transport.search(fresh.path, query); // until the list is here
    return { choices, total: choices.length };
  };

  const open = async () => {
    const turn = (asked += 1);
    const query = input.value === labelOf(fresh.value) && !isMany ? "" : input.value;
    const begun = performance.now();
    const isStale = () => turn !== asked;
    const result = await search(query, isStale).catch(() => null);
    if (isStale()) return;
    if (result === null) {
      said.textContent = ctx.t("list_not_here");
      return;
    }
    draw(result);
    performance.measure("pk-search", { start: begun, end: performance.now() });
  };

  const draw = ({ choices, total }) => {
    const taken = new Set(values());
    list.replaceChildren(...choices.map(([value, label], place) => h("li", {
      id: `${listId}-${place}`, role: "option", "data-value": value, "aria-selected": String(taken.has(value)),
    }, label)));
    list.hidden = choices.length === 0;
    active = -1;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    // Written by ourselves: what the browser has for it takes 15 ms to wake up.
    said.textContent = total > choices.length
      ? ctx.t("first_of", { n: choices.length, total: writtenNumber(String(total), ctx.language, { isGrouped: true }) })
      : ctx.t("n_found", { n: total });
  };
  const close = () => {
    asked += 1;
    list.hidden = true;
    said.textContent = "";
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (place) => {
    const options = list.children;
    if (options.length === 0) return;
    options[active]?.classList.remove("pk-active");
    active = (place + options.length) % options.length;
    options[active].classList.add("pk-active");
    options[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[active].id);
  };
  const choose = (value) => {
    const before = values();
    const after = value === null ? [] : !isMany ? [value]
      : before.includes(value) ? before.filter((other) => other !== value) : [...before, value];
    close();
    fresh = { ...fresh, value: after.join(" ") };
    ctx.answer(fresh.value);
    show();
  };
  const show = () => {
    input.value = isMany ? "" : fresh.value ? labelOf(fresh.value) : "";
    clear.hidden = isMany || !fresh.value || fresh.readonly;
    if (isMany) showChips();
  };

  // Only when they differ: a chip replaced between press and release would never be clicked.
  const showChips = () => {
    const labels = values().map((value) => [value, labelOf(value)]);
    if (chips.dataset.shown === JSON.stringify(labels)) return;
    chips.dataset.shown = JSON.stringify(labels);
    chips.replaceChildren(...labels.map(([value, name]) => h("li", {}, name,
      button("×", () => choose(value), { "aria-label": ctx.t("remove_named", { name }) }))));
  };

  const keys = {
    ArrowDown: () => (list.hidden ? open() : mark(active + 1)),
    ArrowUp: () => (list.hidden ? open() : mark(active - 1)),
    Enter: () => { if (!list.hidden && list.children[active]) choose(list.children[active].dataset.value); },
    Escape: () => { close(); show(); },
  };
  input.addEventListener("keydown", (event) => {
    if (!keys[event.key] || fresh.readonly) return;
    event.preventDefault();
    keys[event.key]();
  });
  input.addEventListener("input", open);
  input.addEventListener("focus", () => {
    if (fresh.list) ctx.lists.load(fresh.list.hash).then(() => { if (!input.value) show(); }, () => {});
  });
  input.addEventListener("click", () => { if (list.hidden && !fresh.readonly) open(); });
  input.addEventListener("blur", () => { close(); show(); });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus in the field
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option.dataset.value);
  });

  const update = (next) => {
    const isTyping = !list.hidden;
    fresh = next;
    input.readOnly = Boolean(next.readonly);
    if (!isTyping) show();
    if (next.list && !ctx.lists.ready(next.list.hash)) {
      ctx.lists.load(next.list.hash).then(() => { if (list.hidden && !isBusy()) show(); }, () => {});
    }
  };
  const isBusy = () => input.getRootNode().activeElement === input && input.value !== "";
  const element = h("div", { class: "pk-combobox" }, chips, h("div", { class: "pk-field" }, input, clear), list, said);
  return { element, input, update, focus: () => input.focus() };
}

function sifted(choices, query) {
  const words = normal(query).split(/\s+/).filter(Boolean);
  const all = choices.map((choice) => [choice.value, plainText(choice.label)]);
  const kept = all.filter(([, label]) => words.every((word) => normal(label).includes(word)));
  return { choices: kept.slice(0, SHOWN), total: kept.length };
}
