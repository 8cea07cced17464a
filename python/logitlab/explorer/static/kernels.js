// The C kernels in the page: one row in WebAssembly's memory, and what is computed from it.
//
// Every number on the screen comes from here. Memory is taken once per row, so that no view of it is ever detached
// while it is in use; results are copies unless their name ends in View.

export const STEP_BYTES = 40; // struct ll_step: a kind, four doubles
export const MAX_STEPS = 8;
export const MAX_DRAWS = 10000;
export const MAX_TOKENS = 1024; // of one question about single tokens
const STAGE_DOUBLES = 4;

/** The kinds of csrc/kernels/steps/steps.h, in its order. */
export const KINDS = ["temperature", "top_k", "top_p", "min_p"];

export class Kernels {
  #c;
  #Real;
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
  }

  /** Takes a row of logits, a Float32Array or Float64Array as the module wants it. */
  setRow(row) {
    const n = row.length;
    const width = this.#Real.BYTES_PER_ELEMENT;
    const sizes = {
      row: n * width, probs: n * width, sorted: n * width, order: n * 4, last: n,
      work: this.#c.work_bytes(n), rowWork: this.#c.work_bytes(n),
      steps: MAX_STEPS * STEP_BYTES, stages: (MAX_STEPS + 1) * STAGE_DOUBLES * 8,
      uniforms: MAX_DRAWS * 8, tokens: MAX_DRAWS * 8, few: MAX_TOKENS * 4, doubles: 2 * MAX_TOKENS * 8,
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

  #putSteps(steps) {
    const view = new DataView(this.#c.memory.buffer, this.#at.steps, MAX_STEPS * STEP_BYTES);
    steps.forEach(([name, value], i) => {
      view.setInt32(i * STEP_BYTES, KINDS.indexOf(name), true);
      view.setFloat64(i * STEP_BYTES + 8, value, true);
    });
  }

  /** logitlab.softargmax(row, T) */
  softargmax(T) {
    this.#c.softargmax(this.#at.row, this.#at.probs, this.n, T, this.#at.rowWork);
    return this.#reals("probs", this.n).slice();
  }

  /** One token per uniform: logitlab.sample(row, size=..., rng=...) with these steps; null if nothing can be drawn. */
  sample(steps, uniforms) {
    this.#putSteps(steps);
    this.#view(Float64Array, "uniforms", uniforms.length).set(uniforms);
    const { row, steps: at, uniforms: u, tokens, work } = this.#at;
    const status = this.#c.chain(row, this.n, at, steps.length, u, tokens, uniforms.length, work);
    return status ? null : Array.from(this.#view(BigInt64Array, "tokens", uniforms.length), Number);
  }

  /**
   * Runs the steps. stages[0] is the row itself, stages[i] what step i left: how many tokens, the product of the
   * temperatures, the mass of exp((z - max) / temperature) and the entropy in nats. lastView[token] is the last stage
   * in which the token was there (255: never), probsView the distribution at the end. null if nothing can be drawn.
   */
  run(steps) {
    this.#putSteps(steps);
    const { row, steps: at, stages, last, probs, work, rowWork } = this.#at;
    if (this.#c.stages(row, this.n, at, steps.length, stages, last, probs, work, rowWork)) {
      return null;
    }
    const found = this.#view(Float64Array, "stages", (steps.length + 1) * STAGE_DOUBLES);
    return {
      stages: Array.from({ length: steps.length + 1 }, (_, i) => {
        const [count, temperature, mass, entropy] = found.subarray(i * STAGE_DOUBLES);
        return { count, temperature, mass, entropy };
      }),
      lastView: this.#view(Uint8Array, "last", this.n),
      probsView: this.#reals("probs", this.n),
    };
  }

  /** Draws from what the last `run` left. */
  draws(uniforms) {
    this.#view(Float64Array, "uniforms", uniforms.length).set(uniforms);
    this.#c.draws(this.#at.uniforms, this.#at.tokens, uniforms.length);
    return this.#view(Uint32Array, "tokens", uniforms.length).slice();
  }

  /** Where each token begins on the bar of running sums of the last `run`, from 0 to 1. */
  cumulative(tokens) {
    this.#view(Uint32Array, "few", tokens.length).set(tokens);
    this.#c.cumulative(this.#at.few, this.#at.doubles, tokens.length);
    return this.#view(Float64Array, "doubles", tokens.length).slice();
  }

  /** numpy.random.default_rng(seed).random(n) for a seed of at most 53 bits. */
  uniforms(seed, n) {
    const words = this.#view(Uint32Array, "few", 2);
    words.set([seed % 2 ** 32, Math.floor(seed / 2 ** 32)]);
    this.#c.seed(this.#at.few, words[1] ? 2 : 1);
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
