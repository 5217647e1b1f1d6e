// Asks Python what comes out: one question at a time, the latest wins, none is lost.

export class Feed {
  /**
   * @param {{onAnswer: (bytes: Uint8Array, question: object) => void, onProblem: (sentence: ?string) => void}} answers
   */
  constructor(answers) {
    this.answers = answers;
    this.url = null;
    this.wanted = null;
    this.isUnder = false;
  }

  /** @param {object} question sent as JSON; one that still waits is overtaken */
  ask(question) {
    this.wanted = question;
    if (!this.isUnder) this.next();
  }

  async next() {
    if (!this.wanted || !this.url) return;
    const question = this.wanted;
    this.wanted = null;
    this.isUnder = true;
    try {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(this.url, { method: "POST", body: JSON.stringify(question), headers });
      if (answer.ok) this.answers.onAnswer(new Uint8Array(await answer.arrayBuffer()), question);
      else this.answers.onProblem(answer.status === 422 ? await answer.text() : null);
    } catch {
      this.answers.onProblem(null);
    }
    this.isUnder = false;
    this.next();
  }
}
