// The stage: the explorer over the whole window, for a class. It is the same page with another layout: the text, one
// slider, the bars, and next to them one of the other panels. The page behind cannot be reached until it is left.
import { h, setAttributes } from "./dom.js";
import { CHECKS, PARAMETERS } from "./parameters.js";

const ALONE = "bars"; // no panel next to them
const PANELS = CHECKS.stage.words.filter((name) => name !== ALONE);
const OPENED = "logitlab-stage"; // each widget of a page has its own copy of this module: they meet at the document
export const ON_STAGE = 8; // bars, and one of all other tokens

const key = (text) => h("kbd", { "aria-hidden": "true" }, text);
const button = (text, letter, work, properties = {}) =>
  h("button", { type: "button", "aria-keyshortcuts": letter, onclick: work, ...properties }, text, " ", key(letter));

/** All that is not `root` and does not hold it. */
function outside(root) {
  const found = [];
  for (let node = root; node && node !== document.body; node = node.parentNode ?? node.host) {
    const siblings = node.parentNode ? [...node.parentNode.children] : [];
    found.push(...siblings.filter((other) => other !== node && other instanceof HTMLElement && !other.inert));
  }
  return found.filter((node) => node.localName !== "style");
}

export class Stage {
  #root;
  #actions;
  #panels;
  #on = false;
  #wanted = false; // at once, while the screen follows with the next frame
  #back = null; // what had the focus
  #behind = [];
  #sliders = {};
  #tabs = {};

  /**
   * `actions`: stage(panel, or null to leave), slider(name), focus(name of a slider), alone (whether the page is this
   * explorer's). `panels`: for each name the nodes that it shows.
   */
  constructor(root, actions, panels) {
    this.#root = root;
    this.#actions = actions;
    this.#panels = panels;
    this.button = button("Stage", "F", () => this.open(), { class: "ll-open" });
    for (const name of Object.keys(PARAMETERS)) {
      this.#sliders[name] = button(name, PARAMETERS[name].key, () => this.#take(name));
    }
    PANELS.forEach((name, i) => {
      this.#tabs[name] = button(name, String(i + 1), () => this.#show(name));
    });
    const group = (label, ...nodes) => h("div", { class: "ll-buttons", role: "group", "aria-label": label }, ...nodes);
    this.sliders = h("div", { class: "ll-which" }, group("Slider", ...Object.values(this.#sliders)));
    this.tabs = h(
      "div",
      { class: "ll-tabs" },
      group("Beside the bars", ...Object.values(this.#tabs)),
      button("Leave", "Esc", () => this.leave(), { class: "ll-leave" }),
    );
    document.addEventListener("fullscreenchange", this.#changed);
    document.addEventListener(OPENED, this.#other);
    document.addEventListener("keydown", this.#stray);
  }

  #take(name) {
    this.#actions.slider(name);
    this.#actions.focus(name);
  }

  /** The panel that is there already goes. */
  #show(name) {
    this.#actions.stage(this.panel === name ? ALONE : name);
  }

  open() {
    this.#wanted = true;
    this.#actions.stage(ALONE);
    this.#fill();
  }

  leave() {
    this.#wanted = false;
    this.#actions.stage(null);
  }

  /** The whole screen, where a browser allows it: after a key or a press, and not in every frame. */
  async #fill() {
    if (document.fullscreenElement || !document.fullscreenEnabled || !navigator.userActivation?.isActive) return;
    try {
      await document.documentElement.requestFullscreen();
      this.full = true;
    } catch {
      // the window is filled in any case
    }
    if (!this.#wanted) this.#unfill();
    else if (this.#on) this.#lift();
  }

  #unfill() {
    if (this.full && document.fullscreenElement) document.exitFullscreen();
    this.full = false;
  }

  /** Above everything of the page around, whatever that does with its layers. */
  #lift() {
    if (!this.#root.showPopover || !this.#root.isConnected) return;
    const { activeElement } = this.#root.getRootNode();
    if (this.#root.matches(":popover-open")) this.#root.hidePopover();
    this.#root.popover = "manual";
    this.#root.showPopover();
    activeElement?.focus({ preventScroll: true });
  }

  #changed = () => {
    if (!document.fullscreenElement && this.full && this.#on) this.leave(); // Escape is the browser's there
  };

  #other = (event) => {
    if (event.detail !== this && this.#on) this.leave();
  };

  /** Where nothing has the focus the page does: its keys are the explorer's. */
  #stray = (event) => {
    if (!(this.#on || this.#actions.alone) || event.target !== document.body) return;
    this.#root.dispatchEvent(new KeyboardEvent(event.type, event));
  };

  /** Does what a key is for; says whether it did. */
  press(event) {
    const work = this.#keys()[event.key.toLowerCase()];
    if (!work || event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return false;
    event.preventDefault();
    work();
    return true;
  }

  /** A number has been typed: the keys are the stage's again. */
  entered() {
    if (this.#on) this.#actions.focus(this.slider);
  }

  /** Escape leaves it; says whether it was there. */
  escape() {
    const on = this.#on;
    if (on) this.leave();
    return on;
  }

  #keys() {
    if (!this.#on) return { f: () => this.open() };
    const sliders = Object.keys(PARAMETERS).map((name) => [PARAMETERS[name].key.toLowerCase(), () => this.#take(name)]);
    const panels = PANELS.map((name, i) => [String(i + 1), () => this.#show(name)]);
    const again = () => (document.fullscreenElement || !document.fullscreenEnabled ? this.leave() : this.#fill());
    return Object.fromEntries([...sliders, ...panels, ["0", () => this.#actions.stage(ALONE)], ["f", again]]);
  }

  /** `panel`: null where the stage is not, or not this view; `rows`: how many the table has. */
  update(panel, slider, rows) {
    this.panel = panel;
    this.slider = slider;
    if ((panel !== null) !== this.#on) this.#turn(panel !== null, slider);
    if (panel === null) return;
    this.#root.dataset.panel = panel;
    this.#root.dataset.slider = slider;
    this.#root.style.setProperty("--ll-rows", rows);
    for (const [name, node] of Object.entries(this.#sliders)) {
      setAttributes(node, { "aria-pressed": String(name === slider) });
    }
    for (const [name, node] of Object.entries(this.#tabs)) {
      setAttributes(node, { "aria-pressed": String(name === panel) });
      this.#panels[name].forEach((part) => part.classList.toggle("ll-beside-bars", name === panel));
    }
  }

  #turn(on, slider) {
    this.#on = on;
    this.#wanted = on;
    if (on) this.#enter(slider);
    else this.#exit();
  }

  #enter(slider) {
    document.dispatchEvent(new CustomEvent(OPENED, { detail: this }));
    this.#back = this.#root.getRootNode().activeElement;
    this.#root.classList.add("ll-stage");
    setAttributes(this.#root, { role: "dialog", "aria-modal": true, "aria-label": "Stage", tabindex: -1 });
    this.#behind = outside(this.#root);
    this.#behind.forEach((node) => {
      node.inert = true;
    });
    this.#lift();
    this.#actions.focus(slider);
  }

  #exit() {
    if (this.#root.popover) this.#root.hidePopover();
    setAttributes(this.#root, { role: null, "aria-modal": null, "aria-label": null, tabindex: null, popover: null });
    this.#root.classList.remove("ll-stage");
    this.#behind.forEach((node) => {
      node.inert = false;
    });
    this.#behind = [];
    this.#unfill();
    const back = this.#back;
    (back?.isConnected && back !== document.body ? back : this.button).focus({ preventScroll: true });
  }

  /** The view goes. */
  stop() {
    if (this.#on) this.#turn(false);
    document.removeEventListener("fullscreenchange", this.#changed);
    document.removeEventListener(OPENED, this.#other);
    document.removeEventListener("keydown", this.#stray);
  }
}
