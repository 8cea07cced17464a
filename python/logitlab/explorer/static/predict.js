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
  before = null;
  said = null;
  after = null;

  /** A parameter has changed. `share` is what the best token had on the screen. */
  change(share) {
    if (!this.hidden) {
      this.before = share;
    }
    this.hidden = true;
    this.said = null;
  }

  guess(said, share) {
    this.hidden = false;
    this.said = said;
    this.after = share;
  }

  stop() {
    this.hidden = false;
    this.said = null;
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
      this.#question.replaceChildren(...(key ? this.#ask(best) : []));
    }
    if (on && prediction.said) {
      const { before, after, said } = prediction;
      const happened = outcome(before, after);
      this.#answer.replaceChildren(
        said === happened ? "✓ Right: " : "✗ Not so: ",
        tokenNode(best),
        ` went from ${percent(before)} to ${percent(after)}: ${WORDS[happened]}.`,
      );
    } else {
      setText(this.#answer, on && !prediction.hidden ? "Move a slider: the bars hide until you have guessed." : "");
    }
  }

  #ask(best) {
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
      h("span", {}, "The share of ", tokenNode(best), " will be"),
      choice("larger"),
      choice("same"),
      choice("smaller"),
    ];
  }
}
