"""A page in English and in a language with a catalogue of one message, made when the app starts."""

import tempfile
from pathlib import Path

import streamlit as st
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from cnnviz import i18n
from cnnviz.i18n import _
from cnnviz.ui.app import language


@st.cache_resource
def folder() -> Path:
    made = Path(tempfile.mkdtemp())
    (made / "de" / "LC_MESSAGES").mkdir(parents=True)
    catalogue = Catalog(locale="de")
    catalogue.add("Glossary", "Wörter")
    with (made / "de" / "LC_MESSAGES" / "cnnviz.mo").open("wb") as file:
        write_mo(file, catalogue)
    return made


i18n.LOCALE_DIR = language.LOCALE_DIR = folder()
spoken = language.speak()
st.markdown(_("Glossary"))
language.tell_browser(spoken)
