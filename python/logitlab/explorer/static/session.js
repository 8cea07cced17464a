// What the views of one model share: the kernels with the row in them, the texts of the tokens, the last picture, the
// game of predictions. It listens to the model as long as a view is there.
import { Kernels } from "./kernels.js";
import { Prediction } from "./predict.js";
import { enginesOf, sceneOf } from "./scene.js";

const SHOWN = ["temperature", "top_k", "top_p", "min_p", "engine", "seed", "draws", "selected", "shown", "predict", "_found", "_error", "_source"];

/** Bytes of a trait, wherever they begin: a DataView of the notebook's, or a typed array. */
const bytesOf = (value) => new Uint8Array(value.buffer ? value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) : value);

class Session {
  prediction = new Prediction();
  row = null;
  #model;
  #views = new Set();
  #key = null;
  #scene = null;
  #names = new Map();

  constructor(model, kernels, double) {
    this.#model = model;
    this.kernels = kernels;
    this.double = double;
    this.#takeRow();
  }

  #takeRow = () => {
    const bytes = bytesOf(this.#model.get("_row"));
    const row = this.double ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
    this.kernels.setRow(row);
    this.row = row;
    this.#key = null;
    this.prediction.stop();
    this.#takeNames();
    this.#notify();
  };

  /** Texts come in the order of rank for the best tokens, and one by one for what was searched. */
  #takeNames = () => {
    this.#names = new Map();
    const order = this.kernels.orderView();
    this.#model.get("_texts").forEach((text, i) => this.#names.set(order[i], text));
    this.#takeFound();
  };

  #takeFound = () => {
    this.#model.get("_found").forEach(([token, text]) => this.#names.set(token, text));
  };

  text(token) {
    return this.#names.get(token);
  }

  texts() {
    return [...this.#names];
  }

  #notify = () => this.#views.forEach((schedule) => schedule());

  #changed = () => {
    this.#takeFound();
    this.#notify();
  };

  add(schedule) {
    if (this.#views.size === 0) {
      SHOWN.forEach((name) => this.#model.on(`change:${name}`, this.#changed));
      this.#model.on("change:_row", this.#takeRow);
      this.#model.on("change:_texts", this.#takeNames);
      if (this.#model.get("_row") !== this.last) this.#takeRow();
    }
    this.#views.add(schedule);
  }

  remove(schedule) {
    this.#views.delete(schedule);
    if (this.#views.size === 0) {
      SHOWN.forEach((name) => this.#model.off(`change:${name}`, this.#changed));
      this.#model.off("change:_row", this.#takeRow);
      this.#model.off("change:_texts", this.#takeNames);
      this.last = this.#model.get("_row");
    }
  }

  /** The picture of a state, computed once for all views. */
  scene(state, program) {
    const key = JSON.stringify([state, program]);
    if (key !== this.#key) {
      this.#scene = sceneOf(this.kernels, state, program);
      this.#key = key;
    }
    return this.#scene;
  }

  engines(state, engines) {
    return enginesOf(this.kernels, state, engines);
  }

  willChange(predicting) {
    if (predicting && this.#scene) {
      this.prediction.change(this.#scene.rows[0].probability);
    }
  }

  guess(said) {
    this.prediction.guess(said, this.#scene.rows[0].probability);
    this.#notify();
  }
}

const sessions = new WeakMap();

/** The session of a model, made once; a failure is not kept. */
export function sessionOf(model, wasm) {
  if (!sessions.has(model)) {
    const double = model.get("_double");
    const session = Kernels.load(wasm, double).then((kernels) => new Session(model, kernels, double));
    sessions.set(model, session);
    session.catch(() => sessions.delete(model));
  }
  return sessions.get(model);
}
