// Asks Python what comes out: one question at a time, the latest wins, none is lost.

import { post, refusalIn } from "./post.js";

export class Feed {
  /**
   * @param {{onAnswer: (bytes: Uint8Array, question: object) => void, onProblem: (sentence: ?string) => void}} answers
   */
  constructor(answers) {
    this.answers = answers;
    this.url = null;
    this.wanted = null;
    this.isUnder = false;
    this.under = null; // the question that was sent last
    this.forgotten = null;
    this.end = new AbortController();
  }

  /** @param {object} question sent as JSON; one that still waits is overtaken */
  ask(question) {
    this.wanted = question;
    if (!this.isUnder) this.next();
  }

  async next() {
    if (!this.wanted || !this.url || this.end.signal.aborted) return;
    const question = this.wanted;
    this.wanted = null;
    this.isUnder = true;
    this.under = question;
    const { signal } = this.end;
    const answer = await post(this.url, question, signal);
    this.isUnder = false;
    if (signal.aborted) return;
    try {
      if (question === this.forgotten) return;
      if (answer.bytes) this.answers.onAnswer(answer.bytes, question);
      else this.answers.onProblem(refusalIn(answer));
    } finally {
      this.next();
    }
  }

  /** What was asked is of no use any more: no answer to it comes. */
  forget() {
    this.wanted = null;
    this.forgotten = this.under;
  }

  /** Whoever asked has left the page: what is under way is given up, and no answer comes any more. */
  close() {
    this.wanted = null;
    this.end.abort();
  }
}
