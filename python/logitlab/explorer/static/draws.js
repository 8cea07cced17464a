// Draws: each press adds to them, from the seed's stream; where the last u falls on the bar of running sums; whether
// the counts are what chance allows; and the draw that the text itself takes here.
import { freshId, h, panel, setAttributes, setText, tokenNode } from "./dom.js";
import { MAX_DRAWS } from "./kernels.js";
import { numberIn } from "./field.js";
import { exactly, fixed, integer, plural } from "./text.js";

const SIZES = [1, 100, 10000];
const LISTED_DRAWN = 30;
const LISTED_ON_STAGE = 8; // where everything has to be on one screen
const MOST_SEED = 2 ** 53 - 1;

export class Draws {
  #actions;
  #buttons;
  #clear;
  #seed;
  #reason;
  #bar = h("div", { class: "ll-sums", "aria-hidden": "true" });
  #says = h("p", { class: "ll-says" });
  #verdict = h("p", { class: "ll-verdict" });
  #count = h("strong");
  #drawnOf = h("span");
  #line = h("svg:path", { class: "ll-grown", "vector-effect": "non-scaling-stroke" });
  #growth;
  #fallen = h("ul", { class: "ll-fallen" });
  #others = h("p", { class: "ll-says" });
  #here = h("p", { class: "ll-says" });
  #follow;
  #n = 0;
  #next = -1;
  #named = "";

  /**
   * `actions`: draw(n), seed(number), name(token), meet(tokens) to learn their names, and follow(token), or null where
   * no model continues
   */
  constructor(actions) {
    this.#actions = actions;
    const add = (n) => actions.draw(Math.min(MAX_DRAWS, this.#n + n));
    this.#buttons = SIZES.map((n) => h("button", { type: "button", onclick: () => add(n) }, `Draw ${integer(n)}`));
    this.#clear = h("button", { type: "button", onclick: () => actions.draw(0) }, "Clear");
    const id = freshId("seed");
    this.#reason = h("p", { class: "ll-reason", id: freshId("reason"), role: "status" });
    this.#seed = h("input", {
      id,
      type: "text",
      inputmode: "numeric",
      size: 8,
      oninput: () => this.#takeSeed(false),
      onchange: () => this.#takeSeed(true),
      onblur: () => this.#restore(),
      onkeydown: (event) => {
        if (event.key !== "Escape" || this.#seed.value === String(this.seed)) return;
        event.preventDefault();
        this.#restore();
      },
    });
    this.#growth = h("div", { class: "ll-growth" }, h("p", {}, this.#count, this.#drawnOf), growthNode(this.#line));
    this.#follow = h("button", { type: "button", onclick: () => actions.follow(this.#next) });
    this.about = h(
      "div",
      { class: "ll-drawing" },
      h(
        "div",
        { class: "ll-buttons" },
        h("label", { for: id }, "seed"),
        this.#seed,
        h("button", { type: "button", onclick: () => actions.seed((this.seed + 1) % (MOST_SEED + 1)) }, "Next seed"),
      ),
      this.#reason,
      this.#bar,
      this.#says,
      this.#growth,
      this.#verdict,
      this.#others,
      this.#fallen,
      this.#here,
      this.#follow,
    );
    this.node = panel(
      "draws",
      "Draws against theory",
      h("div", { class: "ll-buttons", role: "group", "aria-label": "Number of draws" }, ...this.#buttons, this.#clear),
      this.about,
    );
  }

  #takeSeed(done) {
    const value = numberIn(this.#seed.value);
    const fine = Number.isInteger(value) && value >= 0 && value <= MOST_SEED;
    this.#mark(fine ? "" : `The seed must be a whole number from 0 to ${integer(MOST_SEED)}.`);
    if (!fine || !done) return;
    this.seed = value;
    this.#actions.seed(value);
  }

  #mark(reason) {
    setText(this.#reason, reason);
    setAttributes(this.#seed, {
      "aria-invalid": reason ? "true" : null,
      "aria-describedby": reason ? this.#reason.id : null,
    });
  }

  #restore() {
    this.#seed.value = String(this.seed);
    this.#mark("");
  }

  update(scene, state, hidden, { ends, alive }) {
    this.#n = state.draws;
    this.seed = state.seed;
    const full = state.draws >= MAX_DRAWS;
    this.#buttons.forEach((button) =>
      setAttributes(button, { disabled: full, title: full ? `${integer(MAX_DRAWS)} draws are the most` : null }),
    );
    setAttributes(this.#clear, {
      disabled: state.draws === 0,
      title: state.draws === 0 ? "nothing is drawn yet" : null,
    });
    if (this.#seed.getRootNode().activeElement !== this.#seed) this.#restore();
    const show = scene.draws && !hidden;
    this.#bar.hidden = !show;
    this.#bar.replaceChildren(...(show ? this.#parts(scene) : []));
    this.#says.replaceChildren(
      ...(show
        ? this.#sentence(scene, state)
        : [hidden && scene.draws ? "Hidden until you have guessed." : "Nothing is drawn yet."]),
    );
    setText(this.#verdict, show && scene.draws.n > 1 ? verdict(scene) : "");
    this.#growth.hidden = this.#others.hidden = this.#fallen.hidden = !show;
    if (show) {
      this.#grow(scene.draws);
      this.#name(scene, state.stage === null ? LISTED_DRAWN : LISTED_ON_STAGE);
    }
    this.#showNext(scene, state, hidden, ends, alive);
  }

  /** How many different tokens there are by now, and how that number grew. */
  #grow({ n, different, growth }) {
    setText(this.#count, integer(different));
    setText(this.#drawnOf, ` different token${different === 1 ? "" : "s"} in ${plural(n, "draw")}`);
    const [high, last] = [growth.at(-1)[1], n];
    const points = growth.map(
      ([i, count]) => `${((100 * i) / last).toFixed(1)} ${(100 - (90 * count) / high).toFixed(1)}`,
    );
    setAttributes(this.#line, { d: `M${points.join("L")}` });
  }

  /** The tokens of the tail that were drawn, those with the most draws first, with their counts. */
  #name({ draws, tail }, most) {
    const { fallen } = draws;
    const names = fallen.slice(0, most).map(([token]) => this.#actions.name(token));
    const key = JSON.stringify([fallen, names]);
    if (key === this.#named) return;
    this.#named = key;
    const listed = fallen.slice(0, most);
    this.#actions.meet([draws.last, ...listed.map(([token]) => token)]);
    const more = fallen.length - listed.length;
    const entry = ([token, count]) =>
      h("li", {}, tokenNode(this.#actions.name(token)), count > 1 ? `\u202f×\u202f${integer(count)}` : "");
    setText(
      this.#others,
      !tail.tokens ? "" : fallen.length ? "Drawn among the other tokens:" : "None of the other tokens was drawn.",
    );
    this.#fallen.replaceChildren(...listed.map(entry), ...(more ? [h("li", {}, `and ${integer(more)} more`)] : []));
  }

  /** The token that the text takes here: the one of the seed's stream, so that the text is that of the seed. */
  #showNext({ next }, state, hidden, ends, alive) {
    const offered = next && this.#actions.follow;
    this.#follow.hidden = this.#here.hidden = !offered;
    if (!offered) return;
    this.#next = next.token;
    const end = ends.includes(next.token);
    const name = tokenNode(this.#actions.name(next.token));
    this.#here.replaceChildren(
      `The text's own draw here is number ${integer(state.place + 1)} of seed ${exactly(state.seed)}`,
      ...(hidden ? ["."] : [`, u = ${fixed(next.u, 6)}: `, name, end ? ". The answer ends here." : "."]),
    );
    setText(this.#follow, "Continue the text with it");
    const why = !alive ? "Run the cell to continue the text" : end ? "The answer ends here" : null;
    setAttributes(this.#follow, { disabled: !alive || end, title: why });
  }

  #parts(scene) {
    const part = ({ from, to, row }, i) => {
      const width = 100 * (to - from);
      const name = row ? this.#actions.name(row.token) : "";
      const label = row && width > 3 + 2.1 * name.length ? [tokenNode(name)] : []; // where it is whole on the stage
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
    const { n, u, last } = scene.draws;
    const part = scene.bar.find(({ from, to }) => u >= from && u < to);
    const where =
      part?.row?.token === last
        ? `, which spans ${fixed(part.from, 4)} to ${fixed(part.to, 4)}`
        : ", one of the other tokens";
    return [
      `u = ${fixed(u, 6)}, number ${integer(state.place + n)} of seed ${exactly(state.seed)}, falls on `,
      tokenNode(this.#actions.name(last)),
      `${where}. The bar stands in token order.`,
    ];
  }
}

/** A small picture: how the number of different tokens grew with the draws. */
const growthNode = (line) =>
  h("svg:svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, line);

function verdict({ draws, tail }) {
  const compared = [...draws.perRow, ...(tail.tokens ? [draws.tail] : [])].filter(
    (c) => c.expected > 0 && c.expected < draws.n,
  );
  if (!compared.length) return "";
  const outside = compared.filter((c) => c.outside).length;
  const likely = fixed(
    compared.reduce((sum, c) => sum + c.likely, 0),
    1,
  );
  return (
    `${integer(outside)} of ${plural(compared.length, "bar")} outside the 95\u00a0% interval; ` +
    `a fair draw has ${likely} on average.`
  );
}
