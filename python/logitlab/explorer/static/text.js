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

const THIN = "\u202f";
const TINY = 5e-5; // what four decimals would write as 0

/** Digits with narrow spaces between the thousands and a real minus sign. */
function grouped(digits) {
  const [whole, rest] = digits.split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, THIN).replace("-", "−");
  return rest === undefined ? text : `${text}.${rest}`;
}

/** A double as its digits, without an exponent. */
function plainDigits(x) {
  const [mantissa, exponent] = String(x).split("e");
  if (exponent === undefined) return mantissa;
  const [sign, digits] = [x < 0 ? "-" : "", mantissa.replace(/[-.]/g, "")];
  return exponent < 0
    ? `${sign}0.${"0".repeat(-exponent - 1)}${digits}`
    : `${sign}${digits.padEnd(+exponent + 1, "0")}`;
}

const unusual = (x) => (Number.isNaN(x) ? "not a number" : x > 0 ? "∞" : "−∞");

/** A number with so many decimals, as a column needs it; never with an exponent. */
export function fixed(x, decimals) {
  if (!Number.isFinite(x)) return unusual(x);
  const text = Math.abs(x) < 1e15 ? x.toFixed(decimals) : plainDigits(x);
  return grouped(/^-0\.?0*$/.test(text) ? text.slice(1) : text);
}

/** At most four decimals, none that is not needed; what would be 0 and is not says so. */
export function number(x) {
  if (x !== 0 && Math.abs(x) < TINY) return x > 0 ? "< 0.0001" : "> −0.0001";
  return fixed(x, 4)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}

/** "= 2", "< 0.0001": what stands after a formula. */
export const equals = (text) => (/^[<>]/.test(text) ? text : `= ${text}`);

/** The value of a parameter, all of its digits. */
export const exactly = (x) => (Number.isFinite(x) ? grouped(plainDigits(x)) : unusual(x));

/** A probability in per cent: one decimal, three below 0.1 %; 0 only for 0, 100 only for 1. */
export function percent(p) {
  if (p === 0 || p === 1) return `${100 * p}\u00a0%`;
  const value = 100 * p;
  if (value < 0.001) return "<\u00a00.001\u00a0%";
  if (value >= 99.95) return ">\u00a099.9\u00a0%";
  return `${value.toFixed(value < 0.1 ? 3 : 1)}\u00a0%`;
}

/** A difference of two shares, in percentage points and with its sign; 0 only for 0. */
export function points(difference) {
  const size = 100 * Math.abs(difference);
  const sign = difference < 0 ? "−" : "+";
  if (size === 0) return "0";
  return size < 0.001 ? `${sign}\u202f<\u202f0.001` : `${sign}${size.toFixed(size < 0.1 ? 3 : 1)}`;
}

/** The exponential of an entropy: how many equally likely choices a distribution is worth. */
export const worth = (choices) =>
  Math.abs(choices - 1) < 1e-9 ? "1" : choices < 99.95 ? fixed(choices, 1) : integer(Math.round(choices));

/** An integer with narrow spaces between its thousands. */
export const integer = (n) => grouped(String(n));

export const plural = (n, what) => `${integer(n)} ${what}${n === 1 ? "" : "s"}`;
