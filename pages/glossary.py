"""The glossary: one word, one meaning."""

import streamlit as st

from cnnviz.i18n import _
from cnnviz.ui.app.style import headline, page_style
from cnnviz.web.glossary import find_terms
from cnnviz.web.glossary_term import Term


def entry(term: Term) -> str:
    """A term as it is read: word, PyTorch's spelling, meaning."""
    spelling = f" · `{term.spelling}`" if term.spelling else ""
    return f"**{term.word}**{spelling}  \n{term.meaning}"


@st.fragment
def words() -> None:
    """What is looked for, and the terms that have it; on a wide page in two columns, each read downwards."""
    asked = st.text_input(_("Find a word"), key="word", placeholder=_("padding, kernel, Conv2d …"), width=340)
    there = find_terms(asked)
    if not there:
        st.caption(_("No such word here. Try a part of it."))
    half = (len(there) + 1) // 2
    for column, part in zip(st.columns(2, gap="large"), (there[:half], there[half:]), strict=True):
        for term in part:
            column.markdown(entry(term))


page_style()
headline(_("Glossary: one word, one meaning"))
words()
