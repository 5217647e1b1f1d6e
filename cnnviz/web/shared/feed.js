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
    const { signal } = this.end;
    const answer = await post(this.url, question, signal);
    this.isUnder = false;
    if (signal.aborted) return;
    try {
      if (answer.bytes) this.answers.onAnswer(answer.bytes, question);
      else this.answers.onProblem(refusalIn(answer));
    } finally {
      this.next();
    }
  }

  /** Whoever asked has left the page: what is under way is given up, and no answer comes any more. */
  close() {
    this.wanted = null;
    this.end.abort();
  }
}
