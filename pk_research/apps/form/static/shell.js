// What stands around the page: title, language, progress, contents, status, the way on.
import { button, h, plainText, setAttribute, setChildren } from "./elements.js";
import { isRightlyAnswered, questionsIn } from "./filling.js";

export const REVIEW = "#review";

export class Shell {
  constructor(form) {
    this.form = form;
    const { t } = form;
    this.title = h("h1", {}, form.filling.screen.form.title);
    this.status = h("p", { class: "pk-status" }, h("span", { class: "pk-lamp", "aria-hidden": "true" }), h("span"));
    this.said = h("p", { class: "pk-unseen", role: "status" });
    this.bar = h("progress", { max: 1, value: 0, "aria-label": t("progress") });
    this.count = h("span", { class: "pk-hint" });
    this.contents = h("ol");
    this.unfold = button(t("contents"), () => this.#fold(!this.isOpen), { class: "pk-unfold", "aria-expanded": "false" });
    this.nav = h("nav", { class: "pk-contents", "aria-label": t("contents") }, this.unfold, this.contents);
    this.heading = h("h2", { tabindex: -1, class: "pk-page-title" });
    this.place = h("p", { class: "pk-hint pk-page-place" });
    this.sheet = h("div", { class: "pk-sheet" });
    this.back = button(t("back"), () => form.turn(-1), { class: "pk-back" });
    this.seek = button(t("next_unanswered"), () => form.seekUnanswered(), { class: "pk-seek" });
    this.next = button(t("next"), () => form.turn(1), { class: "pk-next" });
    this.ways = h("div", { class: "pk-ways" }, this.back, this.next);
    this.main = h("section", { class: "pk-main", "aria-label": form.filling.screen.form.title },
      this.place, this.heading, this.sheet, this.ways);
    this.element = h("div", { class: "pk-form-frame" },
      h("header", { class: "pk-form-head" },
        h("div", { class: "pk-form-title" }, this.title, this.#languages()),
        h("div", { class: "pk-progress" }, this.bar, this.count),
        h("div", { class: "pk-below" }, this.status, this.seek), this.said),
      h("div", { class: "pk-form-body" }, this.nav, this.main));
    this.lines = new Map();
  }

  #languages() {
    const choices = this.form.languages();
    if (choices.length < 2) return null;
    const select = h("select", { "aria-label": this.form.t("language") },
      choices.map(([value, name]) => h("option", { value, selected: value === this.form.language }, name)));
    select.addEventListener("change", () => this.form.speak(select.value));
    return select;
  }

  #fold(isOpen) {
    this.isOpen = isOpen;
    this.nav.classList.toggle("pk-open", isOpen);
    this.unfold.setAttribute("aria-expanded", String(isOpen));
  }

  update() {
    const { form } = this;
    const questions = questionsIn(form.filling.tree);
    const answered = questions.filter(isRightlyAnswered).length;
    this.bar.value = questions.length ? answered / questions.length : 0;
    this.count.textContent = form.t("n_answered", { n: answered, total: questions.length });
    this.#updateContents();
    this.#updateStatus();
    const pages = [...form.pagePaths(), REVIEW];
    const place = pages.indexOf(form.page);
    this.heading.textContent = form.pageName(form.page);
    this.place.textContent = form.page === REVIEW ? "" : form.t("page_of", { n: place + 1, total: pages.length - 1 });
    this.back.hidden = place <= 0;
    this.next.hidden = form.page === REVIEW;
    this.next.textContent = pages[place + 1] === REVIEW ? form.t("check_and_send") : form.t("next");
    this.seek.hidden = answered === questions.length;
  }

  #updateContents() {
    const { form } = this;
    setChildren(this.contents, [...form.pagePaths(), REVIEW].map((path) => this.#line(path)));
  }

  #line(path) {
    const { form } = this;
    if (!this.lines.has(path)) {
      const mark = h("span", { class: "pk-mark", "aria-hidden": "true" });
      const name = h("span", { class: "pk-page-name" });
      const count = h("span", { class: "pk-page-count" });
      const press = button([mark, name, count], () => { this.#fold(false); form.goTo(path); });
      this.lines.set(path, { line: h("li", {}, press), press, mark, name, count });
    }
    const { line, press, mark, name, count } = this.lines.get(path);
    const node = form.filling.node(path);
    const questions = node ? questionsIn(node) : [];
    const answered = questions.filter(isRightlyAnswered).length;
    const isWrong = questions.some((question) => form.errorOf(question.path));
    const isDone = questions.length > 0 && answered === questions.length;
    name.textContent = form.pageName(path);
    count.textContent = node && questions.length ? `${answered}/${questions.length}` : "";
    mark.textContent = isWrong ? "!" : isDone ? "✓" : "";
    line.className = isWrong ? "pk-has-error" : isDone ? "pk-done" : "";
    setAttribute(press, "aria-current", path === form.page ? "step" : null);
    setAttribute(press, "aria-label", [name.textContent, count.textContent, isWrong && form.t("has_problems")].filter(Boolean).join(", "));
    return line;
  }

  #updateStatus() {
    const { form } = this;
    const state = form.state();
    if (this.status.dataset.state === state && this.status.dataset.trouble === (form.queue.trouble ?? "")) return;
    const before = this.status.dataset.state;
    Object.assign(this.status.dataset, { state, trouble: form.queue.trouble ?? "" });
    this.status.lastChild.textContent = form.queue.trouble
      ? `${form.t(`status_${state}`)} ${plainText(form.queue.trouble)}` : form.t(`status_${state}`);
    // Spoken only when something is lost or found again, not at every letter.
    if (state === "offline" || before === "offline" || state === "unsafe") this.said.textContent = this.status.lastChild.textContent;
  }
}
