// The same numbers in each engine's order: how many tokens it keeps, and which ones differ from the engine in use;
// which engines refuse a value. Why they part or agree is what Python's `compare` says: the page has no reasons of its
// own.
import { h, panel, setText, tokenNode } from "./dom.js";
import { rove } from "./keys.js";
import { integer, plural } from "./text.js";

const LISTED = 4;

function difference(tokens, sign, name) {
  if (!tokens.length) return [];
  const some = tokens.slice(0, LISTED).flatMap((token) => [tokenNode(name(token)), " "]);
  return [`${sign} `, ...some, tokens.length > LISTED ? `and ${integer(tokens.length - LISTED)} more ` : ""];
}

/** What can be seen here without a reason. */
function partingOf(engines) {
  const asked = engines.filter(({ refuses }) => !refuses);
  const parted = asked.filter(({ more, fewer }) => more.length || fewer.length);
  return parted.length
    ? `${integer(parted.length)} of ${plural(asked.length, "engine")} keep other tokens than the engine in use.`
    : `All ${plural(asked.length, "engine")} keep the same tokens.`;
}

export class Engines {
  #body = h("tbody");
  #says = h("p", { class: "ll-says" });
  #why = h("p", { class: "ll-says ll-why" });
  #ask = h("button", { type: "button", onclick: () => this.actions.why() }, "Why?");
  #settle = rove(this.#body);

  /** `actions`: engine(name), why(), name(token) */
  constructor(actions) {
    this.actions = actions;
    this.node = panel(
      "engines",
      "The same numbers in other engines",
      h(
        "div",
        { class: "ll-scroll", role: "group", "aria-label": "Engines" },
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
      this.#why,
      this.#ask,
    );
  }

  /** `session` knows what Python has said of this very state, and whether it can be asked. */
  update(state, engines, hidden, session) {
    const reason = session.reason(state);
    const active = this.node.getRootNode().activeElement;
    const focused = this.#body.contains(active) ? active.textContent : null;
    this.#body.replaceChildren(...engines.map((engine) => this.#row(state, engine, hidden)));
    setText(this.#says, hidden ? "Hidden until you have guessed." : partingOf(engines));
    setText(this.#why, hidden ? "" : reason);
    this.#ask.hidden = hidden || reason !== "" || !session.alive;
    this.#settle();
    if (focused !== null) {
      [...this.#body.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus();
    }
  }

  #row(state, { name, order, kept, more, fewer, refuses }, hidden) {
    const own = name === state.engine;
    const pick = h(
      "button",
      {
        type: "button",
        class: "ll-pick",
        "aria-pressed": String(own),
        disabled: Boolean(refuses) && !own,
        title: refuses,
        onclick: () => this.actions.engine(name),
      },
      name,
    );
    const steps = order.join(" → ") || "no step";
    const parted = [...difference(more, "+", this.actions.name), ...difference(fewer, "−", this.actions.name)];
    const beside = own ? ["in use"] : parted.length ? parted : ["the same tokens"];
    const says = refuses ? [refuses, own ? ": shown as if it took it" : ""] : hidden ? ["?"] : beside;
    return h(
      "tr",
      { class: `${own ? "ll-selected" : ""}${refuses ? " ll-refuses" : ""}` },
      h("th", { scope: "row" }, pick),
      h("td", {}, steps),
      h("td", { class: "ll-n" }, refuses && !own ? "–" : hidden ? "?" : integer(kept)),
      h("td", { class: "ll-beside" }, ...says),
    );
  }
}
