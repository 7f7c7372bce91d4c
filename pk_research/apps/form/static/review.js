// The last page: what is missing, what was answered, and sending it; then the receipt.
import { button, h, plainText } from "./elements.js";
import { isAnswered, questionsIn } from "./filling.js";

export function reviewPage(form) {
  const { t } = form;
  const questions = questionsIn(form.filling.tree);
  const wrong = form.problems();
  const open = questions.filter((node) => !isAnswered(node) && !wrong.some(({ path }) => path === node.path));
  const parts = [];
  if (wrong.length > 0) {
    parts.push(h("div", { class: "pk-summary", role: "alert", tabindex: -1 },
      h("h3", {}, t("to_put_right", { n: wrong.length })), links(form, wrong)));
  }
  if (open.length > 0) {
    parts.push(h("details", { class: "pk-fold" }, h("summary", {}, t("not_answered_yet", { n: open.length })),
      links(form, open.map((node) => ({ path: node.path, message: null })))));
  }
  if (wrong.length === 0) parts.push(h("p", {}, t(open.length ? "ready_but_open" : "ready")));
  if (form.resumeCode) {
    parts.push(h("p", { class: "pk-callout" }, t("resume_code"), " ", h("strong", { class: "pk-code" }, form.resumeCode)));
  }
  parts.push(h("details", { class: "pk-fold pk-answers" }, h("summary", {}, t("your_answers")), answers(form)));
  if (form.queue.wantsSubmission) parts.push(waiting(form));
  else parts.push(button(t("send"), () => form.submit(), { class: "pk-send" }));
  return h("div", { class: "pk-page pk-review" }, parts);
}

function waiting(form) {
  const text = form.queue.isOffline ? form.t("waiting_offline") : form.t("being_sent");
  return h("div", { class: "pk-callout", role: "status" }, h("p", {}, text),
    button(form.t("go_on_editing"), () => form.withdraw()));
}

function links(form, problems) {
  return h("ul", { class: "pk-links" }, problems.map(({ path, message }) => h("li", {},
    h("a", { href: "#", on: { click: (event) => { event.preventDefault(); form.show(path); } } }, form.questionName(path)),
    message && h("span", {}, ` – ${message}`))));
}

function answers(form) {
  return h("div", {}, form.pagePaths().map((path) => {
    const answered = questionsIn(form.filling.node(path)).filter(isAnswered);
    return answered.length > 0 && h("section", {}, h("h4", {}, form.pageName(path)),
      h("dl", {}, answered.map((node) => [h("dt", {}, form.questionName(node.path)), h("dd", {}, answerText(form, node))])));
  }));
}

export function answerText(form, node) {
  const list = form.lists.ready(node.list?.hash);
  const label = (value) =>
    plainText(node.choices?.find((choice) => choice.value === value)?.label ?? "")
    || node.chosen?.[value] || list?.labelOf(value) || value;
  if (node.control === "select_one") return label(node.value);
  if (node.control === "select_multiple" || node.control === "rank") return node.value.split(" ").map(label).join(", ");
  if (node.control === "acknowledge") return "✓";
  return node.value;
}

export function receiptPage(form, receipt) {
  const { t } = form;
  const at = receipt.received_at && new Date(receipt.received_at);
  const when = at && !Number.isNaN(at.getTime()) && at.toLocaleString(form.houseLanguage, { dateStyle: "long", timeStyle: "short" });
  const heading = h("h1", { tabindex: -1 }, t("received"));
  const page = h("section", { class: "pk-receipt" }, h("div", { class: "pk-tick", "aria-hidden": "true" }, "✓"), heading,
    h("p", {}, form.filling.screen.form.title), receipt.note && h("p", { class: "pk-hint" }, receipt.note),
    receipt.code && [h("p", {}, t("receipt_code")), h("p", { class: "pk-code" }, receipt.code)],
    when && h("p", { class: "pk-hint" }, when), receipt.code && h("p", {}, t("keep_the_code")));
  return { page, heading };
}
