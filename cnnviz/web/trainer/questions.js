// What is asked of Python about the runs, and how soon again: orders for them, the moment and the picture looked at.

import { newName } from "../shared/tabname.js";
import { base64Of } from "../shared/wire.js";

const PACE = { starting: 150, loading: 150, running: 300, stopping: 150, paused: 1500 }; // ms between questions
const AT_ONCE = 40; // until what the hand wanted is seen
const OBEYS = 1500; // ms in which that is looked for
const RARELY = 15_000; // where nothing happens any more: so that the server knows of the reader
const REST = 200; // ms without a move of the slider
const PLANE_GAP = 1500; // ms between planes while a run is at work
const LATEST_COUNTS = ["rate", "speed"]; // orders of which one takes the place of another
const MOST_ORDERS = 8; // in one question
const AGAIN = 1000; // ms until orders that did not arrive are sent again
const NOBODY = 0; // the status where nobody answered
const NO_ROOM = 503; // … and of a server that has too much to do

export class Questions {
  /** @param {import("./held.js").Held} held */
  constructor(held) {
    this.held = held;
    this.commands = [];
    this.count = 0; // of all orders so far
    this.name = newName();
    this.look = { subject: { kind: "set", index: 0 }, layer: null, channel: 0 };
    this.planeAt = -Infinity;
    this.turnedAt = -Infinity;
    this.awaited = { until: -Infinity, from: "" };
  }

  /** An order for a run, with the next question. @param {{token: string, do: string}} command */
  order(command) {
    this.count += 1;
    this.queue({ ...command, number: `${this.name}-${this.count}` });
  }

  queue(command) {
    const isOvertaken = (other) =>
      LATEST_COUNTS.includes(command.do) && other.do === command.do && other.token === command.token;
    this.commands = [...this.commands.filter((other) => !isOvertaken(other)), command];
  }

  /**
   * The orders of a question that did not get through go with the next one, before those that came since. Where only
   * the answer was lost, Python knows them by their numbers.
   */
  takeBack({ commands }, status) {
    if (status !== NOBODY && status !== NO_ROOM) return;
    const later = this.commands;
    this.commands = commands;
    for (const command of later) this.queue(command);
  }

  /** The hand moves the slider: planes wait until it rests. */
  turn() {
    this.turnedAt = performance.now();
  }

  /** The present run has been told something: it is looked at until it obeys. */
  await() {
    this.awaited = { until: performance.now() + OBEYS, from: this.standing() };
  }

  awaitNothing() {
    this.awaited.until = -Infinity;
  }

  standing() {
    const { state, step } = this.held.current;
    return `${state} ${step}`;
  }

  /** How long to wait for the next question, in ms; null: for ever. @returns {?number} */
  pace() {
    const { runs, current } = this.held;
    if (this.commands.length > 0) return AGAIN;
    if (runs.length === 0) return null;
    if (performance.now() < this.awaited.until && this.awaited.from === this.standing()) return AT_ONCE;
    const isBehind = (run) => run.plane?.is_awaited || (run.look && run.plane?.step !== run.look.step);
    if (runs.some(isBehind)) return PACE.running;
    return PACE[current.state] ?? RARELY;
  }

  /**
   * The question to ask now; it takes the orders along.
   * @param {{language: string, at: ?number, keptAt: ?number, drawing: ?object, aspect: object}} now `at`: the moment
   *   that is looked at, null for the head; `keptAt`: that of the kept run; `drawing`: where it fits the networks
   */
  write({ language, at, keptAt, drawing, aspect }) {
    const commands = this.commands.splice(0, MOST_ORDERS);
    const { index } = this.look.subject;
    const kind = drawing ? this.look.subject.kind : "set";
    const isLive = at === null;
    const withPlane = this.wantsPlane(isLive);
    return {
      language,
      commands,
      at,
      layer: this.look.layer,
      channel: this.look.channel,
      subject: { kind, index },
      image: kind === "drawing" ? base64Of(drawing.values) : undefined,
      plane: withPlane ? aspect.method : null,
      points: aspect.points,
      perplexity: aspect.perplexity,
      features: aspect.features,
      runs: this.held.runs.map((run) => ({
        token: run.token,
        version: run.version,
        statics: Boolean(run.statics),
        cell: run.cell,
        ...(run.isKept ? { at: keptAt } : {}),
      })),
      is_live: isLive,
    };
  }

  /** The plane costs most: now and then while the run goes on, and when the hand on the slider rests. */
  wantsPlane(isLive) {
    const now = performance.now();
    if (now - this.turnedAt < REST) return false;
    if (isLive && this.held.current?.state === "running" && now - this.planeAt < PLANE_GAP) return false;
    this.planeAt = now;
    return true;
  }
}
