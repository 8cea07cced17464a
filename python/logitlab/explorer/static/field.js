// What people type for a number: a comma or a point, spaces between the thousands; and whether it is in a range.
import { exactly } from "./text.js";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number in a text; NaN if it is none. */
export function numberIn(text) {
  const digits = text.replace(/[\s\u202f]/g, "").replace("−", "-");
  const pointed = digits.includes(".") ? digits : digits.replace(",", ".");
  return NUMBER.test(pointed) ? Number(pointed) : NaN;
}

/** Whether a value is one of a range: from least to most; 0, or from `above` on. */
export const takes = ({ least = 0, above = 0, most, whole }, value) =>
  value >= least && value <= most && (!whole || Number.isInteger(value)) && (value === 0 || value >= above);

/** The range in words. */
export const needs = ({ least = 0, above, most, whole }) =>
  `${above ? "0 or " : ""}a ${whole ? "whole " : ""}number from ${exactly(above ?? least)} to ${exactly(most)}`;
