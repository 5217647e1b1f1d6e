// Python's session hears what the reader looks at, once the hand rests and the short way has answered.

import { holdPage } from "../shared/steady.js";
import { onScreen } from "./onscreen.js";

const ANSWER_WAIT_MS = 250;
/** Times ANSWER_WAIT_MS that Python waits for what the short way answers: a run before that would send it all again. */
const WAITS = 24;

export class Telling {
  /** @param {object} explorer */
  constructor(explorer) {
    this.explorer = explorer;
    this.timer = 0;
  }

  /** @param {boolean} isAsked whether the short way was asked: a run of the page then has no numbers to send */
  soon(isAsked) {
    this.stop();
    this.wait(isAsked ? ANSWER_WAIT_MS : 0, WAITS);
  }

  wait(time, waits) {
    const { feed } = this.explorer;
    const go = () => (waits > 0 && feed.isBusy ? this.wait(ANSWER_WAIT_MS, waits - 1) : this.now());
    this.timer = setTimeout(go, time);
  }

  now() {
    const { explorer } = this;
    holdPage(explorer.panel.root);
    explorer.send("selection", { ...explorer.chosen(), on_screen: onScreen(explorer.scene.packet, explorer.mark) });
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
  }
}
