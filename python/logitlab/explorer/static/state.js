// The state of the screen as one plain object, as `explorer.state` is in Python: every slider, the engine, the draws,
// what is selected, the scale, the pins, the stage. The row and the text are no part of it, so a link holds no word of
// them. A wrong state is said in a sentence, and nothing of it is applied.
import { needs, numberIn, takes } from "./field.js";
import { CHECKS, PARAMETERS } from "./parameters.js";

const LONGEST_SHOWN = 40; // characters of a wrong value
const SETTINGS = [...Object.keys(PARAMETERS), "engine"]; // of a pin
export const NAMES = [...Object.keys(PARAMETERS), ...Object.keys(CHECKS)];
export const traitOf = (name) => (name === "stage" ? "_stage" : name); // as in state.py

export const stateOf = (model) => Object.fromEntries(NAMES.map((name) => [name, model.get(traitOf(name))]));

export const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The effective settings, as a pin keeps them. */
export const settingsIn = (state) => Object.fromEntries(SETTINGS.map((name) => [name, state[name]]));

function refuse(name, need, text) {
  throw new RangeError(
    `${name} must be ${need}, got “${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}”.`,
  );
}

/** A state's entry as a link spells it. */
function asText(name, value) {
  if (name === "pins") return value.map((pin) => SETTINGS.map((key) => pin[key]).join(",")).join(";");
  return String(value ?? "none");
}

function pinsIn(text, most, n) {
  const pins = text === "" ? [] : text.split(";");
  if (pins.length > most) refuse("pins", `at most ${most} settings`, text);
  return pins.map((pin) => {
    const values = pin.split(",");
    if (values.length !== SETTINGS.length) refuse("pins", `${SETTINGS.join(", ")}; and so on`, text);
    return Object.fromEntries(SETTINGS.map((name, i) => [name, valueIn(name, values[i], n)]));
  });
}

/** The value of an entry of a link; for a row of n tokens. */
function valueIn(name, text, n) {
  const { words, none, pins, ...range } = PARAMETERS[name] ?? CHECKS[name];
  if (none && text === "none") return null;
  if (pins) return pinsIn(text, pins, n);
  if (Array.isArray(words)) {
    const at = words.findIndex((word) => String(word) === text);
    return at < 0 ? refuse(name, `one of ${words.join(", ")}`, text) : words[at];
  }
  const bounded = { most: n - 1, ...range }; // a token has no other bound
  const value = numberIn(text);
  return takes(bounded, value) ? value : refuse(name, needs(bounded), text);
}

/** What differs from `start`, as the hash of a link. */
export const hashOf = (state, start) =>
  NAMES.filter((name) => !equal(state[name], start[name]))
    .map((name) => `${name}=${encodeURI(asText(name, state[name]))}`)
    .join("&");

/** The state of a link: what it does not name is as in `start`. `#stage` alone is the stage with its bars. */
export function stateIn(hash, start, n) {
  const state = { ...start };
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (!NAMES.includes(name)) refuse("each part", `one of ${NAMES.join(", ")}`, name);
    state[name] = valueIn(name, name === "stage" ? text || "bars" : text, n);
  }
  return state;
}
