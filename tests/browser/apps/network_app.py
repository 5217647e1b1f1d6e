"""Layer by layer as the only page: its link can be opened without a detour."""

import runpy
from pathlib import Path

import streamlit as st

from cnnviz.ui.app import server

PAGE = Path(__file__).parents[3] / "pages" / "network.py"

if __name__ == "__main__":
    st.set_page_config(layout="wide")
    runpy.run_path(str(PAGE))
else:
    server.prepare_process()
    app = st.App(__file__)
