// A page: groups, repeats and questions, drawn once and then only brought up to date.
import { button, h, setChildren, setSafeHtml } from "./elements.js";
import { children, isShown } from "./filling.js";
import { Question, shape } from "./question.js";

export class Page {
  constructor(form) {
    this.form = form;
    this.drawn = new Map(); // path -> what is drawn for it
    this.element = h("div", { class: "pk-page" });
  }

  update(node) {
    this.used = new Set();
    setChildren(this.element, this.#inside(node));
    this.element.classList.toggle("pk-table", isTable(node));
    this.drawn.get(node.path)?.title?.classList.add("pk-unseen"); // the page's own title says it
    for (const path of [...this.drawn.keys()]) if (!this.used.has(path)) this.drawn.delete(path);
  }

  question(path) {
    const drawn = this.drawn.get(path);
    return drawn instanceof Question ? drawn : null;
  }

  questions() {
    return [...this.drawn.values()].filter((drawn) => drawn instanceof Question);
  }

  // A page that is itself a question or a repeat holds that; a group, what is in it.
  #inside(node) {
    const isPart = node.kind === "question" || node.kind === "note" || node.kind === "repeat";
    return (isPart ? [node] : children(node)).filter(isShown).map((child) => this.#part(child));
  }

  #part(node) {
    const wanted = node.kind === "group" || node.kind === "page" ? Group
      : node.kind === "repeat" ? Repeat
      : node.kind === "instance" ? Instance : Question;
    let drawn = this.drawn.get(node.path);
    const fits = drawn instanceof wanted && (wanted !== Question || drawn.shape === shape(node));
    if (!fits) {
      drawn = new wanted(node, this.form);
      this.drawn.set(node.path, drawn);
    } else {
      drawn.update(node);
    }
    this.used.add(node.path);
    if (wanted !== Question) drawn.hold(children(node).filter(isShown).map((child) => this.#part(child)));
    return drawn.element;
  }
}

function isTable(node) {
  return children(node).some((child) => (child.appearance ?? []).includes("list-nolabel"));
}

class Group {
  constructor(node, form) {
    const id = form.newId();
    this.title = h("h3", { id });
    this.body = h("div", { class: "pk-group-body" });
    this.element = h("section", { class: "pk-group", "aria-labelledby": id }, this.title, this.body);
    this.update(node);
  }

  update(node) {
    setSafeHtml(this.title, node.label?.text || "");
    this.title.hidden = !node.label?.text;
    this.element.classList.toggle("pk-plain", !node.label?.text);
    this.element.classList.toggle("pk-table", isTable(node));
  }

  hold(elements) {
    setChildren(this.body, elements);
  }
}

class Repeat {
  constructor(node, form) {
    const id = form.newId();
    this.title = h("h3", { id });
    this.none = h("p", { class: "pk-hint" });
    this.body = h("div", { class: "pk-instances" });
    this.add = button("", () => form.addInstance(this.node.path), { class: "pk-add" });
    this.element = h("section", { class: "pk-repeat", "aria-labelledby": id }, this.title, this.none, this.body, this.add);
    this.form = form;
    this.update(node);
  }

  update(node) {
    this.node = node;
    const { t } = this.form;
    const count = children(node).length;
    setSafeHtml(this.title, node.label?.text || this.form.nameOf(node));
    this.none.textContent = t("none_yet");
    this.none.hidden = count > 0;
    this.add.textContent = count > 0 ? t("add_another") : t("add_first");
    this.add.hidden = Boolean(node.controlled);
  }

  hold(elements) {
    setChildren(this.body, elements);
  }
}

class Instance {
  constructor(node, form) {
    this.form = form;
    const id = form.newId();
    this.title = h("h4", { id, tabindex: -1 });
    this.body = h("div", { class: "pk-group-body" });
    this.remove = button("", () => form.removeInstance(this.node.path), { class: "pk-link" });
    this.element = h("section", { class: "pk-instance", "aria-labelledby": id },
      h("div", { class: "pk-instance-head" }, this.title, this.remove), this.body);
    this.update(node);
  }

  update(node) {
    this.node = node;
    this.element.dataset.path = node.path;
    const { t } = this.form;
    const repeat = this.form.filling.node(node.path.replace(/\[\d+\]$/, ""));
    const number = Number(/\[(\d+)\]$/.exec(node.path)?.[1] ?? 1);
    const name = this.form.plainName(node.label?.text ? node : repeat ?? node);
    this.title.textContent = t("instance_of", { name, n: number, count: children(repeat ?? node).length });
    this.remove.textContent = t("remove");
    this.remove.setAttribute("aria-label", t("remove_named", { name: `${name} ${number}` }));
    this.remove.hidden = Boolean(repeat?.controlled);
  }

  hold(elements) {
    setChildren(this.body, elements);
  }

  focus() {
    this.title.focus();
  }
}
