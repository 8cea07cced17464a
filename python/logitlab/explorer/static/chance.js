// What chance alone does to a count: the exact binomial distribution. The twin of chance.py.
//
// Each weight follows from its neighbour's, from the most likely count outwards until nothing is added: no factorial
// and no approximation, also for counts near 0.

const SIDE = 0.025; // of the mass, on either side

/** The counts that are likely at all, and what each weighs beside the likeliest. */
function weightsOf(n, p) {
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const down = [];
  const up = [1];
  for (let k = mode, w = 1; k > 0 && w > 1e-18; k--) {
    w *= (k * (1 - p)) / ((n - k + 1) * p);
    down.push(w);
  }
  for (let k = mode, w = 1; k < n && w > 1e-18; k++) {
    w *= ((n - k) * p) / ((k + 1) * (1 - p));
    up.push(w);
  }
  return { from: mode - down.length, weights: [...down.toReversed(), ...up] };
}

/**
 * The middle 95 % of the counts of n draws at probability p: no more than 2.5 % lie below `low`, no more than 2.5 %
 * above `high`; `outside` is the probability of what lies beyond either. As the counts are whole, it is below 5 %.
 */
export function countsOf(n, p) {
  if (p <= 0 || p >= 1) return { low: n * p, high: n * p, outside: 0 };
  const { from, weights } = weightsOf(n, p);
  const total = weights.reduce((sum, w) => sum + w, 0);
  let [low, below, high, above] = [0, 0, weights.length - 1, 0];
  while (below + weights[low] < SIDE * total) below += weights[low++];
  while (above + weights[high] <= SIDE * total) above += weights[high--];
  return { low: from + low, high: from + high, outside: (below + above) / total };
}
