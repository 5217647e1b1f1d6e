"""Two pages, and a component that says something right after every press: what a busy page does now and then."""

import streamlit as st

from cnnviz.ui.app import server

READS = 20_000  # of the session, in a callback: long enough for the next message to come
CHATTY = """
export default function ({ parentElement, setStateValue }) {
  const say = (name) => setStateValue("said", name + performance.now());
  const speak = () => [0, 4, 8].forEach((wait) => setTimeout(() => say("after a press "), wait));
  window.addEventListener("click", speak, true);
  return () => window.removeEventListener("click", speak, true);
}
"""
chatty = st.components.v2.component("chatty", js=CHATTY)


def count() -> None:
    """Add one to the number of presses; this takes some milliseconds and reads the session all the while."""
    for _ in range(READS):
        now = st.session_state.get("presses", 0)
    st.session_state["presses"] = now + 1


def first() -> None:
    """A page with a button, and the component beside it or in a fragment."""
    st.button("Press", on_click=count)
    st.text(f"Presses: {st.session_state.get('presses', 0)}")
    if st.toggle("In a fragment"):
        st.fragment(speak)()
    else:
        speak()


def second() -> None:
    """Another page."""
    st.text("This is the second page")


def speak() -> None:
    """Mount the component."""
    chatty(key="chatty", on_said_change=lambda: None)
    st.text("It speaks")


if __name__ == "__main__":
    st.navigation([st.Page(first, title="First"), st.Page(second, title="Second")], position="top").run()
else:
    app = st.App(__file__, routes=server.routes(), middleware=server.middleware())
