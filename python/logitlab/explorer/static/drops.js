// New draws fall onto their tokens' bars, and those of the tail say their names on the way: only something to look at,
// as the counts are next to the bars. With reduced motion nothing falls.
import { h, tokenNode } from "./dom.js";
import { still } from "./motion.js";
import { settingsIn } from "./state.js";

const MOST_DROPS = 60; // of one press
const FALL = 700; // ms
const APART = 1500; // ms between the first and the last of them

export class Drops {
  #layer;
  #barOf;
  #name;
  #had = null;

  /** `layer` holds the table; `barOf(i)` is the bar of row i, or of the tail; `name(token)` */
  constructor(layer, barOf, name) {
    this.#layer = layer;
    this.#barOf = barOf;
    this.#name = name;
  }

  /** Lets fall what was added to the draws, and nothing where anything else has changed. */
  update(scene, state, hidden) {
    const { draws, seed, place } = state;
    const now = { key: JSON.stringify([settingsIn(state), seed, place]), draws };
    const added = this.#had?.key === now.key ? draws - this.#had.draws : 0;
    this.#had = now;
    if (added > 0 && !hidden && scene.draws && !still()) this.#fall(scene, scene.draws.tokens.slice(-added));
  }

  #fall(scene, tokens) {
    const every = Math.max(1, Math.ceil(tokens.length / MOST_DROPS));
    const some = tokens.filter((_, i) => i % every === 0);
    const box = this.#layer.getBoundingClientRect();
    const rows = new Map(scene.rows.map((row, i) => [row.token, i]));
    some.forEach((token, i) => this.#drop(token, rows.get(token) ?? -1, box, (APART * i) / some.length));
  }

  #drop(token, row, box, delay) {
    const bar = this.#barOf(row).getBoundingClientRect();
    const fill = this.#barOf(row).firstChild.getBoundingClientRect();
    const drop = h("span", { class: "ll-drop", "aria-hidden": "true" });
    if (row < 0) drop.append(tokenNode(this.#name(token)));
    const lands = Math.min(fill.width, bar.width) * Math.random();
    drop.style.left = `${bar.left - box.left + lands}px`;
    drop.style.top = `${bar.top - box.top + bar.height / 2}px`;
    this.#layer.append(drop);
    const from = { transform: `translateY(${box.top - bar.top}px)`, opacity: 1 };
    const there = { transform: "none", opacity: 1, offset: 0.6 };
    const fall = drop.animate([from, there, { transform: "none", opacity: 0 }], {
      duration: FALL / 0.6,
      delay,
      fill: "backwards",
      easing: "ease-in",
    });
    fall.onfinish = () => drop.remove();
  }
}
