// The keyboard inside the widget: keys stay here, Ctrl+Z takes back, Escape leaves, and many buttons are one Tab stop.
import { setAttributes } from "./dom.js";

const STEPS = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const plain = (event) => !event.ctrlKey && !event.metaKey && !event.altKey;
const typed = (node) => node.matches("input:not([type=range], [type=radio])");

/** Where the same kind of button stands in the next row that has one. */
function inRow(button, step) {
  const [kind] = button.classList;
  let row = button.closest("tr");
  do row = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  while (row && !row.querySelector("button"));
  return row?.querySelector(`.${kind}`) ?? row?.querySelector("button");
}

/**
 * Makes the buttons in `node` one Tab stop: arrow keys, Home and End go between them, in a table up and down by rows.
 * Gives the function to call when buttons have come or gone.
 */
export function rove(node) {
  const all = () => [...node.querySelectorAll("button:not([disabled])")];
  const hold = (chosen) => all().forEach((button) => setAttributes(button, { tabindex: button === chosen ? 0 : -1 }));
  node.addEventListener("focusin", (event) => event.target.matches("button") && hold(event.target));
  node.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step === undefined || !plain(event) || !event.target.matches("button")) return;
    event.preventDefault();
    const buttons = all();
    const at = Math.min(buttons.length - 1, Math.max(0, buttons.indexOf(event.target) + step));
    const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    (vertical && event.target.closest("tr") ? inRow(event.target, step) : buttons[at])?.focus();
  });
  return () => {
    const buttons = all();
    hold(buttons.find((button) => button.tabIndex === 0 && button.hasAttribute("tabindex")) ?? buttons[0]);
  };
}

/** Keys of their own for what is done often: `work[key]()` gives false where there is nothing to do. */
export function shortcuts(root, work) {
  root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !plain(event) || typed(event.target) || event.target.matches("select")) return;
    const key = event.key.toLowerCase();
    if (!Object.hasOwn(work, key) || work[key]() === false) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
}

/** To the notebook's cell, so that its own keys work again; elsewhere to nothing. */
function leave(root) {
  const active = root.getRootNode().activeElement;
  const cell = root.closest(".jp-Cell, [tabindex]");
  active?.blur();
  cell?.focus({ preventScroll: true });
}

/** Listens on the widget's root, for the stage's keys too; gives the function that ends it. */
export function keepKeys(root, undo, stage) {
  const down = (event) => {
    if (event.key === "Escape") {
      if (!event.defaultPrevented && !stage.escape()) leave(root);
    } else if (plain(event)) {
      event.stopPropagation(); // JupyterLab's command mode would take it: arrows move its cells, `d d` deletes one
      if (event.key === "Enter" && event.target.matches(".ll-exact")) stage.entered();
      if (!typed(event.target) && !event.target.matches("select")) stage.press(event);
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.altKey && !typed(event.target)) {
      event.stopPropagation();
      event.preventDefault();
      undo();
    }
  };
  root.addEventListener("keydown", down);
  return () => root.removeEventListener("keydown", down);
}
