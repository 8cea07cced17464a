// The explorer's view: one widget in every notebook front end, and in an exported page.
//
// A view draws one consistent picture of the model's state, once per frame however many changes came; nothing waits
// for Python. What views of one model share (the kernels with the row, the game of predictions) is their session.
import { Arithmetic } from "./arithmetic.js";
import { codeOf } from "./code.js";
import { control, say } from "./controls.js";
import { freshId, h, setAttributes, setText } from "./dom.js";
import { Draws } from "./draws.js";
import { Drops } from "./drops.js";
import { Engines } from "./engines.js";
import { Find } from "./find.js";
import { Head } from "./head.js";
import { UNDONE } from "./history.js";
import { keepKeys, shortcuts } from "./keys.js";
import { followLink } from "./link.js";
import { PARAMETERS, STATE } from "./parameters.js";
import { hidePicture } from "./picture.js";
import { LETTERS, PinBar } from "./pins.js";
import { Plane } from "./plane.js";
import { SYNC } from "./player.js";
import { Predict } from "./predict.js";
import { saveWith } from "./saving.js";
import { sessionOf } from "./session.js";
import { ON_STAGE, Stage } from "./stage.js";
import { stillNode, stillOf } from "./still.js";
import { settingsIn } from "./state.js";
import { Sweep } from "./sweep.js";
import { keepsOf, scaleOf, Table } from "./table.js";
import { exactly, fixed, integer, percent, plural, visible, worth } from "./text.js";
import { followTheme } from "./theme.js";

const WAIT = 500; // ms for a row to come that was not saved
const OUT_OF_SIGHT = 50; // ms until a view that cannot be seen looks again whether it is the stage
const SETTLE = 250; // ms after the last change, when what is slow or read aloud follows

class View {
  constructor(model, el, session) {
    this.model = model;
    this.session = session;
    this.root = el;
    this.at = { pointer: -1, focus: -1 }; // the tokens under them
    this.timers = new Map();
    this.build();
  }

  state() {
    const state = Object.fromEntries(STATE.map((name) => [name, this.model.get(name)]));
    const { added = [], follow = false } = this.model.get("_source");
    const stage = this.session.stages(this) ? this.model.get("_stage") : null;
    const selected = state.selected ?? -1;
    const shown = stage === null ? state.shown : Math.min(state.shown, this.roomFor(selected));
    return { ...state, shown, stage, selected, place: added.length, follow };
  }

  /** How many of the best have a bar on the stage: one fewer where a token beyond them has one. */
  roomFor(selected) {
    const beyond = selected >= 0 && !this.session.kernels.orderView().subarray(0, ON_STAGE).includes(selected);
    return beyond ? ON_STAGE - 1 : ON_STAGE;
  }

  name = (token) => {
    const text = this.session.text(token);
    return text === undefined ? `#${token}` : visible(text);
  };

  // ---- changes: the model first, the screen in the next frame, Python soon after

  set(changes, done = true) {
    const changed = Object.keys(changes).filter((name) => changes[name] !== this.model.get(name));
    if (changed.some((name) => UNDONE.includes(name))) {
      this.session.remember(changed.every((name) => name in PARAMETERS) ? changed.join() : "");
    }
    if (changed.some((name) => name in PARAMETERS || name === "engine")) {
      this.session.willChange(this.model.get("predict"));
    }
    for (const [name, value] of Object.entries(changes)) {
      this.model.set(name, value);
    }
    this.sync(done);
  }

  sync(done) {
    this.root.classList.toggle("ll-moving", !done);
    if (done) {
      this.cancel("sync");
      this.model.save_changes();
    } else {
      this.later("sync", SYNC, () => this.model.save_changes(), true);
    }
  }

  /** Runs `work` once, `delay` after the last call, or after the first with `keep`. */
  later(name, delay, work, keep = false) {
    if (keep && this.timers.has(name)) return;
    this.cancel(name);
    this.timers.set(
      name,
      setTimeout(() => {
        this.timers.delete(name);
        work();
      }, delay),
    );
  }

  cancel(name) {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  // ---- the page

  build() {
    const set = (changes, done) => this.set(changes, done);
    const name = this.name;
    this.controls = Object.keys(PARAMETERS).map((key) => [
      key,
      control(key, this.session.kernels.n, (value, done) => set({ [key]: value }, done)),
    ]);
    const engine = freshId("engine");
    this.engine = h(
      "select",
      { id: engine, onchange: () => set({ engine: this.engine.value }) },
      ...Object.keys(this.session.programs).map((key) => h("option", { value: key }, key)),
    );
    this.head = new Head({ back: (stay) => this.session.cut(stay), begin: (text) => this.session.begin(text) });
    const act = (label, work) => h("button", { type: "button", onclick: work }, label);
    this.undo = act("Undo", () => this.session.undo());
    this.reset = act("Reset", () => this.session.reset());
    this.stats = h("p", { class: "ll-stats" });
    this.live = h("p", { class: "ll-live", "aria-live": "polite" });
    this.problem = h("p", { class: "ll-problem", role: "alert" });
    this.table = new Table({
      select: (token) => this.select(token),
      point: (what, token) => this.point(what, token),
      name,
      zoom: () => this.zoom(),
      follow: this.canContinue() ? (token) => this.follow(token) : null,
    });
    this.pins = new PinBar({
      pin: () => this.pin(),
      unpin: (i) => set({ pins: this.model.get("pins").toSpliced(i, 1) }),
      take: (settings) => set(settings),
    });
    this.arithmetic = new Arithmetic(name);
    this.plane = new Plane({ move: set, redraw: () => this.plane.paint() });
    this.sweep = new Sweep({ play: () => this.session.player.toggle(), move: set, name });
    this.draws = new Draws({
      draw: (n) => set({ draws: n }),
      seed: (seed) => set({ seed }),
      name,
      meet: (tokens) => this.session.meet(tokens),
      follow: this.canContinue() ? (token) => this.follow(token) : null,
    });
    this.drops = new Drops(this.table.node, (i) => this.table.barOf(i), name);
    this.engines = new Engines({
      engine: (key) => set({ engine: key }),
      why: () => this.session.askReason(this.state()),
      name,
    });
    this.predict = new Predict({
      turn: (on) => this.turn(on),
      guess: (said) => this.session.guess(said),
      hand: (said) => this.session.hand(said),
      name,
    });
    this.find = new Find({
      known: () => this.session.texts(),
      logit: (token) => this.session.kernels.rowView()[token],
      ask: (text) => this.session.ask({ kind: "find", text }),
      select: (token) => this.select(token),
    });
    this.code = h("pre", { tabindex: 0, "aria-label": "Code" });
    this.copied = h("span", { role: "status" });
    this.stage = this.newStage();
    this.body = h(
      "div",
      { class: "ll-body" },
      h(
        "div",
        { class: "ll-panel ll-controls", role: "group", "aria-label": "Parameters" },
        ...this.controls.map(([, { node }]) => node),
        h(
          "div",
          { class: "ll-control" },
          h("label", { for: engine }, "engine"),
          this.engine,
          h("span", { class: "ll-hint" }, "the order of the steps"),
        ),
        h("div", { class: "ll-buttons ll-steps" }, this.undo, this.reset, this.stage.button),
        this.predict.node,
      ),
      h(
        "div",
        { class: "ll-panel ll-tokens" },
        h("div", { class: "ll-top" }, this.stats, this.pins.node),
        this.table.node,
        this.find.node,
      ),
      this.sweep.node,
      this.arithmetic.node,
      this.plane.node,
      this.draws.node,
      this.engines.node,
      h(
        "details",
        { class: "ll-panel ll-code" },
        h("summary", {}, "Copy as code"),
        this.code,
        h("button", { type: "button", onclick: () => this.copy() }, "Copy"),
        this.copied,
      ),
    );
    this.root.classList.add("ll-explorer");
    const { sliders, tabs } = this.stage;
    this.root.append(
      h("div", { class: "ll-screen" }, this.head.node, this.problem, sliders, this.body, tabs, this.live),
    );
    shortcuts(this.root, {
      p: () => this.pin(),
      s: () => !this.model.get("predict") && this.session.player.toggle(),
      1: () => this.session.hand("larger"),
      2: () => this.session.hand("same"),
      3: () => this.session.hand("smaller"),
      "-": () => this.session.hand(null),
    });
    this.unkeep = keepKeys(this.root, () => this.session.undo(), this.stage);
  }

  newStage() {
    const controls = Object.fromEntries(this.controls);
    return new Stage(
      this.root,
      {
        stage: (panel) => {
          if (panel !== null) this.session.takeStage(this);
          this.set({ _stage: panel });
        },
        slider: (name) => this.set({ slider: name }),
        focus: (name) => {
          this.root.dataset.slider = name; // it has to be there
          controls[name].focus();
        },
        alone: this.model.standing === true,
      },
      {
        arithmetic: [this.arithmetic.node],
        draws: [this.draws.about],
        plane: [this.plane.node],
        sweep: [this.sweep.node],
        engines: [this.engines.node],
        text: [this.head.about, this.find.node],
      },
    );
  }

  canContinue() {
    return Boolean(this.model.get("_source").follow);
  }

  select(token) {
    this.set({ selected: this.model.get("selected") === token ? null : token });
  }

  point(what, token) {
    this.at[what] = token;
    this.schedule();
  }

  follow(token) {
    this.session.remember();
    this.session.ask({ kind: "continue", token });
  }

  /** From 0 to 100 %, or to the first round number beyond the longest bar: only when this is pressed. */
  zoom() {
    const state = this.state();
    this.set({ zoom: state.zoom < 1 ? 1 : scaleOf(this.session.scene(state)) });
  }

  turn(on) {
    this.session.prediction.stop();
    this.set({ predict: on });
  }

  /** Keeps the bars that are on the screen; says whether it could. */
  pin() {
    const pins = this.model.get("pins");
    const state = this.state();
    if (pins.length === LETTERS.length || (state.predict && this.session.prediction.hidden)) return false;
    this.set({ pins: [...pins, settingsIn(state)] });
    return true;
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.code.textContent);
      setText(this.copied, "copied");
    } catch {
      const range = document.createRange();
      range.selectNodeContents(this.code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      setText(this.copied, "selected: press Ctrl+C");
    }
  }

  // ---- drawing

  schedule = () => {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  };

  draw() {
    if (this.row !== this.session.row) {
      this.newRow();
    }
    const state = this.state();
    const { kernels, prediction } = this.session;
    const order = this.session.programs[state.engine].map(([step]) => step);
    const scene = this.session.scene(state);
    this.showProblem(scene);
    if (!scene) {
      ["settle", "curves"].forEach((name) => this.cancel(name)); // what was begun for another row
      return;
    }
    const hidden = state.predict && prediction.hidden;
    this.stage.update(state.stage, state.slider, scene.rows.length + 1);
    if (this.session.stageWaits) this.later("stage", OUT_OF_SIGHT, this.schedule);
    this.controls.forEach(([name, { update }]) => update(state[name]));
    this.engine.value = state.engine;
    const { zoom: scale } = state;
    const { alive, history } = this.session;
    const source = this.model.get("_source");
    const { ends = [] } = source;
    this.head.update(source, kernels.n, alive);
    setAttributes(this.undo, { disabled: history.empty, title: history.empty ? "nothing to take back" : "Ctrl+Z" });
    const outlines = this.session.outlines(
      state,
      scene.rows.map((row) => row.token),
    );
    const revealed = state.predict && prediction.said !== null;
    this.pins.update(state, hidden);
    this.table.update(scene, state, order, { hidden, scale, outlines, revealed, ends, alive });
    this.arithmetic.update(scene, this.rowFor(scene, state), kernels, hidden);
    this.draws.update(scene, state, hidden, { ends, alive });
    this.drops.update(scene, state, hidden);
    this.plane.update(state, hidden);
    const { playing } = this.session.player;
    const curves = this.session.curves(state);
    this.sweep.update(state, scene, curves, { playing, hidden, marked: this.rowFor(scene, state).token });
    if (!curves.done) this.later("curves", SETTLE, () => this.nextPoint(curves), curves === this.curves);
    this.curves = curves;
    this.predict.update(prediction, state.predict, scene);
    this.find.update();
    setText(
      this.stats,
      hidden ? "The bars are hidden until you have guessed." : statsOf(scene, this.name, state.stage),
    );
    setText(this.code, codeOf(state, source));
    setText(this.copied, "");
    this.later("settle", SETTLE, () => this.settle(state, scene, hidden));
  }

  /** The token whose arithmetic is shown: under the pointer, else in focus, else selected, else the best. */
  rowFor(scene, state) {
    const of = (token) => scene.rows.find((row) => row.token === token);
    return of(this.at.pointer) ?? of(this.at.focus) ?? of(state.selected) ?? scene.rows[0];
  }

  newRow() {
    this.row = this.session.row;
    this.plane.begin(this.session.kernels);
    this.later("columns", 0, () => this.nextColumn());
    this.find.begin();
  }

  nextColumn() {
    const until = performance.now() + 8;
    while (this.plane.work()) {
      if (performance.now() > until) {
        this.later("columns", 0, () => this.nextColumn());
        return;
      }
    }
  }

  /** The curves, a point in each task, so that a slider's next step does not wait for all. */
  nextPoint(curves) {
    if (curves.work()) this.later("curves", 0, () => this.nextPoint(curves));
    else this.session.notify();
  }

  showProblem(scene) {
    const error = this.model.get("_error");
    setText(
      this.problem,
      error || (scene ? "" : "Nothing can be drawn from this row: it has a NaN, or nothing but −inf."),
    );
    this.problem.hidden = !error && Boolean(scene);
    this.body.hidden = !scene;
  }

  /** What is slow, or read aloud, follows when nothing has moved for a moment. */
  settle(state, scene, hidden) {
    this.plane.say();
    this.compare(this.session.engines(state), state, hidden);
    if (!this.model.get("_save")) this.model.set("_still", JSON.stringify(stillOf(scene, this.name)));
    const zoomed = state.zoom < 1 ? ` Bars from 0 to ${percent(state.zoom)}.` : "";
    const said = hidden ? "The bars are hidden until you have guessed." : spoken(state, scene, this.name);
    setText(this.live, said + zoomed);
  }

  /** The other engines' tokens, an engine in each task, so that a slider's next step does not wait for all. */
  compare(work, state, hidden) {
    const { done, value } = work.next();
    if (done) {
      this.engines.update(state, value, hidden, this.session);
    } else {
      this.later("settle", 0, () => this.compare(work, state, hidden));
    }
  }

  stop() {
    this.timers.forEach((_, name) => this.cancel(name));
    cancelAnimationFrame(this.frame);
    this.unkeep();
    this.stage.stop();
    this.root.replaceChildren();
  }
}

const choicesOf = (choices) => `${worth(choices)} effective choice${worth(choices) === "1" ? "" : "s"}`;

/** On the stage no column says what the steps keep, and the argmax is in sight. */
function statsOf(scene, name, stage) {
  return [
    `${integer(scene.left)} of ${plural(scene.n, "token")} left`,
    ...(stage === null ? [] : keepsOf(scene)),
    `entropy ${scene.entropy === 0 ? "0" : fixed(scene.entropy / Math.LN2, 2)} bits`,
    choicesOf(scene.choices),
    `◆ argmax${stage === null ? ` ${name(scene.rows[0].token)}` : ""} at every temperature`,
  ].join(" · ");
}

function spoken(state, scene, name) {
  const best = scene.rows[0];
  const drawn = scene.draws ? ` Drawn: ${name(scene.draws.last)}.` : "";
  const topK = say(PARAMETERS.top_k, state.top_k);
  return (
    `Temperature ${exactly(state.temperature)}, top_k ${topK}: ${plural(scene.left, "token")} left, ` +
    `best ${name(best.token)} with ${percent(best.probability)}, ${choicesOf(scene.choices)}.${drawn}`
  );
}

/** Shows what is still where no row comes: nobody may be there to send it. Gives the function that ends it. */
function wait(model, el) {
  let unfollow = () => {};
  const unhide = hidePicture(model);
  const timer = setTimeout(() => {
    el.classList.add("ll-explorer");
    el.append(stillNode(JSON.parse(model.get("_still"))));
    unfollow = followTheme(el, () => {});
  }, WAIT);
  return () => {
    clearTimeout(timer);
    unfollow();
    unhide();
    el.replaceChildren();
  };
}

/** anywidget's render; `wasm` is the bytes of the module for the model's row, `inflate` unpacks bytes. */
async function render({ model, el, signal, wasm, inflate }) {
  const waited = wait(model, el);
  signal?.addEventListener("abort", waited, { once: true });
  const session = await sessionOf(model, wasm, inflate);
  waited();
  if (signal?.aborted) return undefined;
  const view = new View(model, el, session);
  const unfollow = followTheme(el, () => view.plane.paint());
  const unsave = saveWith(model);
  const unhide = hidePicture(model);
  session.add(view.schedule);
  if (model.standing) followLink(model, session, session.kernels.n);
  const stop = () => {
    session.remove(view.schedule);
    session.leaveStage(view);
    unfollow();
    unsave();
    unhide();
    view.stop();
  };
  view.draw();
  if (signal) {
    signal.addEventListener("abort", stop, { once: true });
    return undefined;
  }
  return stop;
}

export default { render };
