"""Buttons that a run makes anew all the time, in a box and out of it; a test moves them, too."""

import streamlit as st

from cnnviz.ui.app.style import page_style

page_style()


def count(name: str) -> None:
    """Add one to a number."""
    st.session_state[name] = st.session_state.get(name, 0) + 1


def counted(name: str) -> None:
    """A button, and how often it was pressed."""
    st.button(name, on_click=count, args=(name,), key=name.lower())
    st.text(f"{name}: {st.session_state.get(name, 0)}")


counted("Above")
counted("Below")
if st.toggle("Make it anew", key="anew"):

    @st.fragment(run_every=0.2)
    def anew() -> None:
        """Now in a box, now out of it: the browser makes another button each time."""
        st.session_state["is boxed"] = not st.session_state.get("is boxed")
        with st.container(border=True, key="box") if st.session_state["is boxed"] else st.empty():
            st.button("Moves", on_click=count, args=("Moves",), key="moves")
        st.text(f"Moves: {st.session_state.get('Moves', 0)}")

    anew()
