// What a shift is called in the page's address: `ui/lab/shift_demo.py` reads it.

/** @param {{picture: string, kernel: string, right: number, down: number, wraps: boolean}} asked @returns {string} */
export function shiftText({ picture, kernel, right, down, wraps }) {
  return [picture, kernel, right, down, ...(wraps ? ["wraps"] : [])].join(".");
}
