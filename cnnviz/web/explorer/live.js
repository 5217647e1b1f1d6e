// Asks the server what the network makes of the ink, past the run of the page: one question at a time, the latest wins.

import { post } from "../shared/post.js";
import { base64Of } from "../shared/wire.js";

/** @typedef {{token: ?string, version: number}} Stamp which drawing, and how far along */

export class LiveFeed {
  /** @param {(answer: {explorer: Uint8Array, steps: Uint8Array}, stamp: Stamp, isImage: boolean) => void} onAnswer */
  constructor(onAnswer) {
    this.onAnswer = onAnswer;
    this.url = null;
    this.wanted = null;
    /** @type {?AbortController} the question under way */
    this.under = null;
    this.isClosed = false;
    /** @type {Stamp} the latest ink that was heard of */
    this.latest = { token: null, version: 0 };
  }

  /** Whether an answer is still to come. */
  get isBusy() {
    return this.under !== null || this.wanted !== null;
  }

  /** Whether a packet shows a drawing that the hand has already gone beyond. */
  isOvertaken(stamp) {
    return stamp.token === this.latest.token && stamp.version < this.latest.version;
  }

  /**
   * @param {Stamp & {strokes?: object[], image?: string, seen?: string, shown?: object, isWhole: boolean}} ink strokes,
   *   or an image that is prepared: itself, or its token and what is shown of it
   * @param {object} rest what else the server has to know
   * @returns {boolean} false where there is no short way
   */
  ask(ink, rest) {
    if (!this.url || this.isClosed) return false;
    const { token, version, strokes, image, seen, shown } = ink;
    this.latest = { token, version };
    this.wanted = {
      stamp: this.latest,
      question: { ...rest, strokes, image, seen, shown },
      isImage: strokes === undefined,
    };
    if (ink.isWhole) this.under?.abort(); // the pen is up: nobody waits for half a stroke any more
    this.next();
    return true;
  }

  async next() {
    if (!this.url) this.wanted = null;
    if (this.under || !this.wanted) return;
    const { stamp, question, isImage } = this.wanted;
    this.wanted = null;
    const under = new AbortController();
    this.under = under;
    const { bytes } = await post(this.url, question, under.signal);
    if (!bytes && !under.signal.aborted) this.url = null; // no short way: the page's own runs go on
    this.under = null;
    if (this.isClosed) return;
    if (bytes) this.onAnswer(parted(bytes), stamp, isImage);
    this.next();
  }

  /** The explorer has left the page: what is under way is given up, and no answer comes any more. */
  close() {
    this.isClosed = true;
    this.wanted = null;
    this.under?.abort();
  }
}

/**
 * What lies on the table, as the network got it; by its token, of which only what is not shown yet comes back.
 * @param {import("../network/packet.js").Packet} packet
 * @param {?string} seen the token, where the image goes by it
 */
export function asImage(packet, seen) {
  if (seen) return { ...packet.pad, seen, shown: packet.selection, isWhole: true };
  return { ...packet.pad, image: base64Of(packet.layers[0].output.values), isWhole: true };
}

/** Whether an answer that builds upon what was shown then finds it on the screen. */
export function isAbout({ answers }, packet, seen) {
  if (!answers) return true;
  return answers.seen === seen && JSON.stringify(answers.shown) === JSON.stringify(packet.selection);
}

/** Two packets in one answer: the length of the first, then both. */
function parted(bytes) {
  const length = new DataView(bytes.buffer).getUint32(0, true);
  return { explorer: bytes.subarray(4, 4 + length), steps: bytes.subarray(4 + length) };
}
