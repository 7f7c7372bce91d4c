// The address of a village: told to the app when the page is opened, kept in the address bar, copied
// on request. It also takes the clicks on links to villages, which are addresses of their own.
const KEY = "village";
const SAID_MS = 4_000;

function render({ model, el }) {
  el.classList.add("pk-address");
  const copy = document.createElement("button");
  const print = document.createElement("button");
  const said = document.createElement("span");
  copy.type = print.type = "button";
  said.setAttribute("role", "status");
  el.append(copy, print, said);
  let forgetting;

  const address = () => {
    const url = new URL(window.location.href);
    url.hash = "";
    url.search = "";
    url.searchParams.set(KEY, model.get("code"));
    return url.href;
  };
  const write = () => {
    copy.textContent = model.get("copy_label");
    print.textContent = model.get("print_label");
    copy.disabled = print.disabled = !model.get("code");
    el.hidden = !model.get("code");
  };
  const follow = () => {
    write();
    said.textContent = "";
    const url = new URL(window.location.href);
    if (model.get("code")) url.searchParams.set(KEY, model.get("code"));
    else url.searchParams.delete(KEY);
    window.history.replaceState(window.history.state, "", url);
  };
  // Where the browser keeps its clipboard from pages without https, the old way.
  const copyOldWay = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    el.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    if (!isDone) throw new Error("no clipboard");
  };

  copy.addEventListener("click", async () => {
    const text = address();
    try {
      if (window.isSecureContext && navigator.clipboard) await navigator.clipboard.writeText(text);
      else copyOldWay(text);
      said.textContent = model.get("copied_label");
    } catch {
      said.textContent = text;
      return;
    }
    clearTimeout(forgetting);
    forgetting = setTimeout(() => (said.textContent = ""), SAID_MS);
  });
  print.addEventListener("click", () => window.print());

  const open = (event) => {
    const link = event.target.closest("a[data-pk-village]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // The table the link stands in may be written anew meanwhile: the focus waits at the tabs.
    link.closest(".pk-app").querySelector(".pk-tabs [aria-selected=true]")?.focus({ preventScroll: true });
    model.send({ village: link.dataset.pkVillage });
  };
  requestAnimationFrame(() => el.closest(".pk-app")?.addEventListener("click", open));
  model.on("change:code", follow);
  model.on("change:copy_label change:print_label", write);
  write();
  model.set("search", window.location.search);
  model.save_changes();
}

export default { render };
