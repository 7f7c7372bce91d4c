// The two ways to the server: HTTP from a page of its own, messages to the kernel from a widget.
const PATIENCE_MS = 30_000;
const KEEPALIVE_BYTES = 50_000; // browsers refuse more for requests that may outlive the page

export function httpTransport(base, draft) {
  const post = async (what, body) => {
    const text = JSON.stringify({ draft, ...body });
    return answered(fetch(`${base}${what}`, {
      method: "POST",
      body: text,
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-PK-Form": "1" },
      keepalive: text.length < KEEPALIVE_BYTES,
      signal: AbortSignal.timeout(PATIENCE_MS),
    }));
  };
  return {
    open: () => post("open", {}),
    send: (client, ops) => post("sync", { client, ops }),
    search: (path, query) => post("search", { path, query }),
    submit: (client, ops) => post("submit", { client, ops }),
    list: (hash) => answered(fetch(`${base}list/${hash}.json`, { credentials: "same-origin" }), "text"),
    fileAddress: (name) =>
      `${base}file?draft=${encodeURIComponent(draft)}&name=${encodeURIComponent(name)}`,
    upload: (path, file, options) => uploaded(base, draft, path, file, options),
  };
}

async function answered(asked, kind = "json") {
  let response;
  try {
    response = await asked;
  } catch {
    throw { offline: true };
  }
  if (response.ok) return response[kind]().catch(() => { throw { offline: true }; });
  throw await refusal(response.status, await response.text());
}

// 5xx, and a proxy's word for it, mean later; anything else is the server's answer.
function refusal(status, text) {
  if (status >= 500 || status === 408) return { offline: true };
  let message = "";
  try {
    message = JSON.parse(text).error.message;
  } catch {
    message = `HTTP ${status}`;
  }
  const isTemporary = status === 401 || status === 403 || status === 409 || status === 429;
  return { message, status, isTemporary, isFinal: status === 422 };
}

// fetch() cannot tell how far an upload is.
function uploaded(base, draft, path, file, { name, progress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const query = `draft=${encodeURIComponent(draft)}&path=${encodeURIComponent(path)}`;
    request.open("POST", `${base}upload?${query}`);
    request.setRequestHeader("X-PK-Form", "1");
    request.setRequestHeader("X-File-Name", encodeURIComponent(name));
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    });
    request.addEventListener("error", () => reject({ offline: true }));
    request.addEventListener("abort", () => reject({ offline: true }));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText).name);
      else reject(refusal(request.status, request.responseText));
    });
    request.send(file);
  });
}

// Requests to the kernel carry an id; its answers come back with the same.
export function widgetTransport(model) {
  const waiting = new Map();
  let last = 0;
  model.on("msg:custom", (message, buffers) => {
    const promise = waiting.get(message?.id);
    if (!promise) return;
    waiting.delete(message.id);
    clearTimeout(promise.timer);
    if (message.error) promise.reject(message.error);
    else promise.resolve(buffers?.length ? new TextDecoder().decode(buffers[0]) : message.result);
  });
  const ask = (what, body = {}, buffers = []) => new Promise((resolve, reject) => {
    const id = (last += 1);
    const timer = setTimeout(() => {
      waiting.delete(id);
      reject({ offline: true });
    }, PATIENCE_MS);
    waiting.set(id, { resolve, reject, timer });
    try {
      model.send({ id, request: what, ...body }, undefined, buffers);
    } catch {
      waiting.delete(id);
      clearTimeout(timer);
      reject({ offline: true });
    }
  });
  return {
    open: () => ask("open"),
    send: (client, ops) => ask("send", { client, ops }),
    search: (path, query) => ask("search", { path, query }),
    list: (hash) => ask("list", { hash }),
    submit: (client, ops) => ask("submit", { client, ops }),
    fileAddress: () => null,
    upload: async (path, file, { name }) => ask("upload", { path, name }, [await file.arrayBuffer()]),
  };
}
