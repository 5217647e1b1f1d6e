"""What does a convolution do? Any picture, any kernel, every setting, and the number behind every cell."""

import streamlit as st

from cnnviz.messages import _
from cnnviz.ui import laboratory
from cnnviz.ui.kindness import kindly
from cnnviz.ui.style import page_style


@st.fragment
@kindly
def bench() -> None:
    """The part that answers to the hand, without the rest of the page."""
    laboratory.show_bench(laboratory.setup())


page_style()
with st.container(key="headline"):
    st.markdown("##### " + _("What does a convolution do? Any picture, any kernel, every setting"))
laboratory.open_bench()
bench()
