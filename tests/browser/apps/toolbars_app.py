"""A button straight above an image: what Streamlit lays over the image must not cover it."""

import numpy as np
import streamlit as st

from cnnviz.ui.app.style import page_style

page_style()
st.button("above the image", width="stretch")
st.image(np.zeros((160, 160), np.uint8), width=160)
