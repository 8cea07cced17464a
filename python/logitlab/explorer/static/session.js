// What the views of one model share: the kernels with the row in them, the texts of the tokens, the last picture, the
// game of predictions. It listens to the model as long as a view is there.
import { Kernels } from "./kernels.js";
import { STATE } from "./parameters.js";
import { Prediction } from "./predict.js";
import { enginesOf, programsOf, sceneOf } from "./scene.js";

const SHOWN = [...STATE, "_found", "_error", "_source"];

/** A row and the texts of its best tokens, of pack.py's packed_row unpacked: the logits' bytes stand in planes. */
function unpack(buffer, double) {
  const Real = double ? Float64Array : Float32Array;
  const width = Real.BYTES_PER_ELEMENT;
  const n = new DataView(buffer).getUint32(0, true);
  const planes = new Uint8Array(buffer, 4, n * width);
  const row = new Real(n);
  const bytes = new Uint8Array(row.buffer);
  for (let plane = 0, from = 0; plane < width; plane++) {
    for (let to = plane; to < bytes.length; to += width) {
      bytes[to] = planes[from++];
    }
  }
  return { row, texts: JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4 + n * width))) };
}

class Session {
  prediction = new Prediction();
  row = null;
  #model;
  #views = new Set();
  #key = null;
  #scene = null;
  #names = new Map();
  #packed = null;

  constructor(model, kernels, inflate) {
    this.#model = model;
    this.kernels = kernels;
    this.inflate = inflate;
    this.programs = programsOf(model.get("_engines"));
    if (!model.get("_save")) {
      model.on("msg:custom", (content, [packed]) => content.kind === "row" && this.takeRow(packed));
    }
  }

  /** Unpacks the model's row, unless another has come meanwhile. The best tokens' texts come in order of rank. */
  takeRow = async (packed) => {
    if (packed === this.#packed) return;
    this.#packed = packed;
    const { row, texts } = unpack(await this.inflate(packed), this.#model.get("_double"));
    if (packed !== this.#packed) return;
    this.kernels.setRow(row);
    this.row = row;
    this.#key = null;
    this.prediction.stop();
    const order = this.kernels.orderView();
    this.#names = new Map(texts.map((text, i) => [order[i], text]));
    this.#takeFound();
    this.#notify();
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

  #changedRow = () => this.takeRow(this.#model.get("_row"));

  #notify = () => this.#views.forEach((schedule) => schedule());

  #changed = () => {
    this.#takeFound();
    this.#notify();
  };

  add(schedule) {
    if (this.#views.size === 0) {
      SHOWN.forEach((name) => this.#model.on(`change:${name}`, this.#changed));
      this.#model.on("change:_row", this.#changedRow);
    }
    this.#views.add(schedule);
  }

  remove(schedule) {
    this.#views.delete(schedule);
    if (this.#views.size === 0) {
      SHOWN.forEach((name) => this.#model.off(`change:${name}`, this.#changed));
      this.#model.off("change:_row", this.#changedRow);
    }
  }

  /** The picture of a state, computed once for all views. */
  scene(state) {
    const key = JSON.stringify(state);
    if (key !== this.#key) {
      this.#scene = sceneOf(this.kernels, state, this.programs[state.engine]);
      this.#key = key;
    }
    return this.#scene;
  }

  engines(state) {
    return enginesOf(this.kernels, state, this.programs);
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

/** The packed row: a part of the state, or asked of Python, who keeps a long one out of what is saved. */
function packedRow(model) {
  if (model.get("_save")) return model.get("_row");
  return new Promise((done) => {
    const take = (content, [packed]) => {
      if (content.kind !== "row") return;
      model.off("msg:custom", take);
      done(packed);
    };
    model.on("msg:custom", take);
    model.send({ kind: "row" });
  });
}

async function begin(model, wasm, inflate) {
  const kernels = await Kernels.load(wasm, model.get("_double"));
  const packed = await packedRow(model); // at once before the session listens itself, so that no later row is missed
  const session = new Session(model, kernels, inflate);
  await session.takeRow(packed);
  return session;
}

/** The session of a model, made once; a failure is not kept. `inflate` unpacks bytes. */
export async function sessionOf(model, wasm, inflate) {
  if (!sessions.has(model)) {
    const session = begin(model, wasm, inflate);
    sessions.set(model, session);
    session.catch(() => sessions.delete(model));
  }
  const session = await sessions.get(model);
  if (model.get("_save")) await session.takeRow(model.get("_row")); // it may have changed while no view was there
  return session;
}
