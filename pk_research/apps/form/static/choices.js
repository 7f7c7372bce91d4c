// Answers chosen from a handful: radio buttons, boxes to tick, a native list.
import { button, h, isActive, plainText, setChildren, setSafeHtml } from "./elements.js";

export function radioControl(node, ctx) {
  return choiceControl(node, ctx, "radio");
}

export function tickControl(node, ctx) {
  return choiceControl(node, ctx, "checkbox");
}

function choiceControl(node, ctx, type) {
  const options = new Map(); // by value, so that a choice keeps its focus while others come and go
  const list = h("div", { class: `pk-choices ${arrangement(node)}` });
  const clear = button(ctx.t("clear_answer"), () => ctx.answer(""), { class: "pk-link pk-clear" });
  const element = h("div", { class: "pk-stack" }, list, type === "radio" && clear);

  const chosen = () => [...options.values()].filter(({ input }) => input.checked).map(({ input }) => input.value);
  list.addEventListener("change", () => {
    ctx.answer(chosen().join(" "));
    if (node.appearance.includes("quick") && type === "radio") ctx.goOn();
  });

  const update = (fresh) => {
    const values = new Set(type === "radio" ? [fresh.value] : (fresh.value || "").split(" "));
    const lines = (fresh.choices ?? []).map((choice) => {
      const key = choice.value;
      if (!options.has(key)) options.set(key, option(choice, type, ctx));
      const { line, input, label } = options.get(key);
      setSafeHtml(label, choice.label);
      input.checked = values.has(key);
      input.disabled = Boolean(fresh.readonly);
      return line;
    });
    for (const [key, { line }] of options) if (!lines.includes(line)) options.delete(key);
    setChildren(list, lines);
    list.style.setProperty("--pk-n", Math.max(1, lines.length));
    clear.hidden = !fresh.value || Boolean(fresh.readonly) || fresh.required;
  };
  const focus = () => (list.querySelector("input:checked") ?? list.querySelector("input"))?.focus();
  return { element, update, focus, isGroup: true, role: type === "radio" ? "radiogroup" : "group" };
}

function option(choice, type, ctx) {
  const input = h("input", { type, name: ctx.id, value: choice.value });
  const label = h("span", { class: "pk-choice-label" });
  const image = choice.image && h("img", { src: ctx.media(choice.image), alt: plainText(choice.label) });
  return { input, label, line: h("label", { class: "pk-choice" }, input, image, label) };
}

function arrangement({ appearance }) {
  const columns = appearance.map((word) => /^(?:columns|compact|quickcompact)-(\d+)$/.exec(word)?.[1]).find(Boolean);
  if (columns) return `pk-columns pk-columns-${Math.min(10, Number(columns))}`;
  const has = (...words) => words.some((word) => appearance.includes(word));
  if (has("likert")) return "pk-likert";
  if (has("columns", "compact", "quickcompact", "columns-pack", "horizontal", "horizontal-compact")) return "pk-pack";
  if (has("list-nolabel", "list", "label")) return "pk-row";
  return "";
}

// The heading row of a table of questions: its choices' labels, nothing to answer.
export function labelRow() {
  const list = h("div", { class: "pk-choices pk-row pk-row-head", "aria-hidden": "true" });
  const update = (fresh) => {
    setChildren(list, (fresh.choices ?? []).map((choice) => {
      const label = h("span", { class: "pk-choice-label" });
      setSafeHtml(label, choice.label);
      return label;
    }));
    list.style.setProperty("--pk-n", Math.max(1, list.childNodes.length));
  };
  return { element: list, update, focus: () => {}, isGroup: true, role: "presentation" };
}

export function selectControl(node, ctx) {
  const select = h("select", { id: ctx.id });
  let shown = "";
  select.addEventListener("change", () => {
    ctx.answer(select.value);
    if (node.appearance.includes("quick")) ctx.goOn();
  });
  const update = (fresh) => {
    const choices = fresh.choices ?? [];
    const wanted = JSON.stringify(choices.map((choice) => [choice.value, choice.label]));
    if (wanted !== shown) {
      shown = wanted;
      const lines = choices.map((choice) => h("option", { value: choice.value }, plainText(choice.label)));
      select.replaceChildren(h("option", { value: "" }, ctx.t("choose")), ...lines);
    }
    if (!isActive(select) || select.value !== fresh.value) select.value = fresh.value ?? "";
    select.disabled = Boolean(fresh.readonly);
  };
  return { element: select, input: select, update, focus: () => select.focus() };
}

export function acknowledgeControl(node, ctx) {
  const input = h("input", { type: "checkbox", id: ctx.id });
  input.addEventListener("change", () => ctx.answer(input.checked ? "OK" : ""));
  const update = (fresh) => {
    input.checked = fresh.value === "OK";
    input.disabled = Boolean(fresh.readonly);
  };
  const label = h("label", { class: "pk-choice", for: ctx.id }, input, h("span", {}, ctx.t("acknowledge")));
  return { element: label, update, focus: () => input.focus(), isGroup: true, role: "group" };
}

