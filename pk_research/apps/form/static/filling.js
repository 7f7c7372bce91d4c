// What is on the screen: what the server knows, and on top of it what it has not heard yet.
import { foresee, movedRule } from "./foresight.js";

export class Filling {
  constructor(screen) {
    this.pending = [];
    this.take(screen);
  }

  take(screen) {
    this.screen = screen;
    this.server = screen.tree;
    this.#show();
  }

  patch(patch) {
    if (patch.tree) this.server = patch.tree;
    if (patch.pages) this.screen.pages = patch.pages;
    if (patch.language) this.screen.form.language = patch.language;
    const known = byPath(this.server);
    for (const [path, node] of Object.entries(patch.nodes ?? {})) {
      const kept = known.get(path);
      if (kept) Object.assign(kept, node, { children: node.children ?? kept.children });
    }
    this.#show();
  }

  add(entry) {
    this.pending.push(entry);
    this.#replay(entry);
    this.#foresee();
  }

  // Drop what the server has, or what a later answer to the same question replaces.
  settle(isDone) {
    this.pending = this.pending.filter((entry) => !isDone(entry));
  }

  // Begin the page afresh from what the server knows and what it does not.
  #show() {
    this.tree = copied(this.server);
    this.nodes = byPath(this.tree);
    this.pending.forEach((entry) => this.#replay(entry));
    this.#foresee();
  }

  #foresee() {
    const touched = this.pending.map(({ operation }) => operation.path && repeatOf(operation.path)).filter(Boolean);
    if (touched.length > 0) foresee(this.nodes, new Set(touched));
  }

  #replay({ operation }) {
    replay(this.tree, this.nodes, operation);
    if (isStructure(operation)) this.nodes = byPath(this.tree);
  }

  node(path) {
    return this.nodes.get(path);
  }

  // The pages that have anything on them now, in order.
  pages() {
    return this.screen.pages.map((path) => this.nodes.get(path)).filter((node) => node && isShown(node));
  }

  isPending(path) {
    return this.pending.some(({ operation }) => operation.op === "answer" && operation.path === path);
  }
}

export function isQuestion(node) {
  const isHeading = (node.appearance ?? []).includes("label"); // it only names the columns of a table
  return node.kind === "question" && !node.readonly && node.control !== "note" && !isHeading;
}

export function isAnswered(node) {
  return node.value !== "" && node.value !== null && node.value !== undefined;
}

// Answered as the form allows.
export function isRightlyAnswered(node) {
  return isAnswered(node) && !node.violation;
}

export function isShown(node) {
  if (node.relevant === false) return false;
  if (node.kind === "question" || node.kind === "note") return true;
  if (node.kind === "repeat") return !node.controlled || children(node).some(isShown);
  return children(node).some(isShown);
}

export function children(node) {
  return node.children ?? [];
}

// The questions that can be answered now, in the order shown.
export function questionsIn(node) {
  if (node.relevant === false) return [];
  return isQuestion(node) ? [node] : children(node).flatMap(questionsIn);
}

function byPath(tree, found = new Map()) {
  found.set(tree.path, tree);
  for (const child of children(tree)) byPath(child, found);
  return found;
}

function copied(node) {
  return node.children ? { ...node, children: node.children.map(copied) } : { ...node };
}

function isStructure(operation) {
  return operation.op === "add" || operation.op === "remove";
}

function replay(tree, nodes, operation) {
  const node = nodes.get(operation.path);
  if (!node) return;
  if (operation.op === "answer") {
    Object.assign(node, { value: operation.value, violation: null });
  } else if (operation.op === "add") {
    addInstance(node);
  } else if (operation.op === "remove") {
    removeInstance(nodes, node);
  }
}

// A new instance looks like the last one, empty; the server's own takes its place when it answers.
function addInstance(repeat) {
  const instances = children(repeat);
  if (instances.length === 0) return;
  const last = instances[instances.length - 1];
  const number = instances.length + 1;
  repeat.children.push(emptied(moved(copied(last), last.path, `${repeat.path}[${number}]`)));
  repeat.count = number;
}

function removeInstance(nodes, instance) {
  const repeat = nodes.get(repeatOf(instance.path));
  if (!repeat) return;
  repeat.children = repeat.children
    .filter((other) => other !== instance)
    .map((other, place) => moved(other, other.path, `${repeat.path}[${place + 1}]`));
  repeat.count = repeat.children.length;
}

export function repeatOf(path) {
  return path.replace(/\[\d+\]$/, "");
}

function moved(node, from, to) {
  node.path = to + node.path.slice(from.length);
  node.when = movedRule(node.when, from, to);
  for (const child of children(node)) moved(child, from, to);
  return node;
}

function emptied(node) {
  if (node.kind === "question") Object.assign(node, { value: "", violation: null });
  for (const child of children(node)) emptied(child);
  return node;
}

// Where a path leads once an instance before it is gone; null when it went with it.
export function pathAfterRemoval(path, removed) {
  const repeat = repeatOf(removed);
  if (!path.startsWith(`${repeat}[`)) return path;
  const number = Number(path.slice(repeat.length + 1).split("]")[0]);
  const gone = Number(removed.slice(repeat.length + 1, -1));
  if (number === gone) return null;
  return number < gone ? path : `${repeat}[${number - 1}]${path.slice(`${repeat}[${number}]`.length)}`;
}
