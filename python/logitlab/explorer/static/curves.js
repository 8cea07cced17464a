// The curves of the sweep: what each of the best tokens, and all others together, have at every temperature, the other
// settings as they are. Each point is a whole chain of the same kernels, computed in tasks of its own, and again only
// when something else than the temperature has changed.
import { sharesOf, stepsOf, tokensShown } from "./scene.js";

export const SWEEP = [0.1, 3]; // the temperatures at its ends
const POINTS = 35;
const CURVES = 12;
const NEARER = 5; // more points, to find where the tail overtakes the best token
const LENGTH = Math.log(SWEEP[1] / SWEEP[0]);

/** The axis is logarithmic: from 0 at its left end to 1 at its right. */
export const sweepAt = (x) => SWEEP[0] * Math.exp(LENGTH * Math.min(1, Math.max(0, x)));
export const alongSweep = (T) => (T > 0 ? Math.log(T / SWEEP[0]) / LENGTH : -Infinity);

/** How far the tail is above the best token, as a logarithm: it grows evenly. */
const above = ({ rows, tail }) => Math.log(Math.max(tail, 1e-300)) - Math.log(Math.max(rows[0], 1e-300));

/** What the curves of a state depend on: all but the temperature. */
export const curvesKey = (kernels, state, program) =>
  JSON.stringify([stepsOf({ ...state, temperature: SWEEP[1] }, program), tokensShown(kernels, state)]);

export class Curves {
  #ask; // the shares at a temperature
  #bracket = null;
  #left = NEARER;
  points = []; // {x, T, rows, tail}
  crossing = null; // where the tail overtakes the best token: such a point

  constructor(kernels, state, program) {
    const shown = tokensShown(kernels, state);
    this.tokens = [...shown.slice(0, CURVES), ...shown.slice(state.shown).filter(() => state.shown >= CURVES)];
    this.at = this.tokens.map((token) => shown.indexOf(token)); // their rows in the table
    this.#ask = (T) => sharesOf(kernels, stepsOf({ ...state, temperature: T }, program), shown);
  }

  get done() {
    return this.points.length === POINTS && (this.#left === 0 || this.#bracket === null);
  }

  #point(x) {
    const T = sweepAt(x);
    return { x, T, ...this.#ask(T) };
  }

  /** Computes the next point; false when all are there. */
  work() {
    if (this.points.length < POINTS) {
      this.points.push(this.#point(this.points.length / (POINTS - 1)));
      if (this.points.length === POINTS) this.#bracket = this.#crossed();
      return true;
    }
    if (this.done) return false;
    this.#narrow();
    this.#left--;
    return true;
  }

  /** The two points between which the tail first overtakes the best token; null where it does not. */
  #crossed() {
    const to = this.points.findIndex((point, i) => i > 0 && above(this.points[i - 1]) < 0 && above(point) >= 0);
    if (to < 0) return null;
    this.crossing = this.points[to];
    return [this.points[to - 1], this.points[to]];
  }

  /** Halves it, as an engine may keep other tokens from some temperature on; at the end a secant, which is exact. */
  #narrow() {
    const [low, high] = this.#bracket;
    const [a, b] = [above(low), above(high)];
    const share = this.#left > 1 ? 0.5 : a / (a - b);
    const middle = this.#point(low.x + Math.min(1, Math.max(0, share)) * (high.x - low.x));
    this.#bracket = above(middle) < 0 ? [middle, high] : [low, middle];
    this.crossing = this.#bracket.reduce((one, other) => (Math.abs(above(other)) < Math.abs(above(one)) ? other : one));
  }
}
