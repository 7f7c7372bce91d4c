// Long lists of choices: fetched once by the hash of what is in them, then searched in the browser.
const SLICE = 2000;
const ASCII = /^[\x00-\x7f]*$/;
export const SHOWN = 50;

export class Lists {
  constructor(transport, cupboard) {
    this.transport = transport;
    this.cupboard = cupboard;
    this.lists = new Map();
  }

  // The list once it is here and indexed; the same promise for whoever asks again.
  load(hash) {
    if (!this.lists.has(hash)) {
      const loading = this.#fetch(hash).then(indexed);
      loading.then((list) => { loading.list = list; }, () => this.lists.delete(hash));
      this.lists.set(hash, loading);
    }
    return this.lists.get(hash);
  }

  // The list if it is already here.
  ready(hash) {
    return this.lists.get(hash)?.list ?? null;
  }

  async #fetch(hash) {
    const kept = await this.cupboard.get("lists", hash).catch(() => undefined);
    if (kept) return kept;
    const fetched = await this.transport.list(hash);
    this.cupboard.put("lists", hash, fetched).catch(() => {}); // it only spares the next fetch
    return fetched;
  }
}

// In slices, so that 83,000 choices never hold up typing.
async function indexed(choices) {
  const sought = new Array(choices.length);
  const labels = new Map();
  for (let start = 0; start < choices.length; start += SLICE) {
    const end = Math.min(start + SLICE, choices.length);
    for (let place = start; place < end; place += 1) {
      const [value, label] = choices[place];
      sought[place] = normal(label);
      labels.set(value, label);
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { choices, sought, labels };
}

export function normal(text) {
  if (ASCII.test(text)) return text.toLowerCase(); // most names, and much faster
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

// Choices whose label begins with the words come first, then those with them inside.
export function found(list, query, limit = SHOWN) {
  const words = normal(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return { choices: list.choices.slice(0, limit), total: list.choices.length };
  const [first, ...others] = words;
  const { sought } = list;
  const ahead = [];
  const behind = [];
  let total = 0;
  for (let place = 0; place < sought.length; place += 1) {
    const label = sought[place];
    const at = label.indexOf(first);
    if (at === -1 || (others.length > 0 && !others.every((word) => label.includes(word)))) continue;
    total += 1;
    if (at === 0) ahead.push(place);
    else if (behind.length < limit) behind.push(place);
  }
  const places = [...ahead.slice(0, limit), ...behind].slice(0, limit);
  return { choices: places.map((place) => list.choices[place]), total };
}
