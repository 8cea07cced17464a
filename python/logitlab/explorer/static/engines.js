// The same numbers in each engine's order: how many tokens it keeps, and which ones differ from the engine in use.
import { h, panel, tokenNode } from "./dom.js";
import { PARAMETERS } from "./parameters.js";
import { isOff } from "./scene.js";
import { integer } from "./text.js";

const LISTED = 4;

function difference(tokens, sign, name) {
  if (!tokens.length) return [];
  const some = tokens.slice(0, LISTED).flatMap((token) => [tokenNode(name(token)), " "]);
  return [`${sign} `, ...some, tokens.length > LISTED ? `and ${integer(tokens.length - LISTED)} more ` : ""];
}

const NAMES = Object.keys(PARAMETERS);
const byMass = NAMES.filter((name) => !PARAMETERS[name].ranks);

function why(state, engines) {
  const ranksAlone = byMass.every((name) => isOff(state, name));
  const unscaled = NAMES.every((name) => !PARAMETERS[name].scales || isOff(state, name));
  if (engines.some(({ more, fewer }) => more.length || fewer.length)) {
    if (state.top_p === 0) {
      return "The engines disagree: in some of them top_p = 0 is off, in the others it keeps one token.";
    }
    if (ranksAlone) {
      return "The engines disagree: equal logits stand at the k-th place. Some keep all of them, the others exactly k.";
    }
    if (unscaled) {
      return (
        "The engines disagree: top_p takes its share of what the steps before it have left, in each engine's order; " +
        "and of equal logits where a step cuts, some keep all."
      );
    }
    return `The engines disagree: ${byMass.join(" and ")} look at shares, which a temperature before them has changed.`;
  }
  if (unscaled) return "All engines keep the same tokens: at temperature 1 there is nothing to divide by.";
  if (ranksAlone) {
    return "All engines keep the same tokens: dividing by T does not change ranks, and top_k looks at ranks alone.";
  }
  return "With these numbers on this row all engines keep the same tokens; other numbers may part them.";
}

export class Engines {
  #body = h("tbody");
  #says = h("p", { class: "ll-says" });

  /** `actions`: engine(name), name(token) */
  constructor(actions) {
    this.actions = actions;
    this.node = panel(
      "engines",
      "The same numbers in other engines",
      h(
        "div",
        { class: "ll-scroll", tabindex: 0, role: "group", "aria-label": "Engines" },
        h(
          "table",
          { class: "ll-table" },
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ...["engine", "order", "keeps", "beside the engine in use"].map((text) =>
                h("th", { scope: "col", class: text === "keeps" && "ll-n" }, text),
              ),
            ),
          ),
          this.#body,
        ),
      ),
      this.#says,
    );
  }

  update(state, engines, hidden) {
    const active = this.node.getRootNode().activeElement;
    const focused = this.#body.contains(active) ? active.textContent : null;
    this.#body.replaceChildren(...engines.map((engine) => this.#row(state, engine, hidden)));
    this.#says.replaceChildren(hidden ? "Hidden until you have guessed." : why(state, engines));
    if (focused !== null) {
      [...this.#body.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus();
    }
  }

  #row(state, { name, order, kept, more, fewer }, hidden) {
    const own = name === state.engine;
    const pick = h(
      "button",
      { type: "button", class: "ll-pick", "aria-pressed": String(own), onclick: () => this.actions.engine(name) },
      name,
    );
    const steps = order.join(" → ") || "no step";
    const parted = [...difference(more, "+", this.actions.name), ...difference(fewer, "−", this.actions.name)];
    const beside = own ? ["in use"] : parted.length ? parted : ["the same tokens"];
    return h(
      "tr",
      { class: own ? "ll-selected" : "" },
      h("th", { scope: "row" }, pick),
      h("td", {}, steps),
      h("td", { class: "ll-n" }, hidden ? "?" : integer(kept)),
      h("td", {}, ...(hidden ? ["?"] : beside)),
    );
  }
}
