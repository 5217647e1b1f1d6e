"""One sentence on the page, never a stack trace: what a reader can mend is said, the rest goes to the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from cnnviz.core.graph import GraphError
from cnnviz.core.trace import TraceError
from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.data.uploads import ImageFileError
from cnnviz.i18n import _
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.models.importers import ImportedNetworkError
from cnnviz.ui.app.plain_text import show_error

_LOG = logging.getLogger(__name__)
P = ParamSpec("P")
KNOWN = (
    CheckpointError, DataBroken, DataMissing, GraphError, ImageFileError, ImportedNetworkError, TraceError,
)  # fmt: skip


def show_errors(part: Callable[P, None]) -> Callable[P, None]:
    """`part` of a page; errors of our own are shown as the sentence that they carry, others as a plain apology."""

    @wraps(part)
    def shown(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            part(*args, **kwargs)
        except KNOWN as error:
            show_error(error)
        except Exception:
            _LOG.exception("a part of a page failed")
            st.error(_("Something went wrong here; nothing that you made is lost. Reload the page to go on."))

    return shown
