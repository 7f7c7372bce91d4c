// Dates and times, in the browser's own fields where they fit.
import { h } from "./elements.js";

export function dateControl(node, ctx) {
  const has = (word) => node.appearance.includes(word);
  if (has("year")) return partsControl(ctx, ["year"]);
  if (has("month-year")) return partsControl(ctx, ["month", "year"]);
  if (has("no-calendar")) return partsControl(ctx, ["day", "month", "year"]);
  return nativeControl(ctx, "date");
}

// Between the engine's values and those of the browser's fields, by type of field.
export const MOMENTS = {
  date: { read: (text) => text, write: (value) => value.slice(0, 10) },
  time: {
    read: (text) => (text ? `${text}:00.000${zone(new Date())}` : ""),
    write: (value) => value.slice(0, 5),
  },
  "datetime-local": {
    read: (text) => (text ? `${text}:00.000${zone(new Date(text))}` : ""),
    write: (value) => (value ? local(value) : ""),
  },
};

export function timeControl(node, ctx) {
  return nativeControl(ctx, "time");
}

export function dateTimeControl(node, ctx) {
  return nativeControl(ctx, "datetime-local");
}

function nativeControl(ctx, type) {
  const { read, write } = MOMENTS[type];
  const input = h("input", { id: ctx.id, type, class: "pk-short" });
  input.addEventListener("input", () => ctx.answer(read(input.value), { isSettled: false }));
  input.addEventListener("change", () => ctx.answer(read(input.value)));
  const update = (fresh) => {
    const shown = write(fresh.value ?? "");
    // a date half typed reads as nothing: leave it be
    if (input.value !== shown && !(input.matches(":focus") && input.value === "")) input.value = shown;
    input.readOnly = Boolean(fresh.readonly);
  };
  return { element: input, input, update, focus: () => input.focus() };
}

// Day, month and year in fields of their own.
function partsControl(ctx, names) {
  const fields = Object.fromEntries(names.map((name) => [name, field(name, ctx)]));
  const element = h("div", { class: "pk-parts" }, names.map((name) =>
    h("label", {}, h("span", { class: "pk-part" }, ctx.t(name)), fields[name])));
  const read = () => {
    const given = names.map((name) => fields[name].value.trim());
    if (given.every((text) => text === "")) return "";
    if (given.some((text) => text === "")) return undefined;
    const part = (name) => (fields[name] ? Number(fields[name].value) : 1);
    return dateText(part("year"), part("month"), part("day"));
  };
  element.addEventListener("input", () => {
    const value = read();
    ctx.refuse(value === null ? ctx.t("not_a_date") : null);
    if (value !== null && value !== undefined) ctx.answer(value, { isSettled: false });
  });
  element.addEventListener("focusout", (event) => {
    if (element.contains(event.relatedTarget)) return;
    const value = read();
    if (value === undefined || value === null) {
      ctx.refuse(ctx.t("not_a_date"));
      ctx.answer("");
    }
  });
  const update = (fresh) => {
    const [year, month, day] = (fresh.value || "").split("-");
    const shown = { year, month: month && String(Number(month)), day: day && String(Number(day)) };
    const isHalf = !fresh.value && read() !== "";
    for (const name of names) {
      if (!isHalf && !element.matches(":focus-within")) fields[name].value = shown[name] ?? "";
      fields[name].disabled = Boolean(fresh.readonly);
    }
  };
  return { element, update, focus: () => fields[names[0]].focus(), isGroup: true, role: "group" };
}

function field(name, ctx) {
  if (name !== "month") {
    return h("input", { type: "text", inputmode: "numeric", maxlength: name === "year" ? 4 : 2, size: name === "year" ? 4 : 2 });
  }
  const names = new Intl.DateTimeFormat(ctx.language, { month: "long", timeZone: "UTC" });
  const months = Array.from({ length: 12 }, (_, place) =>
    h("option", { value: place + 1 }, names.format(new Date(Date.UTC(2000, place, 1)))));
  return h("select", {}, h("option", { value: "" }, "–"), ...months);
}

// null where the calendar has no such day.
function dateText(year, month, day) {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = year >= 1000 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.toISOString().slice(0, 10) : null;
}

function zone(date) {
  const minutes = -date.getTimezoneOffset();
  const two = (number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

function local(value) {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return "";
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
