"""Two components that speak in one moment: one on the page itself, one in a fragment."""

import streamlit as st

from cnnviz.ui.app import server

SPEAKER = """
export default function ({ parentElement, setStateValue }) {
  const speak = ({ detail }) => setStateValue("said", detail);
  window.addEventListener("speak", speak);
  parentElement.innerHTML = "<span>speaks from now on</span>";
  return () => window.removeEventListener("speak", speak);
}
"""
speaker = st.components.v2.component("speaker", js=SPEAKER)


def hear(name: str) -> None:
    """What one of them has said, as this run hears it."""
    said = (st.session_state.get(name) or {}).get("said", 0)
    st.text(f"{name} heard {said}")
    speaker(key=name, on_said_change=lambda: None)


def visit() -> None:
    """One run: the fragment speaks first, so that the browser's message is in its name."""
    st.fragment(hear)("The fragment")
    st.fragment(hear)("The other fragment")
    hear("The page")


if __name__ == "__main__":
    visit()
else:
    server.prepare_process()
    app = st.App(__file__, routes=server.routes())
