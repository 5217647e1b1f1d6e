"""Every cache of the app: what is loaded once a process and shared by all visitors, read-only."""

from __future__ import annotations

import gc
import os
from dataclasses import dataclass

import streamlit as st
import torch
from torch import nn

from cnnviz import checkpoints
from cnnviz.graphs import Graph, draw_graph
from cnnviz.networks import Recipe, find_recipe
from cnnviz.trace import Tracer


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network, ready to be traced. Shared: nobody changes it."""

    recipe: Recipe
    tracer: Tracer
    manifest: checkpoints.Manifest
    model: nn.Sequential


@st.cache_resource(show_spinner=False)
def settle_process() -> None:
    """Once a process, after the first page and its heavy imports: freeze what will never be garbage.

    A full collection walks through all of torch, which is felt in the middle of a stroke.
    """
    gc.collect()
    gc.freeze()


@st.cache_resource(max_entries=8, show_spinner=False)
def trained(key: str) -> Trained:
    """The shipped network `key` with its checkpoint, verified against its manifest."""
    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))  # visitors share the cores
    model, manifest = checkpoints.load(key)
    return Trained(find_recipe(key), Tracer(model, key), manifest, model)


@st.cache_resource(max_entries=8, show_spinner=False)
def network_graph(key: str) -> Graph:
    """The shipped network `key` as a graph of operations, for what its units see."""
    chosen = trained(key)
    return draw_graph(chosen.model, chosen.recipe.input_shape)
