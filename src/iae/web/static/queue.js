// What the rater did and the server has not acknowledged: kept in the browser until it has.
//
// One entry of localStorage each, so that two tabs never overwrite each other's. The name of an entry
// sorts by time, which is the order of sending: an undo must come after the vote it takes back.

import { newKey, post } from "./api.js";

const RETRY = [500, 1000, 2000, 4000, 8000, 15000]; // milliseconds

export class Queue {
  // on.sent(action, answer), on.refused(action, error), on.changed(size, error or null),
  // on.other(action): another tab did this.
  constructor(rater, on) {
    this.prefix = `iae:${rater}:`;
    this.on = on;
    this.failures = 0;
    this.timer = 0;
    this.sending = false;
    this.count = 0;
    window.addEventListener("online", () => this.send());
    window.addEventListener("pagehide", () => this.sendRest());
    window.addEventListener("storage", (event) => {
      if (!event.key || !event.key.startsWith(this.prefix)) return;
      if (event.newValue) on.other(JSON.parse(event.newValue));
      else on.changed(this.size, null);
    });
  }

  get names() {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(this.prefix))
      .sort();
  }

  get size() {
    return this.names.length;
  }

  // Assignments with a vote that waits here.
  get waiting() {
    return this.names
      .map((name) => JSON.parse(localStorage.getItem(name)))
      .filter((action) => action && action.path === "/api/votes")
      .map((action) => action.body.assignment);
  }

  add(path, body) {
    const action = { path, body: { ...body, key: newKey() } };
    const order = `${String(Date.now()).padStart(15, "0")}-${String(this.count++).padStart(6, "0")}`;
    localStorage.setItem(`${this.prefix}${order}-${action.body.key}`, JSON.stringify(action));
    this.on.changed(this.size, null);
    this.send();
    return action;
  }

  // One tab sends at a time where the browser can tell (only over https or on this machine);
  // elsewhere both may send the same, which the key makes harmless.
  async send() {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      if (navigator.locks) await navigator.locks.request(this.prefix, () => this.sendAll());
      else await this.sendAll();
      this.failures = 0;
    } catch (error) {
      this.on.changed(this.size, error);
      if (error.status !== 401) this.later(error);
    } finally {
      this.sending = false;
    }
  }

  later(error) {
    const wait = RETRY[Math.min(this.failures++, RETRY.length - 1)];
    this.timer = setTimeout(() => this.send(), Math.max(wait, 1000 * (error.wait || 0)));
  }

  async sendAll() {
    for (let name = this.names[0]; name; name = this.names[0]) {
      const action = JSON.parse(localStorage.getItem(name));
      try {
        const answer = await post(action.path, action.body);
        localStorage.removeItem(name);
        this.on.sent(action, answer);
      } catch (error) {
        // Only an answer that no later try could change takes an action out of the queue.
        if (!error.status || error.passing || [401, 403, 421].includes(error.status)) throw error;
        localStorage.removeItem(name);
        this.on.refused(action, error);
      }
      this.on.changed(this.size, null);
    }
  }

  // The page goes away: let the browser send what waits, up to the first undo, whose order counts.
  // Entries stay: nobody hears the answers, and the next page sends them again, harmlessly.
  sendRest() {
    for (const name of this.names.slice(0, 50)) {
      const action = JSON.parse(localStorage.getItem(name));
      if (action.path !== "/api/votes") return;
      post(action.path, action.body).catch(() => {});
    }
  }
}
