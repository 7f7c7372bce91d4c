// A button that asks for a file and saves it when it comes: nothing is sent before it is wanted.
function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "pk-download";
  const write = () => {
    button.textContent = model.get("label");
  };
  button.addEventListener("click", () => {
    button.disabled = true;
    model.send({ wanted: true });
  });
  model.on("msg:custom", (file, buffers) => {
    button.disabled = false;
    if (!buffers.length) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(buffers, { type: file.type }));
    link.download = file.name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
  model.on("change:label", write);
  write();
  el.append(button);
}

export default { render };
