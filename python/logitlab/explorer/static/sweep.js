// The sweep's panel: the curve of each of the best tokens and of all others over the temperature, and a marker to drag,
// to move with the arrow keys, or to let run.
import { alongSweep, SWEEP, sweepAt } from "./curves.js";
import { h, panel, setAttributes, setText, tokenNode } from "./dom.js";
import { draggable } from "./drag.js";
import { exactly, fixed, percent, plural } from "./text.js";
import { keepApart, placed } from "./ticks.js";

const TICKS = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3];
const SHARES = [0, 0.25, 0.5, 0.75, 1];
const SIZE = 1000; // of the picture, which is stretched
const NAMED_CURVES = 5; // thin curves with a name
const LOW = 0.03; // a curve that is nowhere higher has none
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 };

const writtenT = (T) => (T < 1 ? fixed(T, T < 0.3 ? 3 : 2).replace(/(\.\d\d)0$/, "$1") : fixed(T, 2));
const rounded = (T) => Math.min(SWEEP[1], Math.max(SWEEP[0], +T.toPrecision(2)));
const stepped = (T, n) =>
  Math.min(SWEEP[1], Math.max(SWEEP[0], +(T + n * (T + n * 0.001 > 1 ? 0.1 : 0.02)).toFixed(2)));

function put(node, x, y) {
  node.style.left = `${100 * x}%`;
  if (y !== undefined) node.style.bottom = `${100 * y}%`;
  return node;
}

/** A curve through points, each [x, share]. */
const pathOf = (points) =>
  `M${points.map(([x, y]) => `${(SIZE * x).toFixed(1)} ${(SIZE * (1 - y)).toFixed(1)}`).join("L")}`;

/** The point of a curve that is nearest to a share. */
const nearestTo = (points, share) =>
  points.reduce((best, point) => (Math.abs(point[1] - share) < Math.abs(best[1] - share) ? point : best));

const highest = (points) => points.reduce((best, point) => (point[1] > best[1] ? point : best));

/** Where the name of a curve would stand, in pixels, the best place first: beside a thick one, above a thin one. */
function placesFor({ kind, points }, field, { width, height }) {
  const at = ([x, y]) => [x * field.width, (1 - y) * field.height];
  if (kind === "ll-other") {
    const [x, y] = at(highest(points));
    return [0, 1, -1].map((side) => [x + side * width, y - height / 2 - 3]);
  }
  const beside = (share) => {
    const [x, y] = at(nearestTo(points, share));
    return [1, -1].map((side) => [x + side * (width / 2 + 12), y]);
  };
  return [0.8, 0.65, 0.5, 0.35, 0.9].flatMap(beside);
}

export class Sweep {
  #actions;
  #lines = h("svg:svg", {
    class: "ll-curves",
    viewBox: `0 0 ${SIZE} ${SIZE}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  #names = h("div", { class: "ll-names", "aria-hidden": "true" });
  #dots = h("div", { class: "ll-dots", "aria-hidden": "true" });
  #value = h("span", { class: "ll-at", "aria-hidden": "true" });
  #marker;
  #field;
  #play;
  #says = h("p", { class: "ll-says" });
  #crossing = h("p", { class: "ll-says" });
  #drawn = null; // the points of the curves that are there
  #marked = -1; // the token whose curve is marked
  #labels = []; // of the curves, and of the crossing
  #order = []; // for each dot the row of its token, -1 for the tail
  #state;

  /** `actions`: play(), move({ temperature }, done), name(token) */
  constructor(actions) {
    this.#actions = actions;
    this.#play = h(
      "button",
      { type: "button", class: "ll-play", "aria-keyshortcuts": "s", onclick: () => actions.play() },
      "▶ Play",
    );
    this.#marker = h("span", {
      class: "ll-marker",
      role: "slider",
      tabindex: 0,
      "aria-label": "temperature of the sweep",
      "aria-orientation": "horizontal",
      "aria-valuemin": SWEEP[0],
      "aria-valuemax": SWEEP[1],
      onkeydown: (event) => this.#key(event),
    });
    this.#marker.append(this.#value);
    new ResizeObserver(() => this.#place()).observe(this.#names);
    this.#field = h("div", { class: "ll-sweepfield" }, this.#lines, this.#names, this.#dots, this.#marker);
    this.#listen();
    const ticks = TICKS.map((T) => put(h("span", {}, exactly(T)), alongSweep(T)));
    const axis = h("span", { class: "ll-degrees", "aria-hidden": "true" }, ...ticks);
    keepApart(axis);
    const shares = SHARES.map((share) => put(h("span", {}, `${100 * share}\u00a0%`), 0, share));
    this.node = panel(
      "sweep",
      "Every share, while the temperature rises",
      h("div", { class: "ll-buttons" }, this.#play, this.#says),
      h(
        "div",
        { class: "ll-sweepaxes" },
        h("span", { class: "ll-shares", "aria-hidden": "true" }, ...shares),
        this.#field,
        axis,
        h("span", { class: "ll-axisname" }, "temperature, on a logarithmic axis"),
      ),
      this.#crossing,
    );
  }

  #listen() {
    const move = (event, done) => {
      const box = this.#field.getBoundingClientRect();
      this.#actions.move({ temperature: rounded(sweepAt((event.clientX - box.left) / box.width)) }, done);
    };
    draggable(this.#field, this.#marker, move);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const ends = { Home: SWEEP[0], End: SWEEP[1] };
    const T = ends[event.key] ?? (event.key in KEYS ? stepped(this.#state.temperature, KEYS[event.key]) : null);
    if (T === null) return;
    event.preventDefault();
    this.#state = { ...this.#state, temperature: T }; // the next key may come before the next picture
    this.#actions.move({ temperature: T }, true);
  }

  /** `look`: playing, hidden, marked (a token) */
  update(state, scene, curves, { playing, hidden, marked }) {
    this.#state = state;
    setText(this.#play, playing ? "❚❚ Pause" : "▶ Play");
    const why = state.predict ? "Turn Predict first off to play" : playing ? "Pause (S)" : "From T 0.1 to 3 (S)";
    setAttributes(this.#play, { disabled: state.predict, title: why });
    if (curves.done && (curves.points !== this.#drawn || marked !== this.#marked)) this.#draw(scene, curves, marked);
    this.#field.classList.toggle("ll-stale", !curves.done);
    [this.#lines, this.#names, this.#dots].forEach((node) => node.classList.toggle("ll-veiled", hidden));
    this.#dots.hidden = !curves.done;
    this.#mark(state, scene, hidden);
    setText(this.#crossing, hidden || !curves.done ? "" : crossed(curves, scene));
  }

  #draw(scene, curves, marked) {
    this.#drawn = curves.points;
    this.#marked = marked;
    const all = curvesOf(scene, curves, this.#actions.name);
    this.#lines.replaceChildren(...SHARES.slice(1, -1).map(gridline), ...all.map((curve) => curveNode(curve, marked)));
    this.#name(all, curves.crossing);
    this.#dots.replaceChildren(...all.map(({ kind }) => h("span", { class: kind }, kind === "ll-best" ? "◆" : "")));
    this.#order = all.map(({ at: i }) => i);
  }

  /** The names of the curves that are high enough, and of the place where two of them cross. */
  #name(all, crossing) {
    const high = ({ points }) => highest(points)[1];
    const some = [
      ...all.slice(0, 2),
      ...all
        .slice(2)
        .sort((a, b) => high(b) - high(a))
        .slice(0, NAMED_CURVES),
    ];
    const named = some
      .filter((curve) => high(curve) > LOW)
      .map(({ kind, token, name, points }) => {
        const text = [kind === "ll-best" ? "◆ " : "", token < 0 ? name : tokenNode(name)];
        return { kind, points, node: h("span", { class: kind }, ...text) };
      });
    const cross = crossing && {
      kind: "ll-cross",
      points: [[crossing.x, crossing.tail]],
      node: h("span", { class: "ll-cross" }, `T ≈ ${writtenT(crossing.T)}`),
    };
    const circle = crossing && put(h("span", { class: "ll-circle" }), crossing.x, crossing.tail);
    this.#labels = [...(cross ? [cross] : []), ...named];
    this.#names.replaceChildren(...this.#labels.map(({ node }) => node), ...(circle ? [circle] : []));
    this.#place();
  }

  /** Keeps the names apart, however much room there is. */
  #place() {
    const field = { width: this.#names.offsetWidth, height: this.#names.offsetHeight };
    if (!field.width) return; // not on the screen
    const sized = this.#labels.map((label) => {
      const size = { width: label.node.offsetWidth, height: label.node.offsetHeight };
      return { ...size, places: placesFor(label, field, size) };
    });
    const nowhere = { left: 0, right: 0, top: 0, bottom: 0 };
    placed(sized, field, nowhere).forEach((place, i) => {
      const { style } = this.#labels[i].node;
      style.visibility = place ? "" : "hidden";
      [style.left, style.top] = (place ?? [0, 0]).map((v) => `${v}px`);
    });
  }

  /** The marker, and on each curve a dot at what the token has now: the bars' own numbers. */
  #mark({ temperature }, scene, hidden) {
    const x = alongSweep(temperature);
    const inside = x >= -1e-9 && x <= 1 + 1e-9;
    const [best] = scene.rows;
    const where = Math.min(1, Math.max(0, x));
    put(this.#marker, where);
    put(this.#dots, where);
    this.#dots.hidden ||= !inside;
    [...this.#dots.children].forEach((dot, i) => {
      const share = this.#order[i] < 0 ? scene.tail.probability : (scene.rows[this.#order[i]]?.probability ?? 0);
      dot.style.bottom = `${100 * share}%`;
    });
    const T = `T = ${exactly(temperature)}`;
    setText(this.#value, T);
    this.#value.classList.toggle("ll-leftward", where > 0.5);
    const name = this.#actions.name(best.token);
    const others = scene.tail.tokens
      ? `, ${plural(scene.tail.tokens, "other token")} ${percent(scene.tail.probability)}`
      : "";
    const shares = hidden ? "hidden until you have guessed" : `◆ ${name} ${percent(best.probability)}${others}`;
    const text = `${T}: ${shares}${inside ? "" : ", beyond this picture"}`;
    setText(this.#says, text);
    setAttributes(this.#marker, {
      "aria-valuenow": Math.min(SWEEP[1], Math.max(SWEEP[0], temperature)),
      "aria-valuetext": text,
    });
  }
}

const gridline = (share) => {
  const y = SIZE * (1 - share);
  return h("svg:path", { class: "ll-grid", d: `M0 ${y}H${SIZE}`, "vector-effect": "non-scaling-stroke" });
};

const curveNode = ({ kind, token, points }, marked) =>
  h("svg:path", {
    class: `${kind}${token === marked ? " ll-marked" : ""}`,
    d: pathOf(points),
    "vector-effect": "non-scaling-stroke",
  });

/** The tail, the best token and the others: what each curve is, its points, and where its name would stand. */
function curvesOf(scene, { tokens, at: rows, points }, name) {
  const through = (share) => points.map((point) => [point.x, share(point)]);
  const some = tokens.map((token, i) => {
    const line = through((point) => point.rows[rows[i]]);
    return { kind: i === 0 ? "ll-best" : "ll-other", token, name: name(token), at: rows[i], points: line };
  });
  if (!scene.tail.tokens) return some;
  const line = through((point) => point.tail);
  const tail = {
    kind: "ll-rest",
    token: -1,
    name: plural(scene.tail.tokens, "other token"),
    at: -1,
    points: line,
  };
  return [some[0], tail, ...some.slice(1)];
}

function crossed({ crossing, points }, { tail }) {
  if (!tail.tokens) return "";
  if (crossing) return `At about T = ${writtenT(crossing.T)} the other tokens together overtake the best one.`;
  const first = points[0];
  const less = first.tail < first.rows[0];
  return `The other tokens together have ${less ? "less" : "more"} than the best one at every temperature here.`;
}
