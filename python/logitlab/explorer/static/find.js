// Finding a token by its text: among those that are known here at once, among all when Python answers.
import { freshId, h, tokenNode } from "./dom.js";
import { rove } from "./keys.js";
import { visible } from "./text.js";

const MOST = 8;

export class Find {
  #actions;
  #field;
  #results = h("div", { class: "ll-results" });
  #settle = rove(this.#results);
  #asked = "";

  /** `actions`: known(), of [token, text] pairs, logit(token), ask(text) or null where nobody answers, select(token) */
  constructor(actions) {
    this.#actions = actions;
    const id = freshId("find");
    this.#field = h("input", { id, type: "search", autocomplete: "off", oninput: () => this.update() });
    this.node = h("div", { class: "ll-find" }, h("label", { for: id }, "find a token"), this.#field, this.#results);
  }

  /** Another row has come: what was found belongs to the old one. */
  begin() {
    this.#asked = "";
    this.update();
  }

  /** Those that begin as what was typed come first, then the likeliest; visible signs stand for themselves. */
  #found(wanted) {
    const { known, logit } = this.#actions;
    const holds = ([, text]) => `${text}\n${visible(text)}`.toLowerCase().includes(wanted);
    const late = (text) => !text.trimStart().toLowerCase().startsWith(wanted.trimStart());
    return known()
      .filter(holds)
      .sort((a, b) => late(a[1]) - late(b[1]) || logit(b[0]) - logit(a[0]) || a[0] - b[0]);
  }

  update() {
    const typed = this.#field.value;
    if (typed && this.#asked !== typed && this.#actions.ask(typed)) this.#asked = typed;
    const wanted = typed.toLowerCase();
    const found = wanted ? this.#found(wanted) : [];
    const key = JSON.stringify([wanted, found.slice(0, MOST), this.#asked]);
    if (key === this.key) return; // a button in focus stays
    this.key = key;
    const pick = ([token, text]) =>
      h(
        "button",
        { type: "button", class: "ll-pick", onclick: () => this.#actions.select(token) },
        tokenNode(visible(text)),
      );
    const none = this.#asked ? "no token has this text" : "not among the tokens known here; a running cell knows all";
    this.#results.replaceChildren(
      ...(wanted && !found.length ? [h("span", { class: "ll-hint" }, none)] : found.slice(0, MOST).map(pick)),
    );
    this.#settle();
  }
}
