"""What it takes to make a shipped network again, as its manifest says: on every page that publishes figures."""

from __future__ import annotations

import streamlit as st

from cnnviz.i18n import _
from cnnviz.models.checkpoints import Manifest


def show_checkpoint_facts(manifest: Manifest) -> None:
    """Its size and date, the command that makes it again, and what the weights must hash to."""
    made = _("The network has {parameters} parameters. It was made on {date} by this command, which makes it again:",
             parameters=f"{manifest.parameters:,}", date=manifest.made)  # fmt: skip
    st.markdown(made)
    st.code(manifest.command, language="bash", wrap_lines=True)
    st.caption(_("sha256 of its weights: `{hash}`", hash=manifest.sha256))
