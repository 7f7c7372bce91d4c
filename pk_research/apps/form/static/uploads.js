// Files on their way: kept in the browser until the server has them, then named in an answer.
import { pathAfterRemoval } from "./filling.js";

export class Uploads {
  constructor({ draft, client, transport, cupboard, told }) {
    Object.assign(this, { draft, client, transport, cupboard, told });
    this.waiting = [];
    this.isSafe = true;
    this.previews = new Map(); // file name -> address of the file in this browser
  }

  // What an earlier page of this draft could not send any more.
  async restore() {
    const left = await this.cupboard.startingWith("files", `${this.draft}/`).catch(() => []);
    for (const upload of left) this.#keepInMind(upload);
    return left;
  }

  async add(path, file) {
    this.cancel(path);
    const name = nameFor(path, file);
    const upload = { key: `${this.draft}/${this.client}-${name}`, path, name, file };
    this.#keepInMind(upload);
    try {
      await this.cupboard.put("files", upload.key, upload);
    } catch {
      this.isSafe = false;
    }
    return upload;
  }

  #keepInMind(upload) {
    this.waiting.push(upload);
    this.previews.set(upload.name, URL.createObjectURL(upload.file));
  }

  cancel(path) {
    for (const upload of this.waiting.filter((other) => other.path === path)) this.#drop(upload);
  }

  // An instance of a repeat went: files further down now belong to a smaller number.
  follow(removed) {
    for (const upload of [...this.waiting]) {
      const path = pathAfterRemoval(upload.path, removed);
      if (path === null) this.#drop(upload);
      else if (path !== upload.path) {
        upload.path = path;
        this.cupboard.put("files", upload.key, upload).catch(() => {});
      }
    }
  }

  async sendAll() {
    while (this.waiting.length > 0) {
      const [upload] = this.waiting;
      const progress = (share) => this.told.progress(upload.path, share);
      let name;
      try {
        name = await this.transport.upload(upload.path, upload.file, { name: upload.name, progress });
      } catch (error) {
        if (error.offline || error.isTemporary) throw error;
        this.#drop(upload);
        this.told.refused(upload.path, error.message || String(error));
        continue;
      }
      if (!this.waiting.includes(upload)) continue; // replaced or taken back meanwhile
      this.previews.set(name, this.previews.get(upload.name));
      this.told.arrived(upload.path, name); // which writes the answer before the file is forgotten
      this.#drop(upload);
    }
  }

  #drop(upload) {
    this.waiting = this.waiting.filter((other) => other !== upload);
    this.cupboard.remove("files", upload.key).catch(() => {});
  }

  async wipe() {
    for (const upload of [...this.waiting]) this.#drop(upload);
    for (const address of this.previews.values()) URL.revokeObjectURL(address);
  }
}

// Phones call every photo the same; and a name given by a person may say who it is.
function nameFor(path, file) {
  const ending = /\.[a-z0-9]{1,8}$/i.exec(file.name)?.[0].toLowerCase() ?? "";
  const question = path.split("/").pop().replace(/[^A-Za-z0-9_-]/g, "");
  const [chance] = crypto.getRandomValues(new Uint32Array(1));
  return `${question}-${Date.now().toString(36)}${chance.toString(36)}${ending}`;
}
