"""From "Train live" to "Your network": the moment of a run that is shown, with the drawing or the picture at hand."""

from __future__ import annotations

import streamlit as st

from cnnviz.data.image_sets import SetKey
from cnnviz.i18n import _
from cnnviz.ui.app.plain_text import show_error
from cnnviz.ui.mount.sketchpad import drawn
from cnnviz.ui.train.files import saved_network
from cnnviz.ui.train.page import PAD
from cnnviz.ui.train.run_registry import RUNS, RunError
from cnnviz.ui.your_network import your_network


def look_inside(token: str, at: int | None, picture: int) -> None:
    """Open the network of the recorded moment nearest to step `at` (None: the newest), and turn to its page.

    picture: which of the pictures that it never learned from lies there, unless the reader drew something for it.
    """
    run = RUNS.find(token)
    try:
        if run is None:
            raise RunError(_("This run is not on the server any more: start another one."))
        data, step = saved_network(run, at), run.moment(at).step
    except RunError as error:
        show_error(error)
        return
    own = run.job.data if run.job.data.key == SetKey.OWN else None
    title = _("Step {step} of {title}", title=run.title, step=step)
    your_network.lay(data, title, own, drawn(PAD)["strokes"], picture)
    st.switch_page(your_network.PAGE)
