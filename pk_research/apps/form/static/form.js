// The form on screen. `mount` draws it into an element; as an anywidget it draws itself.
//
// Every answer goes at once into the browser's journal and on the screen; the queue brings it to the
// server, whose patches say what follows from it. Nothing here waits for the network.
import { filled, h, isActive, plainText } from "./elements.js";
import { Cupboard } from "./cupboard.js";
import { Filling, children, isAnswered, isRightlyAnswered, questionsIn, repeatOf } from "./filling.js";
import { Journal, newClient } from "./journal.js";
import { Lists } from "./lists.js";
import { MOMENTS } from "./moments.js";
import { Page } from "./page.js";
import { Queue } from "./queue.js";
import { receiptPage, reviewPage } from "./review.js";
import { REVIEW, Shell } from "./shell.js";
import { httpTransport, widgetTransport } from "./transport.js";
import { otherTurns } from "./turns.js";
import { Uploads } from "./uploads.js";

const AWAY_MS = 60_000; // after which another device may have gone on with the draft
const LONGEST_TITLE = 80;
const TRY_OPEN_MS = 3000;

class Form {
  constructor(element, { transport, texts, storage, options }) {
    Object.assign(this, { element, transport, texts, options, storage });
    this.cupboard = new Cupboard();
    this.lists = new Lists(transport, this.cupboard);
    this.outlines = options.outlines ?? [];
    this.refusals = new Map(); // path -> what this page cannot read
    this.rejected = new Map(); // path -> what the server could not take
    this.visited = new Set(); // questions answered or left here: their faults may be shown
    this.passed = new Set(); // pages left
    this.ids = 0;
    this.prefix = `pk${Math.random().toString(36).slice(2, 7)}`;
    this.t = (key, values) => filled(this.texts[this.houseLanguage]?.[key] ?? key, values);
  }

  async start() {
    await otherTurns(); // reading this script and drawing the form are two turns
    const typed = typedBefore(this.element);
    const screen = this.options.screen ?? (await this.#open());
    if (this.isOver) return;
    this.client = newClient();
    this.resumeCode = screen.resume_code ?? this.options.resume_code ?? "";
    this.language = screen.form.language ?? "";
    this.filling = new Filling(screen);
    this.journal = new Journal(screen.draft, this.storage);
    this.uploads = new Uploads({
      draft: screen.draft, client: this.client, transport: this.transport, cupboard: this.cupboard,
      told: {
        progress: (path, share) => this.drawnPage?.question(path)?.control?.progress?.(share),
        arrived: (path, name) => { this.#progressDone(path); this.answer(path, name); },
        refused: (path, message) => { this.#progressDone(path); this.#reject(path, message); this.answer(path, ""); },
      },
    });
    this.queue = new Queue({
      client: this.client, transport: this.transport, journal: this.journal, filling: this.filling, uploads: this.uploads,
      told: {
        state: () => this.refresh(),
        patch: (patch, batch) => this.#take(patch, batch),
        receipt: (receipt) => this.#finish(receipt),
        violations: (violations) => this.#refuse(violations),
      },
    });
    const pages = this.pagePaths();
    this.page = pages.includes(screen.page) ? screen.page : pages[0] ?? REVIEW;
    if (this.queue.wantsSubmission) this.page = REVIEW;
    this.#noteAnswered();
    this.#draw();
    typed.answers.forEach(([path, value]) => this.answer(path, value));
    if (typed.focus) this.drawnPage?.question(typed.focus)?.focus();
    this.#listen();
    const left = await this.uploads.restore();
    left.forEach((upload) => this.#showFile(upload.path, upload.name));
    this.queue.schedule(0);
  }

  async #open() {
    for (;;) {
      try {
        return await this.transport.open();
      } catch (error) {
        this.chosenLanguage = this.options.language;
        this.#say(error.offline ? this.t("status_offline") : error.message ?? String(error));
        if (!error.offline) throw error;
        await new Promise((resolve) => setTimeout(resolve, TRY_OPEN_MS));
      }
    }
  }

  // What was answered before this page came is no half-typed word: its faults may be shown.
  #noteAnswered() {
    questionsIn(this.filling.tree).filter(isAnswered).forEach(({ path }) => this.visited.add(path));
  }

  #say(text) {
    if (!this.element.querySelector("input, select, textarea")) {
      this.element.replaceChildren(h("p", { class: "pk-callout", role: "status" }, text));
    }
  }

  // --- drawing

  #draw() {
    const scroll = window.scrollY;
    this.shell = new Shell(this);
    this.#turnTo(this.page);
    this.element.classList.add("pk-form");
    this.element.lang = this.houseLanguage;
    this.element.replaceChildren(this.shell.element);
    window.scrollTo(0, scroll);
  }

  #turnTo(path) {
    this.page = path;
    if (path === REVIEW) {
      this.drawnPage = null;
      this.shell.sheet.replaceChildren(reviewPage(this));
    } else {
      this.drawnPage = new Page(this);
      this.drawnPage.update(this.filling.node(path));
      this.shell.sheet.replaceChildren(this.drawnPage.element);
    }
    this.shell.update();
  }

  // Bring the screen up to date, once for all that happens together; but never between press and
  // release, when a button that moves away is not clicked.
  refresh() {
    if (this.isDue || this.isOver) return;
    this.isDue = true;
    queueMicrotask(() => {
      this.isDue = false;
      if (this.isOver || this.isPressed) return;
      const paths = this.pagePaths();
      if (this.page !== REVIEW && !paths.includes(this.page)) this.#turnTo(paths[0] ?? REVIEW);
      if (this.drawnPage) this.drawnPage.update(this.filling.node(this.page));
      else this.#refreshReview();
      this.shell.update();
    });
  }

  #refreshReview() {
    const { sheet } = this.shell;
    const fresh = reviewPage(this);
    const [folds, before] = [fresh, sheet].map((part) => [...part.querySelectorAll("details")]);
    folds.forEach((fold, place) => { fold.open = Boolean(before[place]?.open); });
    if (sheet.firstChild?.isEqualNode(fresh)) return;
    const hadFocus = sheet.contains(this.element.getRootNode().activeElement);
    sheet.replaceChildren(fresh);
    if (hadFocus) this.shell.sheet.querySelector(".pk-summary, .pk-send, .pk-callout button")?.focus();
  }

  newId() {
    this.ids += 1;
    return `${this.prefix}-${this.ids}`;
  }

  // --- names

  pagePaths() {
    return this.filling.pages().map((node) => node.path);
  }

  pageName(path) {
    if (path === REVIEW) return this.t("check_and_send");
    return this.plainName(this.filling.node(path));
  }

  nameOf(node) {
    return node.path.includes("#") ? this.t("questions") : repeatOf(node.path).split("/").pop().replaceAll("_", " ");
  }

  // A table of questions has its title in a note, as pyxform writes it; a long note is no title, and
  // what follows it may have one.
  plainName(node) {
    const parts = children(node);
    const note = parts[0]?.kind === "note" ? plainText(parts[0].label?.text) : "";
    const inside = parts.find((part) => part.kind === "group" || part.kind === "repeat")?.label?.text;
    return plainText(node.label?.text) || (note.length <= LONGEST_TITLE && note) || plainText(inside)
      || this.nameOf(node);
  }

  questionName(path) {
    const node = this.filling.node(path);
    return node ? this.plainName(node) : path;
  }

  mediaAddress(address) {
    return this.options.media ? this.options.media + encodeURIComponent(address) : address;
  }

  fileAddress(name) {
    return this.uploads.previews.get(name) ?? this.transport.fileAddress?.(name) ?? null;
  }

  // --- languages

  get houseLanguage() {
    const wanted = [this.#codeOf(this.language ?? ""), this.chosenLanguage, this.options.language, Object.keys(this.texts)[0]];
    return wanted.find((language) => language in this.texts);
  }

  #codeOf(language) {
    const code = /\(([a-z]{2})[^)]*\)$/i.exec(language)?.[1]?.toLowerCase();
    return code ?? Object.keys(this.texts).find((name) => this.texts[name].language_name === language) ?? language;
  }

  get #hasLanguages() {
    return (this.filling.screen.form.languages ?? []).length > 1;
  }

  languages() {
    const ofForm = this.filling.screen.form.languages;
    if (this.#hasLanguages) return ofForm.map((name) => [name, name.replace(/\s*\([^)]*\)$/, "")]);
    return Object.entries(this.texts).map(([code, texts]) => [code, texts.language_name ?? code]);
  }

  speak(language) {
    if (this.#hasLanguages) this.#push({ op: "language", value: language });
    else this.chosenLanguage = language;
    this.language = language;
    this.spoken = this.#codeOf(language);
    this.#draw();
    this.shell.element.querySelector("header select")?.focus();
    this.#tellLanguage();
  }

  // Tell the page around of a language that was chosen here, once nothing would be lost if it goes.
  #tellLanguage() {
    if (!this.spoken || this.filling.pending.length) return;
    const language = this.spoken;
    this.spoken = "";
    if (language in this.texts) this.element.dispatchEvent(new CustomEvent("pk-language", { bubbles: true, detail: { language } }));
  }

  // Go on in the language of the page around, where there are texts in it.
  follow(code) {
    const found = this.languages().find(([language]) => this.#codeOf(language) === code)?.[0];
    if (found !== undefined && found !== this.language) this.speak(found);
  }

  // Another tab, or a page before this one, asked for another language.
  #followServer(language) {
    const isAsked = this.filling.pending.some(({ operation }) => operation.op === "language");
    if (!language || language === this.language || isAsked || !this.#hasLanguages) return;
    this.language = language;
    this.#draw();
  }

  // --- answering

  answer(path, value, { isSettled = true } = {}) {
    const node = this.filling.node(path);
    if (!node || node.readonly) return;
    this.rejected.delete(path);
    if (isSettled) this.visited.add(path);
    if ((node.value ?? "") !== value || this.filling.isPending(path)) {
      this.#push({ op: "answer", path, value }, { isSettled });
    }
    this.drawnPage?.question(path)?.update(this.filling.node(path));
  }

  refused(path, message) {
    if (message) this.refusals.set(path, message);
    else this.refusals.delete(path);
    this.refresh();
  }

  left(path) {
    if (isAnswered(this.filling.node(path) ?? { value: "" })) this.visited.add(path);
    this.refresh();
    this.queue.schedule(0);
  }

  #push(operation, options) {
    this.queue.push(operation, options);
  }

  #reject(path, message) {
    this.rejected.set(path, message);
    this.refresh();
  }

  async sendFile(path, file) {
    const upload = await this.uploads.add(path, file);
    this.rejected.delete(path);
    this.#showFile(path, upload.name);
    this.queue.schedule(0);
  }

  // A file on its way is shown as if it were the answer, which it becomes when it has arrived.
  #showFile(path, name) {
    const node = this.filling.node(path);
    if (node) this.drawnPage?.question(path)?.control?.update({ ...node, value: name });
    this.drawnPage?.question(path)?.control?.progress?.(0);
    this.refreshStatus();
  }

  #progressDone(path) {
    this.drawnPage?.question(path)?.control?.progress?.(null);
  }

  dropFile(path) {
    this.uploads.cancel(path);
    this.#progressDone(path);
    this.answer(path, "");
    this.drawnPage?.question(path)?.update(this.filling.node(path));
  }

  addInstance(path) {
    const before = children(this.filling.node(path)).length;
    this.#push({ op: "add", path });
    this.awaited = `${path}[${before + 1}]`; // where to go once it is there
    this.#goToAwaited();
  }

  #goToAwaited() {
    if (!this.awaited || !this.filling.node(this.awaited)) return;
    const path = this.awaited;
    this.awaited = null;
    this.drawnPage?.update(this.filling.node(this.page));
    const [first] = questionsIn(this.filling.node(path));
    if (first) this.drawnPage?.question(first.path)?.focus();
  }

  removeInstance(path) {
    const name = this.plainName(this.filling.node(repeatOf(path)) ?? { path });
    const isFilled = questionsIn(this.filling.node(path)).some(isAnswered);
    if (isFilled && !window.confirm(this.t("really_remove", { name }))) return;
    this.uploads.follow(path);
    this.#push({ op: "remove", path });
    for (const kept of [this.refusals, this.rejected]) {
      for (const at of [...kept.keys()]) if (at.startsWith(repeatOf(path))) kept.delete(at);
    }
    this.drawnPage?.update(this.filling.node(this.page));
    this.shell.heading.focus();
  }

  #take(patch, batch) {
    this.filling.patch(patch);
    for (const { n, message } of patch.errors ?? []) {
      const entry = batch.find(({ operation }) => operation.n === n);
      if (entry?.operation.path) this.rejected.set(entry.operation.path, message);
    }
    this.#followServer(patch.language);
    this.#goToAwaited();
    this.refresh();
    this.#tellLanguage();
  }

  // --- what is wrong

  errorOf(path) {
    const own = this.refusals.get(path) ?? this.rejected.get(path);
    if (own) return own;
    const node = this.filling.node(path);
    if (!node?.violation || node.relevant === false) return null;
    const isPassed = this.isChecked || this.visited.has(path) || this.passed.has(this.pageOf(path));
    return isPassed ? node.violation.message : null;
  }

  // Everything that keeps the form from being sent, as far as this page knows; the server may have
  // found something that no question shown here stands for.
  problems() {
    const unseen = [...this.rejected].filter(([path]) => !this.filling.node(path));
    return questionsIn(this.filling.tree).map((node) => ({
      path: node.path,
      message: this.refusals.get(node.path) ?? this.rejected.get(node.path) ?? node.violation?.message,
    })).filter(({ message }) => message).concat(unseen.map(([path, message]) => ({ path, message })));
  }

  state() {
    const isSaved = this.queue.isIdle;
    const isSafe = this.journal.isSafe && this.uploads.isSafe;
    if (!isSaved && !isSafe) return "unsafe";
    if (this.queue.isOffline) return "offline";
    if (!isSaved) return "device";
    return this.options.is_held ? "held" : "saved";
  }

  refreshStatus() {
    this.shell.update();
  }

  // --- moving about

  pageOf(path) {
    return this.pagePaths().find((page) => contains(this.filling.node(page), path)) ?? null;
  }

  turn(by) {
    const pages = [...this.pagePaths(), REVIEW];
    const place = pages.indexOf(this.page) + by;
    if (by > 0) this.passed.add(this.page);
    if (pages[place]) this.goTo(pages[place]);
  }

  goTo(path) {
    if (path === this.page) { this.shell.heading.focus(); return; }
    if (path === REVIEW) this.pagePaths().forEach((page) => this.passed.add(page));
    else this.passed.add(this.page);
    this.#turnTo(path);
    if (path !== REVIEW) this.#push({ op: "page", value: path });
    this.element.scrollIntoView({ block: "start", behavior: "instant" });
    this.shell.heading.focus({ preventScroll: true });
  }

  show(path) {
    const page = this.pageOf(path);
    if (page === null) return;
    if (page !== this.page) {
      this.#turnTo(page);
      this.#push({ op: "page", value: page });
    }
    this.drawnPage.question(path)?.focus();
  }

  goOn(path) {
    const questions = questionsIn(this.filling.node(this.page));
    const next = questions[questions.findIndex((node) => node.path === path) + 1];
    if (next) this.drawnPage.question(next.path)?.focus();
    else this.turn(1);
  }

  seekUnanswered() {
    const questions = this.pagePaths().flatMap((page) => questionsIn(this.filling.node(page)));
    const active = this.element.getRootNode().activeElement?.closest?.("[data-path]")?.dataset.path;
    const from = questions.findIndex((node) => node.path === (active ?? this.sought)) + 1;
    const open = [...questions.slice(from), ...questions.slice(0, from)].find((node) => !isRightlyAnswered(node));
    if (!open) return;
    this.sought = open.path;
    this.show(open.path);
  }

  // --- sending

  submit() {
    this.isChecked = true;
    for (const path of [...this.rejected.keys()]) if (!this.filling.node(path)) this.rejected.delete(path);
    const isWrong = this.refusals.size > 0 || (this.queue.isIdle && this.problems().length > 0);
    if (isWrong) this.#showProblems();
    else this.queue.submit();
  }

  withdraw() {
    this.queue.withdraw();
    this.refresh();
  }

  #refuse(violations) {
    this.isChecked = true;
    for (const { path, rule, message } of violations) {
      const node = this.filling.node(path);
      if (node) node.violation = { rule, message };
      else this.rejected.set(path, message);
    }
    this.#showProblems();
  }

  #showProblems() {
    this.#turnTo(REVIEW);
    this.shell.sheet.querySelector(".pk-summary")?.focus();
  }

  #finish(receipt) {
    const { page, heading } = receiptPage(this, receipt);
    this.isOver = true;
    this.receipt = receipt;
    this.#stopListening();
    this.element.replaceChildren(page);
    heading.focus();
    this.element.dispatchEvent(new CustomEvent("pk-submitted", { bubbles: true, detail: receipt }));
  }

  // --- the world outside

  #listen() {
    let leftAt = 0;
    const release = () => setTimeout(() => { this.isPressed = false; this.refresh(); });
    const listeners = [
      [this.element, "pointerdown", () => { this.isPressed = true; }],
      [window, "pointerup", release],
      [window, "pointercancel", release],
      [window, "online", () => this.queue.wake()],
      [window, "offline", () => { this.queue.isOffline = true; this.refresh(); }],
      [document, "visibilitychange", () => {
        this.queue.wake();
        if (document.hidden) leftAt = Date.now();
        else if (leftAt && Date.now() - leftAt > AWAY_MS) this.#reopen();
      }],
      [window, "pagehide", () => this.queue.wake()],
      [window, "beforeunload", (event) => { if (this.state() === "unsafe") event.preventDefault(); }],
      [window, "beforeprint", () => this.#drawEverything()],
      [window, "afterprint", () => { if (!this.isOver) this.#turnTo(this.page); }],
    ];
    for (const [target, name, listener] of listeners) target.addEventListener(name, listener);
    this.#stopListening = () => {
      for (const [target, name, listener] of listeners) target.removeEventListener(name, listener);
    };
  }

  #stopListening = () => {};

  async #reopen() {
    if (!this.queue.isIdle) return;
    const screen = await this.transport.open().catch(() => null);
    if (screen === null || !this.queue.isIdle || this.isOver) return;
    this.filling.take(screen);
    this.#noteAnswered();
    this.refresh();
  }

  #drawEverything() {
    if (this.isOver) return;
    const pages = this.filling.pages().map((node) => {
      const page = new Page(this);
      page.update(node);
      return [h("h2", {}, this.pageName(node.path)), page.element];
    });
    this.shell.sheet.replaceChildren(...pages.flat());
  }

  stop() {
    this.isOver = true;
    this.queue?.stop();
    this.#stopListening();
  }
}

function contains(node, path) {
  return node.path === path || children(node).some((child) => contains(child, path));
}

// What was typed into the server's own markup before this script ran: fields named by their paths.
function typedBefore(element) {
  const fields = [...element.querySelectorAll("input[name], select[name], textarea[name]")];
  const groups = Map.groupBy?.(fields, (field) => field.name) ?? grouped(fields);
  const answers = [];
  for (const [path, inputs] of groups) {
    const isTicked = inputs[0].type === "radio" || inputs[0].type === "checkbox";
    if (!inputs.some(isChanged)) continue;
    const value = isTicked ? inputs.filter((field) => field.checked).map((field) => field.value).join(" ") : inputs[0].value;
    answers.push([path, inputs[0].type in MOMENTS ? MOMENTS[inputs[0].type].read(value) : value]);
  }
  return { answers, focus: fields.find(isActive)?.name ?? null };
}

function isChanged(field) {
  if (field.type === "file") return false;
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  const first = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(0, first);
}

function grouped(fields) {
  const groups = new Map();
  for (const field of fields) groups.set(field.name, [...(groups.get(field.name) ?? []), field]);
  return groups;
}

export { httpTransport };

export function mount(element, { transport, texts, storage, options = {} }) {
  const form = new Form(element, { transport, texts, storage, options });
  const started = form.start();
  return {
    form,
    started,
    goTo: (path) => form.goTo(path),
    submit: () => form.submit(),
    follow: (language) => form.follow(language),
    stop: () => form.stop(),
  };
}

function render({ model, el }) {
  const options = { ...(model.get("options") ?? {}), language: model.get("language") };
  const handle = mount(el, { transport: widgetTransport(model), texts: model.get("texts"), options });
  model.on("change:language", () => handle.follow(model.get("language")));
  return () => handle.stop();
}

export default { render };

// A page of its own says with attributes where its server is, and carries the rest as JSON.
function mountHere(element) {
  const data = JSON.parse(element.querySelector("script[type='application/json']").textContent);
  const { texts, ...options } = data;
  element.pkForm = mount(element, { transport: httpTransport(element.dataset.base, element.dataset.draft), texts, options });
}

document.querySelectorAll("[data-pk-form]").forEach(mountHere);
