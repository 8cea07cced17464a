// The distribution, token by token: logit, each step in the sampler's order, the probability as a bar, the draws
// beside what chance allows. One row per token, one for all the others.
//
// The bars have one scale, from 0 to 100 %, and one width, whatever the sliders do: what grows on the screen has grown.
import { bar, updateBar } from "./bar.js";
import { h, setAttributes, setText, tokenNode } from "./dom.js";
import { rove } from "./keys.js";
import { PARAMETERS } from "./parameters.js";
import { isOff } from "./scene.js";
import { exactly, fixed, integer, percent, plural, points } from "./text.js";

const SCALES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
const END = "the answer ends here";

/** The first round number that no token's bar exceeds: what "Zoom bars" takes when it is pressed. */
export const scaleOf = (scene) => {
  const longest = Math.max(...scene.rows.map((row) => row.probability));
  return SCALES.find((scale) => longest <= scale) ?? 1;
};

function drawnIn(row, compared, n, hidden) {
  const shown = compared && !hidden;
  setText(row.count, shown ? integer(compared.count) : "");
  setText(row.interval, shown && n > 1 ? ` (${integer(compared.low)}–${integer(compared.high)})` : "");
  setText(row.outside, shown && compared.outside ? " outside" : "");
}

/** What a step did to a token: its share where it is left, or that this step removed it. */
function stepText(row, i, step, hidden) {
  const stage = row.stages[i];
  if (!stage.left) return row.removed === i ? "✕ removed" : "";
  if (hidden) return "?";
  return PARAMETERS[step].scales ? fixed(stage.scaled, 2) : percent(stage.share);
}

/** The share that the i-th step kept: 1 where it removed nothing, not what rounding leaves of 1. */
const massKept = ({ records }, i) => (records[i].count === records[i - 1].count ? 1 : records[i].kept);

function headText(scene, i, name, value) {
  if (PARAMETERS[name].scales) return value === 0 ? "the best alone" : `logits / ${exactly(value)}`;
  return `${integer(scene.records[i].count)} left:\nkeeps ${percent(massKept(scene, i))}`;
}

/** The same in few words, of the steps that remove tokens. */
export const keepsOf = (scene) =>
  scene.steps.flatMap(([name], i) =>
    PARAMETERS[name].scales ? [] : [`${name} keeps ${percent(massKept(scene, i + 1))}`],
  );

/** What stands beside the probability: each outline's shares, and one difference. */
function comparedHeads(outlines) {
  const labels = outlines.map(({ label }) => label);
  if (!labels.length) return [];
  return [...labels, labels.length > 1 ? "B − A" : `now − ${labels[0]}`];
}

/** The same of one bar, that of row i or of the tail; and as a line, where there is no room for columns. */
function compareRow({ compared, percent: node }, outlines, i, probability, hidden) {
  const shares = outlines.map(({ rows, tail }) => (i < 0 ? tail : rows[i]));
  const [first, second = probability] = shares;
  const change = hidden && shares.length === 1 ? "?" : points(second - first);
  const texts = shares.length ? [...shares.map(percent), change] : [];
  texts.forEach((text, j) => setText(compared[j], text));
  const line = outlines
    .map(({ label }, j) => `${label} ${texts[j]}`)
    .concat(change)
    .join(" · ");
  setAttributes(node, { "data-compared": shares.length ? line : null });
}

const sign = (mark) => h("span", { class: `ll-sign ${mark}`, "aria-hidden": "true" });

/** What the marks of the draws on the bars mean. */
function keyNode() {
  const entry = (mark, text) => h("span", {}, sign(mark), text);
  return h(
    "p",
    { class: "ll-key", "aria-hidden": "true" },
    entry("ll-sign-drawn", "drawn"),
    entry("ll-sign-band", "95\u00a0% of such counts"),
  );
}

export class Table {
  #body = h("tbody");
  #head = h("tr");
  #rows = [];
  #tail;
  #columns = "";
  #actions;
  #key = keyNode();
  #settle = rove(this.#body);
  #compared = 0; // columns
  #small = {};
  #zoom;

  /**
   * `actions`: select(token), point("pointer" or "focus", token or -1), name(token), zoom(), and follow(token), or null
   * where no model continues
   */
  constructor(actions) {
    this.#actions = actions;
    this.#zoom = h("button", { type: "button", class: "ll-zoom", onclick: () => actions.zoom() }, "Zoom bars");
    this.node = h(
      "div",
      { class: "ll-bars" },
      h(
        "div",
        { class: "ll-scroll", role: "group", "aria-label": "Tokens, best first" },
        h("table", { class: "ll-table" }, h("thead", {}, this.#head), this.#body),
      ),
      this.#key,
    );
  }

  #columnHead(order, state, outlines, key) {
    this.#columns = key;
    const step = (name) =>
      h(
        "th",
        { scope: "col", class: isOff(state, name) ? "ll-step ll-off" : "ll-step" },
        h("span", {}, name),
        h("small", {}),
      );
    const compared = comparedHeads(outlines);
    this.#compared = compared.length;
    this.node.style.setProperty("--ll-refs", compared.length);
    this.#small = { scale: h("small"), drawn: h("small") };
    this.#head.replaceChildren(
      h("th", { scope: "col" }, "token"),
      h("th", { scope: "col", class: "ll-n" }, "logit"),
      ...order.map(step),
      h("th", { scope: "col", class: "ll-p" }, h("span", {}, "probability"), this.#zoom, this.#small.scale),
      ...compared.map((label, i) => this.#comparedHead(label, i)),
      h("th", { scope: "col", class: "ll-d" }, h("span", {}, "drawn"), this.#small.drawn),
    );
    this.#rows = [];
    this.#tail = null;
    this.#body.replaceChildren();
  }

  /** How many of these columns stand behind the i-th, which stays in view before them. */
  #behind(i, cell) {
    cell.style.setProperty("--ll-behind", this.#compared - 1 - i);
    return cell;
  }

  #comparedHead(label, i) {
    const last = i === this.#compared - 1;
    const mark = last ? h("small", {}, "points") : sign(`ll-sign-${i}`);
    return this.#behind(i, h("th", { scope: "col", class: "ll-ref" }, h("span", {}, label), mark));
  }

  #newRow(order, state, isTail) {
    const name = isTail ? h("span", { class: "ll-tailname" }) : h("button", { type: "button", class: "ll-pick" });
    const off = (step) => (isOff(state, step) ? "ll-step ll-off" : "ll-step");
    const row = {
      name,
      logit: h("td", { class: "ll-n" }),
      steps: order.map((step) => h("td", { class: off(step) })),
      bar: bar(),
      percent: h("span", { class: "ll-percent" }),
      count: h("span"),
      interval: h("small"),
      outside: h("small"),
      compared: Array.from({ length: this.#compared }, (_, i) => this.#behind(i, h("td", { class: "ll-ref" }))),
    };
    if (!isTail && this.#actions.follow) {
      row.follow = h(
        "button",
        { type: "button", class: "ll-follow", onclick: () => this.#actions.follow(row.token) },
        "→",
      );
      row.end = h("span", { class: "ll-rank" }, END);
    }
    row.node = h(
      "tr",
      { class: isTail ? "ll-tail" : "" },
      h("th", { scope: "row" }, name, row.follow, row.end),
      row.logit,
      ...row.steps,
      h("td", { class: "ll-p" }, h("span", { class: "ll-cell" }, row.bar.node, row.percent)),
      ...row.compared,
      h("td", { class: "ll-d" }, row.count, h("wbr"), row.interval, h("wbr"), row.outside),
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

  /**
   * `look`: hidden, scale of the bars, outlines (label, rows: a share for each row of the scene, tail), revealed
   * (whether the bars go from the outline to where they are), ends, alive
   */
  update(scene, state, order, look) {
    const key = JSON.stringify([order.map((name) => name + isOff(state, name)), look.outlines.map((o) => o.label)]);
    const focused = this.#focused();
    if (key !== this.#columns) {
      this.#columnHead(order, state, look.outlines, key);
    }
    while (this.#rows.length > scene.rows.length) {
      this.#rows.pop().node.remove();
    }
    while (this.#rows.length < scene.rows.length) {
      const row = this.#newRow(order, state, false);
      this.#listen(row);
      this.#rows.push(row);
    }
    this.#tail ??= this.#newRow(order, state, true);
    const nodes = [...this.#rows, this.#tail].map((row) => row.node);
    if (nodes.length !== this.#body.children.length) {
      this.#body.append(...nodes.filter((node, i) => this.#body.children[i] !== node));
    }
    this.#heads(scene, state, order, look);
    this.node.classList.toggle("ll-undrawn", !scene.draws);
    this.node.classList.toggle("ll-compared", look.outlines.length > 0);
    this.node.classList.toggle("ll-reveal", look.revealed);
    this.#key.hidden = !(scene.draws?.n > 1);
    scene.rows.forEach((data, i) => this.#updateRow(this.#rows[i], data, scene, state, order, i, look));
    this.#updateTail(scene, look);
    if (focused) this.#rows[focused.at]?.[focused.what]?.focus();
    this.#settle();
  }

  /** The bar of row i, or with -1 of the tail. */
  barOf(i) {
    return (this.#rows[i] ?? this.#tail).bar.node;
  }

  /** Which button of which row has the focus, as a change of columns makes new ones. */
  #focused() {
    const active = this.node.getRootNode().activeElement;
    const at = this.#rows.findIndex((row) => row.name === active || row.follow === active);
    return at < 0 ? null : { at, what: this.#rows[at].name === active ? "name" : "follow" };
  }

  #heads(scene, state, order, { hidden, scale }) {
    const small = this.#head.querySelectorAll("small");
    order.forEach((name, i) => {
      const at = scene.steps.findIndex(([step]) => step === name);
      setText(small[i], at < 0 ? "off" : hidden ? "?" : headText(scene, at + 1, name, state[name]));
    });
    const whole = scale === 1 && (hidden || scaleOf(scene) === 1);
    setAttributes(this.#zoom, {
      "aria-pressed": String(scale < 1),
      disabled: whole,
      title: whole && !hidden ? "the longest bar takes more than half already" : null,
    });
    setText(this.#small.scale, `bars from 0 to ${exactly(100 * scale)}\u00a0%`);
    const n = scene.draws?.n ?? 0;
    setText(this.#small.drawn, n ? `of ${integer(n)}${n > 1 ? "\n(95\u00a0%)" : ""}` : "");
  }

  #updateRow(row, data, scene, state, order, i, { hidden, scale, outlines, ends, alive }) {
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
      const end = ends.includes(data.token);
      row.follow.hidden = end;
      row.end.hidden = !end;
      setAttributes(row.follow, {
        "aria-label": `continue the text with ${text}`,
        title: alive ? `continue the text with ${text}` : "Run the cell to continue the text",
        disabled: !alive || end,
      });
    }
    setAttributes(row.name, { "aria-pressed": String(state.selected === data.token) });
    setAttributes(row.node, {
      class: `${data.left ? "" : "ll-gone"}${state.selected === data.token ? " ll-selected" : ""}`,
    });
    setText(row.logit, fixed(data.logit, 2));
    order.forEach((name, j) => {
      const at = scene.steps.findIndex(([step]) => step === name);
      setText(row.steps[j], at < 0 ? "" : stepText(data, at + 1, name, hidden));
    });
    updateBar(row.bar, data.probability, scene.draws?.perRow[i], scene.draws?.n, {
      scale,
      hidden,
      outlines: outlines.map(({ rows }) => rows[i]),
    });
    setText(row.percent, hidden ? "?" : percent(data.probability));
    drawnIn(row, scene.draws?.perRow[i], scene.draws?.n, hidden);
    compareRow(row, outlines, i, data.probability, hidden);
  }

  #updateTail(scene, { hidden, scale, outlines }) {
    const { tokens, left, probability } = scene.tail;
    const row = this.#tail;
    row.node.hidden = tokens === 0;
    const who =
      hidden || left === tokens
        ? plural(tokens, "other token")
        : `${integer(left)} of ${plural(tokens, "other token")} left`;
    setText(row.name, who);
    const shares = outlines.map(({ tail }) => tail);
    updateBar(row.bar, probability, scene.draws?.tail, scene.draws?.n, { scale, hidden, outlines: shares });
    setText(row.percent, hidden ? "?" : left === 0 ? "none left" : percent(probability));
    drawnIn(row, scene.draws?.tail, scene.draws?.n, hidden);
    compareRow(row, outlines, -1, probability, hidden);
  }
}
