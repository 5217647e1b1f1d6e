"""The sketch pad alone, with what Python has of it. `?start=1` begins with a drawing, `?echo=1` gives back what came out,
`?slow=1` takes its time after the pad, as a network would."""

import json
import time

import streamlit as st

from cnnviz.ui.components.sketchpad import place, sketchpad

BAR = {"strokes": [{"points": [[0.5, 0.2], [0.5, 0.8]], "width": 0.1, "erases": False}]}
st.session_state.setdefault("runs", 0)


def given():
    if "echo" in st.query_params:
        return st.session_state.get("drawn", BAR)
    return BAR if "start" in st.query_params else None


@st.fragment
def pad():
    st.button("Sample", on_click=place, args=("pad", BAR))
    st.button("Empty", on_click=place, args=("pad", {"strokes": []}))
    drawn = st.session_state.drawn = sketchpad(given(), key="pad") if not st.toggle("Away") else {"strokes": []}
    st.session_state.runs += 1
    if "slow" in st.query_params:
        time.sleep(0.05)
    with st.container(key="drawn"):
        st.text(json.dumps(drawn))
    with st.container(key="runs"):
        st.text(f"{st.session_state.runs} runs")


pad()
