// Long lists of choices: fetched once by the hash of what is in them, then searched in the browser.
//
// A list stays the text it came as, a choice a line. 83,000 choices as objects would hold up typing
// whenever the browser tidies its memory.
import { otherTurns, turnEnd } from "./turns.js";

const GLANCE = 512; // steps between looks at the clock
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

class LongList {
  // `lines`: where each choice begins in `text`; `starts`: where its label begins in `sought`.
  constructor(text, lines, sought, starts) {
    Object.assign(this, { text, lines, sought, starts });
  }

  get count() {
    return this.lines.length - 1;
  }

  choice(place) {
    return JSON.parse(this.text.slice(this.lines[place], this.lines[place + 1] - BETWEEN.length));
  }

  labelOf(value) {
    const at = this.text.indexOf(`\n[${JSON.stringify(value)},`);
    return at < 0 ? undefined : JSON.parse(endless(this.text.slice(at + 1, this.text.indexOf("\n", at + 1))))[1];
  }
}

const HEAD = "[\n";
const BETWEEN = ",\n";

function endless(line) {
  return line.endsWith(",") ? line.slice(0, -1) : line;
}

async function indexed(text) {
  const lines = [];
  const labels = [];
  let ends = turnEnd();
  for (let at = HEAD.length; at < text.length - HEAD.length;) {
    const end = text.indexOf("\n", at);
    lines.push(at);
    labels.push(normal(JSON.parse(endless(text.slice(at, end)))[1]).replaceAll("\n", " "));
    at = end + 1;
    if (labels.length % GLANCE === 0 && performance.now() > ends) {
      await otherTurns();
      ends = turnEnd();
    }
  }
  lines.push(text.length - HEAD.length + BETWEEN.length);
  await otherTurns();
  const starts = new Uint32Array(labels.length + 1);
  labels.forEach((label, place) => { starts[place + 1] = starts[place] + label.length + 1; });
  await otherTurns();
  const sought = labels.join("\n");
  await otherTurns();
  return new LongList(text, Uint32Array.from(lines), sought, starts);
}

export function normal(text) {
  if (ASCII.test(text)) return text.toLowerCase(); // most names, and much faster
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

// Choices whose label begins with the words come first, then those with them inside. What is found
// in one turn is there without waiting, in the frame of the letter that was typed.
export async function found(list, query, { isStale = () => false, limit = SHOWN } = {}) {
  const words = normal(query).split(/\s+/).filter(Boolean);
  const picked = (places) => places.slice(0, limit).map((place) => list.choice(place));
  if (words.length === 0) return { choices: picked([...Array(Math.min(limit, list.count)).keys()]), total: list.count };
  const seen = { at: list.sought.indexOf(words[0]), place: 0, total: 0, ahead: [], behind: [] };
  for (;;) {
    search(list, words, seen, { limit, ends: turnEnd() });
    if (seen.at === -1) return { choices: picked([...seen.ahead, ...seen.behind]), total: seen.total };
    await otherTurns();
    if (isStale()) return null;
  }
}

// Go on from where `seen` is, for one turn. The labels are one text: the browser looks through it
// faster than through 83,000.
function search({ sought, starts }, [first, ...others], seen, { limit, ends }) {
  let { at, place, total } = seen;
  for (let steps = 1; at !== -1; steps += 1) {
    while (starts[place + 1] <= at) place += 1;
    if (others.length === 0 || hasAll(sought.slice(starts[place], starts[place + 1]), others)) {
      total += 1;
      const kept = at === starts[place] ? seen.ahead : seen.behind;
      if (kept.length < limit) kept.push(place);
    }
    at = sought.indexOf(first, starts[place + 1]);
    if (steps % GLANCE === 0 && performance.now() > ends) break;
  }
  Object.assign(seen, { at, place, total });
}

function hasAll(label, words) {
  return words.every((word) => label.includes(word));
}
