"""Navigation, page settings, language: nothing else. Start with `streamlit run app.py`."""

import streamlit as st

from cnnviz.messages import _
from cnnviz.ui.caches import settle_process
from cnnviz.ui.language import speak

speak()
st.set_page_config(page_title=_("cnnviz: see a convolutional network think"), page_icon="🔎", layout="wide")
settle_process()

pages = [
    st.Page("pages/draw.py", title=_("Draw a digit"), icon=":material/draw:", default=True),
    st.Page("pages/glossary.py", title=_("Glossary"), icon=":material/menu_book:"),
    st.Page("pages/about.py", title=_("About"), icon=":material/info:"),
]
st.navigation(pages, position="top").run()
