// Draws: how many, from which seed, and where u falls on the bar of running sums.
import { freshId, h, panel, setAttributes, setText, tokenNode } from "./dom.js";
import { integer, number, plural } from "./text.js";

const SIZES = [1, 100, 10000];
const MOST_SEED = 2 ** 53 - 1;

export class Draws {
  #actions;
  #buttons;
  #seed;
  #bar = h("div", { class: "ll-sums", "aria-hidden": "true" });
  #says = h("p", { class: "ll-says" });
  #verdict = h("p", { class: "ll-verdict" });
  #follow = h(
    "button",
    { type: "button", hidden: true, onclick: () => this.#actions.follow(this.#first) },
    "Continue the text with it",
  );
  #first = -1;

  /** `actions`: draw(n), seed(number), name(token), follow(token) or null where no model continues */
  constructor(actions) {
    this.#actions = actions;
    this.#buttons = [...SIZES, 0].map((n) =>
      h("button", { type: "button", onclick: () => actions.draw(n) }, n ? `Draw ${integer(n)}` : "Clear"),
    );
    const id = freshId("seed");
    this.#seed = h("input", { id, type: "text", inputmode: "numeric", size: 8, onchange: () => this.#takeSeed() });
    this.node = panel(
      "draws",
      "Draws against theory",
      h("div", { class: "ll-buttons", role: "group", "aria-label": "Number of draws" }, ...this.#buttons),
      h(
        "div",
        { class: "ll-buttons" },
        h("label", { for: id }, "seed"),
        this.#seed,
        h("button", { type: "button", onclick: () => actions.seed(+this.#seed.value + 1) }, "Next seed"),
      ),
      this.#bar,
      this.#says,
      this.#follow,
      this.#verdict,
    );
  }

  #takeSeed() {
    const value = Number(this.#seed.value.trim() || NaN);
    const fine = Number.isInteger(value) && value >= 0 && value <= MOST_SEED;
    this.#seed.setCustomValidity(fine ? "" : `an integer from 0 to ${MOST_SEED}`);
    setAttributes(this.#seed, { "aria-invalid": fine ? null : "true" });
    if (fine) this.#actions.seed(value);
  }

  update(scene, state, hidden) {
    this.#buttons.forEach((button, i) =>
      setAttributes(button, { "aria-pressed": i < SIZES.length ? String(state.draws === SIZES[i]) : null }),
    );
    if (this.#seed.getRootNode().activeElement !== this.#seed) {
      this.#seed.value = String(state.seed);
      setAttributes(this.#seed, { "aria-invalid": null });
    }
    const show = scene.draws && !hidden;
    this.#bar.hidden = !show;
    this.#bar.replaceChildren(...(show ? this.#parts(scene) : []));
    this.#says.replaceChildren(
      ...(show
        ? this.#sentence(scene, state)
        : [hidden && scene.draws ? "Hidden until you have guessed." : "Nothing is drawn yet."]),
    );
    this.#follow.hidden = !(show && this.#actions.follow);
    this.#first = scene.draws?.first ?? -1;
    setText(this.#verdict, show && scene.draws.n > 1 ? verdict(scene) : "");
  }

  #parts(scene) {
    const part = ({ from, to, row }, i) => {
      const width = 100 * (to - from);
      const label = row && width > 6 ? [tokenNode(this.#actions.name(row.token))] : [];
      const node = h("span", { class: row ? `ll-part ll-part-${i % 2}` : "ll-part ll-others" }, ...label);
      node.style.left = `${100 * from}%`;
      node.style.width = `${width}%`;
      return node;
    };
    const line = h("span", { class: "ll-u" });
    line.style.left = `${100 * scene.draws.u}%`;
    return [...scene.bar.map(part), line];
  }

  #sentence(scene, state) {
    const { u, first } = scene.draws;
    const part = scene.bar.find(({ from, to }) => u >= from && u < to);
    const where =
      part?.row?.token === first
        ? `, which spans ${number(part.from, 4)} to ${number(part.to, 4)}`
        : ", one of the other tokens";
    return [
      `u = ${number(u, 6)}, the first number of seed ${integer(state.seed)}, falls on `,
      tokenNode(this.#actions.name(first)),
      `${where}. The bar stands in token order.`,
    ];
  }
}

function verdict({ draws, tail }) {
  const compared = [...draws.perRow, ...(tail.tokens ? [draws.tail] : [])].filter(
    (c) => c.expected > 0 && c.expected < draws.n,
  );
  const outside = compared.filter((c) => c.outside).length;
  return (
    `${plural(draws.different, "different token")} in ${integer(draws.n)} draws. ` +
    `${integer(outside)} of ${plural(compared.length, "bar")} outside its 95\u00a0% band; ` +
    "about 1 in 20 is to be expected."
  );
}
