// The distribution, token by token: logit, each step in the sampler's order, the probability as a bar, the draws
// beside what was expected. One row per token, one for all the others.
import { h, setAttributes, setText, tokenNode } from "./dom.js";
import { PARAMETERS } from "./parameters.js";
import { isOff } from "./scene.js";
import { integer, number, percent, plural } from "./text.js";

const SCALES = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1];

/** The first round number that the longest bar does not exceed. */
export const scaleOf = (scene) => {
  const longest = Math.max(scene.tail.probability, ...scene.rows.map((row) => row.probability));
  return SCALES.find((scale) => longest <= scale) ?? 1;
};

const x = (share, scale) => `${Math.min(100, (100 * share) / scale)}%`;

/** A bar with its marks; the numbers stand beside it as text, so the picture itself is hidden from screen readers. */
function bar() {
  const fill = h("span", { class: "ll-fill" });
  const band = h("span", { class: "ll-band" });
  const drawn = h("span", { class: "ll-drawn" });
  return { node: h("span", { class: "ll-bar", "aria-hidden": "true" }, fill, band, drawn), fill, band, drawn };
}

function updateBar({ fill, band, drawn }, probability, compared, n, scale, hidden) {
  fill.style.width = hidden ? "0" : x(probability, scale);
  const show = compared && !hidden && (compared.count > 0 || compared.expected > 0);
  band.hidden = drawn.hidden = !show;
  if (show) {
    const low = Math.max(0, (compared.expected - compared.band) / n);
    const high = Math.min(1, (compared.expected + compared.band) / n);
    band.style.left = x(low, scale);
    band.style.width = `calc(${x(high, scale)} - ${x(low, scale)})`;
    drawn.style.left = x(compared.count / n, scale);
    drawn.classList.toggle("ll-outside", compared.outside);
  }
}

const drawnText = (c) =>
  c.count === 0 && c.expected === 0
    ? "0"
    : `${integer(c.count)} (${number(c.expected, 3)} ± ${number(c.band, 2)})${c.outside ? " outside" : ""}`;

/** What a step did to a token: its share where it is left, or that this step removed it. */
function stepText(row, i, step, hidden) {
  const stage = row.stages[i];
  if (!stage.left) return row.removed === i ? "✕ removed" : "";
  if (hidden) return "?";
  return PARAMETERS[step].scales ? number(stage.scaled) : percent(stage.share);
}

function headText(scene, i, name, value) {
  const { count, kept } = scene.records[i];
  if (PARAMETERS[name].scales) return value === 0 ? "the best alone" : `logits / ${number(value)}`;
  return `${integer(count)} of ${integer(scene.records[i - 1].count)} left:\nkeeps ${percent(kept)}`;
}

export class Table {
  #body = h("tbody");
  #head = h("tr");
  #rows = [];
  #tail;
  #columns = "";
  #actions;

  /**
   * `actions`: select(token), point("pointer" or "focus", token or -1), name(token), and follow(token), or null where
   * no model continues
   */
  constructor(actions) {
    this.#actions = actions;
    this.node = h(
      "div",
      { class: "ll-scroll", tabindex: 0, role: "group", "aria-label": "Tokens, best first" },
      h("table", { class: "ll-table" }, h("thead", {}, this.#head), this.#body),
    );
  }

  #columnHead(scene, order, state, key) {
    this.#columns = key;
    const step = (name) =>
      h(
        "th",
        { scope: "col", class: isOff(state, name) ? "ll-step ll-off" : "ll-step" },
        h("span", {}, name),
        h("small", {}),
      );
    this.#head.replaceChildren(
      h("th", { scope: "col" }, "token"),
      h("th", { scope: "col", class: "ll-n" }, "logit"),
      ...order.map(step),
      h("th", { scope: "col", class: "ll-p" }, h("span", {}, "probability"), h("small", {})),
      h("th", { scope: "col", class: "ll-d" }, h("span", {}, "drawn"), h("small", {})),
    );
    this.#rows = [];
    this.#tail = null;
    this.#body.replaceChildren();
  }

  #newRow(order, isTail) {
    const name = isTail ? h("span", { class: "ll-tailname" }) : h("button", { type: "button", class: "ll-pick" });
    const steps = order.map(() => h("td", { class: "ll-step" }));
    const row = {
      name,
      logit: h("td", { class: "ll-n" }),
      steps,
      bar: bar(),
      percent: h("span", { class: "ll-percent" }),
      drawn: h("td", { class: "ll-d" }),
    };
    if (!isTail && this.#actions.follow) {
      row.follow = h(
        "button",
        { type: "button", class: "ll-follow", onclick: () => this.#actions.follow(row.token) },
        "→",
      );
    }
    row.node = h(
      "tr",
      { class: isTail ? "ll-tail" : "" },
      h("th", { scope: "row" }, name, row.follow),
      row.logit,
      ...steps,
      h("td", { class: "ll-p" }, h("span", { class: "ll-cell" }, row.bar.node, row.percent)),
      row.drawn,
    );
    return row;
  }

  #listen(row) {
    const { select, point } = this.#actions;
    row.name.addEventListener("click", () => select(row.token));
    row.name.addEventListener("focus", () => point("focus", row.token));
    row.name.addEventListener("blur", () => point("focus", -1));
    row.node.addEventListener("pointerenter", () => point("pointer", row.token));
    row.node.addEventListener("pointerleave", () => point("pointer", -1));
  }

  update(scene, state, order, hidden) {
    const key = order.map((name) => name + isOff(state, name)).join();
    if (key !== this.#columns) {
      this.#columnHead(scene, order, state, key);
    }
    while (this.#rows.length > scene.rows.length) {
      this.#rows.pop().node.remove();
    }
    while (this.#rows.length < scene.rows.length) {
      const row = this.#newRow(order, false);
      this.#listen(row);
      this.#rows.push(row);
    }
    this.#tail ??= this.#newRow(order, true);
    const nodes = [...this.#rows, this.#tail].map((row) => row.node);
    if (nodes.length !== this.#body.children.length) {
      this.#body.append(...nodes.filter((node, i) => this.#body.children[i] !== node));
    }
    this.#heads(scene, state, order, hidden);
    this.node.classList.toggle("ll-undrawn", !scene.draws);
    const scale = scaleOf(scene);
    scene.rows.forEach((data, i) => this.#updateRow(this.#rows[i], data, scene, state, order, scale, i, hidden));
    this.#updateTail(scene, order, scale, hidden);
  }

  #heads(scene, state, order, hidden) {
    const small = this.#head.querySelectorAll("small");
    order.forEach((name, i) => {
      const at = scene.steps.findIndex(([step]) => step === name);
      setText(small[i], at < 0 ? "off" : hidden ? "?" : headText(scene, at + 1, name, state[name]));
    });
    setText(small[order.length], hidden ? "?" : `bars from 0 to ${percent(scaleOf(scene))}`);
    setText(small[order.length + 1], scene.draws ? `of ${integer(scene.draws.n)} (expected\n± 95 % band)` : "");
  }

  #updateRow(row, data, scene, state, order, scale, i, hidden) {
    row.token = data.token;
    const text = this.#actions.name(data.token);
    if (row.text !== `${data.token} ${text} ${data.rank}`) {
      row.text = `${data.token} ${text} ${data.rank}`;
      row.name.replaceChildren(
        tokenNode(text),
        ...(data.argmax ? [h("span", { class: "ll-argmax" }, "◆", h("span", { class: "ll-word" }, " argmax"))] : []),
        ...(data.rank > state.shown ? [h("span", { class: "ll-rank" }, `rank ${integer(data.rank)}`)] : []),
      );
    }
    if (row.follow) {
      setAttributes(row.follow, {
        "aria-label": `continue the text with ${text}`,
        title: `continue the text with ${text}`,
      });
    }
    setAttributes(row.name, { "aria-pressed": String(state.selected === data.token) });
    setAttributes(row.node, {
      class: `${data.left ? "" : "ll-gone"}${state.selected === data.token ? " ll-selected" : ""}`,
    });
    setText(row.logit, number(data.logit));
    order.forEach((name, j) => {
      const at = scene.steps.findIndex(([step]) => step === name);
      setText(row.steps[j], at < 0 ? "" : stepText(data, at + 1, name, hidden));
    });
    updateBar(row.bar, data.probability, scene.draws?.perRow[i], scene.draws?.n, scale, hidden);
    setText(row.percent, hidden ? "?" : percent(data.probability));
    setText(row.drawn, scene.draws && !hidden ? drawnText(scene.draws.perRow[i]) : "");
  }

  #updateTail(scene, order, scale, hidden) {
    const { tokens, left, probability } = scene.tail;
    const row = this.#tail;
    row.node.hidden = tokens === 0;
    const who =
      hidden || left === tokens
        ? plural(tokens, "other token")
        : `${integer(left)} of ${plural(tokens, "other token")} left`;
    setText(row.name, who);
    updateBar(row.bar, probability, scene.draws?.tail, scene.draws?.n, scale, hidden);
    setText(row.percent, hidden ? "?" : left === 0 ? "none left" : `share ${percent(probability)}`);
    setText(row.drawn, scene.draws && !hidden ? drawnText(scene.draws.tail) : "");
  }
}
