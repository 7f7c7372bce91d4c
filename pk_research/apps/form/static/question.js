// One question: its label, hint, control, and what is wrong with the answer.
import { h, setAttribute, setSafeHtml } from "./elements.js";
import { acknowledgeControl, labelRow, radioControl, selectControl, tickControl } from "./choices.js";
import { comboboxControl } from "./combobox.js";
import { dateControl, dateTimeControl, timeControl } from "./moments.js";
import { fileControl } from "./files.js";
import { lineControl, pointControl } from "./places.js";
import { rangeControl, rankControl } from "./scales.js";
import { barcodeControl, numberControl, textControl, typingIn } from "./typed.js";

const LONG = 12; // choices from which a list without a search field is tiresome

const CONTROLS = {
  text: textControl, integer: numberControl, decimal: numberControl, barcode: barcodeControl,
  date: dateControl, time: timeControl, datetime: dateTimeControl,
  select_one: selectOneControl, select_multiple: selectManyControl, rank: rankControl,
  range: rangeControl, acknowledge: acknowledgeControl,
  geopoint: pointControl, geotrace: lineControl, geoshape: lineControl,
  image: fileControl, audio: fileControl, video: fileControl, file: fileControl,
};

function wantsSearch(node) {
  return Boolean(node.list) || node.appearance.some((word) => word === "autocomplete" || word === "search");
}

function selectOneControl(node, ctx) {
  if (wantsSearch(node)) return comboboxControl(node, ctx);
  if (node.appearance.includes("label")) return labelRow(node, ctx);
  if (!node.appearance.includes("minimal")) return radioControl(node, ctx);
  return (node.choices ?? []).length > LONG ? comboboxControl(node, ctx) : selectControl(node, ctx);
}

function selectManyControl(node, ctx) {
  if (node.appearance.includes("label")) return labelRow(node, ctx);
  return wantsSearch(node) || node.appearance.includes("minimal") ? comboboxControl(node, ctx) : tickControl(node, ctx);
}

// Whether a question drawn for one node can go on showing another: the same kind of field.
export function shape(node) {
  return [node.kind, node.control, node.appearance?.join(" "), Boolean(node.list), node.accept, node.rows,
    JSON.stringify(node.range ?? null), (node.choices ?? []).length > LONG].join("|");
}

export class Question {
  constructor(node, form) {
    this.node = node;
    this.form = form;
    this.shape = shape(node);
    this.id = form.newId();
    this.control = node.kind === "note" || node.control === "note" ? null : this.#control(node);
    this.element = this.#frame();
    this.update(node);
  }

  #control(node) {
    const { form, id } = this;
    const ctx = {
      id,
      t: form.t,
      language: form.houseLanguage,
      lists: form.lists,
      transport: form.transport,
      outlines: form.outlines,
      media: (address) => form.mediaAddress(address),
      answer: (value, options) => form.answer(this.node.path, value, options),
      refuse: (message) => this.#refuse(message),
      goOn: () => form.goOn(this.node.path),
      sendFile: (file) => form.sendFile(this.node.path, file),
      dropFile: () => form.dropFile(this.node.path),
      fileAddress: (name) => form.fileAddress(name),
      isPending: () => form.filling.isPending(this.node.path) || form.uploads.waiting.some((upload) => upload.path === this.node.path),
      typing: (input, how) => typingIn(input, ctx, how),
    };
    return (CONTROLS[node.control] ?? textControl)(node, ctx);
  }

  #frame() {
    const { control, id } = this;
    this.words = h("span", { class: "pk-words" });
    this.star = h("span", { class: "pk-required", "aria-hidden": "true" }, " *");
    this.hint = h("p", { class: "pk-hint", id: `${id}-hint` });
    this.guidance = h("p");
    this.more = h("details", { class: "pk-fold" }, h("summary", {}, this.form.t("guidance")), this.guidance);
    this.media = h("div", { class: "pk-media" });
    this.error = h("p", { class: "pk-error", id: `${id}-error` });
    const isGroup = !control || control.isGroup;
    const name = isGroup ? (control ? "legend" : "div") : "label";
    this.label = h(name, { class: "pk-label", id: `${id}-label`, for: isGroup ? null : id }, this.words, this.star);
    const frame = control?.isGroup ? h("fieldset", { role: control.role, "aria-labelledby": `${id}-label` }) : h("div");
    frame.classList.add("pk-question");
    frame.append(this.label, this.hint, this.more, this.media, ...(control ? [control.element] : []), this.error);
    frame.addEventListener("focusout", (event) => {
      if (!frame.contains(event.relatedTarget)) this.form.left(this.node.path);
    });
    return frame;
  }

  update(node) {
    this.node = node;
    const { label } = node;
    this.element.dataset.path = node.path;
    this.element.dataset.control = node.kind === "note" ? "note" : node.control;
    this.element.dataset.appearance = (node.appearance ?? []).join(" ");
    setSafeHtml(this.words, label?.text || (node.kind === "note" ? "" : this.form.nameOf(node)));
    this.star.hidden = !node.required;
    setSafeHtml(this.hint, node.hint || "");
    setSafeHtml(this.guidance, node.guidance || "");
    this.hint.hidden = !node.hint;
    this.more.hidden = !node.guidance;
    this.#showMedia(label);
    this.control?.update(node);
    this.element.classList.toggle("pk-answered", Boolean(node.value));
    this.showError();
  }

  #showMedia(label) {
    const wanted = JSON.stringify([label?.image, label?.audio, label?.video]);
    if (this.media.dataset.shown === wanted) return;
    this.media.dataset.shown = wanted;
    const media = (address) => this.form.mediaAddress(address);
    this.media.replaceChildren(...[
      label?.image && h("img", { src: media(label.image), alt: "" }),
      label?.audio && h("audio", { src: media(label.audio), controls: true }),
      label?.video && h("video", { src: media(label.video), controls: true }),
    ].filter(Boolean));
    this.media.hidden = this.media.childNodes.length === 0;
  }

  // What this page itself cannot read; undefined: typing goes on, say nothing new yet.
  #refuse(message) {
    if (message === undefined) return;
    this.form.refused(this.node.path, message);
  }

  showError() {
    const message = this.form.errorOf(this.node.path);
    this.error.textContent = message ?? "";
    this.error.hidden = !message;
    this.element.classList.toggle("pk-wrong", Boolean(message));
    const { control, node } = this;
    if (!control) return;
    const target = control.input ?? this.element;
    const described = [node.hint && this.hint.id, message && this.error.id].filter(Boolean).join(" ");
    setAttribute(target, "aria-describedby", described || null);
    setAttribute(target, "aria-required", node.required && control.role !== "group" ? "true" : null);
    const inputs = control.input ? [control.input] : this.element.querySelectorAll("input, select, textarea");
    for (const input of inputs) setAttribute(input, "aria-invalid", message ? "true" : null);
  }

  focus() {
    if (this.control) this.control.focus();
    this.element.scrollIntoView({ block: "center", behavior: "instant" });
  }
}
