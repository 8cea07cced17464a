// Undo: how the screen stood before each thing that was done in the page. A drag, or arrow keys in a row, are one step.
import { PARAMETERS } from "./parameters.js";

export const UNDONE = [...Object.keys(PARAMETERS), "engine", "seed", "draws", "pins"];
const LONGEST = 200;
const TOGETHER = 1000; // ms between two changes of one slider that are one step

export class History {
  #steps = [];
  #last = "";
  #at = 0;

  get empty() {
    return this.#steps.length === 0;
  }

  /** How the screen stood before the last step, as an object of its own. */
  get last() {
    return this.#steps.at(-1);
  }

  /** `slider` names what is still moving: its changes in a row are one step. */
  note(before, slider = "") {
    const now = performance.now();
    const goesOn = slider !== "" && slider === this.#last && now - this.#at < TOGETHER;
    this.#last = slider;
    this.#at = now;
    if (goesOn) return;
    this.#steps.push(before);
    if (this.#steps.length > LONGEST) this.#steps.shift();
  }

  /** How the screen stood before the last step; undefined if there is none. */
  back() {
    this.#last = "";
    return this.#steps.pop();
  }
}
