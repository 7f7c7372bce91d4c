// Elements made without markup strings: what people type can never become markup.

export function h(name, attributes = {}, ...children) {
  return dressed(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return dressed(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function dressed(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else {
      setAttribute(element, name, value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : value);
}

// The only place where markup is written: texts of the form, which the server has made safe.
export function setSafeHtml(element, html) {
  if (element.dataset.html !== html) {
    element.dataset.html = html;
    element.innerHTML = html;
  }
}

export function plainText(html) {
  if (!/[<&]/.test(html ?? "")) return (html ?? "").trim(); // most texts, without a parser
  return new DOMParser().parseFromString(html ?? "", "text/html").body.textContent.trim();
}

export function isActive(element) {
  return element.getRootNode().activeElement === element;
}

export function button(text, onclick, attributes = {}) {
  return h("button", { type: "button", on: { click: onclick }, ...attributes }, text);
}

// Children as wanted, moving and removing only what differs, so that focus and typed text stay.
export function setChildren(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, place) => {
    if (parent.childNodes[place] !== child) parent.insertBefore(child, parent.childNodes[place] ?? null);
  });
}

// A text of the house with its {named} places filled.
export function filled(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}
