// The language that a page is written in, for screen readers and translators; Streamlit's own says English.
// There is nothing to see.

/** Streamlit calls this for every run. */
export default function mountDocumentLanguage({ data }) {
  document.documentElement.lang = data.language;
}
