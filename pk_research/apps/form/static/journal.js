// What this browser keeps of a filling until the server has it.
//
// Each operation lies under a key of its own, so that two tabs of one draft never overwrite each
// other's; whoever opens the draft next sends what a closed tab left behind, which is harmless,
// since the server skips what it already has.
const PREFIX = "pk-form/";

export class Journal {
  constructor(draft, storage) {
    this.prefix = `${PREFIX}${draft}/`;
    this.storage = storage ?? browserStorage();
    this.isSafe = this.storage !== null;
  }

  write(client, operation) {
    this.isSafe = this.#put(`${this.prefix}${client}/${operation.n}`, JSON.stringify(operation));
  }

  forget(client, number) {
    this.storage?.removeItem(`${this.prefix}${client}/${number}`);
  }

  // The operations left by earlier pages of this draft, client by client, in order.
  left() {
    const entries = [];
    for (const key of this.#keys()) {
      const [client, number] = key.slice(this.prefix.length).split("/");
      if (number !== undefined) entries.push({ client, operation: JSON.parse(this.storage.getItem(key)) });
    }
    return entries.sort((one, other) =>
      one.client === other.client
        ? one.operation.n - other.operation.n
        : one.client < other.client ? -1 : 1);
  }

  get wantsSubmission() {
    return this.storage?.getItem(`${this.prefix}submit`) === "yes";
  }

  set wantsSubmission(wanted) {
    if (wanted) this.#put(`${this.prefix}submit`, "yes");
    else this.storage?.removeItem(`${this.prefix}submit`);
  }

  wipe() {
    for (const key of this.#keys()) this.storage.removeItem(key);
  }

  #keys() {
    if (this.storage === null) return [];
    const keys = Array.from({ length: this.storage.length }, (_, place) => this.storage.key(place));
    return keys.filter((key) => key.startsWith(this.prefix));
  }

  #put(key, text) {
    try {
      this.storage.setItem(key, text);
      return true;
    } catch {
      return false; // full, or closed to us: the status line says so
    }
  }
}

function browserStorage() {
  try {
    const storage = window.localStorage;
    storage.setItem(`${PREFIX}probe`, "");
    storage.removeItem(`${PREFIX}probe`);
    return storage;
  } catch {
    return null;
  }
}

// Client names sort by the time of the page, so that what is left is sent in the order it was typed.
export function newClient() {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `${Date.now().toString(36)}-${[...random].map((number) => number.toString(36)).join("")}`;
}
