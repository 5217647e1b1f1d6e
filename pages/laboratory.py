"""What does a convolution do? Any picture, any kernel, every setting, and the number behind every cell."""

import streamlit as st

from cnnviz.conv_lab.pytorch_code import code_of
from cnnviz.i18n import _
from cnnviz.ui import laboratory
from cnnviz.ui.keeping import bring_back, keep
from cnnviz.ui.kindness import kindly
from cnnviz.ui.laboratory_keepsake import KEEPSAKE
from cnnviz.ui.laboratory_learn import learn
from cnnviz.ui.laboratory_ways import ways
from cnnviz.ui.laboratory_why import why
from cnnviz.ui.style import headline, page_style
from cnnviz.web.conv_lab.texts import part_title


@st.fragment
@kindly
def bench() -> None:
    """The part that answers to the hand, without the rest of the page."""
    laboratory.follow()
    bring_back(KEEPSAKE)
    on_bench = laboratory.setup()
    laboratory.show_bench(on_bench)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with_code = st.toggle(_("As PyTorch code"), key="laboratory_code")
        st.download_button(
            _("Numbers as CSV"), lambda: laboratory.numbers(on_bench), "result.csv", "text/csv", on_click="ignore"
        )
        st.download_button(
            _("Result as a picture"), lambda: laboratory.png(on_bench), "result.png", "image/png", on_click="ignore"
        )
    if with_code:
        st.code(code_of(on_bench), language="python", height=420, wrap_lines=True)
    keep(KEEPSAKE)


page_style()
headline(_("What does a convolution do? Any picture, any kernel, every setting"))
laboratory.open_bench()
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    part = st.segmented_control(
        _("Part"), laboratory.PARTS, format_func=part_title, required=True, key=laboratory.PART,
        on_change=laboratory.show_part, label_visibility="collapsed",
    )  # fmt: skip
    if part == "bench":
        laboratory.upload()
{"bench": bench, "learn": kindly(learn), "ways": kindly(ways), "why": kindly(why)}[part]()
