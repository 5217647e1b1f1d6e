"""The explorer on a network that it was not made for: colour input, batch norm, groups, stride, two linear layers."""

import numpy as np
import streamlit as st
import torch
from torch import nn

from cnnviz.core.trace import trace
from cnnviz.ui.mount.explorer import chosen, mount_explorer
from cnnviz.web.explorer import explorer_packet
from cnnviz.web.selection import Selection, selection_from_json

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(3, 6, 3, stride=2),
    nn.BatchNorm2d(6),
    nn.Tanh(),
    nn.Conv2d(6, 20, (3, 5), padding=(1, 2), dilation=(1, 1), groups=2),
    nn.SiLU(),
    nn.AvgPool2d(3, stride=2),
    nn.Dropout2d(),
    nn.Flatten(),
    nn.Linear(20 * 7 * 7, 8),
    nn.ReLU(),
    nn.Linear(8, 3),
)
picture = np.random.default_rng(0).random((3, 32, 32), dtype=np.float32)
made = trace(model, picture, "other")
selection = selection_from_json(chosen("explorer") or {"layer": None}) or Selection()
verdict = {"status": "digit", "answer": "b", "headline": "A bird", "detail": "perhaps"}
st.set_page_config(layout="wide")
mount_explorer(
    explorer_packet(made, selection.within(made), classes=("a", "b", "c"), verdict=verdict, token=1), key="explorer"
)
