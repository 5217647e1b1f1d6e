// Where the walk stands, and how it goes on: forward, back, by itself. Knows steps, not what they show.

export const RATES = [1, 3, 10, 30, 60]; // steps a second

export class Player {
  /** @param {() => void} onStep called after every change of place, or of playing */
  constructor(onStep) {
    this.onStep = onStep;
    this.at = 0;
    this.count = 1;
    this.rate = 3;
    this.isPlaying = false;
    this.frame = 0;
  }

  /** Goes to a step; outside the walk is its first or last step. */
  goTo(step) {
    this.at = Math.max(0, Math.min(this.count - 1, step));
    this.onStep();
  }

  move(steps) {
    this.pause();
    this.goTo(this.at + steps);
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** From the end it starts again. */
  play() {
    if (this.at >= this.count - 1) this.at = 0;
    this.isPlaying = true;
    this.since = performance.now();
    this.from = this.at;
    this.onStep();
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  pause() {
    cancelAnimationFrame(this.frame);
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.onStep();
  }

  setRate(rate) {
    this.rate = rate;
    this.since = performance.now();
    this.from = this.at;
  }

  tick(now) {
    const due = Math.min(this.count - 1, this.from + Math.floor(((now - this.since) / 1000) * this.rate));
    const isAtEnd = due >= this.count - 1;
    if (due > this.at || isAtEnd) {
      this.at = due;
      if (isAtEnd) this.isPlaying = false;
      this.onStep();
    }
    if (this.isPlaying) this.frame = requestAnimationFrame((later) => this.tick(later));
  }
}
