// Sends what was typed, in order, as often as it takes; nobody waits for it.
const PAUSE_MS = 400;
const FIRST_RETRY_MS = 800;
const LONGEST_RETRY_MS = 30_000;
const BATCH = 100;

export class Queue {
  // `told` hears of patches, receipts, refusals and of every change of state.
  constructor({ client, transport, journal, filling, uploads, told }) {
    Object.assign(this, { client, transport, journal, filling, uploads, told });
    this.number = 0;
    this.failures = 0;
    this.trouble = null; // a message of the server's that keeps us from sending
    this.isOffline = false;
    this.sending = null; // the operations under way: those may no longer be replaced
    this.wantsSubmission = journal.wantsSubmission;
    for (const entry of journal.left()) filling.add(entry);
  }

  get isIdle() {
    return this.filling.pending.length === 0 && this.uploads.waiting.length === 0;
  }

  push(operation, { isSettled = true } = {}) {
    this.number += 1;
    const entry = { client: this.client, operation: { n: this.number, ...operation } };
    this.journal.write(this.client, entry.operation);
    if (operation.op === "answer") this.#dropReplaced(operation.path);
    this.filling.add(entry);
    this.told.state();
    this.schedule(isSettled ? 0 : PAUSE_MS);
  }

  // Of several answers to one question only the last matters, back to the last change of repeats.
  #dropReplaced(path) {
    const pending = this.filling.pending;
    let start = pending.length;
    while (start > 0 && isReplaceable(pending[start - 1], this)) start -= 1;
    const replaced = new Set(pending.slice(start).filter((entry) => entry.operation.path === path));
    for (const entry of replaced) this.journal.forget(entry.client, entry.operation.n);
    this.filling.settle((entry) => replaced.has(entry));
  }

  submit() {
    this.wantsSubmission = true;
    this.journal.wantsSubmission = true;
    this.told.state();
    this.schedule(0);
  }

  withdraw() {
    this.wantsSubmission = false;
    this.journal.wantsSubmission = false;
    this.told.state();
  }

  schedule(delay) {
    const at = performance.now() + delay;
    if (this.timer && this.at <= at) return;
    clearTimeout(this.timer);
    this.at = at;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.#run();
    }, delay);
  }

  // Somebody is back: the network, or the person.
  wake() {
    this.failures = 0;
    clearTimeout(this.timer);
    this.timer = null;
    this.schedule(0);
  }

  stop() {
    clearTimeout(this.timer);
    this.isStopped = true;
  }

  async #run() {
    if (this.isRunning || this.isStopped) return;
    this.isRunning = true;
    try {
      await this.#sendAll();
      Object.assign(this, { failures: 0, isOffline: false, trouble: null });
    } catch (error) {
      this.failures += 1;
      this.isOffline = Boolean(error.offline);
      this.trouble = this.isOffline ? null : (error.message || String(error));
      if (error.isFinal) {
        this.withdraw();
        if (this.isIdle) this.failures = 0; // there is nothing to try again before the person does
      }
    }
    this.sending = null;
    this.isRunning = false;
    this.told.state();
    if (this.failures > 0) this.schedule(retryDelay(this.failures));
    else if (!this.isIdle || this.wantsSubmission) this.schedule(PAUSE_MS);
  }

  async #sendAll() {
    while (this.filling.pending.length > 0) await this.#sendBatch();
    await this.uploads.sendAll();
    if (this.wantsSubmission && this.isIdle) await this.#sendSubmission();
  }

  async #sendBatch() {
    const { pending } = this.filling;
    const { client } = pending[0];
    const strangers = pending.findIndex((entry) => entry.client !== client);
    const batch = pending.slice(0, Math.min(BATCH, strangers < 0 ? pending.length : strangers));
    this.sending = new Set(batch);
    const patch = await this.transport.send(client, batch.map((entry) => entry.operation));
    const reached = patch.applied?.[client] ?? 0;
    if (reached < batch[0].operation.n) throw { offline: true }; // not taken: try again later
    this.#acknowledge(client, reached);
    this.sending = null;
    this.told.patch(patch, batch);
  }

  #acknowledge(client, reached) {
    this.filling.settle((entry) => {
      const isDone = entry.client === client && entry.operation.n <= reached;
      if (isDone) this.journal.forget(client, entry.operation.n);
      return isDone;
    });
  }

  async #sendSubmission() {
    const answer = await this.transport.submit(this.client, []);
    this.withdraw();
    if (answer.receipt) {
      this.stop();
      this.journal.wipe();
      await this.uploads.wipe();
      this.told.receipt({ ...answer.receipt, note: answer.note });
    } else {
      this.told.violations(answer.violations ?? []);
    }
  }
}

function isReplaceable(entry, queue) {
  return entry.client === queue.client && entry.operation.op === "answer" && !queue.sending?.has(entry);
}

// A little chance keeps a whole village from knocking at the same second.
function retryDelay(failures) {
  const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
  return delay * (0.8 + 0.4 * Math.random());
}
