"""The explorer on a network with every kind of layer of a branch; the address says which cell is open."""

import streamlit as st

from cnnviz.ui.app.links import view_from_link
from cnnviz.ui.mount.explorer import chosen, mount_explorer
from cnnviz.web.explorer import explorer_packet
from cnnviz.web.selection import selection_from_json, selection_to_json
from tests.browser.every_branch import CLASSES, traced

made = traced()
linked = selection_to_json(view_from_link(st.query_params.to_dict()).selection)
selection = selection_from_json(chosen("explorer") or linked)
verdict = {"status": "digit", "answer": "b", "headline": "Every branch", "detail": ""}
st.set_page_config(layout="wide")
mount_explorer(explorer_packet(made, selection.within(made), classes=CLASSES, verdict=verdict, token=1), key="explorer")
