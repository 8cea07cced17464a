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
 * The path of the line where `value(x, y)` is `level`, y upwards, and a place on it for its name, as shares of the
 * field: `along` of the way through the places that are not at the edge. null where the line is not in the field.
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
  const at = inside.length ? inside[Math.floor(inside.length * along)] : null;
  return { d, at: at && [at[0] / columns, at[1] / rows] };
}
