"""The explorer on a network of `branched.BRANCHED`: `?net=lines`; the address says which cell is open."""

import numpy as np
import streamlit as st

from cnnviz.core.trace import trace
from cnnviz.ui.app.links import view_from_link
from cnnviz.ui.mount.explorer import chosen, mount_explorer
from cnnviz.web.explorer import explorer_packet
from cnnviz.web.selection import selection_from_json, selection_to_json
from tests.browser.branched import BRANCHED

query = st.query_params.to_dict()
build, shape = BRANCHED[query.get("net", "lines")]
made = trace(build(), np.random.default_rng(0).normal(size=shape).astype(np.float32), "axes")
linked = selection_to_json(view_from_link(query).selection)
selection = selection_from_json(chosen("explorer") or linked)
verdict = {"status": "digit", "answer": "b", "headline": query.get("net", "lines"), "detail": ""}
st.set_page_config(layout="wide")
packet = explorer_packet(made, selection.within(made), classes=("a", "b", "c"), verdict=verdict, token=1)
mount_explorer(packet, key="explorer")
