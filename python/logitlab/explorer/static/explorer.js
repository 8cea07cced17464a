// The explorer's view: one widget in every notebook front end, and in an exported page.
//
// A view draws one consistent picture of the model's state, once per frame however many changes came; nothing waits
// for Python. What views of one model share (the kernels with the row, the game of predictions) is their session.
import { Arithmetic } from "./arithmetic.js";
import { codeOf } from "./code.js";
import { control, say } from "./controls.js";
import { freshId, h, setText, tokenNode } from "./dom.js";
import { Draws } from "./draws.js";
import { Engines } from "./engines.js";
import { Find } from "./find.js";
import { PARAMETERS, STATE } from "./parameters.js";
import { Plane } from "./plane.js";
import { Predict } from "./predict.js";
import { saveWith } from "./saving.js";
import { sessionOf } from "./session.js";
import { stillNode, stillOf } from "./still.js";
import { Table } from "./table.js";
import { number, integer, percent, plural, visible } from "./text.js";
import { followTheme } from "./theme.js";

const SYNC = 80; // ms between two messages to Python while a slider moves
const WAIT = 500; // ms for a row to come that was not saved
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
    return { ...state, selected: state.selected ?? -1 };
  }

  name = (token) => {
    const text = this.session.text(token);
    return text === undefined ? `#${token}` : visible(text);
  };

  // ---- changes: the model first, the screen in the next frame, Python soon after

  set(changes, done = true) {
    const picture = [...Object.keys(PARAMETERS), "engine"];
    if (picture.some((k) => k in changes && changes[k] !== this.model.get(k))) {
      this.session.willChange(this.model.get("predict"));
    }
    for (const [name, value] of Object.entries(changes)) {
      this.model.set(name, value);
    }
    this.sync(done);
  }

  sync(done) {
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
    this.head = h("div", { class: "ll-head" });
    this.stats = h("p", { class: "ll-stats" });
    this.live = h("p", { class: "ll-live", "aria-live": "polite" });
    this.problem = h("p", { class: "ll-problem", role: "alert" });
    this.table = new Table({
      select: (token) => this.select(token),
      point: (what, token) => this.point(what, token),
      name,
      follow: this.canContinue() ? (token) => this.follow(token) : null,
    });
    this.arithmetic = new Arithmetic(name);
    this.plane = new Plane({ move: set, redraw: () => this.plane.paint() });
    this.draws = new Draws({
      draw: (n) => set({ draws: n }),
      seed: (seed) => set({ seed }),
      name,
      follow: this.canContinue() ? (token) => this.follow(token) : null,
    });
    this.engines = new Engines({ engine: (key) => set({ engine: key }), name });
    this.predict = new Predict({ turn: (on) => this.turn(on), guess: (said) => this.guess(said), name });
    this.find = new Find({
      known: () => this.session.texts(),
      ask: (text) => this.model.send?.({ kind: "find", text }),
      select: (token) => this.select(token),
    });
    this.code = h("pre", { tabindex: 0, "aria-label": "Code" });
    this.copied = h("span", { role: "status" });
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
        this.predict.node,
      ),
      this.plane.node,
      h("div", { class: "ll-panel ll-tokens" }, this.stats, this.table.node, this.find.node),
      this.arithmetic.node,
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
    this.root.append(this.head, this.problem, this.body, this.live);
    this.root.addEventListener("keydown", keepKeys);
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
    this.model.send({ kind: "continue", token });
  }

  turn(on) {
    this.session.prediction.stop();
    this.set({ predict: on });
  }

  guess(said) {
    this.session.guess(said);
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
    if (!scene) return;
    const hidden = state.predict && prediction.hidden;
    this.controls.forEach(([name, { update }]) => update(state[name]));
    this.engine.value = state.engine;
    this.table.update(scene, state, order, hidden);
    this.arithmetic.update(scene, this.rowFor(scene, state), kernels, hidden);
    this.draws.update(scene, state, hidden);
    this.plane.update(state, kernels, hidden);
    this.predict.update(prediction, state.predict, scene);
    this.find.update();
    setText(this.stats, hidden ? "The bars are hidden until you have guessed." : statsOf(scene, this.name));
    setText(this.code, codeOf(state, this.model.get("_source")));
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
    this.showHead();
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

  showHead() {
    const { prompt, model, note } = this.model.get("_source");
    const n = this.session.kernels.n;
    this.head.replaceChildren(
      ...(prompt === undefined
        ? []
        : [
            h(
              "p",
              { class: "ll-prompt" },
              tokenNode(prompt),
              h("span", { class: "ll-caret", "aria-hidden": "true" }, "▁"),
            ),
          ]),
      h("p", { class: "ll-note" }, [plural(n, "token"), model, note].filter(Boolean).join(" · ")),
    );
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
    this.compare(this.session.engines(state), state, hidden);
    if (!this.model.get("_save")) this.model.set("_still", JSON.stringify(stillOf(scene, this.name)));
    setText(this.live, hidden ? "The bars are hidden until you have guessed." : spoken(state, scene, this.name));
  }

  /** The other engines' tokens, an engine in each task, so that a slider's next step does not wait for all. */
  compare(work, state, hidden) {
    const { done, value } = work.next();
    if (done) {
      this.engines.update(state, value, hidden);
    } else {
      this.later("settle", 0, () => this.compare(work, state, hidden));
    }
  }

  stop() {
    this.timers.forEach((_, name) => this.cancel(name));
    cancelAnimationFrame(this.frame);
    this.root.removeEventListener("keydown", keepKeys);
    this.root.replaceChildren();
  }
}

/** JupyterLab's command mode would take them: arrows move its cells, `d d` deletes one. */
function keepKeys(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Escape") {
    event.stopPropagation();
  }
}

function statsOf(scene, name) {
  return [
    `${integer(scene.left)} of ${plural(scene.n, "token")} left`,
    `entropy ${number(scene.entropy / Math.LN2, 3)} bits`,
    `${number(scene.choices, 3)} effective choices`,
    `◆ argmax ${name(scene.rows[0].token)} at every temperature`,
  ].join(" · ");
}

function spoken(state, scene, name) {
  const best = scene.rows[0];
  const drawn = scene.draws ? ` Drawn: ${name(scene.draws.first)}.` : "";
  return (
    `Temperature ${number(state.temperature)}, top_k ${say(PARAMETERS.top_k, state.top_k)}: ${plural(scene.left, "token")} left, ` +
    `best ${name(best.token)} with ${percent(best.probability)}, ${number(scene.choices, 3)} effective choices.${drawn}`
  );
}

/** Shows what is still where no row comes: nobody may be there to send it. Gives the function that ends it. */
function wait(model, el) {
  let unfollow = () => {};
  const timer = setTimeout(() => {
    el.classList.add("ll-explorer");
    el.append(stillNode(JSON.parse(model.get("_still"))));
    unfollow = followTheme(el, () => {});
  }, WAIT);
  return () => {
    clearTimeout(timer);
    unfollow();
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
  session.add(view.schedule);
  const stop = () => {
    session.remove(view.schedule);
    unfollow();
    unsave();
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
