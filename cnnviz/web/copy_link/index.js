// A button that copies the page's address, after the address was made to say what is set up.

import { searchWith, writeSearch } from "../shared/address.js";
import { CopyLink } from "../shared/copylink.js";
import { keepStanding } from "../shared/standing.js";

class Sharing {
  constructor(parent) {
    this.link = new CopyLink(() => this.leftOut);
    parent.append(this.link.root);
  }

  receive({ names, values, texts }) {
    this.leftOut = texts.left_out;
    writeSearch(searchWith(names, values));
    this.link.receive(texts);
  }

  close() {
    this.link.close();
  }
}

/** Streamlit calls this for every run; the button itself stays. */
export default function mountCopyLink({ data, parentElement }) {
  return keepStanding(Sharing, parentElement, (share) => share.receive(data));
}
