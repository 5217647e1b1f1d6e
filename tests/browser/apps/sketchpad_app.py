"""The sketch pad alone, with what Python has of it.

`?start=1` begins with a drawing, `?echo=1` gives back what came out,
`?slow=1` takes its time after the pad, as a network would.
"""

import gc
import json
import time

import streamlit as st

from cnnviz.ui.mount.sketchpad import mount_sketchpad, place

BAR = {"strokes": [{"points": [[0.5, 0.2], [0.5, 0.8]], "width": 0.1, "erases": False}]}
gc.freeze()  # as the application does, or Streamlit walks all modules after each run
st.session_state.setdefault("runs", -1)
st.session_state.setdefault("pad", "pad 0")


def given():
    if "echo" in st.query_params:
        return st.session_state.get("drawn", BAR)
    return BAR if "start" in st.query_params else None


def start_afresh():
    """A pad that nobody has drawn on, without loading the page again."""
    number = int(st.session_state.pad.split()[1]) + 1
    st.session_state.pop("drawn", None)
    st.session_state.update(pad=f"pad {number}", runs=-1)


@st.fragment
def pad():
    key = st.session_state.pad
    with st.container(horizontal=True):
        st.button("Fresh", on_click=start_afresh)
        st.button("Sample", on_click=place, args=(key, BAR))
        st.button("Example", on_click=place, args=(key, BAR), kwargs={"is_example": True})
        st.button("Empty", on_click=place, args=(key, {"strokes": []}))
        is_away = st.toggle("Away")
    if is_away:
        return
    drawn = st.session_state.drawn = mount_sketchpad(given(), key=key)
    st.session_state.runs += 1
    if "slow" in st.query_params:
        time.sleep(0.05)
    with st.container(key="drawn"):
        st.text(json.dumps(drawn))
    with st.container(key="runs"):
        st.text(f"{key}: {st.session_state.runs} reruns")


pad()
