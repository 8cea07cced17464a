// Predict first: while this is on, a change hides the bars until the class has said what will happen to the best
// token's share.
import { h, setAttributes, setText, tokenNode } from "./dom.js";
import { percent } from "./text.js";

const SAME = 5e-4; // shares closer than 0.05 percentage points are the same

export const outcome = (before, after) =>
  Math.abs(after - before) < SAME ? "same" : after > before ? "larger" : "smaller";
const WORDS = { larger: "larger", same: "the same", smaller: "smaller" };

/** The state of the game, shared by all views of a model. */
export class Prediction {
  hidden = false;
  before = null; // token -> probability before the change, -1 for the tail: the outlines of the old bars
  said = null;
  from = 0; // the best token's share, before and after
  to = 0;

  /** A parameter has changed; `scene` is what was on the screen. */
  change(scene) {
    if (!this.hidden) {
      this.before = new Map(scene.rows.map((row) => [row.token, row.probability]));
      this.before.set(-1, scene.tail.probability);
      this.from = scene.rows[0].probability;
    }
    this.hidden = true;
    this.said = null;
  }

  guess(said, share) {
    this.hidden = false;
    this.said = said;
    this.to = share;
  }

  stop() {
    this.hidden = false;
    this.said = null;
    this.before = null;
  }
}

export class Predict {
  #toggle;
  #question = h("div", { class: "ll-question" });
  #answer = h("p", { class: "ll-answer" });

  /** `actions`: turn(on), guess(said), name(token) */
  constructor(actions) {
    this.actions = actions;
    this.#toggle = h(
      "button",
      {
        type: "button",
        class: "ll-toggle",
        onclick: () => actions.turn(this.#toggle.getAttribute("aria-pressed") !== "true"),
      },
      "Predict first",
    );
    this.node = h("div", { class: "ll-predict" }, this.#toggle, this.#question, this.#answer);
  }

  update(prediction, on, scene) {
    setAttributes(this.#toggle, { "aria-pressed": String(on) });
    const best = this.actions.name(scene.rows[0].token);
    const key = on && prediction.hidden ? best : "";
    if (this.key !== key) {
      this.key = key;
      this.#question.replaceChildren(...(key ? this.#ask(best, prediction.from) : []));
    }
    if (on && prediction.said) {
      const { from, to, said } = prediction;
      const happened = outcome(from, to);
      this.#answer.replaceChildren(
        said === happened ? "✓ Right: " : "✗ Not so: ",
        tokenNode(best),
        ` went from ${percent(from)} to ${percent(to)}: ${WORDS[happened]}.`,
      );
    } else {
      setText(this.#answer, on && !prediction.hidden ? "Move a slider: the bars hide until you have guessed." : "");
    }
  }

  #ask(best, share) {
    const choice = (said) =>
      h(
        "button",
        {
          type: "button",
          onclick: () => {
            this.actions.guess(said);
            this.#toggle.focus();
          },
        },
        WORDS[said],
      );
    return [
      h("span", {}, tokenNode(best), ` had ${percent(share)}. Its share will be`),
      choice("larger"),
      choice("same"),
      choice("smaller"),
    ];
  }
}
