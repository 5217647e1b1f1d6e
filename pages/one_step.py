"""How does a network learn from one image? One training step in slow motion."""

import streamlit as st

from cnnviz.core.training_step import OptimiserMethod, OptimiserSettings
from cnnviz.i18n import _
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.plain_text import escape_markdown, show_error, show_warning
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.app.whole_numbers import whole_number
from cnnviz.ui.draw.inputs import choose_source
from cnnviz.ui.mount.training_step import mount_training_step
from cnnviz.ui.step import one_step
from cnnviz.ui.step.step_networks import choose_network, table_of
from cnnviz.web.training_step import training_step_packet


def choose(on_table: one_step.StepSubject) -> tuple[str, OptimiserSettings, int]:
    """True class, optimiser and step number, as the reader (or the link) chose them."""
    one_step.open_choices(on_table.network)
    choice = st.selectbox(
        _("It should be"), [one_step.AUTOMATIC, *one_step.classes(on_table.network)], key="truth", width=190,
        format_func=lambda option: one_step.class_name(option, on_table),
    )  # fmt: skip
    method = st.segmented_control(
        _("Optimiser"), list(OptimiserMethod), format_func=one_step.method_name, required=True, key="optimiser"
    )
    rate = st.select_slider(
        _("Learning rate"), list(one_step.RATES), format_func=one_step.rate_name, key=f"rate_{method.value}", width=240
    )
    odd: list[str] = []
    step = whole_number(
        _("Step number"), 1, one_step.MOST_STEPS, one_step.step_before(), odd, is_laid=True, key="step", width=130,
        help=_("Each step starts where the one before it ended; all of them learn from this image only."),
    )  # fmt: skip
    with st.popover(_("More settings")):
        momentum = st.slider(_("Momentum (SGD)"), 0.0, one_step.MOST_MOMENTUM, key="momentum")
        decay = st.slider(_("Weight decay"), 0.0, one_step.MOST_DECAY, step=0.001, format="%.3f", key="decay")
    one_step.keep_choices(step, on_table.network)
    for sentence in odd:
        show_error(sentence)
    return choice, OptimiserSettings(method, rate=rate, momentum=momentum, decay=decay), step


@st.fragment
@show_errors
def walk() -> None:
    """The part that answers to the widgets, without the rest of the page."""
    note = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        network = choose_network()
        if network is None:
            return
        with st.popover(_("Image"), icon=":material/image:", help=_("Take another one")):
            choose_source(table_of(network))
        on_table = one_step.step_subject(network)
        chosen = choose(on_table)
    note.caption(escape_markdown(on_table.note))
    shown = one_step.chosen_optimiser(on_table, *chosen)
    for problem in shown.problems:
        show_warning(problem)
    mount_training_step(training_step_packet(shown, one_step.classes(network)), key="motion")


page_style()
headline(_("How does a network learn from one image? One training step in slow motion"))
walk()
