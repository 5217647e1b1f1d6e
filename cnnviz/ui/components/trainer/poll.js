// Asks Python how the runs are: one question at a time, at once when the hand moved, else at the pace of the run.

export class Poll {
  /**
   * @param {{write: () => object, onAnswer: (bytes: Uint8Array, question: object) => void,
   *   onProblem: (sentence: ?string, question: object) => void, pause: () => ?number}} answers
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
    try {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(this.url, { method: "POST", body: JSON.stringify(question), headers });
      if (this.isClosed) return;
      if (answer.ok) this.answers.onAnswer(new Uint8Array(await answer.arrayBuffer()), question);
      else this.answers.onProblem(answer.status === 422 ? await answer.text() : null, question);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a TypeError is the browser's word for no connection
      this.answers.onProblem(null, question);
    } finally {
      this.isUnder = false;
      if (this.isWanted) this.send();
      else this.later();
    }
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
  }
}
