// The plane of temperature and top_k: for every pair, what the k best share of the whole vocabulary, or how many
// choices they are worth. One point to drag, or to move with the arrow keys.
import { contour } from "./contour.js";
import { freshId, h, panel, setAttributes, setText } from "./dom.js";
import { draggable } from "./drag.js";
import { exactly, integer, percent, worth } from "./text.js";
import { keepApart, placed } from "./ticks.js";

const COLUMNS = 40;
const ROWS = 28;
const T_LOW = 0.1;
const T_HIGH = 5;
const LEVELS = [0.5, 0.9, 0.99];
const CHOICES = [2, 10, 100, 1000, 10_000];
const T_TICKS = [0.1, 0.2, 0.5, 1, 2, 5];
const POINT = 11; // px from the point's middle to its edge
const K_TICKS = [1, 10, 100, 1000, 10_000, 100_000];

export const temperatureAt = (x) => T_LOW * (T_HIGH / T_LOW) ** Math.min(1, Math.max(0, x));
export const atTemperature = (T) =>
  Math.min(1, Math.max(0, Math.log(Math.max(T, 1e-9) / T_LOW) / Math.log(T_HIGH / T_LOW)));
export const topKAt = (y, n) => Math.round(n ** Math.min(1, Math.max(0, y)));
export const atTopK = (k, n) => (n === 1 || k === 0 || k >= n ? 1 : Math.log(k) / Math.log(n));

/** Where the middle of a cell is: the first and the last column stand for the ends of an axis. */
const toField = (v, cells) => (0.5 + v * (cells - 1)) / cells;
const fromField = (v, cells) => (v * cells - 0.5) / (cells - 1);

/** The rows' k: distinct, ascending, from 1 to n. */
const ksOf = (n) => [...new Set(Array.from({ length: ROWS }, (_, i) => topKAt(i / (ROWS - 1), n)))];

/** A round value near: 0.05 steps of T, two digits of k. */
const roundT = (T) => +(T < 1 ? Math.round(T * 20) / 20 : Math.round(T * 10) / 10).toFixed(2);
const roundK = (k, n) => (k >= n ? 0 : k < 20 ? k : +k.toPrecision(2));

function xtick(T) {
  const tick = h("span", {}, exactly(T));
  tick.style.left = `${100 * toField(atTemperature(T), COLUMNS)}%`;
  return tick;
}

function ytick(k, n) {
  const tick = h("span", {}, integer(k));
  tick.style.bottom = `${100 * toField(atTopK(k, n), ROWS)}%`;
  return tick;
}

export class Plane {
  #actions;
  #canvas = h("canvas", { width: COLUMNS, height: ROWS, "aria-hidden": "true" });
  #lines = h("svg:svg", {
    class: "ll-contours",
    viewBox: `0 0 ${COLUMNS} ${ROWS}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  #labels = h("div", { class: "ll-levels", "aria-hidden": "true" });
  #point;
  #field;
  #says = h("p", { class: "ll-says" });
  #yticks = h("span", { class: "ll-yaxis", "aria-hidden": "true" });
  #shades = h("p", { class: "ll-shades", "aria-hidden": "true" });
  #xticks = h("span", { class: "ll-xaxis", "aria-hidden": "true" }, ...T_TICKS.map(xtick));
  #kind = "kept";
  #columns = [];
  #row = null;
  #size = { width: 0, height: 0 }; // of the field
  #seen = true; // whether any of it is in view
  #hidden = false;
  #said = ""; // which words `say` has written
  #names = []; // of the lines: their nodes, sizes, and the places that would do

  /** `actions`: move({ temperature, top_k }, done), redraw() */
  constructor(actions) {
    this.#actions = actions;
    this.#point = h("span", {
      class: "ll-point",
      role: "slider",
      tabindex: 0,
      "aria-label": "temperature and top_k",
      "aria-orientation": "horizontal",
      "aria-valuemin": T_LOW,
      "aria-valuemax": T_HIGH,
      onkeydown: (event) => this.#key(event),
    });
    this.#field = h("div", { class: "ll-field" }, this.#canvas, this.#lines, this.#labels, this.#point);
    this.#listen();
    const name = freshId("plane");
    const choice = (kind, text) =>
      h(
        "label",
        {},
        h("input", {
          type: "radio",
          name,
          value: kind,
          checked: kind === "kept",
          onchange: () => {
            this.#kind = kind;
            this.#actions.redraw();
          },
        }),
        text,
      );
    this.node = panel(
      "plane",
      "Temperature × top_k",
      h(
        "div",
        { class: "ll-buttons", role: "radiogroup", "aria-label": "What the plane shows" },
        choice("kept", "kept mass"),
        choice("choices", "effective choices"),
      ),
      h(
        "div",
        { class: "ll-axes" },
        h("span", { class: "ll-ylabel" }, "top_k"),
        this.#field,
        this.#xticks,
        this.#yticks,
        h("span", { class: "ll-xlabel" }, "temperature; each axis is logarithmic"),
      ),
      this.#shades,
      this.#says,
    );
    keepApart(this.#xticks);
    this.#thinY = keepApart(this.#yticks);
    new ResizeObserver(() => this.#measure()).observe(this.#field);
    new IntersectionObserver((entries) => {
      this.#seen = entries.at(-1).isIntersecting;
    }).observe(this.node);
  }

  #thinY;

  #listen() {
    const move = (event, done) => {
      const box = this.#field.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
      this.#to(fromField(x, COLUMNS), fromField(y, ROWS), done);
    };
    draggable(this.#field, this.#point, move);
  }

  #to(x, y, done) {
    const n = this.n;
    this.#actions.move({ temperature: roundT(temperatureAt(x)), top_k: roundK(topKAt(y, n), n) }, done);
  }

  #key(event) {
    const step = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
      Home: [-99, 0],
      End: [99, 0],
      PageUp: [0, 5],
      PageDown: [0, -5],
    }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { temperature, top_k } = this.state;
    const T = step[0]
      ? Math.min(
          T_HIGH,
          Math.max(T_LOW, roundT(temperature + step[0] * (temperature + step[0] * 0.05 > 1.001 ? 0.1 : 0.05))),
        )
      : temperature;
    this.#actions.move({ temperature: T, top_k: step[1] ? this.#nextK(top_k, step[1]) : top_k }, true);
  }

  /** The next k of the plane's rows, so that few presses go from 1 to the whole vocabulary. */
  #nextK(k, steps) {
    const ks = [...new Set(ksOf(this.n).map((v) => roundK(v, this.n) || this.n))];
    let at = ks.findIndex((v) => v >= (k || this.n));
    at = at < 0 ? ks.length - 1 : at;
    const to = Math.min(ks.length - 1, Math.max(0, at + steps));
    return ks[to] >= this.n ? 0 : ks[to];
  }

  /** Starts on another row; the columns are computed by `work`, one at a time. */
  begin(kernels) {
    this.#row = kernels;
    this.n = kernels.n;
    this.ks = ksOf(kernels.n);
    this.#columns = [];
    this.#said = "";
    const { n } = this;
    const ks = K_TICKS.filter((k) => k === 1 || (k < n && Math.log(n / k) > Math.log(n) / 12)); // not below the last
    this.#yticks.replaceChildren(...[...new Set([...ks, n])].map((k) => ytick(k, n)));
    this.#thinY();
  }

  /** Computes the next column; false when all are there. */
  work() {
    if (this.#columns.length >= COLUMNS) return false;
    this.#columns.push(this.#row.plane(temperatureAt(this.#columns.length / (COLUMNS - 1)), this.ks));
    if (this.#columns.length === COLUMNS) this.paint();
    return true;
  }

  /** From 0 to 1: light to dark. */
  #shade(column, j) {
    const { kept, choices } = this.#columns[column];
    return this.#kind === "kept" ? kept[j] : Math.log(choices[j]) / Math.log(Math.max(2, this.n));
  }

  #rowOf(y) {
    // which k of `ks` a picture's row stands for
    const k = topKAt(y / (ROWS - 1), this.n);
    return this.ks.findIndex((v) => v >= k);
  }

  paint() {
    if (this.#columns.length < COLUMNS) return;
    const style = getComputedStyle(this.node);
    const [low, high] = ["--ll-cold", "--ll-hot"].map((name) => rgb(style.getPropertyValue(name)));
    const context = this.#canvas.getContext("2d");
    const image = context.createImageData(COLUMNS, ROWS);
    for (let y = 0; y < ROWS; y++) {
      for (let x = 0; x < COLUMNS; x++) {
        const share = this.#shade(x, this.#rowOf(ROWS - 1 - y));
        image.data.set(low.map((c, i) => c + share * (high[i] - c)).concat(255), 4 * (y * COLUMNS + x));
      }
    }
    context.putImageData(image, 0, 0);
    this.#contours();
  }

  /** Lines of equal mass, or of equally many choices, with their names: the shades alone need not be read. */
  #contours() {
    const kept = this.#kind === "kept";
    const choices = CHOICES.filter((v) => v < this.n);
    const levels = kept ? LEVELS : choices.map((v) => Math.log(v) / Math.log(this.n));
    const names = kept ? LEVELS.map((v) => `${100 * v}\u00a0%`) : choices.map(integer);
    const shade = (x, y) => this.#shade(x, this.#rowOf(y));
    const lines = levels.map((level, i) => contour(shade, COLUMNS, ROWS, level, (i + 1) / (levels.length + 1)));
    this.#lines.replaceChildren(...lines.map(({ d }) => h("svg:path", { d, "vector-effect": "non-scaling-stroke" })));
    this.#names = lines.map(({ places }, i) => ({ node: h("span", {}, names[i]), shares: places }));
    this.#labels.replaceChildren(...this.#names.map(({ node }) => node));
    this.#measure();
    const ends = kept ? ["0\u00a0%", `100\u00a0% of the mass is kept`] : ["1", `${integer(this.n)} choices`];
    this.#shades.replaceChildren(ends[0], h("span", { class: "ll-ramp" }), ends[1]);
  }

  /** The sizes in pixels, once for each size of the field: a slider's step asks for no layout. */
  #measure() {
    const { clientWidth: width, clientHeight: height } = this.#field;
    this.#size = { width, height };
    for (const name of this.#names) {
      name.width = name.node.offsetWidth;
      name.height = name.node.offsetHeight;
      name.places = name.shares.map(([x, y]) => [x * width, y * height]);
    }
    this.#place();
  }

  /** The names of the lines where they touch neither the point nor each other. */
  #place() {
    const { width, height } = this.#size;
    if (!width || !this.state) return;
    const [x, y] = this.#at.map((share, i) => share * (i ? height : width));
    const point = { left: x - POINT, right: x + POINT, top: y - POINT, bottom: y + POINT };
    placed(this.#names, this.#size, point).forEach((place, i) => {
      const { style } = this.#names[i].node;
      style.visibility = place ? "" : "hidden";
      if (place) [style.left, style.top] = [`${place[0]}px`, `${place[1]}px`];
    });
  }

  /** Where the point is, as shares of the field, from the left and from the top. */
  get #at() {
    const { temperature, top_k } = this.state;
    return [toField(atTemperature(temperature), COLUMNS), 1 - toField(atTopK(top_k, this.n), ROWS)];
  }

  update(state, hidden) {
    this.state = state;
    const [left, top] = this.#at;
    this.#point.style.left = `${100 * left}%`;
    this.#point.style.bottom = `${100 * (1 - top)}%`;
    this.#place();
    this.#hidden = hidden;
    if (this.#seen) this.say();
    this.#canvas.classList.toggle("ll-veiled", hidden);
    this.#lines.classList.toggle("ll-veiled", hidden);
    this.#labels.classList.toggle("ll-veiled", hidden);
  }

  /** What the point means: it takes a pass over the row, so while the plane is out of view it waits for a pause. */
  say() {
    const { temperature, top_k } = this.state;
    const values = `temperature ${exactly(temperature)}, top_k ${top_k === 0 ? "off" : integer(top_k)}`;
    const key = `${values} ${this.#hidden}`;
    if (key === this.#said) return;
    this.#said = key;
    const k = top_k === 0 || top_k >= this.n ? this.n : top_k;
    const { kept, choices } = this.#row.plane(temperature, [k]);
    const meaning = this.#hidden
      ? "hidden until you have guessed"
      : meaningOf(temperature, k === this.n, k, kept[0], choices[0]);
    const text = `${values}: ${meaning}`;
    setText(this.#says, text);
    setAttributes(this.#point, {
      "aria-valuenow": Math.min(T_HIGH, Math.max(T_LOW, temperature)),
      "aria-valuetext": text,
    });
  }
}

function meaningOf(temperature, whole, k, kept, choices) {
  if (temperature === 0) return "T = 0: one token has it all";
  const says = `${worth(choices)} choice${worth(choices) === "1" ? "" : "s"}`;
  if (whole) return `the whole vocabulary is worth ${says}`;
  return k === 1
    ? `the best holds ${percent(kept)}`
    : `the ${integer(k)} best hold ${percent(kept)} and are worth ${says}`;
}

function rgb(text) {
  const hex = text.trim().slice(1);
  return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16));
}
