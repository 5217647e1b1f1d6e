"""What a browser keeps of the laboratory: what lies on the bench, and the picture that was brought there."""

from __future__ import annotations

import base64
from typing import Any

import streamlit as st

from cnnviz.conv_lab.settings import nearest_setup
from cnnviz.conv_lab.to_json import setup_from_json
from cnnviz.conv_lab.uploads import image_from_upload
from cnnviz.ui.app.browser_store import StoredState
from cnnviz.ui.lab import lab_state
from cnnviz.ui.lab.view import view_of


def _write() -> dict[str, Any] | None:
    state = st.session_state.laboratory
    if state["upload"] is None and state["setup"] == state.get("first"):
        return None
    upload = state["upload"] and base64.b64encode(state["upload"]).decode()
    return {"setup": state["setup"], "upload": upload, "view": state.get("view")}


def _restore(written: dict[str, Any]) -> None:
    """Raises: ValueError, KeyError, TypeError for what is not of `_write`; nothing has changed then."""
    wish = nearest_setup(setup_from_json(written["setup"]))[0]
    upload = base64.b64decode(written["upload"], validate=True) if written["upload"] else None
    if upload is not None:
        image_from_upload(upload)
        st.session_state.laboratory["upload"] = upload
    if not st.session_state.laboratory["is_linked"]:
        st.session_state.laboratory["view"] = view_of(written.get("view"))
        lab_state.put_setup(wish)


KEEPSAKE = StoredState("laboratory", _write, _restore)
