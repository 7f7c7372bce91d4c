// Answers on a scale: a slider with its number, stars, an order of preference.
import { button, h, isActive, plainText, setChildren } from "./elements.js";
import { readNumber, writtenNumber } from "./numbers.js";

export function rangeControl(node, ctx) {
  const { start, end, step } = bounds(node);
  if (node.appearance.includes("rating")) return ratingControl(node, ctx);
  if (node.appearance.includes("picker")) return pickerControl(node, ctx);
  const slider = h("input", {
    type: "range", min: Math.min(start, end), max: Math.max(start, end), step: Math.abs(step), id: ctx.id,
  });
  const isDown = node.appearance.includes("vertical");
  const isPlain = node.appearance.includes("no-ticks");
  const number = h("input", { type: "text", inputmode: "decimal", class: "pk-tiny", "aria-label": ctx.t("number") });
  const ends = h("div", { class: "pk-ends", "aria-hidden": "true" },
    h("span", {}, writtenNumber(String(start), ctx.language)), h("span", {}, writtenNumber(String(end), ctx.language)));
  const show = (value) => {
    slider.classList.toggle("pk-unset", value === "");
    slider.setAttribute("aria-valuetext", value === "" ? ctx.t("not_answered") : writtenNumber(value, ctx.language));
    if (!isActive(number)) number.value = writtenNumber(value, ctx.language);
  };
  slider.addEventListener("input", () => {
    show(slider.value);
    ctx.answer(slider.value, { isSettled: false });
  });
  // A click on the place where the handle already stands is an answer too.
  slider.addEventListener("click", () => ctx.answer(slider.value));
  number.addEventListener("input", () => {
    const value = readNumber(number.value, ctx.language);
    ctx.refuse(value === null ? ctx.t("not_a_number") : null);
    ctx.answer(value ?? "", { isSettled: false });
  });
  const update = (fresh) => {
    const value = fresh.value ?? "";
    slider.value = value === "" ? (start + end) / 2 : value;
    slider.disabled = number.disabled = Boolean(fresh.readonly);
    show(value);
  };
  const element = h("div", { class: `pk-range ${isDown ? "pk-vertical" : ""}` },
    h("div", { class: "pk-slide" }, slider, !isPlain && ends), number);
  return { element, input: slider, update, focus: () => slider.focus() };
}

function bounds(node) {
  const { start, end, step } = node.range ?? {};
  return { start: Number(start ?? 1), end: Number(end ?? 10), step: Number(step ?? 1) || 1 };
}

function ratingControl(node, ctx) {
  const { start, end } = bounds(node);
  const stars = [];
  for (let value = Math.max(1, start); value <= end; value += 1) {
    const input = h("input", { type: "radio", name: ctx.id, value, "aria-label": ctx.t("stars", { n: value }) });
    stars.push(h("label", { class: "pk-star" }, input, h("span", { "aria-hidden": "true" }, "★")));
  }
  const clear = button(ctx.t("clear_answer"), () => ctx.answer(""), { class: "pk-link pk-clear" });
  const element = h("div", { class: "pk-stars" }, stars, clear);
  element.addEventListener("change", (event) => ctx.answer(event.target.value));
  const update = (fresh) => {
    const value = Number(fresh.value) || 0;
    stars.forEach((star) => {
      const input = star.firstChild;
      input.checked = Number(input.value) === value;
      input.disabled = Boolean(fresh.readonly);
      star.classList.toggle("pk-lit", Number(input.value) <= value);
    });
    clear.hidden = !fresh.value || fresh.readonly || fresh.required;
  };
  const focus = () => (element.querySelector("input:checked") ?? element.querySelector("input")).focus();
  return { element, update, focus, isGroup: true, role: "radiogroup" };
}

function pickerControl(node, ctx) {
  const { start, end, step } = bounds(node);
  const by = Math.sign(end - start) * Math.abs(step) || 1;
  const count = Math.round((end - start) / by) + 1;
  const values = Array.from({ length: count }, (_, place) => String(Number((start + place * by).toPrecision(12))));
  const select = h("select", { id: ctx.id, class: "pk-short" }, h("option", { value: "" }, ctx.t("choose")),
    values.map((value) => h("option", { value }, writtenNumber(value, ctx.language))));
  select.addEventListener("change", () => ctx.answer(select.value));
  const update = (fresh) => {
    select.value = fresh.value === "" ? "" : String(Number(fresh.value));
    select.disabled = Boolean(fresh.readonly);
  };
  return { element: select, input: select, update, focus: () => select.focus() };
}

// An order of preference: buttons for every move, dragging for those who like it.
export function rankControl(node, ctx) {
  const list = h("ol", { class: "pk-rank" });
  const said = h("p", { class: "pk-unseen", role: "status" });
  const confirm = button(ctx.t("keep_this_order"), () => ctx.answer(order().join(" ")));
  const lines = new Map();
  const order = () => [...list.children].map((line) => line.dataset.value);

  const place = (line, to) => {
    const others = [...list.children].filter((other) => other !== line);
    const at = Math.max(0, Math.min(others.length, to));
    list.insertBefore(line, others[at] ?? null);
    said.textContent = ctx.t("now_at", { name: line.dataset.label, n: at + 1 });
    ctx.answer(order().join(" "));
  };
  const move = (line, by, pressed) => {
    place(line, [...list.children].indexOf(line) + by);
    pressed.focus();
  };
  const lineOf = (choice) => {
    const label = plainText(choice.label);
    const line = h("li", { "data-value": choice.value, "data-label": label },
      h("span", { class: "pk-grip", "aria-hidden": "true" }, "⠿"), h("span", { class: "pk-name" }, label));
    const up = button("↑", () => move(line, -1, up), { "aria-label": ctx.t("move_up", { name: label }) });
    const down = button("↓", () => move(line, 1, down), { "aria-label": ctx.t("move_down", { name: label }) });
    line.append(up, down);
    line.firstChild.addEventListener("pointerdown", (event) => drag(line, event));
    return line;
  };
  const drag = (line, event) => {
    list.setPointerCapture(event.pointerId); // not the grip: moving a line would lose it
    line.classList.add("pk-dragged");
    const follow = ({ clientY }) => {
      const others = [...list.children].filter((other) => other !== line);
      const next = others.find((other) => {
        const box = other.getBoundingClientRect();
        return clientY < box.top + box.height / 2;
      });
      if (line.nextSibling !== (next ?? null)) list.insertBefore(line, next ?? null);
    };
    const stop = () => {
      list.removeEventListener("pointermove", follow);
      line.classList.remove("pk-dragged");
      place(line, [...list.children].indexOf(line));
    };
    list.addEventListener("pointermove", follow);
    list.addEventListener("lostpointercapture", stop, { once: true });
  };
  let language;
  const update = (fresh) => {
    const choices = new Map((fresh.choices ?? []).map((choice) => [choice.value, choice]));
    const texts = JSON.stringify([...choices.values()].map((choice) => choice.label));
    if (texts !== language) lines.clear();
    language = texts;
    const ranked = (fresh.value || "").split(" ").filter((value) => choices.has(value));
    const all = [...ranked, ...[...choices.keys()].filter((value) => !ranked.includes(value))];
    if (list.querySelector(".pk-dragged")) return;
    for (const value of all) if (!lines.has(value)) lines.set(value, lineOf(choices.get(value)));
    setChildren(list, all.map((value) => lines.get(value)));
    for (const control of list.querySelectorAll("button")) control.disabled = Boolean(fresh.readonly);
    list.classList.toggle("pk-unset", !fresh.value);
    confirm.hidden = Boolean(fresh.value) || Boolean(fresh.readonly);
  };
  const element = h("div", { class: "pk-stack" }, list, said, confirm);
  return { element, update, focus: () => list.querySelector("button")?.focus(), isGroup: true, role: "group" };
}
