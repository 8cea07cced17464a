// The state in the address of an exported page: a copied link opens the same screen. While sliders move the address
// follows, not more often than browsers allow; no step of the browser's Back is taken up.
import { hashOf, stateIn, stateOf } from "./state.js";

const FOLLOW = 300; // ms between two changes of the address

/** Applies the address and keeps it; `session` assigns states, `n` is the size of the row. */
export function followLink(model, session, n) {
  if (location.protocol === "about:") return; // in the page of a notebook: the address is not this explorer's
  const start = stateOf(model);
  let written = "";
  let said = "";
  let waiting = 0;
  const say = (text) => {
    if (text || model.get("_error") === said) model.set("_error", text);
    said = text;
  };
  const write = () => {
    waiting = 0;
    const hash = hashOf(stateOf(model), start);
    if (hash === written) return; // a link that cannot be followed stays until something moves
    written = hash;
    say("");
    history.replaceState(history.state, "", `#${hash}`);
  };
  const apply = (first) => {
    let problem = "";
    try {
      session.assign(stateIn(location.hash, start, n), !first);
    } catch (error) {
      problem = `This link cannot be followed: ${error.message}`;
    }
    written = hashOf(stateOf(model), start);
    say(problem);
  };
  apply(true);
  addEventListener("hashchange", () => apply(false));
  model.on("change", () => {
    waiting ||= setTimeout(write, FOLLOW);
  });
}
