"""How does a network learn from one drawing? One training step in slow motion."""

import streamlit as st

from cnnviz.core.training_step import Method, Optimiser
from cnnviz.i18n import _
from cnnviz.ui.app.errors import kindly
from cnnviz.ui.app.plain_text import plain, show_error, show_warning
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.app.whole_numbers import whole_number
from cnnviz.ui.mount.training_step import motion, motion_packet
from cnnviz.ui.step import one_step


def choose(on_table: one_step.Subject) -> tuple[str, Optimiser, int]:
    """True class, optimiser and step number, as the reader (or the link) chose them."""
    one_step.open_choices()
    choice = st.selectbox(
        _("It should be"), [one_step.AUTOMATIC, *one_step.classes()], key="truth", width=250,
        format_func=lambda option: one_step.class_name(option, on_table),
    )  # fmt: skip
    method = st.segmented_control(
        _("Optimiser"), list(Method), format_func=one_step.method_name, required=True, key="optimiser"
    )
    rate = st.select_slider(
        _("Learning rate"), list(one_step.RATES), format_func=one_step.rate_name, key=f"rate_{method.value}", width=300
    )
    odd: list[str] = []
    step = whole_number(
        _("Step number"), 1, one_step.MOST_STEPS, one_step.step_before(), odd, is_laid=True, key="step", width=130,
        help=_("Each step starts where the one before it ended; all learn from this drawing only."),
    )  # fmt: skip
    with st.popover(_("More")):
        momentum = st.slider(_("Momentum (SGD)"), 0.0, one_step.MOST_MOMENTUM, key="momentum")
        decay = st.slider(_("Weight decay"), 0.0, one_step.MOST_DECAY, step=0.001, format="%.3f", key="decay")
    one_step.keep_choices(step)
    for sentence in odd:
        show_error(sentence)
    return choice, Optimiser(method, rate=rate, momentum=momentum, decay=decay), step


@st.fragment
@kindly
def walk() -> None:
    """The part that answers to the widgets, without the rest of the page."""
    on_table = one_step.subject()
    st.caption(plain(on_table.note))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = choose(on_table)
    shown = one_step.taken(on_table, *chosen)
    for problem in shown.problems:
        show_warning(problem)
    motion(motion_packet(shown, one_step.classes()), key="motion")


page_style()
headline(_("How does a network learn from one drawing? One training step in slow motion"))
walk()
