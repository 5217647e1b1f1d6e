"""The explorer on a network that is no row: `?net=resnet18` and the like, or `?net=birds_residual`, one of our own.

`?size=64` is that of the image, with `?stops=1` it has a channel too few; with `?transform=1` GoogLeNet begins as
with its published weights.
"""

import numpy as np
import streamlit as st
import torch
from torchvision import models

from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.models.builder import build_module, preset, preset_keys
from cnnviz.ui.app.links import view_from_link
from cnnviz.ui.mount.explorer import chosen, mount_explorer
from cnnviz.web.explorer import LARGE, explorer_packet
from cnnviz.web.selection import selection_from_json, selection_to_json


@st.cache_resource
def traced(name: str, size: int, channels: int, transforms: bool) -> Trace:
    """One of torchvision's networks, untrained, on a random image; kept, as a page would."""
    torch.manual_seed(0)
    more = {"init_weights": False, "aux_logits": True, "transform_input": transforms} if name == "googlenet" else {}
    own = name in preset_keys()
    model = (build_module(preset(name)) if own else getattr(models, name)(weights=None, **more)).eval()
    rows, cols = np.mgrid[0:size, 0:size] / size
    waves = [np.sin(9 * rows + at) * np.cos(7 * cols * (at + 1)) for at in range(channels)]
    return Tracer(model, name).as_far_as_it_runs(np.stack(waves).astype(np.float32) / 2 + 0.5)


query = st.query_params.to_dict()
made = traced(query.get("net", "resnet18"), int(query.get("size", "64")), 1 if "stops" in query else 3,
              "transform" in query)  # fmt: skip
linked = selection_to_json(view_from_link(query).selection)
selection = selection_from_json(chosen("explorer") or linked).within(made)
names = tuple(f"class number {at}" for at in range(1000))
verdict = {"status": "stopped" if made.stopped else "digit", "answer": "", "headline": query.get("net", "resnet18"),
           "detail": made.stopped or "untrained"}  # fmt: skip
st.set_page_config(layout="wide")
mount_explorer(
    explorer_packet(made, selection, classes=names, verdict=verdict, token=1, most_bytes=LARGE), key="explorer"
)
