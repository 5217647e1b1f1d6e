"""Errors that a reader can do something about: one sentence on the page, never a stack trace."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from cnnviz.checkpoints import CheckpointError
from cnnviz.datasets import DataBroken, DataMissing
from cnnviz.pictures import PictureError
from cnnviz.trace import TraceError

P = ParamSpec("P")
KNOWN = (CheckpointError, DataBroken, DataMissing, PictureError, TraceError)


def kindly(part: Callable[P, None]) -> Callable[P, None]:
    """`part` of a page, with errors of our own shown as the sentence that they carry."""

    @wraps(part)
    def shown(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            part(*args, **kwargs)
        except KNOWN as error:
            st.error(str(error), icon=":material/error:")

    return shown
