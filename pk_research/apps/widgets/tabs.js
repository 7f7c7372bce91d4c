// A row of tabs. Each panel is an element with `data-pk-panel` somewhere in the app; what is chosen
// stands on the app itself, so that the style alone shows and hides.
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };
const HASH = "#pk-tab-";

function render({ model, el }) {
  el.classList.add("pk-tabs");
  el.setAttribute("role", "tablist");
  const tabs = () => [...el.querySelectorAll("[role=tab]")];
  const names = () => model.get("options").map(([name]) => name);
  let shown = model.get("value");

  const join = () => {
    const app = el.closest(".pk-app");
    if (!app) return;
    app.dataset.pkTab = shown;
    for (const name of names()) {
      const panel = app.querySelector(`.pk-panel-${name}`);
      if (!panel) continue;
      panel.id = `pk-panel-${name}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `pk-tab-${name}`);
    }
  };
  const show = (name) => {
    shown = name;
    for (const tab of tabs()) {
      const isChosen = tab.dataset.name === name;
      tab.setAttribute("aria-selected", isChosen);
      tab.setAttribute("tabindex", isChosen ? "0" : "-1");
    }
    join();
  };
  const choose = (name) => {
    show(name);
    model.set("value", name);
    model.save_changes();
  };
  const draw = () => {
    const focused = el.contains(document.activeElement);
    el.replaceChildren(
      ...model.get("options").map(([name, text]) => {
        const tab = document.createElement("button");
        tab.type = "button";
        tab.id = `pk-tab-${name}`;
        tab.dataset.name = name;
        tab.textContent = text;
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-controls", `pk-panel-${name}`);
        return tab;
      }),
    );
    el.setAttribute("aria-label", model.get("label"));
    show(model.get("value"));
    if (focused) el.querySelector("[aria-selected=true]").focus();
  };

  el.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab.dataset.name);
  });
  el.addEventListener("keydown", (event) => {
    const all = tabs();
    const here = all.indexOf(event.target);
    const ends = { Home: 0, End: all.length - 1 };
    const next = ends[event.key] ?? (here + STEPS[event.key] + all.length) % all.length;
    if (here < 0 || Number.isNaN(next)) return;
    event.preventDefault();
    all[next].focus();
    choose(all[next].dataset.name);
  });
  model.on("change:options change:label", draw);
  model.on("change:value", () => {
    if (model.get("value") === shown) return;
    const isFollowed = el.contains(document.activeElement);
    show(model.get("value"));
    // The app has turned the page, for a village that was chosen far below: begin at its top.
    if (!isFollowed) return;
    el.scrollIntoView({ block: "start" });
    el.querySelector("[aria-selected=true]")?.focus({ preventScroll: true });
  });
  draw();
  requestAnimationFrame(join); // by then it is part of the page
  // A tab of the page that was shown before this widget was ready.
  const asked = window.location.hash.slice(HASH.length);
  if (window.location.hash.startsWith(HASH) && names().includes(asked)) choose(asked);
}

export default { render };
