"""The glossary: one word, one meaning."""

import streamlit as st

from cnnviz.messages import _
from cnnviz.ui.glossary import terms
from cnnviz.ui.style import page_style

page_style()
st.markdown("##### " + _("Glossary: one word, one meaning"))
for term in terms():
    spelling = f" · `{term.spelling}`" if term.spelling else ""
    st.markdown(f"**{term.word}**{spelling}  \n{term.meaning}")
