// Plays the sweep: the temperature runs from one end to the other, or in steps where motion disturbs. Whoever moves the
// temperature meanwhile takes it over. All of it, pauses included, is one move for Undo.
import { alongSweep, SWEEP, sweepAt } from "./curves.js";
import { still } from "./motion.js";

const LASTS = 6000; // ms
const SLOWEST = 100; // ms of one frame: where a page is late the sweep waits
const SWEEP_STEPS = [0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3];
export const SYNC = 80; // ms between two messages to Python

export class Player {
  playing = false;
  #model;
  #session;
  #x = 0;
  #at = 0; // when the last frame was
  #set = NaN; // the temperature that was set last
  #mark; // how the screen stood before the sweep, as the history keeps it
  #sent = 0;
  #cancel = () => {};

  constructor(model, session) {
    this.#model = model;
    this.#session = session;
  }

  /** Whether it goes on where it was paused. */
  get #goesOn() {
    return this.#taken() && this.#x < 1 && this.#mark === this.#session.history.last;
  }

  #taken() {
    return this.#model.get("temperature") === this.#set;
  }

  toggle() {
    if (this.playing) this.pause();
    else this.#play();
  }

  #play() {
    if (!this.#goesOn) {
      this.#session.remember();
      this.#mark = this.#session.history.last;
      this.#x = 0;
      this.#move(SWEEP[0]);
    }
    this.playing = true;
    this.#at = performance.now();
    this.#next();
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.#cancel();
    this.#model.save_changes();
    this.#session.notify();
  }

  /** To whoever has moved the temperature, or has begun to predict. */
  yield() {
    if (this.playing && (!this.#taken() || this.#model.get("predict"))) this.pause();
  }

  #next() {
    if (still()) {
      const timer = setTimeout(() => this.#step(), LASTS / SWEEP_STEPS.length);
      this.#cancel = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame(() => this.#glide());
      this.#cancel = () => cancelAnimationFrame(frame);
    }
    this.#session.notify();
  }

  #glide() {
    const now = performance.now();
    this.#x = Math.min(1, this.#x + Math.min(SLOWEST, now - this.#at) / LASTS);
    this.#at = now;
    this.#go(this.#x === 1 ? SWEEP[1] : +sweepAt(this.#x).toPrecision(3));
  }

  #step() {
    const to = SWEEP_STEPS.find((T) => T > this.#set) ?? SWEEP[1];
    this.#x = Math.min(1, alongSweep(to));
    this.#go(to);
  }

  #go(temperature) {
    this.#move(temperature);
    if (this.#x < 1) this.#next();
    else this.pause();
  }

  #move(temperature) {
    this.#set = temperature;
    this.#model.set("temperature", temperature);
    const now = performance.now();
    if (now - this.#sent < SYNC) return;
    this.#sent = now;
    this.#model.save_changes();
  }
}
