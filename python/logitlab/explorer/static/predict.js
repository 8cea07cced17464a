// Predict first: while this is on, a change hides the bars until the class has said what will happen to the best
// token's share.
import { h, setAttributes, setText, tokenNode } from "./dom.js";
import { integer, percent, plural } from "./text.js";

const SAME = 5e-4; // shares closer than 0.05 percentage points are the same

export const outcome = (before, after) =>
  Math.abs(after - before) < SAME ? "same" : after > before ? "larger" : "smaller";
const WORDS = { larger: "larger", same: "the same", smaller: "smaller" };

const ANSWERS = Object.keys(WORDS);

/** The state of the game, shared by all views of a model. */
export class Prediction {
  hidden = false;
  before = null; // the settings before the change: their bars stay as outlines until the next one
  said = null;
  from = 0; // the best token's share, before and after
  to = 0;
  hands = []; // what was said by show of hands, one after the other

  /** A parameter has changed; `pin` is what was set before, `share` the best token's. */
  change(pin, share) {
    if (!this.hidden) {
      this.before = pin;
      this.from = share;
      this.hands = [];
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
    this.hands = [];
  }
}

const handsFor = (hands, choice) => hands.filter((said) => said === choice).length;

/** "Of 22 hands, 12 said larger, 3 the same, 7 smaller." */
function handsSaid(hands) {
  if (!hands.length) return "";
  const [first, ...others] = ANSWERS.map((choice) => `${handsFor(hands, choice)}`);
  return ` Of ${plural(hands.length, "hand")}, ${first} said larger, ${others[0]} the same, ${others[1]} smaller.`;
}

export class Predict {
  #toggle;
  #question = h("div", { class: "ll-question" });
  #answer = h("p", { class: "ll-answer" });
  #counters = [];
  #take;

  /** `actions`: turn(on), guess(said), hand(said, or null to take the last one back), name(token) */
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
    if (key) this.#count(prediction.hands);
    if (on && prediction.said) {
      const { from, to, said, hands } = prediction;
      const happened = outcome(from, to);
      this.#answer.replaceChildren(
        said === happened ? "✓ Right: " : "✗ Not so: ",
        tokenNode(best),
        ` went from ${percent(from)} to ${percent(to)}: ${WORDS[happened]}.${handsSaid(hands)}`,
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
      h("div", { class: "ll-choices" }, ...ANSWERS.map(choice)),
      this.#hands(),
    ];
  }

  /** A show of hands: a counter under each answer. */
  #hands() {
    this.#counters = ANSWERS.map((said, i) =>
      h("button", { type: "button", "aria-keyshortcuts": `${i + 1}`, onclick: () => this.actions.hand(said) }),
    );
    this.#take = h(
      "button",
      {
        type: "button",
        "aria-label": "Take the last hand back",
        "aria-keyshortcuts": "-",
        onclick: () => this.actions.hand(null),
      },
      "−",
    );
    return h(
      "div",
      { class: "ll-choices ll-hands", role: "group", "aria-label": "Show of hands: keys 1, 2, 3, and − to undo" },
      ...this.#counters,
      this.#take,
    );
  }

  #count(hands) {
    ANSWERS.forEach((said, i) => {
      setText(this.#counters[i], `✋ ${integer(handsFor(hands, said))}`);
      setAttributes(this.#counters[i], { "aria-label": `hands for ${WORDS[said]}: ${handsFor(hands, said)}` });
    });
    setAttributes(this.#take, { disabled: !hands.length });
  }
}
