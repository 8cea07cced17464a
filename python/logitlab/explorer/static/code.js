// The lines that reproduce the screen.
import { PARAMETERS } from "./parameters.js";
import { isOff } from "./scene.js";

const python = (x) => (x === Infinity ? 'float("inf")' : String(x));

/** The draws take the seed's doubles from the text's place on. */
function drawing({ draws, seed, place }) {
  if (!place) return [`tokens = sampler.sample(logits, size=${draws}, rng=${seed})`];
  return [
    "import numpy as np",
    `rng = np.random.default_rng(${seed})`,
    `rng.random(${place})  # those of the text's tokens`,
    `tokens = sampler.sample(logits, size=${draws}, rng=rng)`,
  ];
}

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
    lines.push(...drawing(state));
  }
  return lines.join("\n");
}
