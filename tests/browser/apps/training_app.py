"""The page "Train live" as the only page, with what is served beside it."""

import runpy
from pathlib import Path

import streamlit as st

from cnnviz.ui.app import server

PAGE = Path(__file__).parents[3] / "pages" / "train.py"

if __name__ == "__main__":
    st.set_page_config(layout="wide")
    runpy.run_path(str(PAGE))
else:
    server.prepare_process()
    app = st.App(__file__, routes=server.routes(), middleware=server.middleware())
