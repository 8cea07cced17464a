// The lines that reproduce the screen.
import { PARAMETERS } from "./parameters.js";
import { isOff } from "./scene.js";

const python = (x) => (x === Infinity ? 'float("inf")' : String(x));

/** `source.lines` says where the logits come from; the rest is the state. */
export function codeOf(state, source) {
  const given = Object.keys(PARAMETERS).filter((name) => !isOff(state, name));
  const options = [...given.map((name) => `${name}=${python(state[name])}`), `engine=${JSON.stringify(state.engine)}`];
  const lines = [
    "import logitlab as ll",
    ...source.lines,
    `sampler = ll.Sampler(${options.join(", ")})`,
    "probs = sampler.probs(logits)",
  ];
  if (state.draws) {
    lines.push(`tokens = sampler.sample(logits, size=${state.draws}, rng=${state.seed})`);
  }
  return lines.join("\n");
}
