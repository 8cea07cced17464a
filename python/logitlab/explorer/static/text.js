// How numbers and tokens are written. Tokens are untrusted: they only ever become text nodes, and what would not be
// seen (spaces, controls, marks that turn the direction of writing) is replaced by something that is.

const NAMED = { " ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍", "\u00a0": "⍽", "\u007f": "␡" };
const UNSEEN = new RegExp(
  "[\\0- \\x7f-\\xa0\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u2000-\\u200f\\u2028-\\u202f" +
    "\\u205f-\\u206f\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\uffff\\ud800-\\udfff]",
  "u",
);

function seen(character) {
  if (character in NAMED) {
    return NAMED[character];
  }
  const code = character.codePointAt(0);
  return code < 32 ? String.fromCharCode(0x2400 + code) : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** The text of a token with everything in it visible; never empty. */
export function visible(text) {
  const shown = Array.from(text, (c) => (UNSEEN.test(c) && c !== "\ufffd" ? seen(c) : c)).join("");
  return shown === "" ? "(empty)" : shown;
}

const trim = (digits) => (digits.includes(".") && !digits.includes("e") ? digits.replace(/\.?0+$/, "") : digits);

/** At most `digits` significant digits; what is not finite by its name. */
export function number(x, digits = 4) {
  if (x === Infinity) return "∞";
  if (x === -Infinity) return "−∞";
  if (Number.isNaN(x)) return "not a number";
  const size = Math.abs(x);
  const text = size !== 0 && (size < 1e-4 || size >= 1e7) ? x.toExponential(digits - 1) : trim(x.toPrecision(digits));
  return text.replace("-", "−").replace("e+", "e");
}

/** A probability in per cent: three significant digits, 0 only for 0, 100 only for 1. */
export function percent(p) {
  if (p === 0 || p === 1) return `${100 * p} %`;
  if (p > 0.9995) return `${trim((Math.floor(1e5 * p) / 1e3).toFixed(3))} %`;
  const value = 100 * p;
  return `${value < 1e-4 ? value.toExponential(1) : trim(value.toPrecision(3))} %`;
}

/** An integer with narrow spaces between its thousands. */
export const integer = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");

export const plural = (n, what) => `${integer(n)} ${what}${n === 1 ? "" : "s"}`;
