// Numbers and texts as a table that every spreadsheet and every program reads: nothing in it is ever a formula.

const EXPONENT_FROM = 16; // as Python: 1e+16, and 0.0001 but 1e-05
const EXPONENT_BELOW = -4;
const FLOAT32_DIGITS = 9; // significant ones, which tell all float32 apart

/**
 * A float32 with the fewest digits that are read back as the very same float32, as NumPy's `repr` finds them.
 * @param {number} value
 * @returns {string}
 */
export function float32Text(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (size === 0) return `${sign}0.0`;
  let digits = 1;
  while (digits < FLOAT32_DIGITS && Math.fround(Number(size.toPrecision(digits))) !== size) digits += 1;
  const [mantissa, power] = size.toExponential(digits - 1).split("e");
  return sign + positioned(mantissa.replace(".", "").replace(/(?<=.)0+$/, ""), Number(power));
}

/** Digits with the point, or the exponent, where Python has it. */
function positioned(digits, power) {
  if (power < EXPONENT_BELOW || power >= EXPONENT_FROM) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${digits[0]}${rest}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  if (power < 0) return `0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return `${whole}.${digits.slice(power + 1) || "0"}`;
}

/**
 * A text as one cell. One that begins like a formula has an apostrophe before it: spreadsheets then show it as it is.
 * @param {string} text
 * @returns {string}
 */
export function textCell(text) {
  const line = text.replace(/[\r\n\t\0]+/g, " ");
  const harmless = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(line) ? `'${line}` : line;
  return /[",;]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Rows of cells that are text already, as the text of a file. @param {string[][]} rows */
export function tableText(rows) {
  return `${rows.map((row) => row.join(",")).join("\r\n")}\r\n`;
}
