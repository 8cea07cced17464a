// What people type for a number: a comma or a point, spaces between the thousands.
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number in a text; NaN if it is none. */
export function numberIn(text) {
  const digits = text.replace(/[\s\u202f]/g, "").replace("−", "-");
  const pointed = digits.includes(".") ? digits : digits.replace(",", ".");
  return NUMBER.test(pointed) ? Number(pointed) : NaN;
}
