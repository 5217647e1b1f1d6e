// Asking Python past the run of the page: a question goes out as JSON, bytes come back, or words that say why not.

const REFUSED = 422; // the question is understood and cannot be answered: the words are for the reader

/**
 * @typedef {{bytes: ?Uint8Array, status: number, words: string}} Answer `bytes`: null where there is no
 *   answer, and then `words` says why; `status`: 0 where nobody answered, or the question was given up
 */

/**
 * @param {string} url
 * @param {object} question
 * @param {AbortSignal} [signal] gives the question up
 * @returns {Promise<Answer>} it never fails
 */
export async function post(url, question, signal) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(question), signal });
    const { status } = answer;
    if (answer.ok) return { bytes: new Uint8Array(await answer.arrayBuffer()), status, words: "" };
    return { bytes: null, status, words: await answer.text() };
  } catch {
    return { bytes: null, status: 0, words: "" };
  }
}

/** The sentence for the reader that an answer is instead of bytes, if any. @param {Answer} answer @returns {?string} */
export function refusalIn({ status, words }) {
  return status === REFUSED ? words : null;
}

/** What an answer says as JSON; null where it is none. @param {Answer} answer @returns {any} */
export function jsonIn({ bytes }) {
  if (!bytes) return null;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
