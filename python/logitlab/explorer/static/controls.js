// The four parameters: a slider whose stops suit the parameter, and a field for the exact value. The slider's value
// is the number of a stop; what a screen reader says is the parameter's own.
import { freshId, h, setAttributes, setText } from "./dom.js";
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

export const PARAMETERS = {
  temperature: {
    stops: () => [...range(0, 2, 0.05), 2.25, 2.5, 2.75, 3, 3.5, 4, 5, 7, 10],
    least: 0,
    most: 1e6,
    step: 0.05,
    say: (v) => (v === 0 ? "0: always the best token" : number(v)),
    hint: "logits / T: below 1 sharper, above 1 flatter",
  },
  top_k: {
    stops: (n) => [...topKStops(n), 0],
    least: 0,
    most: 1e9,
    step: 1,
    say: (v) => (v === 0 ? "off" : integer(v)),
    hint: "keeps the k best; 0 is off",
  },
  top_p: {
    stops: () => [...range(0, 0.98, 0.02), 0.99, 0.995, 0.999, 1],
    least: 0,
    most: 1,
    step: 0.01,
    say: (v) => (v === 1 ? "off" : number(v)),
    hint: "keeps the best until they share P; 1 is off",
  },
  min_p: {
    stops: () => [0, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, ...range(0.01, 0.1, 0.01), ...range(0.15, 1, 0.05)],
    least: 0,
    most: 1,
    step: 0.01,
    say: (v) => (v === 0 ? "off" : number(v)),
    hint: "keeps what is P times as likely as the best; 0 is off",
  },
};

const nearest = (stops, value) =>
  stops.reduce((best, stop, i) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? i : best), 0);

/** The number in a field, or null with the reason shown by the field itself. */
function exact(field, { least, most, step }) {
  const value = field.value.trim() === "" ? NaN : Number(field.value);
  const fine = value >= least && value <= most && (step !== 1 || Number.isInteger(value));
  field.setCustomValidity(fine ? "" : `${step === 1 ? "an integer" : "a number"} from ${least} to ${integer(most)}`);
  field.setAttribute("aria-invalid", String(!fine));
  return fine ? value : null;
}

/** One parameter's row; `change(value, done)` is called with done = false while a slider is still moving. */
export function control(name, n, change) {
  const parameter = PARAMETERS[name];
  const stops = parameter.stops(n);
  const at = (value) => (name === "top_k" && value === 0 ? stops.length - 1 : nearest(stops, value));
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
    slider.value = at(value);
    setAttributes(slider, { "aria-valuetext": `${name} ${parameter.say(value)}` });
    setText(said, parameter.say(value) === String(value) ? "" : parameter.say(value));
    if (field.getRootNode().activeElement !== field) {
      field.value = String(value);
      exact(field, parameter);
    }
  };
  return { node, update };
}
