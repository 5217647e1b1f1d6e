"""The runs of "Train live" with somebody who takes what "Look inside" gives: it says what it got."""

import streamlit as st

from cnnviz.training import unpack
from cnnviz.ui import server
from cnnviz.ui import training_page as training
from cnnviz.ui.training_files import current_network


def look_inside(token: str, at: int | None, picture: int) -> None:
    found = unpack(current_network(token, at, picture)).facts
    st.session_state["got"] = f"got step {found['step']}, picture {found['sample']['index']}"


@st.fragment
def bench() -> None:
    training.follow_runs()
    training.show_setup()
    training.show_runs(look_inside)
    st.text(st.session_state.get("got", "nothing yet"))


if __name__ == "__main__":
    st.set_page_config(layout="wide")
    training.open_bench()
    bench()
else:
    app = st.App(__file__, routes=server.routes())
