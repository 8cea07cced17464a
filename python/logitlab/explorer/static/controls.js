// The parameters: a slider whose stops suit the parameter, and a field for the exact value. The slider's value is the
// number of a stop; what a screen reader says is the parameter's own.
import { freshId, h, setAttributes, setText } from "./dom.js";
import { PARAMETERS } from "./parameters.js";
import { integer, number } from "./text.js";

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

/** What a screen reader says of a value, and the row beside the slider. */
export const say = ({ words, whole, off }, value) =>
  (words ?? { [off]: "off" })[value] ?? (whole ? integer : number)(value);

const nearest = (stops, value) =>
  stops.reduce((best, stop, i) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? i : best), 0);

/** The number in a field, or null with the reason shown by the field itself. */
function exact(field, { least = 0, most, whole }) {
  const value = field.value.trim() === "" ? NaN : Number(field.value);
  const fine = value >= least && value <= most && (!whole || Number.isInteger(value));
  field.setCustomValidity(fine ? "" : `${whole ? "an integer" : "a number"} from ${least} to ${integer(most)}`);
  field.setAttribute("aria-invalid", String(!fine));
  return fine ? value : null;
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
  const field = h("input", {
    class: "ll-exact",
    type: "text",
    inputmode: "decimal",
    "aria-label": `${name}, exact value`,
    size: 6,
    oninput: () => {
      const value = exact(field, parameter);
      if (value !== null) change(value, false);
    },
    onchange: () => {
      const value = exact(field, parameter);
      if (value !== null) change(value, true);
    },
  });
  const said = h("span", { class: "ll-said", "aria-hidden": "true" });
  const node = h(
    "div",
    { class: "ll-control" },
    h("label", { for: id }, name),
    slider,
    field,
    said,
    h("span", { class: "ll-hint", id: hint }, parameter.hint),
  );
  const update = (value) => {
    const spoken = say(parameter, value);
    slider.value = at(value);
    setAttributes(slider, { "aria-valuetext": `${name} ${spoken}` });
    setText(said, spoken === String(value) ? "" : spoken);
    if (field.getRootNode().activeElement !== field) {
      field.value = String(value);
      exact(field, parameter);
    }
  };
  return { node, update };
}
