"""The explorer on every kind of layer; the address says which cell is open, and with `?weights=broken` one is NaN."""

import streamlit as st

from cnnviz.ui.app.links import read_link
from cnnviz.ui.mount.explorer import chosen, explorer, explorer_packet
from cnnviz.web.selection import checked_selection, plain_selection
from tests.browser.exotic import CLASSES, broken, every_layer, traced

made = traced(broken() if st.query_params.get("weights") == "broken" else every_layer())
linked = plain_selection(read_link(st.query_params.to_dict()).selection)
selection = checked_selection(chosen("explorer") or linked)
verdict = {"status": "digit", "answer": "b", "headline": "Every layer", "detail": "and one that is not known"}
st.set_page_config(layout="wide")
explorer(explorer_packet(made, selection.within(made), classes=CLASSES, verdict=verdict, token=1), key="explorer")
