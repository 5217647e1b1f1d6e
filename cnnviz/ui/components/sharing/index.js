// A button that copies the page's address, after the address was made to say what is set up.

import { CopyLink } from "../shared/copylink.js";
import { isOnPage } from "../shared/dom.js";

const shares = new WeakMap();

class Sharing {
  constructor(parent) {
    this.link = new CopyLink(() => this.leftOut);
    parent.append(this.link.root);
  }

  receive({ names, values, texts }) {
    this.leftOut = texts.left_out;
    writeAddress(names, values);
    this.link.receive(texts);
  }
}

/** What is set up, in the page's address: no entry in the history, and nothing where nothing changes. */
function writeAddress(names, values) {
  const query = new URLSearchParams(location.search);
  for (const name of names) query.delete(name);
  for (const [name, value] of Object.entries(values)) query.set(name, value);
  const text = query.toString();
  const search = text ? `?${text}` : "";
  if (search !== location.search) history.replaceState(history.state, "", `${location.pathname}${search}${location.hash}`);
}

/** Streamlit calls this for every run; the button itself stays. */
export default function mountSharing({ data, parentElement }) {
  let share = shares.get(parentElement);
  if (!share) {
    share = new Sharing(parentElement);
    shares.set(parentElement, share);
  }
  share.receive(data);
  return () => {
    if (isOnPage(parentElement)) return;
    share.link.close();
    shares.delete(parentElement);
  };
}
