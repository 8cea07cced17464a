// A bar: the probability, an outline of what it was before a prediction, what was drawn, and what chance allows.
import { h } from "./dom.js";

const x = (share, scale) => `${Math.min(100, (100 * share) / scale)}%`;

/** The numbers stand beside it as text, so the picture itself is hidden from screen readers. */
export function bar() {
  const [fill, ghost, band, drawn] = ["fill", "ghost", "band", "drawn"].map((name) =>
    h("span", { class: `ll-${name}` }),
  );
  const node = h("span", { class: "ll-bar", "aria-hidden": "true" }, fill, ghost, band, drawn);
  return { node, fill, ghost, band, drawn };
}

/** `look`: scale, hidden, before (the share to compare with, or undefined). A hidden bar stands where it stood. */
export function updateBar({ node, fill, ghost, band, drawn }, probability, compared, n, { scale, hidden, before }) {
  const share = hidden ? (before ?? 0) : probability;
  fill.style.width = x(share, scale);
  fill.style.visibility = hidden ? "hidden" : "";
  node.classList.toggle("ll-cut", share > scale && !hidden);
  ghost.hidden = before === undefined;
  ghost.style.width = x(before ?? 0, scale);
  drawn.hidden = !compared || hidden || (compared.count === 0 && probability === 0);
  band.hidden = drawn.hidden || n < 2;
  if (!drawn.hidden) {
    const [low, high] = [compared.low / n, compared.high / n];
    band.style.left = x(low, scale);
    band.style.width = `calc(${x(high, scale)} - ${x(low, scale)})`;
    drawn.style.left = x(compared.count / n, scale);
    drawn.classList.toggle("ll-outside", compared.outside);
  }
}
