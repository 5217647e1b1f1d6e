// Asks Python how the runs are: one question at a time, at once when the hand moved, else at the pace of the run.

import { post, refusalIn } from "../shared/post.js";

export class Poll {
  /**
   * @param {{write: () => object, onAnswer: (bytes: Uint8Array, question: object) => void,
   *   onProblem: (sentence: ?string, question: object, status: number) => void, pause: () => ?number}} answers
   *   `write` makes the question when it is sent, `pause` says how long to wait for the next one (null: for ever)
   */
  constructor(answers) {
    this.answers = answers;
    this.url = null;
    this.timer = null;
    this.isUnder = false;
    this.isWanted = false;
    this.isClosed = false;
  }

  /** Ask now, or as soon as the question under way is answered. */
  soon() {
    this.isWanted = true;
    if (!this.isUnder) this.send();
  }

  /** Ask at the pace of the run. */
  later() {
    clearTimeout(this.timer);
    const wait = this.answers.pause();
    if (wait !== null && !this.isClosed) this.timer = setTimeout(() => this.soon(), wait);
  }

  async send() {
    if (!this.url || this.isClosed) return;
    clearTimeout(this.timer);
    this.isWanted = false;
    this.isUnder = true;
    const question = this.answers.write();
    const answer = await post(this.url, question);
    this.isUnder = false;
    if (this.isClosed) return;
    // first, so that what was asked for in vain goes along with the next question
    if (!answer.bytes) this.answers.onProblem(refusalIn(answer), question, answer.status);
    if (this.isWanted) this.send();
    else this.later(); // before the answer is shown: whatever happens there, the run is asked again
    if (answer.bytes) this.answers.onAnswer(answer.bytes, question);
    if (!this.isUnder) this.later(); // at the pace of the state that was just heard of
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
  }
}
