"""Two pages, and a component that says something right after every press: what a busy page does now and then."""

import streamlit as st

from cnnviz.ui.app import server
from cnnviz.ui.app.buttons import answering, press_button
from cnnviz.ui.app.turning_pages import go_on_turning, turn_to

READS = 20_000  # of the session: long enough for the next message to come
CHATTY = """
export default function ({ parentElement, setStateValue }) {
  const say = (name) => setStateValue("said", name + performance.now());
  let timers = [];
  const speak = () => (timers = [0, 4, 8, 40, 90, 160].map((wait) => setTimeout(() => say("after a press "), wait)));
  const turns = () => document.body.textContent.includes("It turns") && say("while it turns ");
  const watch = new MutationObserver(turns);
  watch.observe(document.body, { childList: true, subtree: true, characterData: true });
  window.addEventListener("click", speak, true);
  return () => {
    timers.forEach(clearTimeout);
    watch.disconnect();
    window.removeEventListener("click", speak, true);
  };
}
"""
chatty = st.components.v2.component("chatty", js=CHATTY)


def count(name: str = "presses") -> None:
    """Add one to a number; this takes some milliseconds and reads the session all the while."""
    for _ in range(READS):
        now = st.session_state.get(name, 0)
    st.session_state[name] = now + 1


def work() -> None:
    """What a page does before it comes to its buttons: it may be broken off."""
    for _ in range(READS):
        st.session_state.get("presses", 0)


def first() -> None:
    """A page with buttons, and the component beside them or in a fragment."""
    st.button("Press", on_click=count)
    st.text(f"Presses: {st.session_state.get('presses', 0)}")
    if st.toggle("In a fragment"):
        st.fragment(speak)()
    else:
        speak()
    work()
    press_button("Act", lambda: count("acts"), key="act")
    st.text(f"Acts: {st.session_state.get('acts', 0)}")
    press_button("Turn", turn, key="turn")


def turn() -> None:
    """A script that turns the page, after some work: meanwhile the browser says something of the page before."""
    st.text("It turns")
    for _ in range(5):
        work()
    turn_to(st.Page(second, title="Second"), {"asked": "yes"})


def second() -> None:
    """Another page."""
    st.text("This is the second page")
    st.text(f"Asked: {st.query_params.get('asked', 'no')}")


def speak() -> None:
    """Mount the component."""
    chatty(key="chatty", on_said_change=lambda: None)
    st.text("It speaks")


def visit() -> None:
    """One run for one visitor, as in the app."""
    offered = [st.Page(first, title="First"), st.Page(second, title="Second")]
    here = st.navigation(offered, position="top")
    go_on_turning(here, offered)
    with answering():
        here.run()


if __name__ == "__main__":
    visit()
else:
    server.prepare_process()
    app = st.App(__file__, routes=server.routes(), middleware=server.middleware())
