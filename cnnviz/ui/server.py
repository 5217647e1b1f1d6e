"""What the server is told once, before the first visit."""

from __future__ import annotations

from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from cnnviz.ui import live


def routes() -> list[Route]:
    """What is served beside the pages.

    The pages are those that `app.py` names: without this, the very first visit to a page's own address would get
    Streamlit's older way, a list of every file in `pages/`, and would not run `app.py` at all.
    """
    PagesManager.uses_pages_directory = False
    return live.routes()
