// A bar: the probability, outlines of what it was or is elsewhere, what was drawn, and what chance allows.
import { h } from "./dom.js";

const x = (share, scale) => `${Math.min(100, (100 * share) / scale)}%`;

/** The numbers stand beside it as text, so the picture itself is hidden from screen readers. */
export function bar() {
  const part = (name) => h("span", { class: `ll-${name}` });
  const [fill, band, drawn] = ["fill", "band", "drawn"].map(part);
  const ghosts = [0, 1].map((i) => part(`ghost ll-ghost-${i}`));
  const node = h("span", { class: "ll-bar", "aria-hidden": "true" }, fill, ...ghosts, band, drawn);
  return { node, fill, ghosts, band, drawn };
}

/** `look`: scale, hidden, outlines (the shares to compare with). A hidden bar stands where the first of them is. */
export function updateBar({ node, fill, ghosts, band, drawn }, probability, compared, n, { scale, hidden, outlines }) {
  const share = hidden ? (outlines[0] ?? 0) : probability;
  fill.style.width = x(share, scale);
  fill.style.visibility = hidden ? "hidden" : "";
  node.classList.toggle("ll-cut", share > scale && !hidden);
  ghosts.forEach((ghost, i) => {
    ghost.hidden = !outlines[i];
    ghost.style.width = x(outlines[i] ?? 0, scale);
  });
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
