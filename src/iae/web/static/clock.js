// How long a photo was to be seen: time in a hidden tab or behind a pause does not count.

export class Clock {
  constructor() {
    this.spent = 0;
    this.since = null;
    this.running = false;
    document.addEventListener("visibilitychange", () => this.turn());
  }

  restart() {
    this.spent = 0;
    this.since = null;
    this.run(true);
  }

  run(running) {
    this.running = running;
    this.turn();
  }

  turn() {
    const now = performance.now();
    if (this.since !== null) this.spent += now - this.since;
    this.since = this.running && document.visibilityState === "visible" ? now : null;
  }

  get seconds() {
    const open = this.since === null ? 0 : performance.now() - this.since;
    return Math.round(this.spent + open) / 1000;
  }
}
