"""The editor of a network alone, with what Python has of it; `?start=birds_c1` begins with another network."""

import streamlit as st

from cnnviz.models.builder import adapt_to_data, inspect_spec, layers_to_text, preset, preset_keys
from cnnviz.ui.app import server
from cnnviz.ui.app.style import page_style
from cnnviz.ui.train.network_editor import edit_blueprint, put_blueprint, show_code


def visit() -> None:
    """One run."""
    st.set_page_config(layout="wide")
    page_style()
    key = st.query_params.get("start")
    start = preset(key if key in preset_keys() else "mnist_b1")
    if st.toggle("Colour pictures"):
        start = adapt_to_data(start, (3, 32, 32), ("cat", "dog", "fish"))
    if st.button("Put LeNet-5"):
        put_blueprint("net", adapt_to_data(preset("lenet5"), start.input_shape, start.classes))
    editor(start)


@st.fragment
def editor(start) -> None:
    """What follows the hand."""
    blueprint = edit_blueprint("net", start)
    found = inspect_spec(blueprint)
    with st.container(key="had"):
        st.text(f"{layers_to_text(blueprint.parts)} {blueprint.classes[-1]} {found.problem is None}")
    show_code(blueprint, "net")


if __name__ == "__main__":
    visit()
else:
    server.prepare_process()
    app = st.App(__file__, routes=server.routes(), middleware=server.middleware())
