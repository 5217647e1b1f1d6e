// An image that is pasted goes where a chosen file goes: into the field for files in the same dialog.

import { element } from "../shared/dom.js";
import { keepStanding } from "../shared/standing.js";

/** @param {ClipboardEvent} event */
function pastedImage(event) {
  return [...(event.clipboardData?.files ?? [])].find((file) => file.type.startsWith("image/"));
}

/** @param {Element} place in the page, or in a shadow tree of it */
function fieldBeside(place) {
  const inPage = place.getRootNode().host ?? place;
  return inPage.closest('[role="dialog"]')?.querySelector('input[type="file"]');
}

class PasteHint {
  constructor(parent) {
    this.root = element("p", { class: "cnnviz-paste" });
    this.take = (event) => this.paste(event);
    parent.append(this.root);
    document.addEventListener("paste", this.take);
  }

  paste(event) {
    const image = pastedImage(event);
    const field = fieldBeside(this.root);
    if (!image || !field) return;
    event.preventDefault();
    const carrier = new DataTransfer();
    carrier.items.add(image);
    field.files = carrier.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    document.removeEventListener("paste", this.take);
  }
}

/** Streamlit calls this for every run; the hint itself stays. */
export default function mountPasteImage({ data, parentElement }) {
  return keepStanding(PasteHint, parentElement, (hint) => {
    hint.root.textContent = data.hint;
  });
}
