// What is left of a row that was too long to be saved with its notebook: the bars as they stood, nothing moves.
import { h, tokenNode } from "./dom.js";
import { fixed, percent, plural } from "./text.js";

/** [name, logit, probability] of each row on the screen, as a notebook can save it. */
export function stillOf({ rows, tail }, name) {
  const others = tail.tokens ? [[plural(tail.tokens, "other token"), null, tail.probability]] : [];
  return [...rows.map((row) => [name(row.token), row.logit, row.probability]), ...others];
}

function line([name, logit, probability]) {
  const fill = h("span", { class: "ll-fill" });
  fill.style.width = `${100 * probability}%`;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, tokenNode(name)),
    h("td", { class: "ll-n" }, logit === null ? "" : fixed(logit, 2)),
    h(
      "td",
      { class: "ll-p" },
      h(
        "span",
        { class: "ll-cell" },
        h("span", { class: "ll-bar", "aria-hidden": "true" }, fill),
        h("span", { class: "ll-percent" }, percent(probability)),
      ),
    ),
  );
}

export function stillNode(lines) {
  const heads = ["token", "logit", "probability"].map((text) => h("th", { scope: "col" }, text));
  return h(
    "div",
    { class: "ll-panel ll-still" },
    h(
      "p",
      {},
      "This row was too long to be saved with the notebook. Run the cell again to move the sliders; so it stood:",
    ),
    h("table", { class: "ll-table" }, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...lines.map(line))),
  );
}
