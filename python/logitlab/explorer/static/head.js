// The text that the next token follows: each token that was added is a button that goes back to it.
import { freshId, h, setAttributes, setText, tokenNode } from "./dom.js";
import { rove } from "./keys.js";
import { plural, visible } from "./text.js";

export const GONE = "Run the cell to continue the text.";

/** A token in the middle of a text: its spaces are spaces, what else would not be seen has a sign. */
const inText = (piece) => visible(piece).replaceAll("␣", " ");

export class Head {
  #text = h("p", { class: "ll-prompt" });
  #note = h("p", { class: "ll-note" });
  #gone = h("p", { class: "ll-lost" });
  #begin;
  #field;
  #actions;
  #key = "";
  #settle = rove(this.#text);

  /** `actions`: back(how many added tokens stay), begin(text) */
  constructor(actions) {
    this.#actions = actions;
    const id = freshId("text");
    this.#field = h("input", { id, type: "text", autocomplete: "off" });
    const begin = (event) => {
      event.preventDefault();
      if (this.#field.value) actions.begin(this.#field.value);
    };
    this.#begin = h(
      "details",
      { class: "ll-begin" },
      h("summary", {}, "Another text"),
      h("form", { onsubmit: begin }, h("label", { for: id }, "text"), this.#field, h("button", {}, "Begin")),
    );
    this.about = h("div", { class: "ll-about" }, this.#note);
    this.node = h("div", { class: "ll-head" }, h("div", { class: "ll-text" }, this.#text), this.about);
  }

  update({ prompt, model, note, added = [], follow }, n, alive) {
    this.#text.hidden = prompt === undefined;
    const key = JSON.stringify([prompt, added, follow, alive]);
    if (prompt !== undefined && key !== this.#key) {
      this.#key = key;
      this.#text.replaceChildren(
        ...(follow ? this.#pieces(prompt, added, alive) : [tokenNode(prompt)]),
        h("span", { class: "ll-caret", "aria-hidden": "true" }, "▁"),
      );
      this.#settle();
    }
    setText(this.#note, [plural(n, "token"), model, note].filter(Boolean).join(" · "));
    setText(this.#gone, follow && !alive ? GONE : "");
    if (follow && !this.#begin.parentNode) this.about.append(this.#gone, this.#begin);
    this.#begin.hidden = !alive;
  }

  #pieces(prompt, added, alive) {
    const start = prompt.slice(0, prompt.length - added.reduce((sum, [, piece]) => sum + piece.length, 0));
    const back = (text, stay) => {
      const button = h("button", { type: "button", class: "ll-piece", onclick: () => this.#actions.back(stay) });
      const here = stay === added.length;
      setAttributes(button, { disabled: !alive || here, title: here ? null : "Go back to here" });
      button.append(tokenNode(text));
      return button;
    };
    return [back(start, 0), ...added.map(([, piece], i) => back(inText(piece), i + 1))];
  }
}
