// The C kernels in the page: one row in WebAssembly's memory, and what is computed from it.
//
// Every number on the screen comes from here. Memory is taken once per row, so that no view of it is ever detached
// while it is in use; results are copies unless their name ends in View.

import { PARAMETERS } from "./parameters.js";

export const MAX_STEPS = 8;
export const MAX_DRAWS = 100000;
export const MAX_TOKENS = 1024; // of one question about single tokens
const RECORD = ["count", "mass", "kept", "entropy", "threshold", "low", "high", "temperature"]; // struct ll_record

export class Kernels {
  #c;
  #Real;
  #stepBytes; // of struct ll_step: a kind, its parameters from byte 8 on, two lists
  #at = {};
  n = 0;

  /** `module` is the bytes of kernels-f32.wasm or kernels-f64.wasm, `double` says which. */
  static async load(module, double) {
    const { instance } = await WebAssembly.instantiate(module, {});
    return new Kernels(instance.exports, double);
  }

  constructor(exports, double) {
    this.#c = exports;
    this.#Real = double ? Float64Array : Float32Array;
    this.#stepBytes = exports.step_bytes();
  }

  /** Takes a row of logits, a Float32Array or Float64Array as the module wants it. */
  setRow(row) {
    const n = row.length;
    const width = this.#Real.BYTES_PER_ELEMENT;
    const sizes = {
      row: n * width,
      probs: n * width,
      sorted: n * width,
      order: n * 4,
      removed: n,
      margin: n * width,
      room: n * (width + 4),
      work: this.#c.work_bytes(n),
      steps: MAX_STEPS * this.#stepBytes,
      records: (MAX_STEPS + 1) * this.#c.record_bytes(),
      uniforms: MAX_DRAWS * 8,
      tokens: MAX_DRAWS * 4,
      few: MAX_TOKENS * 4,
      doubles: 2 * MAX_TOKENS * 8,
    };
    this.#c.reset();
    for (const [name, bytes] of Object.entries(sizes)) {
      this.#at[name] = this.#c.allocate(bytes);
      if (this.#at[name] === 0) {
        throw new RangeError(`a row of ${n} tokens does not fit into this page's memory`);
      }
    }
    this.n = n;
    this.#reals("row", n).set(row);
    this.#c.order(this.#at.row, n, n, this.#at.order, this.#at.work);
    const order = this.orderView();
    const sorted = this.#reals("sorted", n);
    for (let i = 0; i < n; i++) {
      sorted[i] = row[order[i]];
    }
    const whole = this.trace([]);
    this.best = whole && 1 / whole.probsView[order[0]]; // the sum of exp(z - max)
  }

  #view(Type, name, length) {
    return new Type(this.#c.memory.buffer, this.#at[name], length);
  }

  #reals(name, length) {
    return this.#view(this.#Real, name, length);
  }

  rowView() {
    return this.#reals("row", this.n);
  }

  /** All tokens, best first. */
  orderView() {
    return this.#view(Uint32Array, "order", this.n);
  }

  /** Each step is a kind, its parameter, and what further numbers an engine's edge rules have. */
  #putSteps(steps) {
    this.#view(Uint8Array, "steps", MAX_STEPS * this.#stepBytes).fill(0); // options of a step that are not set are 0
    const view = new DataView(this.#c.memory.buffer, this.#at.steps, MAX_STEPS * this.#stepBytes);
    steps.forEach(([name, ...values], i) => {
      view.setInt32(i * this.#stepBytes, this.#c[`kind_${PARAMETERS[name].kind ?? name}`](), true);
      values.forEach((value, j) => view.setFloat64(i * this.#stepBytes + 8 * (j + 1), value, true));
    });
  }

  /**
   * The trace of a chain: records[0] is the row itself, records[i] what step i left (count, mass, kept, entropy,
   * threshold, low, high, temperature, and `sum`: of exp((z - max) / temperature) over what is left). removedView
   * says for each token which step removed it, counted from 1: 0 if it was never there, one more than the steps if it
   * is left; marginView by how much; probsView is the distribution at the end. null if nothing can be drawn.
   */
  trace(steps) {
    this.#putSteps(steps);
    const { row, steps: at, records, removed, margin, probs, room, work } = this.#at;
    if (this.#c.trace(row, this.n, at, steps.length, records, removed, margin, probs, room, work)) {
      return null;
    }
    const found = this.#view(Float64Array, "records", (steps.length + 1) * RECORD.length);
    const entries = Array.from({ length: steps.length + 1 }, (_, i) =>
      Object.fromEntries(RECORD.map((name, j) => [name, found[i * RECORD.length + j]])),
    );
    const probsView = this.#reals("probs", this.n);
    this.#addSums(entries, 1 / probsView[this.orderView()[0]]); // the best has the weight 1
    return {
      records: entries,
      removedView: this.#view(Int8Array, "removed", this.n),
      marginView: this.#reals("margin", this.n),
      probsView,
    };
  }

  /** Before the temperature the sums follow from the row's, after it from the end's: a cut keeps a known share. */
  #addSums(records, end) {
    let sum = this.best;
    for (let i = 0; i < records.length && records[i].temperature === 1; i++) {
      sum *= records[i].kept;
      records[i].sum = sum;
    }
    sum = end;
    for (let i = records.length - 1; i >= 0 && records[i].sum === undefined; i--) {
      records[i].sum = sum;
      sum /= records[i].kept;
    }
  }

  /** Prepares `draws` and `cumulative` from what the last trace left. */
  settle() {
    this.#c.settle();
  }

  /** Draws from it, one token per uniform; ascending uniforms are fastest. */
  draws(uniforms) {
    this.#view(Float64Array, "uniforms", uniforms.length).set(uniforms);
    this.#c.draws(this.#at.uniforms, this.#at.tokens, uniforms.length);
    return this.#view(Uint32Array, "tokens", uniforms.length).slice();
  }

  /** Where each token begins on the bar of running sums of `settle`, from 0 to 1. */
  cumulative(tokens) {
    this.#view(Uint32Array, "few", tokens.length).set(tokens);
    this.#c.cumulative(this.#at.few, this.#at.doubles, tokens.length);
    return this.#view(Float64Array, "doubles", tokens.length).slice();
  }

  /** The doubles of numpy.random.default_rng(seed), a seed of at most 53 bits: n of them, after the first `skipped`. */
  uniforms(seed, n, skipped = 0) {
    const words = this.#view(Uint32Array, "few", 2);
    words.set([seed % 2 ** 32, Math.floor(seed / 2 ** 32)]);
    this.#c.seed(this.#at.few, words[1] ? 2 : 1);
    this.#c.doubles(this.#at.uniforms, skipped);
    this.#c.doubles(this.#at.uniforms, n);
    return this.#view(Float64Array, "uniforms", n).slice();
  }

  /** For one temperature and ascending ks: the mass of the k best, and how many choices they are worth. */
  plane(temperature, ks) {
    const half = this.#at.doubles + MAX_TOKENS * 8;
    this.#view(Uint32Array, "few", ks.length).set(ks);
    this.#c.plane(this.#at.sorted, this.n, temperature, this.#at.few, ks.length, this.#at.doubles, half);
    return {
      kept: this.#view(Float64Array, "doubles", ks.length).slice(),
      choices: new Float64Array(this.#c.memory.buffer, half, ks.length).slice(),
    };
  }

  /** exp((z - max) / T) */
  weight(z, max, T) {
    return this.#c.weight(z, max, T);
  }
}
