"""The panel "What does a unit look for?" with a climb that hardly gets on: there is time to stop it."""

import time
from collections.abc import Iterator

import streamlit as st

from cnnviz.attribution import maximise
from cnnviz.core.edits import Edits
from cnnviz.models.reference_images import reference_images
from cnnviz.ui.why import unit_answers
from cnnviz.ui.why.panel_choices import PanelChoices, read_panels
from cnnviz.ui.why.unit_panel import show_unit
from cnnviz.web.selection import Selection

WAIT = 0.2  # seconds a step: 51 for all of them


def hesitating(*asked: object) -> Iterator[maximise.Frame]:
    """The same climb, slowly."""
    for frame in maximise.maximise(*asked):
        yield frame
        time.sleep(WAIT)


unit_answers.maximise = hesitating
st.set_page_config(layout="wide")
image = reference_images("mnist", (1, 28, 28))[3]
choices = PanelChoices(st.session_state.setdefault("panels", read_panels({})))
st.fragment(show_unit)("mnist", Edits(), image, Selection("conv2", 3), None, lambda _image: None, choices, key="why")
