"""Where a page asks while the hand moves, past its own run: the paths, and how they read from outside."""

from __future__ import annotations

import streamlit as st

LOOK = "/cnnviz/look"
CELL = "/cnnviz/cell"
FIELD = "/cnnviz/field"
WHY = "/cnnviz/why"
ACCURACY = "/cnnviz/accuracy"
LABORATORY = "/cnnviz/conv_lab"
BLUEPRINT = "/cnnviz/blueprint"
LESSON = "/cnnviz/lesson"
TRAINING = "/cnnviz/training"
HEALTH = "/cnnviz/health"


def also_below_a_base(path: str) -> tuple[str, str]:
    """The two places of a route: the path itself, and the same below a base path (`server.baseUrlPath`)."""
    return path, f"/{{base:path}}{path}"


def address_of(path: str) -> str:
    """The path as a browser asks for it, below the base path of the server if it has one."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return (f"/{base}" if base else "") + path
