// A day, in the browser's own field. What is typed and is no day of the calendar is told, never ignored.
const WRONG = "?";

function render({ model, el }) {
  el.classList.add("pk-day");
  const label = document.createElement("label");
  const text = document.createElement("span");
  const field = document.createElement("input");
  field.type = "date";
  text.className = "widget-label";
  label.append(text, field);
  el.append(label);

  const write = () => {
    text.textContent = model.get("label");
    field.setAttribute("aria-invalid", model.get("is_wrong"));
    const value = model.get("value");
    if (value !== WRONG && value !== field.value) field.value = value;
  };
  const send = () => {
    model.set("value", field.validity.badInput ? WRONG : field.value);
    model.save_changes();
  };
  field.addEventListener("change", send);
  field.addEventListener("blur", send); // half a date changes nothing by the browser's count
  model.on("change:label change:value change:is_wrong", write);
  write();
}

export default { render };
