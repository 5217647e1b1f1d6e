// What the parts of the laboratory have in common whose every number Python computes: the reader changes what is asked,
// the answer is shown, and the page hears of it when the hand rests.

import { searchWith, writeSearch } from "./address.js";
import { Feed } from "./feed.js";
import { HandAtRest } from "./resting.js";
import { keepFocus } from "./steady.js";
import { keepStrayKeys } from "./straykeys.js";
import { followTheme } from "./theme.js";

/**
 * Whoever extends it gives: `build()` makes `this.root`; `read(bytes)` gives a packet with `asked`; `paint()` shows
 * `this.packet`; `isAnswer(packet)` says whether a packet is of what is asked now; `question()` what is sent;
 * `link()` its parts of the address, by name, null where it needs none; `complain(words)` shows why there is no answer.
 */
export class AnsweredPart {
  /** @param {ShadowRoot | Element} parent */
  constructor(parent) {
    this.painted = 0;
    this.feed = new Feed({ onAnswer: (bytes) => this.answer(bytes), onProblem: (words) => this.complain(words) });
    this.build();
    this.rest = new HandAtRest(this.root, () => this.tell());
    parent.append(this.root);
    keepStrayKeys(this.root);
    keepFocus(this.root);
    followTheme(this.root, () => this.paint());
  }

  /** A packet from a run of the page; what the reader has in hand stays. */
  receive(bytes, send) {
    const packet = this.read(bytes);
    this.send = send;
    this.tools = packet;
    this.feed.url = packet.url;
    this.asked ??= packet.asked;
    const left = this.rest.hear(packet.asked);
    if (JSON.stringify(packet.asked) === JSON.stringify(this.asked)) this.adopt(packet);
    else this.ask(); // the page has run with what was told before: the hand has gone on since
    if (left) this.change(left);
  }

  answer(bytes) {
    const packet = this.read(bytes);
    if (packet.problem) {
      if (this.isAnswer(packet)) this.complain(packet.problem);
      return;
    }
    this.adopt(packet);
    this.rest.soon();
  }

  adopt(packet) {
    if (this.isAnswer(packet)) this.take(packet);
  }

  take(packet) {
    this.packet = packet;
    if (!this.feed.wanted) this.asked = packet.asked;
    this.painted += 1;
    this.paint();
    this.root.dataset.painted = String(this.painted); // counted, so that tests can wait for it
  }

  change(change) {
    this.asked = { ...this.asked, ...change };
    this.rest.hold(this.asked);
    this.paint();
    this.ask();
  }

  ask() {
    this.feed.ask({ ...this.question(), language: this.tools.language });
  }

  tell() {
    this.send(this.asked);
    this.writeLink();
  }

  writeLink() {
    const parts = Object.entries(this.link());
    const said = parts.filter(([, text]) => text !== null);
    writeSearch(
      searchWith(
        parts.map(([name]) => name),
        Object.fromEntries(said)
      )
    );
  }

  close() {
    this.feed.close();
    this.rest.close();
    this.root.remove();
  }
}
