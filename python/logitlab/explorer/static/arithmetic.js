// The arithmetic of one token, line by line in the sampler's order: the one under the pointer or focus, else the
// selected one, else the best.
import { h, panel, setText, tokenNode } from "./dom.js";
import { shareAbove } from "./scene.js";
import { equals, exactly, integer, number, percent } from "./text.js";

const missed = (row) => (row.margin > 0 && row.margin < Infinity ? `, ${number(row.margin)} short in logits` : "");
const kept = (stage, row) => (stage.left ? "kept" : `removed${missed(row)}`);

const TIES = 2; // LL_TIES of csrc/kernels/chain.h

/** What keeps a token that lies beyond the end: it equals the last one before it, and the engine keeps all of those. */
const tied = (within, stage) => (stage.left && !within ? ", but as large as the last of them" : "");

function topK(k, row, stage) {
  const within = row.rank <= k;
  return `rank ${integer(row.rank)} ${within ? "≤" : ">"} ${integer(k)}${tied(within, stage)}: ${kept(stage, row)}`;
}

function topP(p, row, stage, before, kernels, [, edges]) {
  if (row.rank === 1) return `no token is better: ${kept(stage, row)}`;
  const above = shareAbove(kernels, row.rank, before);
  const less = above < p;
  const compared = `${less ? "less than" : "at least"} ${percent(p)}${tied(less || !(edges & TIES), stage)}`;
  return `better tokens share ${percent(Math.min(1, above))}, ${compared}: ${kept(stage, row)}`;
}

function minP(p, row, stage, before, best) {
  const ratio = row.stages[0].left ? best.ratio(row, before) : 0;
  const compared = `${ratio >= p ? "at least" : "less than"} ${exactly(p)}`;
  return `${number(ratio)} times as likely as the best, ${compared}: ${kept(stage, row)}`;
}

function temperature(T, row, stage) {
  if (T === 0) return `T = 0 keeps the first of the best alone: ${kept(stage, row)}`;
  return `logit / T = ${number(row.logit)} / ${exactly(T)} ${equals(number(stage.scaled))}`;
}

/** A step of which there is no more to say. */
const keptOrNot = (value, row, stage) => kept(stage, row);

const LINES = { top_k: topK, top_p: topP, min_p: minP, temperature };

function lines(scene, row, kernels) {
  const max = scene.rows[0].logit;
  const best = {
    ratio: (r, stage) => (r.logit === max ? 1 : kernels.weight(r.logit, max, stage.temperature)),
  };
  const result = [["logit", `z = ${number(row.logit)}, rank ${integer(row.rank)} of ${integer(scene.n)}`]];
  for (let i = 0; i < scene.steps.length; i++) {
    const [name, value, ...rest] = scene.steps[i];
    const stage = row.stages[i + 1];
    const about = name === "min_p" ? best : kernels;
    const line = LINES[name] ?? keptOrNot;
    result.push([`${name} ${exactly(value)}`, line(value, row, stage, scene.records[i], about, rest)]);
    if (!stage.left) {
      return [...result, ["probability", "0: a removed token is never drawn"]];
    }
  }
  return [...result, ...last(scene, row, max, kernels)];
}

function last(scene, row, max, kernels) {
  const end = scene.records.at(-1);
  const T = end.temperature;
  const weight = row.logit === max ? 1 : kernels.weight(row.logit, max, T);
  const over = T === 1 ? "z − best" : "(z − best) / T";
  const below = (row.logit - max) / T;
  return [
    ["weight", `exp(${over}) = exp(${number(below)}) ${equals(number(weight))}`],
    [
      "probability",
      `weight / sum of ${end.count === 1 ? "the one weight" : `the ${integer(end.count)} weights`} = ` +
        `${number(weight)} / ${number(end.sum)} ${equals(percent(row.probability))}`,
    ],
    ["why − best", "it divides every weight by the same number: the shares stay, and exp never overflows"],
  ];
}

export class Arithmetic {
  #list = h("dl");
  #token = tokenNode("");
  #id = h("small");
  #lines = []; // pairs of a term and what is said of it

  constructor(name) {
    this.name = name;
    this.node = panel("arithmetic", ["The arithmetic of ", this.#token, this.#id], this.#list);
  }

  update(scene, row, kernels, hidden) {
    setText(this.#token, this.name(row.token));
    setText(this.#id, ` token ${integer(row.token)}`);
    const shown = hidden ? [["hidden", "until you have guessed"]] : lines(scene, row, kernels);
    while (this.#lines.length > shown.length) this.#lines.pop().forEach((node) => node.remove());
    while (this.#lines.length < shown.length) {
      this.#lines.push([h("dt"), h("dd")]);
      this.#list.append(...this.#lines.at(-1));
    }
    shown.forEach((pair, i) => pair.forEach((text, j) => setText(this.#lines[i][j], text)));
  }
}
