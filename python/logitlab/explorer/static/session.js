// What the views of one model share: the kernels with the row in them, the texts of the tokens, the last picture, the
// game of predictions, the steps to undo, the scale of the bars, and whether Python answers. It listens to the model as
// long as a view is there.
import { Curves, curvesKey } from "./curves.js";
import { History, UNDONE } from "./history.js";
import { Kernels } from "./kernels.js";
import { PARAMETERS, STATE } from "./parameters.js";
import { LETTERS, Pinned } from "./pins.js";
import { Player } from "./player.js";
import { Prediction } from "./predict.js";
import { watchKernel } from "./saving.js";
import { enginesOf, programsOf, refusalsOf, sceneOf } from "./scene.js";
import { equal, NAMES, settingsIn, stateOf, traitOf } from "./state.js";

const PATIENCE = 10_000; // ms without an answer until nobody is thought to be there
const CURVES_KEPT = 3; // as many as there are views with another number of rows, and those before
const SHOWN = [...STATE, "_stage", "_found", "_error", "_source", "_reason"];

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

const settingsOf = (state) => Object.fromEntries(Object.keys(PARAMETERS).map((name) => [name, state[name]]));

class Session {
  prediction = new Prediction();
  history = new History();
  row = null;
  alive; // whether Python is there, as far as can be seen: nothing is sent before somebody asks for something
  #waiting = 0;
  #model;
  #views = new Set();
  #key = null;
  #scene = null;
  #names = new Map();
  #asked = new Set(); // tokens whose texts Python has been asked for
  #pinned = new Pinned();
  #curves = new Map();
  #packed = null;
  #onStage = null;

  constructor(model, kernels, inflate) {
    this.#model = model;
    this.player = new Player(model, this);
    this.kernels = kernels;
    this.inflate = inflate;
    this.programs = programsOf(model.get("_engines"));
    this.alive = Boolean(model.send);
    this.refusals = refusalsOf(model.get("_refusals"));
    if (!model.get("_save")) model.on("msg:custom", this.#told); // a row may come while no view is there
  }

  #told = (content, buffers) => {
    if (content.kind === "row" && !this.#model.get("_save")) this.takeRow(buffers[0]);
    if (content.kind === "here") this.#live(true);
    if (content.kind === "remember") this.remember("", NAMES); // Python assigns a state now
  };

  #live(alive) {
    clearTimeout(this.#waiting);
    this.alive = alive;
    this.notify();
  }

  /** Asks Python, if anybody is there; says whether it was asked. */
  ask(content) {
    if (!this.alive) return false;
    this.#model.send(content);
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.#live(false), PATIENCE);
    return true;
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
    this.#asked.clear();
    this.#pinned.clear();
    this.#curves.clear();
    this.prediction.stop();
    const order = this.kernels.orderView();
    this.#names = new Map(texts.map((text, i) => [order[i], text]));
    this.#takeFound();
    this.notify();
  };

  #takeFound = () => {
    this.#model.get("_found").forEach(([token, text]) => this.#names.set(token, text));
  };

  text(token) {
    return this.#names.get(token);
  }

  /** Asks for the texts of tokens beyond the best, once each. */
  meet(tokens) {
    const unknown = tokens.filter((token) => !this.#names.has(token) && !this.#asked.has(token));
    if (!unknown.length || !this.#names.size || !this.ask({ kind: "names", tokens: unknown })) return;
    unknown.forEach((token) => this.#asked.add(token));
  }

  texts() {
    return [...this.#names];
  }

  #changedRow = () => this.takeRow(this.#model.get("_row"));

  notify = () => this.#views.forEach((schedule) => schedule());

  #changed = () => {
    this.player.yield();
    this.#takeFound();
    this.notify();
  };

  add(schedule) {
    if (this.#views.size === 0) {
      SHOWN.forEach((name) => this.#model.on(`change:${name}`, this.#changed));
      this.#model.on("change:_row", this.#changedRow);
      if (this.#model.get("_save")) this.#model.on("msg:custom", this.#told);
      this.#unwatch = watchKernel(this.#model, () => this.#live(false));
    }
    this.#views.add(schedule);
  }

  #unwatch = () => {};

  remove(schedule) {
    this.#views.delete(schedule);
    if (this.#views.size === 0) {
      this.player.pause();
      SHOWN.forEach((name) => this.#model.off(`change:${name}`, this.#changed));
      this.#model.off("change:_row", this.#changedRow);
      if (this.#model.get("_save")) this.#model.off("msg:custom", this.#told);
      this.#unwatch();
      clearTimeout(this.#waiting);
    }
  }

  // ---- what was done, and back

  #text() {
    const { prompt = "", added = [] } = this.#model.get("_source");
    const start = prompt.slice(0, prompt.length - added.reduce((sum, [, piece]) => sum + piece.length, 0));
    return { start, added: added.map(([token]) => token) };
  }

  #now(names) {
    const state = Object.fromEntries(names.map((name) => [traitOf(name), this.#model.get(traitOf(name))]));
    return { state, text: this.#text() };
  }

  /** Before something is done: `slider` names what is still moving, `names` what Undo is to bring back. */
  remember(slider, names = UNDONE) {
    this.history.note(this.#now(names), slider);
  }

  /** Another state of the screen, as a whole. */
  assign(state, undoable) {
    const now = stateOf(this.#model);
    const changed = NAMES.filter((name) => !equal(state[name], now[name]));
    if (!changed.length) return;
    if (undoable) this.remember("", NAMES);
    this.prediction.stop();
    changed.forEach((name) => this.#model.set(traitOf(name), state[name]));
    this.#model.save_changes();
    this.notify();
  }

  #goTo({ state, text }) {
    this.prediction.stop();
    Object.entries(state).forEach(([name, value]) => this.#model.set(name, value));
    this.#model.save_changes();
    if (JSON.stringify(text) !== JSON.stringify(this.#text())) this.ask({ kind: "text", ...text });
    this.notify();
  }

  undo() {
    const before = this.history.back();
    if (before) this.#goTo(before);
  }

  /** As the cell has made it: the sliders, the draws, the text. */
  reset() {
    this.remember();
    const { text = "", ...state } = this.#model.get("_start");
    this.#goTo({ state, text: { start: text, added: [] } });
  }

  /** Continues with the text cut after so many added tokens. */
  cut(stay) {
    const { start, added } = this.#text();
    this.remember();
    this.ask({ kind: "text", start, added: added.slice(0, stay) });
  }

  /** Another text, of a model whose logits are known. */
  begin(text) {
    this.remember();
    this.ask({ kind: "text", start: text, added: [] });
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

  /** The curves of a state, of which views with as many rows share one; a view does the work, in tasks of its own. */
  curves(state) {
    const program = this.programs[state.engine];
    const key = curvesKey(this.kernels, state, program);
    if (!this.#curves.has(key)) {
      if (this.#curves.size >= CURVES_KEPT) this.#curves.delete(this.#curves.keys().next().value);
      this.#curves.set(key, new Curves(this.kernels, state, program));
    }
    return this.#curves.get(key);
  }

  /** What the bars are compared with: what stood before a prediction, else the pins. */
  outlines({ pins, predict }, tokens) {
    const { before } = this.prediction;
    const found = predict && before ? [["before", before]] : pins.map((settings, i) => [LETTERS[i], settings]);
    return found.map(([label, settings]) => {
      const program = this.programs[settings.engine];
      return { label, ...this.#pinned.shares(this.kernels, settings, program, tokens) };
    });
  }

  /** Whether the stage is this view: the one in which it was opened, or the first that can be seen. */
  stages(view) {
    if (this.#model.get("_stage") === null) this.#onStage = null;
    else if (!this.#onStage && view.root.checkVisibility?.() !== false) this.#onStage = view;
    return this.#onStage === view;
  }

  /** The stage is to be opened, and no view can be seen yet. */
  get stageWaits() {
    return this.#model.get("_stage") !== null && !this.#onStage;
  }

  takeStage(view) {
    this.#onStage = view;
  }

  /** The view goes, and the stage with it. */
  leaveStage(view) {
    if (this.#onStage !== view) return;
    this.#onStage = null;
    this.#model.set("_stage", null);
    this.#model.save_changes();
  }

  /** Why the engines part or agree at a state, where Python has been asked and has said it; else "". */
  reason(state) {
    const [of, says] = this.#model.get("_reason");
    return JSON.stringify(of) === JSON.stringify(Object.values(settingsOf(state))) ? says : "";
  }

  askReason(state) {
    this.ask({ kind: "reason", settings: settingsOf(state) });
  }

  engines(state) {
    return enginesOf(this.kernels, state, this.programs, this.refusals);
  }

  willChange(predicting) {
    if (predicting && this.#scene) {
      this.prediction.change(settingsIn(stateOf(this.#model)), this.#scene.rows[0].probability);
    }
  }

  /** A hand for an answer, or with null the last one back; says whether there is a question. */
  hand(said) {
    const { hidden, hands } = this.prediction;
    if (!hidden) return false;
    if (said) hands.push(said);
    else hands.pop();
    this.notify();
    return true;
  }

  guess(said) {
    this.prediction.guess(said, this.#scene.rows[0].probability);
    this.notify();
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
