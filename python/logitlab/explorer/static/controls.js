// The parameters: a slider whose stops suit the parameter, and a field for the exact value. The slider's value is the
// number of a stop; what a screen reader says is the parameter's own.
import { freshId, h, setAttributes, setText } from "./dom.js";
import { needs, numberIn, takes } from "./field.js";
import { PARAMETERS } from "./parameters.js";
import { exactly, integer } from "./text.js";
import { keepApart } from "./ticks.js";

const range = (from, to, step) =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => +(from + i * step).toFixed(4));

function topKStops(n) {
  const stops = range(1, 20, 1);
  for (let size = 10; size < n; size *= 10) {
    stops.push(...[2.5, 3, 4, 5, 6, 8, 10, 15, 20].map((m) => m * size));
  }
  return [...new Set(stops)].filter((k) => k < n).sort((a, b) => a - b);
}

/** The stops of a slider; of a whole number up to the size of the vocabulary, then off. */
function stopsOf({ stops, whole, off }, n) {
  if (whole) return [...topKStops(n), off];
  return stops.flatMap((stop) => (Array.isArray(stop) ? range(...stop) : stop));
}

const TENS = [1, 10, 100, 1000, 10_000, 100_000];
const marksOf = ({ ticks, off }, n) => ticks ?? [...TENS.filter((k) => k < n), off];

/** What a screen reader says of a value, and the row beside the slider. */
export const say = ({ words, whole, off }, value) =>
  (words ?? { [off]: "off" })[value] ?? (whole ? integer : exactly)(value);

const nearest = (stops, value) =>
  stops.reduce((best, stop, i) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? i : best), 0);

/** Marks under a slider, as its stops do not stand evenly. */
function ticksOf(parameter, stops, at, n) {
  const tick = (value) => {
    const node = h("span", {}, say(parameter, value).split(":")[0]);
    node.style.left = `${(100 * at(value)) / (stops.length - 1)}%`;
    return node;
  };
  const ticks = h("div", { class: "ll-ticks", "aria-hidden": "true" }, ...marksOf(parameter, n).map(tick));
  keepApart(ticks);
  return ticks;
}

/** The field for an exact value: what it cannot take it says in words, and forgets when it is left. */
function exactField(name, parameter, change) {
  const reason = h("span", { class: "ll-reason", id: freshId("reason"), role: "status" });
  const mark = (text) => {
    setText(reason, text);
    setAttributes(field, { "aria-invalid": String(text !== ""), "aria-describedby": text ? reason.id : null });
  };
  let current = 0;
  const restore = () => {
    field.value = exactly(current).replaceAll("\u202f", "");
    mark("");
  };
  const take = (done) => {
    const value = numberIn(field.value);
    const fine = takes(parameter, value);
    mark(fine ? "" : `${name} must be ${needs(parameter)}.`);
    if (!fine) return;
    current = value;
    change(value, done);
  };
  const field = h("input", {
    class: "ll-exact",
    type: "text",
    inputmode: "decimal",
    "aria-label": `${name}, exact value`,
    size: 6,
    oninput: () => take(false),
    onchange: () => take(true),
    onblur: restore,
    onkeydown: (event) => {
      if (event.key !== "Escape" || field.getAttribute("aria-invalid") !== "true") return;
      event.preventDefault();
      restore();
    },
  });
  const update = (value) => {
    current = value;
    if (field.getRootNode().activeElement !== field) restore();
  };
  return { field, reason, update };
}

/** One parameter's row; `change(value, done)` is called with done = false while a slider is still moving. */
export function control(name, n, change) {
  const parameter = PARAMETERS[name];
  const stops = stopsOf(parameter, n);
  const at = (value) => (parameter.whole && value === parameter.off ? stops.length - 1 : nearest(stops, value));
  const id = freshId(name);
  const hint = freshId("hint");
  const slider = h("input", {
    id,
    type: "range",
    min: 0,
    max: stops.length - 1,
    step: 1,
    "aria-describedby": hint,
    oninput: () => change(stops[slider.value], false),
    onchange: () => change(stops[slider.value], true),
  });
  const { field, reason, update: updateField } = exactField(name, parameter, change);
  const said = h("span", { class: "ll-said", "aria-hidden": "true" });
  const node = h(
    "div",
    { class: "ll-control", "data-slider": name },
    h("label", { for: id }, name),
    h("div", { class: "ll-slider" }, slider, ticksOf(parameter, stops, at, n)),
    field,
    said,
    reason,
    h("span", { class: "ll-hint", id: hint }, parameter.hint),
  );
  let shown;
  const update = (value) => {
    if (value === shown) return; // typing is looked after by the field itself
    shown = value;
    slider.value = at(value);
    const spoken = say(parameter, value);
    setAttributes(slider, { "aria-valuetext": `${name} ${spoken}` });
    setText(said, spoken === exactly(value) ? "" : spoken);
    updateField(value);
  };
  return { node, update, focus: () => slider.focus({ preventScroll: true }) };
}
