// Pins: up to two settings, A and B, whose bars stay as outlines around the present ones. A pin is what was set: its
// bars are computed again from the row, by the same kernels. What stood before a prediction is one more of them.
import { h, setAttributes, setText } from "./dom.js";
import { PARAMETERS } from "./parameters.js";
import { isOff, sharesOf, stepsOf } from "./scene.js";
import { exactly, integer } from "./text.js";

export const LETTERS = ["A", "B"];
const KEPT = 8; // distributions: the pins and what stood before, in views with another number of rows

/** "T 1, top_k 40": the temperature, and what else does something; the engine where another one is in use, too. */
export function wordsOf(settings, engines) {
  const { temperature, engine, ...others } = settings;
  const on = Object.keys(others).filter((name) => !isOff(settings, name));
  const value = (name) => (PARAMETERS[name].whole ? integer : exactly)(settings[name]);
  return [
    `T ${exactly(temperature)}`,
    ...on.map((name) => `${name} ${value(name)}`),
    ...(new Set([engine, ...engines]).size > 1 ? [engine] : []),
  ].join(", ");
}

/** Distributions of settings, computed once as long as the row and the tokens with a row of their own stay. */
export class Pinned {
  #had = new Map();

  clear() {
    this.#had.clear();
  }

  /** What each of `tokens` has at these settings, and what all others share. */
  shares(kernels, settings, program, tokens) {
    const key = JSON.stringify([settings, tokens]);
    let found = this.#had.get(key);
    if (!found) {
      found = sharesOf(kernels, stepsOf(settings, program), tokens);
      if (this.#had.size >= KEPT) this.#had.delete(this.#had.keys().next().value);
      this.#had.set(key, found);
    }
    return found;
  }
}

/** The line above the table: the button, and what A and B are. */
export class PinBar {
  #actions;
  #button;
  #list = h("span", { class: "ll-pins" });
  #key = "";

  /** `actions`: pin(), unpin(i), take(settings) */
  constructor(actions) {
    this.#actions = actions;
    this.#button = h(
      "button",
      { type: "button", class: "ll-pin", "aria-keyshortcuts": "p", onclick: () => actions.pin() },
      "Pin",
    );
    this.node = h("div", { class: "ll-pinbar" }, this.#button, this.#list);
  }

  update({ pins, engine }, hidden) {
    const full = pins.length === LETTERS.length;
    setText(this.#button, pins.length ? `Pin ${LETTERS[pins.length] ?? ""}`.trim() : "Pin");
    setAttributes(this.#button, {
      disabled: full || hidden,
      title: hidden
        ? "Hidden until you have guessed"
        : full
          ? "Two pins are the most: unpin one"
          : "Keep these bars as outlines (P)",
    });
    const key = JSON.stringify([pins, engine]);
    if (key === this.#key) return;
    this.#key = key;
    this.#show(pins, engine);
  }

  #show(pins, engine) {
    const active = this.node.getRootNode().activeElement;
    const inside = this.#list.contains(active);
    const engines = [engine, ...pins.map((pin) => pin.engine)];
    this.#list.replaceChildren(...pins.map((pin, i) => this.#chip(pin, i, wordsOf(pin, engines))));
    if (inside) this.#button.focus();
  }

  #chip(pin, i, words) {
    const letter = LETTERS[i];
    return h(
      "span",
      { class: "ll-chip" },
      h(
        "button",
        {
          type: "button",
          class: "ll-take",
          title: `Set everything as in ${letter}`,
          onclick: () => this.#actions.take(pin),
        },
        h("span", { class: `ll-sign ll-sign-${i}`, "aria-hidden": "true" }),
        h("strong", {}, letter),
        `\u00a0 ${words}`,
      ),
      h(
        "button",
        { type: "button", class: "ll-unpin", "aria-label": `Unpin ${letter}`, onclick: () => this.#actions.unpin(i) },
        "×",
      ),
    );
  }
}
