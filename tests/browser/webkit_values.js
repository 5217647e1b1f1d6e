/**
 * What stands in each page of WebKit while Playwright drives it: values and handles as WebDriver BiDi writes them.
 *
 * Playwright speaks BiDi, WebKitGTK's driver only the older WebDriver; `webkit_relay.py` sends this along with every
 * script. A handle is a number in a map of the page; it is gone with the page, as BiDi has it.
 */
() => {
  if (window.__relay) {
    return false;
  }
  const held = new Map();
  const names = new Map();
  const waiting = new Map();
  const said = [];
  let last = 0;

  function hold(value) {
    last += 1;
    held.set(String(last), value);
    return String(last);
  }

  /** The name of a node, the same one each time: it outlives the handles. */
  function share(node) {
    if (!names.has(node)) {
      names.set(node, hold(node));
    }
    return names.get(node);
  }

  function typeOf(value) {
    if (value instanceof Node) {
      return "node";
    }
    const kinds = { "[object Array]": "array", "[object Promise]": "promise", "[object Error]": "error" };
    return kinds[Object.prototype.toString.call(value)] ?? (typeof value === "function" ? "function" : "object");
  }

  function writeNumber(value) {
    const isPlain = Number.isFinite(value) && !Object.is(value, -0);
    return { type: "number", value: isPlain ? value : Object.is(value, -0) ? "-0" : String(value) };
  }

  /** A value as BiDi's RemoteValue: whole, or as a handle where the caller wants to keep it. */
  function write(value, isKept) {
    if (value === undefined || value === null) {
      return { type: String(value) };
    }
    if (typeof value === "number") {
      return writeNumber(value);
    }
    if (["string", "boolean"].includes(typeof value)) {
      return { type: typeof value, value };
    }
    if (typeof value === "bigint") {
      return { type: "bigint", value: String(value) };
    }
    const type = typeOf(value);
    const shared = type === "node" ? { sharedId: share(value) } : {};
    if (isKept) {
      return { type, handle: hold(value), ...shared };
    }
    if (type === "array") {
      return { type, value: value.map((each) => write(each, false)) };
    }
    if (type === "object") {
      return { type, value: Object.entries(value).map(([name, each]) => [name, write(each, false)]) };
    }
    return { type, ...shared };
  }

  const special = { NaN, "-0": -0, Infinity, "-Infinity": -Infinity };

  /** A value from BiDi's LocalValue, or what a handle stands for. */
  function read(given) {
    const reference = given.handle ?? given.sharedId;
    if (reference !== undefined) {
      if (!held.has(reference)) {
        throw new Error("no such handle");
      }
      return held.get(reference);
    }
    switch (given.type) {
      case "undefined":
        return undefined;
      case "null":
        return null;
      case "number":
        return typeof given.value === "string" ? special[given.value] : given.value;
      case "bigint":
        return BigInt(given.value);
      case "array":
        return given.value.map(read);
      case "object":
        return Object.fromEntries(
          given.value.map(([name, each]) => [typeof name === "string" ? name : read(name), read(each)]),
        );
      default:
        return given.value;
    }
  }

  const succeeded = (value, isKept) => ({ done: { type: "success", result: write(value, isKept) } });

  function failed(error) {
    if (needed === null) {
      return { done: { type: "exception", exceptionDetails: { text: `${error}` } } };
    }
    const needs = needed;
    needed = null;
    return { needs };
  }

  /** Runs `call`; what it gives, or a ticket for a promise that is not there yet. */
  function run(call, isKept) {
    let value;
    try {
      value = call();
    } catch (error) {
      return failed(error);
    }
    if (typeof value?.then !== "function") {
      return succeeded(value, isKept);
    }
    last += 1;
    const ticket = last;
    value.then(
      (result) => waiting.set(ticket, succeeded(result, isKept)),
      (error) => waiting.set(ticket, failed(error)),
    );
    return { ticket };
  }

  function take(ticket) {
    const done = waiting.get(ticket);
    waiting.delete(ticket);
    return done ?? { ticket };
  }

  function drop(handles) {
    for (const handle of handles) {
      held.delete(handle);
    }
    return { done: {} };
  }

  /**
   * Playwright has texts `eval`uated in the page, which the page's own policy forbids. The driver compiles what it is
   * sent whatever the policy is: so a text that is met for the first time is asked for (`needs`), comes back compiled,
   * and the call is made again.
   */
  const compiled = new Map();
  let needed = null;
  window.eval = (text) => {
    if (!compiled.has(text)) {
      needed = text;
      throw new EvalError("not compiled yet");
    }
    return compiled.get(text)();
  };

  function know(text, call) {
    compiled.set(text, call);
    return { done: {} };
  }

  const { error: ownError } = console;
  console.error = (...words) => {
    said.push({ kind: "console", text: words.map(String).join(" ") });
    ownError.apply(console, words);
  };
  window.addEventListener("error", ({ error, message }) => {
    if (!message.startsWith("ResizeObserver loop")) { // no error: what is left is observed with the next picture
      said.push({ kind: "javascript", text: String(error ?? message) });
    }
  });
  window.addEventListener("unhandledrejection", (event) => said.push({ kind: "javascript", text: String(event.reason) }));

  const relay = { run, take, drop, read, know, said: () => said.splice(0) };
  Object.defineProperty(window, "__relay", { value: relay, enumerable: false });
  return true;
}
