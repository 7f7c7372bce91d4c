// Answers that are typed: words, numbers, addresses, codes.
import { button, h, isActive, setAttribute } from "./elements.js";
import { readNumber, writtenNumber } from "./numbers.js";

export function textControl(node, ctx) {
  const has = (word) => node.appearance.includes(word);
  const isLong = has("multiline") || has("textarea") || node.rows > 1;
  const input = isLong
    ? h("textarea", { id: ctx.id, rows: node.rows || 3 })
    : h("input", { id: ctx.id, type: has("url") ? "url" : has("masked") ? "password" : "text" });
  if (has("numbers")) input.inputMode = "numeric";
  input.autocomplete = "off";
  const typing = ctx.typing(input, { read: () => input.value, write: (value) => value });
  if (!has("url")) return { element: input, ...typing };
  const link = h("a", { target: "_blank", rel: "noopener noreferrer" }, ctx.t("open_link"));
  const showLink = (value) => {
    setAttribute(link, "href", /^https?:\/\//.test(value) ? value : null);
    link.hidden = !link.hasAttribute("href");
  };
  input.addEventListener("input", () => showLink(input.value));
  const update = (fresh) => { typing.update(fresh); showLink(fresh.value); };
  return { ...typing, update, element: h("div", { class: "pk-beside" }, input, link) };
}

export function numberControl(node, ctx) {
  const isWhole = node.control === "integer";
  const isGrouped = node.appearance.includes("thousands-sep");
  const input = h("input", {
    id: ctx.id, type: "text", inputmode: isWhole ? "numeric" : "decimal", autocomplete: "off",
    class: "pk-short",
  });
  const typing = ctx.typing(input, {
    read: () => readNumber(input.value, ctx.language, { isWhole }),
    write: (value) => writtenNumber(value, ctx.language, { isGrouped }),
    complaint: isWhole ? "not_a_whole_number" : "not_a_number",
  });
  if (!node.appearance.includes("counter")) return { element: input, ...typing };
  const step = (by) => {
    const value = String((Number(readNumber(input.value, ctx.language) || 0) || 0) + by);
    input.value = value;
    ctx.answer(value);
  };
  const less = button("−", () => step(-1), { "aria-label": ctx.t("less") });
  const more = button("+", () => step(1), { "aria-label": ctx.t("more") });
  const update = (fresh) => {
    typing.update(fresh);
    less.disabled = more.disabled = fresh.readonly;
  };
  return { ...typing, update, element: h("div", { class: "pk-counter" }, less, input, more) };
}

export function barcodeControl(node, ctx) {
  const input = h("input", { id: ctx.id, type: "text", autocomplete: "off" });
  const typing = ctx.typing(input, { read: () => input.value, write: (value) => value });
  if (!("BarcodeDetector" in globalThis) || !navigator.mediaDevices) return { element: input, ...typing };
  const film = h("video", { hidden: true, muted: true, playsinline: true });
  const scan = button(ctx.t("scan"), () => scanInto(film, (code) => {
    input.value = code;
    ctx.answer(code);
  }));
  const update = (fresh) => { typing.update(fresh); scan.disabled = fresh.readonly; };
  return { ...typing, update, element: h("div", { class: "pk-stack" }, h("div", { class: "pk-beside" }, input, scan), film) };
}

async function scanInto(film, told) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const detector = new globalThis.BarcodeDetector();
  film.srcObject = stream;
  film.hidden = false;
  await film.play();
  const stop = () => {
    stream.getTracks().forEach((track) => track.stop());
    film.hidden = true;
  };
  const look = async () => {
    if (!film.isConnected) return stop();
    const [code] = await detector.detect(film).catch(() => []);
    if (!code) return setTimeout(look, 150);
    stop();
    return told(code.rawValue);
  };
  look();
}

// What every typed control shares: typing is never overwritten from elsewhere, and what cannot be
// read is said at once and kept on the screen.
export function typingIn(input, ctx, { read, write, complaint }) {
  let isTyped = false;
  const tell = (isSettled) => {
    const value = read();
    ctx.refuse(value === null && isSettled ? ctx.t(complaint) : value === null ? undefined : null);
    ctx.answer(value ?? "", { isSettled });
  };
  input.addEventListener("input", () => {
    isTyped = true;
    tell(false);
  });
  input.addEventListener("blur", () => {
    if (isTyped) {
      tell(true);
      if (read() !== null) input.value = write(read());
    }
    isTyped = false;
  });
  return {
    input,
    focus: () => input.focus(),
    update: (node) => {
      const isBusy = isActive(input) && isTyped;
      const isWrong = input.value !== "" && read() === null;
      if (!isBusy && !isWrong) {
        const shown = write(node.value ?? "");
        if (input.value !== shown) input.value = shown;
      }
      input.readOnly = Boolean(node.readonly);
    },
  };
}
