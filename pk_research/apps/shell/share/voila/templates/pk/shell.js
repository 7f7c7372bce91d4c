// Lets the live widgets take the place of the page that is shown first.
window.pkShell = (() => {
  const QUIET_MS = 100, SLOW_MS = 20_000, LATE_MS = 90_000, LOOK_MS = 20_000, AGREE_MS = 8_000;
  const first = document.getElementById("pk-first");
  const timers = [setTimeout(() => say("slow"), SLOW_MS), setTimeout(() => say("late"), LATE_MS)];

  function say(what) {
    for (const place of first.querySelectorAll(".pk-preparing")) {
      place.textContent = window.pkTexts[what];
      place.classList.add("pk-told");
    }
  }

  // A village tapped before the widgets are there is chosen as soon as they are.
  first.addEventListener("click", (event) => {
    const village = event.target.closest("[data-village-code]");
    if (!village) return;
    first.querySelectorAll(".pk-selected").forEach((node) => node.classList.remove("pk-selected"));
    village.classList.add("pk-selected");
    window.pkTapped = village.dataset.villageCode;
  });

  // A choice made before the widgets are there has its answer from what was made before, and is theirs then.
  let chosen = null;
  first.addEventListener("change", async (event) => {
    if (!event.target.matches("[data-pk-choice]")) return;
    chosen = event.target;
    const asked = chosen.value;
    settle();
    const answer = await fetch(`pk/first/${asked}?language=${document.documentElement.lang}`).catch(() => null);
    const html = answer && answer.ok ? await answer.text() : null;
    if (html !== null && chosen.value === asked) first.querySelector("[data-pk-answer]").innerHTML = html;
  });
  first.addEventListener("focusout", () => setTimeout(() => settle()));

  const live = () => document.querySelector(`#pk-cells .${chosen.dataset.pkChoice} select`);

  function handOver() {
    const control = live();
    if (!control || control.selectedIndex === chosen.selectedIndex) return;
    control.selectedIndex = chosen.selectedIndex;
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // What is found is the same on both pages; nobody is about to choose.
  function isAgreed(cells) {
    if (!chosen) return !document.activeElement.matches("#pk-first [data-pk-choice]");
    const [here, there] = [first, cells].map((page) => page.querySelector(".pk-finding")?.textContent);
    const isWorking = cells.querySelector(".pk-working");
    return here === there && !isWorking && live()?.selectedIndex === chosen.selectedIndex;
  }

  // The section being read, and how far from the top of the screen it begins.
  function place() {
    const begun = [...first.querySelectorAll("[data-pk-section]")].filter((s) => s.getBoundingClientRect().top < 100);
    const section = begun.at(-1);
    return section && { name: section.dataset.pkSection, top: section.getBoundingClientRect().top };
  }

  function swap() {
    const reading = window.scrollY > 0 && place();
    document.body.classList.add("pk-swapped");
    const section = reading && document.querySelector(`#pk-cells [data-pk-section="${reading.name}"]`);
    if (section) window.scrollBy(0, section.getBoundingClientRect().top - reading.top);
    if (chosen && first.contains(document.activeElement)) live()?.focus();
    first.remove();
    timers.forEach(clearTimeout);
    performance.mark("pk-usable");
    document.addEventListener("visibilitychange", look);
  }

  // A kernel that died, or that nobody used for long, is gone: say so, rather than leave controls that do nothing.
  async function look() {
    if (document.hidden) return;
    const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    const answer = await fetch(`${config.baseUrl}api/kernels/${config.kernelId}`).catch(() => null);
    const lost = document.getElementById("pk-lost"), isThere = answer !== null && answer.ok;
    const { reason } = answer === null || isThere ? {} : await answer.json().catch(() => ({}));
    if (reason in window.pkTexts) lost.querySelector("span").textContent = window.pkTexts[reason];
    lost.hidden = isThere;
  }

  // What the widgets themselves keep from screen readers: the name of a slider, the button that is pressed.
  let nNamed = 0;
  function name() {
    for (const handle of document.querySelectorAll(".widget-slider [role=slider]:not([aria-labelledby])")) {
      const label = handle.closest(".widget-slider").querySelector(".widget-label");
      if (!label) continue;
      label.id ||= `pk-slider-${(nNamed += 1)}`;
      handle.setAttribute("aria-labelledby", label.id);
    }
    for (const button of document.querySelectorAll(".widget-toggle-button")) {
      const isPressed = String(button.classList.contains("mod-active"));
      if (button.getAttribute("aria-pressed") !== isPressed) button.setAttribute("aria-pressed", isPressed);
    }
  }

  // The app is there, and so is what its own widgets draw.
  function isReady(cells) {
    const isSilent = cells.querySelector(".pk-language-choice:not([data-spoken])");
    return cells.querySelector(".pk-live") && !isSilent && !cells.querySelector(".pk-drawn:empty");
  }

  let settle = () => {};

  function watch() {
    const cells = document.getElementById("pk-cells");
    setInterval(look, LOOK_MS);
    let quiet, late;
    const observer = new MutationObserver(() => settle());
    const finish = () => {
      observer.disconnect();
      [quiet, late].forEach(clearTimeout);
      settle = () => {};
      swap();
    };
    settle = () => {
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        if (!isReady(cells)) return;
        if (isAgreed(cells)) return finish();
        if (chosen) handOver();
        late ??= setTimeout(finish, AGREE_MS);
      }, QUIET_MS);
    };
    observer.observe(cells, { childList: true, subtree: true, attributeFilter: ["data-spoken"] });
    new MutationObserver(name).observe(cells, { childList: true, subtree: true, attributeFilter: ["class"] });
  }

  return { watch, giveUp: () => say("late") };
})();
// Voila calls these.
window.voila_heartbeat = () => {};
window.voila_finish = () => {};
