// Making elements in few words, and knowing whether a component still stands on the page.

/**
 * An element with its attributes and children; `false`, `null` and `undefined` attributes are left out.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {(Node | string)[]} [children]
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, children = []) {
  return dress(document.createElement(tag), attributes, children);
}

/**
 * The same for SVG.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {(Node | string)[]} [children]
 * @returns {SVGElement}
 */
export function svgElement(tag, attributes = {}, children = []) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function dress(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * Whether the component's parent element (a shadow root, or a plain element) is in the document.
 * Streamlit also runs the cleanup of an overtaken call, while the component stays: ask before tearing down.
 * @param {ShadowRoot | Element} parentElement
 * @returns {boolean}
 */
export function isOnPage(parentElement) {
  return parentElement.isConnected;
}

/**
 * `text` with its `{name}` places filled.
 * @param {string} text
 * @param {Record<string, unknown>} values
 * @returns {string}
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

/**
 * Writes a text where it is not there yet: what stays as it is costs no layout.
 * @param {Node} node
 * @param {string} text
 */
export function putText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const madeFrom = new WeakMap();

/**
 * Makes the children of `parent` anew where what they are made from, as JSON, is not what it was.
 * @param {Element} parent
 * @param {unknown} values
 * @param {() => Node[]} make
 */
export function renewChildren(parent, values, make) {
  const key = JSON.stringify(values);
  if (madeFrom.get(parent) === key) return;
  madeFrom.set(parent, key);
  parent.replaceChildren(...make());
}
