// What is on the screen, as data: one consistent picture of one state, with no DOM in it.
//
// A state is what Python knows of: the parameters, engine, seed, draws, selected, shown, and the text's `place`: how
// many tokens were added to it.
import { countsOf } from "./chance.js";
import { PARAMETERS } from "./parameters.js";

export const isOff = (state, name) => state[name] === PARAMETERS[name].off;

/** Each engine's steps, of widget.py's `spelt`: [name, the integers of its edge rules, whether 0 turns it off]. */
export function programsOf(text) {
  const step = (numbers) => {
    const [at, off, ...edges] = numbers.split(".").map(Number);
    return [Object.keys(PARAMETERS)[at], edges, off];
  };
  const program = (line) => line.split("=").map((part, i) => (i ? part.split(",").map(step) : part));
  return Object.fromEntries(text.split(";").map(program));
}

/** widget.py's `refused`: for each engine and option a range of values that it refuses or changes, in what words. */
export function refusalsOf(text) {
  return text.split("\n").map((line) => {
    const [engine, option, low, high, says] = line.split("\t");
    return { engine, option, low: Number(low), high: Number(high), says };
  });
}

/** Why an engine cannot be asked for these values; undefined if it can. */
export const refusalOf = (refusals, engine, state) =>
  refusals.find((r) => r.engine === engine && state[r.option] >= r.low && state[r.option] <= r.high)?.says;

/**
 * The steps of an engine that are not off, in its order. A program has [name, edge rules as numbers, off at 0] for
 * each step.
 */
export function stepsOf(state, program) {
  const on = program.filter(([name, , offAtZero]) => !isOff(state, name) && !(offAtZero && state[name] === 0));
  return on.map(([name, edges]) => [name, state[name], ...edges]);
}

/** The tokens that have a row: the best by logit, and the one that is selected. */
export function tokensShown(kernels, state) {
  const order = kernels.orderView();
  const best = Array.from(order.subarray(0, Math.min(state.shown, kernels.n)));
  const selected = state.selected;
  return selected >= 0 && selected < kernels.n && !best.includes(selected) ? [...best, selected] : best;
}

/** A token at one stage: whether it is left, its share of what is, its logit over the temperature so far. */
function stageOf(kernels, record, z, max, left) {
  const weight = z === max ? 1 : kernels.weight(z, max, record.temperature);
  const share = record.count === 1 ? 1 : weight / record.sum;
  return { left, share: left ? share : 0, scaled: z / record.temperature };
}

function rowOf(kernels, trace, token, rank) {
  const z = kernels.rowView()[token];
  const max = kernels.rowView()[kernels.orderView()[0]];
  const removed = trace.removedView[token];
  return {
    token,
    rank,
    logit: z,
    argmax: rank === 1,
    removed,
    margin: trace.marginView[token],
    stages: trace.records.map((record, i) => stageOf(kernels, record, z, max, removed > i)),
    left: removed === trace.records.length,
    probability: trace.probsView[token],
  };
}

/** What all tokens without a row share: counted in integers, summed from the smallest numbers there are. */
function tailOf(trace, rows, n) {
  const end = trace.records.at(-1);
  const left = end.count - rows.filter((row) => row.left).length;
  const tokens = rows.map((row) => row.token);
  return { tokens: n - rows.length, left, probability: left > 0 ? restOf(trace.probsView, tokens) : 0 };
}

function restOf(probsView, tokens) {
  const shown = tokens.reduce((sum, token) => sum + probsView[token], 0);
  if (shown < 0.99) {
    return Math.max(0, 1 - shown);
  }
  let rest = 0; // 1 - shown would be rounding: add up what is there, between the tokens that have a row
  let from = 0;
  for (const to of [...tokens, probsView.length].sort((a, b) => a - b)) {
    for (; from < to; from++) rest += probsView[from];
    from++;
  }
  return rest;
}

/** What each of some tokens has after a chain of steps, and what all others share. */
export function sharesOf(kernels, steps, tokens) {
  const trace = kernels.trace(steps);
  if (!trace) return { rows: tokens.map(() => 0), tail: 0 };
  return { rows: tokens.map((token) => trace.probsView[token]), tail: restOf(trace.probsView, tokens) };
}

const GROWTH = 60; // points of a line

// of the kernels: the uniforms of the last question, as a slider asks for the same ones again
const streams = new WeakMap();

/**
 * The doubles of the draws at a place of the text: its i-th token takes the i-th double of the seed's stream, so they
 * begin there. `last` is that of the last draw; sorted, the kernel weighs each block once, and `order` says which is
 * which.
 */
function streamOf(kernels, { seed, place = 0, draws }) {
  const key = `${seed} ${place} ${draws}`;
  const had = streams.get(kernels);
  if (had?.key === key) return had;
  const uniforms = kernels.uniforms(seed, draws, place);
  const order = new Uint32Array(draws).map((_, i) => i).sort((a, b) => uniforms[a] - uniforms[b]);
  const sorted = Float64Array.from(order, (i) => uniforms[i]);
  const stream = { key, last: uniforms[draws - 1], order, sorted };
  streams.set(kernels, stream);
  return stream;
}

/** A bar's count beside what chance alone does to it; one draw says nothing about chance. */
function compare(n, probability, count) {
  if (n < 2) return { count, expected: 0, low: 0, high: 0, likely: 0, outside: false };
  const { low, high, outside } = countsOf(n, Math.min(1, probability));
  return { count, expected: n * probability, low, high, likely: outside, outside: count < low || count > high };
}

/** How often each token was drawn, in the order in which they came, and how many different ones there were by then. */
function tallyOf(tokens) {
  const counts = new Map();
  const growth = [[0, 0]];
  const every = Math.ceil(tokens.length / GROWTH);
  tokens.forEach((token, i) => {
    counts.set(token, (counts.get(token) ?? 0) + 1);
    if ((i + 1) % every === 0 || i + 1 === tokens.length) growth.push([i + 1, counts.size]);
  });
  return { counts, growth };
}

/** The draws: the last one's uniform and token, and what each bar got beside what it was to get. */
function drawsOf(kernels, state, rows, tail) {
  const n = state.draws;
  const { last: u, sorted, order } = streamOf(kernels, state);
  const tokens = new Uint32Array(n);
  kernels.draws(sorted).forEach((token, i) => (tokens[order[i]] = token));
  const { counts, growth } = tallyOf(tokens);
  const perRow = rows.map((row) => compare(n, row.probability, counts.get(row.token) ?? 0));
  const inRows = perRow.reduce((sum, { count }) => sum + count, 0);
  rows.forEach((row) => counts.delete(row.token));
  const fallen = [...counts].sort(([, a], [, b]) => b - a);
  const got = compare(n, tail.probability, n - inRows);
  return { n, u, last: tokens[n - 1], tokens, perRow, tail: got, different: growth.at(-1)[1], growth, fallen };
}

/** The token that the text takes next: the one on which the seed's double for this place falls. */
function nextOf(kernels, { seed, place = 0 }) {
  const [u] = kernels.uniforms(seed, 1, place);
  const [token] = kernels.draws([u]);
  return { u, token };
}

/** The bar of running sums, in token order: the tokens with a row, and between them the others. */
function barOf(kernels, rows) {
  const left = rows.filter((row) => row.left).sort((a, b) => a.token - b.token);
  const starts = kernels.cumulative(left.map((row) => row.token));
  const ends = kernels.cumulative(left.map((row) => row.token + 1));
  const parts = [];
  let at = 0;
  left.forEach((row, i) => {
    if (starts[i] > at) {
      parts.push({ from: at, to: starts[i], row: null });
    }
    parts.push({ from: starts[i], to: ends[i], row });
    at = ends[i];
  });
  return at < 1 ? [...parts, { from: at, to: 1, row: null }] : parts;
}

/** The picture of a state; null where nothing can be drawn from the row. */
export function sceneOf(kernels, state, program) {
  const steps = stepsOf(state, program);
  const trace = kernels.trace(steps);
  if (!trace) {
    return null;
  }
  const ranks = tokensShown(kernels, state);
  const all = kernels.orderView();
  const rows = ranks.map((token, i) => rowOf(kernels, trace, token, i < state.shown ? i + 1 : all.indexOf(token) + 1));
  const tail = tailOf(trace, rows, kernels.n);
  const end = trace.records.at(-1);
  if (state.draws || state.follow) kernels.settle();
  const draws = state.draws ? drawsOf(kernels, state, rows, tail) : null;
  return {
    steps,
    records: trace.records,
    rows,
    tail,
    draws,
    next: state.follow ? nextOf(kernels, state) : null,
    n: kernels.n,
    left: end.count,
    entropy: end.entropy,
    choices: Math.exp(end.entropy),
    bar: draws ? barOf(kernels, rows) : [],
  };
}

/** What the tokens better than this one share after a stage: what top_p compares with P. */
export function shareAbove(kernels, rank, record) {
  const order = kernels.orderView();
  const row = kernels.rowView();
  let sum = 0;
  for (let i = 0; i < rank - 1; i++) {
    sum += kernels.weight(row[order[i]], row[order[0]], record.temperature);
  }
  return sum / record.sum;
}

function keptBy(kernels, steps) {
  const tokens = [];
  kernels.trace(steps).removedView.forEach((removed, token) => removed > steps.length && tokens.push(token));
  return tokens;
}

/** The tokens of one list that another lacks, both ascending. */
function without(tokens, others) {
  let at = 0;
  return tokens.filter((token) => {
    while (others[at] < token) at++;
    return others[at] !== token;
  });
}

/**
 * The set of tokens that each engine's order keeps, beside that of the engine in use: a generator, because each order
 * takes as long as a picture. An engine that refuses a value keeps nothing that could be compared.
 */
export function* enginesOf(kernels, state, engines, refusals) {
  const kept = new Map();
  for (const [name, program] of Object.entries(engines)) {
    const steps = stepsOf(state, program);
    const key = JSON.stringify(steps);
    if (!kept.has(key)) kept.set(key, keptBy(kernels, steps));
    kept.set(name, kept.get(key));
    yield;
  }
  const own = kept.get(state.engine);
  return Object.entries(engines).map(([name, program]) => {
    const tokens = kept.get(name);
    const [more, fewer] = tokens === own ? [[], []] : [without(tokens, own), without(own, tokens)];
    const order = stepsOf(state, program).map(([step]) => step);
    return { name, order, kept: tokens.length, more, fewer, refuses: refusalOf(refusals, name, state) };
  });
}
