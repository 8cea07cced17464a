// A line of equal value on a grid, by marching squares: whatever its slope, it does not break off.

/** Where the edges of a cell are crossed, as pairs of points: each edge goes from corner i to corner i + 1. */
function crossings(corners, values, level) {
  const points = [];
  for (let i = 0; i < 4; i++) {
    const [a, b] = [values[i], values[(i + 1) % 4]];
    if (Number.isNaN(a + b) || a >= level === b >= level) continue;
    const t = (level - a) / (b - a);
    const [[x, y], [to, at]] = [corners[i], corners[(i + 1) % 4]];
    points.push([x + t * (to - x), y + t * (at - y)]);
  }
  return points;
}

/**
 * The path of the line where `value(x, y)` is `level`, y upwards, and places on it for its name, as shares of the
 * field: none at the edge, the best first, which is `along` of the way, then those around it.
 */
export function contour(value, columns, rows, level, along) {
  let d = "";
  const inside = [];
  for (let x = 0; x + 1 < columns; x++) {
    for (let y = 0; y + 1 < rows; y++) {
      const corners = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]]; // prettier-ignore
      const points = crossings(corners, corners.map(([i, j]) => value(i, j)), level); // prettier-ignore
      const placed = points.map(([i, j]) => [i + 0.5, rows - 0.5 - j]);
      for (let i = 0; i + 1 < placed.length; i += 2) {
        const [from, to] = placed.slice(i, i + 2).map((p) => p.map((v) => +v.toFixed(2)).join(" "));
        d += `M${from}L${to}`;
      }
      if (placed.length && x > 1 && x < columns - 3 && y > 1 && y < rows - 3) inside.push(placed[0]);
    }
  }
  const best = Math.floor(inside.length * along);
  const places = inside
    .map(([i, j], at) => ({ far: Math.abs(at - best), place: [i / columns, j / rows] }))
    .sort((a, b) => a.far - b.far);
  return { d, places: places.map(({ place }) => place) };
}
