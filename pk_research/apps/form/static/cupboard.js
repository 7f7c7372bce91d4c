// The browser's database, for what is too big for its storage: long lists, and files not yet sent.
const STORES = ["lists", "files"];

export class Cupboard {
  constructor() {
    this.opened = null;
    this.instead = new Map(); // where the browser gives no database
  }

  async get(store, key) {
    const database = await this.#open();
    if (database === null) return this.instead.get(`${store}/${key}`);
    return done(database.transaction(store).objectStore(store).get(key));
  }

  async put(store, key, value) {
    const database = await this.#open();
    if (database === null) this.instead.set(`${store}/${key}`, value);
    else await done(database.transaction(store, "readwrite").objectStore(store).put(value, key));
  }

  async remove(store, key) {
    const database = await this.#open();
    if (database === null) this.instead.delete(`${store}/${key}`);
    else await done(database.transaction(store, "readwrite").objectStore(store).delete(key));
  }

  async startingWith(store, prefix) {
    const database = await this.#open();
    if (database === null) {
      return [...this.instead].filter(([key]) => key.startsWith(`${store}/${prefix}`)).map(([, value]) => value);
    }
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    return done(database.transaction(store).objectStore(store).getAll(range));
  }

  #open() {
    this.opened ??= new Promise((resolve) => {
      if (!globalThis.indexedDB) return resolve(null);
      const asked = indexedDB.open("pk-form", 1);
      asked.onupgradeneeded = () => STORES.forEach((name) => asked.result.createObjectStore(name));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => resolve(null);
    });
    return this.opened;
  }
}

function done(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
