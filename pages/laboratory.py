"""What does a convolution do? Any picture, any kernel, every setting, and the number behind every cell."""

import streamlit as st

from cnnviz.conv_lab.pytorch_code import setup_to_pytorch
from cnnviz.i18n import _
from cnnviz.ui.app.browser_store import restore_stored, store_state
from cnnviz.ui.app.errors import show_errors
from cnnviz.ui.app.style import headline, page_style
from cnnviz.ui.lab import lab_state
from cnnviz.ui.lab.algorithms import show_algorithms
from cnnviz.ui.lab.learn_kernel import show_learning
from cnnviz.ui.lab.nd import show_nd
from cnnviz.ui.lab.norm import show_normalisation
from cnnviz.ui.lab.shift_demo import show_shift_demo
from cnnviz.ui.lab.stored import KEEPSAKE
from cnnviz.ui.small_examples.links import offer_small_examples
from cnnviz.web.conv_lab.texts import part_title


@st.fragment
@show_errors
def bench() -> None:
    """The part that answers to the hand, without the rest of the page."""
    lab_state.follow_link()
    restore_stored(KEEPSAKE)
    on_bench = lab_state.setup()
    lab_state.show_lab(on_bench)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with_code = st.toggle(_("As PyTorch code"), key="laboratory_code")
        st.download_button(
            _("Numbers as CSV"), lambda: lab_state.numbers(on_bench), "result.csv", "text/csv", on_click="ignore"
        )
        st.download_button(
            _("Result as an image"), lambda: lab_state.png(on_bench), "result.png", "image/png", on_click="ignore"
        )
    if with_code:
        st.code(setup_to_pytorch(on_bench), language="python", height=420, wrap_lines=True)
    store_state(KEEPSAKE)


page_style()
headline(_("What does a convolution do? Any image, any kernel, every setting"))
lab_state.open_lab()
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    part = st.segmented_control(
        _("Part"), lab_state.PARTS, format_func=part_title, required=True, key=lab_state.PART,
        on_change=lab_state.show_part, label_visibility="collapsed",
    )  # fmt: skip
    if part == "bench":
        lab_state.upload()
{
    "bench": bench,
    "nd": show_errors(show_nd),
    "norm": show_errors(show_normalisation),
    "learn": show_errors(show_learning),
    "ways": show_errors(show_algorithms),
    "why": show_errors(show_shift_demo),
}[part]()
if part == "bench":
    offer_small_examples("stride-or-pooling", "odd-kernels", "more-channels", "why-padding")
if part == "nd":
    offer_small_examples("conv1d", "conv3d")
