"""An app as its first visitor finds it: without a browser, nothing wrong on its page."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest


def opened_app(path: Path, **query: str) -> AppTest:
    """The app after its first run, opened by a link that says `query`."""
    app = AppTest.from_file(str(path), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert not app.error
    return app
