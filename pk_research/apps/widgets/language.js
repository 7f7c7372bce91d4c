// Two buttons, one a language. The language in which the page was asked for comes from the shell; what
// is chosen here is kept for the other apps and the next visit.
const LANGUAGES = { id: "Indonesia", en: "English" };

function render({ model, el }) {
  el.classList.add("pk-language-choice", "widget-toggle-buttons");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", "Bahasa · Language");

  const mark = () => {
    for (const button of el.children) {
      const isChosen = button.lang === model.get("value");
      button.classList.toggle("mod-active", isChosen);
      button.setAttribute("aria-pressed", isChosen);
    }
    el.closest(".pk-app")?.setAttribute("lang", model.get("value"));
  };
  const keep = (language) => {
    const url = new URL(window.location.href);
    if (url.searchParams.has("language")) {
      url.searchParams.set("language", language);
      window.history.replaceState(window.history.state, "", url);
    }
    const voila = document.body.dataset.baseUrl; // below the list of apps, which keeps the language
    if (voila) fetch(new URL(`../?language=${language}`, new URL(voila, window.location.href))).catch(() => {});
  };

  for (const [language, text] of Object.entries(LANGUAGES)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "jupyter-button widget-toggle-button";
    button.lang = language;
    button.textContent = text;
    button.addEventListener("click", () => {
      model.set("value", language);
      model.save_changes();
      keep(language);
    });
    el.append(button);
  }
  model.on("change:value", mark);
  model.on("msg:custom", () => (el.dataset.spoken = ""));
  mark();
  requestAnimationFrame(mark); // by then it is part of the page
  const asked = window.pkLanguage;
  delete window.pkLanguage;
  if (asked && asked !== model.get("value")) model.send({ asked });
  else el.dataset.spoken = "";
}

export default { render };
