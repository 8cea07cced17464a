// Finding a token by its text: among those that are known here at once, among all when Python answers.
import { freshId, h, tokenNode } from "./dom.js";
import { visible } from "./text.js";

const MOST = 8;

export class Find {
  #actions;
  #field;
  #results = h("div", { class: "ll-results" });

  /** `actions`: known() gives [token, text] pairs, ask(text), select(token) */
  constructor(actions) {
    this.#actions = actions;
    const id = freshId("find");
    this.#field = h("input", { id, type: "search", autocomplete: "off", oninput: () => this.#search() });
    this.node = h("div", { class: "ll-find" }, h("label", { for: id }, "find a token"), this.#field, this.#results);
  }

  #search() {
    const wanted = this.#field.value;
    if (wanted && this.asked !== wanted) {
      this.asked = wanted;
      this.#actions.ask(wanted);
    }
    this.update();
  }

  /** Shows the shortest texts that hold what was typed; visible signs stand for themselves. */
  update() {
    const wanted = this.#field.value.toLowerCase();
    const found = wanted
      ? this.#actions.known().filter(([, text]) => `${text}\n${visible(text)}`.toLowerCase().includes(wanted))
      : [];
    found.sort((a, b) => a[1].length - b[1].length);
    this.#results.replaceChildren(
      ...found
        .slice(0, MOST)
        .map(([token, text]) =>
          h(
            "button",
            { type: "button", class: "ll-pick", onclick: () => this.#actions.select(token) },
            tokenNode(visible(text)),
          ),
        ),
    );
    if (wanted && !found.length) {
      this.#results.replaceChildren(h("span", { class: "ll-hint" }, "not among the tokens known here"));
    }
  }
}
