// Photos, sounds, films, files, and drawings made on the screen.
import { button, h } from "./elements.js";

const WIDE = 640;
const HIGH = 240;

export function fileControl(node, ctx) {
  const has = (...words) => words.some((word) => node.appearance.includes(word));
  if (node.control === "image" && has("signature", "draw")) return drawingControl(node, ctx);
  const input = h("input", { id: ctx.id, type: "file", accept: node.accept || accepted(node.control), class: "pk-file" });
  if (has("new", "new-rear")) input.setAttribute("capture", "environment");
  if (has("new-front", "selfie")) input.setAttribute("capture", "user");
  input.addEventListener("change", () => {
    if (input.files[0]) ctx.sendFile(input.files[0]);
  });
  const shown = preview(node, ctx, () => { input.value = ""; });
  const element = h("div", { class: "pk-stack" }, shown.element, input);
  const update = (fresh) => {
    shown.update(fresh);
    input.disabled = Boolean(fresh.readonly);
  };
  return { element, input, update, progress: shown.progress, focus: () => input.focus() };
}

function accepted(control) {
  return { image: "image/*", audio: "audio/*", video: "video/*" }[control] ?? null;
}

function preview(node, ctx, emptied) {
  const name = h("span", { class: "pk-file-name" });
  const bar = h("progress", { max: 1, hidden: true, "aria-label": ctx.t("sending_file") });
  const remove = button(ctx.t("remove_file"), () => {
    emptied();
    ctx.dropFile();
  });
  const picture = h("div", { class: "pk-preview" });
  const element = h("div", { class: "pk-sent-file", hidden: true }, picture, name, bar, remove);
  let drawn = "";
  return {
    element,
    update: (fresh) => {
      const value = fresh.value || "";
      element.hidden = value === "";
      name.textContent = value;
      remove.disabled = Boolean(fresh.readonly);
      const address = value && ctx.fileAddress(value);
      if (drawn !== address) picture.replaceChildren(...shownFile(node.control, address, ctx.t("preview")));
      drawn = address;
    },
    progress: (share) => {
      bar.hidden = share === null;
      if (share !== null) bar.value = share;
    },
  };
}

function shownFile(control, address, text) {
  if (!address) return [];
  if (control === "image") return [h("img", { src: address, alt: text })];
  if (control === "audio" || control === "video") return [h(control, { src: address, controls: true })];
  return [];
}

// Drawn with a finger, or written with the keyboard for those who cannot draw.
function drawingControl(node, ctx) {
  const isSignature = node.appearance.includes("signature");
  const canvas = h("canvas", { width: WIDE, height: HIGH, class: "pk-canvas", role: "img", "aria-label": ctx.t("drawing_area") });
  const pen = canvas.getContext("2d");
  const written = h("input", { type: "text", id: ctx.id, autocomplete: "off" });
  let isEmpty = true;
  let isUnderway = false; // from the first touch until the drawing is a file that waits to be sent

  const clean = () => {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, WIDE, HIGH);
    Object.assign(pen, { fillStyle: "#1c2127", strokeStyle: "#1c2127", lineWidth: 3, lineCap: "round", lineJoin: "round" });
    isEmpty = true;
  };
  const keep = () => canvas.toBlob((blob) => {
    if (blob && !isEmpty) ctx.sendFile(new File([blob], "drawing.png", { type: "image/png" }));
    isUnderway = false;
  }, "image/png");
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * WIDE, ((event.clientY - box.top) / box.height) * HIGH];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (canvas.classList.contains("pk-locked")) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    isUnderway = true;
    const strokes = new AbortController();
    pen.beginPath();
    pen.moveTo(...at(event));
    const follow = (next) => {
      isEmpty = false;
      pen.lineTo(...at(next));
      pen.stroke();
    };
    const stop = () => {
      strokes.abort();
      keep();
    };
    canvas.addEventListener("pointermove", follow, { signal: strokes.signal });
    canvas.addEventListener("pointerup", stop, { signal: strokes.signal });
    canvas.addEventListener("pointercancel", stop, { signal: strokes.signal });
  });
  written.addEventListener("change", () => {
    clean();
    pen.font = "italic 64px Georgia, serif";
    pen.textBaseline = "middle";
    pen.fillText(written.value, 24, HIGH / 2, WIDE - 48);
    isEmpty = written.value.trim() === "";
    if (isEmpty) ctx.dropFile();
    else {
      isUnderway = true;
      keep();
    }
  });
  const wipe = button(ctx.t("clear_drawing"), () => {
    clean();
    written.value = "";
    ctx.dropFile();
  });
  const shown = preview(node, ctx, clean);
  const byHand = isSignature && h("label", { class: "pk-stack" }, h("span", { class: "pk-part" }, ctx.t("write_name_instead")), written);
  const element = h("div", { class: "pk-stack" }, canvas, byHand, h("div", { class: "pk-beside" }, wipe), shown.element);
  const update = (fresh) => {
    shown.update(fresh);
    if (!fresh.value && !isEmpty && !isUnderway && !ctx.isPending()) clean();
    canvas.classList.toggle("pk-locked", Boolean(fresh.readonly));
    written.disabled = wipe.disabled = Boolean(fresh.readonly);
  };
  clean();
  return { element, update, progress: shown.progress, focus: () => written.focus(), isGroup: true, role: "group" };
}
