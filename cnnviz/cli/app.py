"""`cnnviz`, or `cnnviz app`: start the app, as `streamlit run app.py` does in a checkout, with the same settings."""

from __future__ import annotations

import argparse
import runpy
import sys

from cnnviz.i18n import _
from cnnviz.machine.extras import missing_modules
from cnnviz.machine.resources import APP


def register(parser: argparse.ArgumentParser) -> None:
    """The app has no arguments of its own: all are Streamlit's."""
    parser.epilog = _(
        "All else is handed on to Streamlit: --server.port=9000 chooses the port, --server.headless=true opens no "
        "browser, --server.address=0.0.0.0 lets other machines in."
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve the pages until Ctrl+C; Streamlit finds the settings in `.streamlit/`, beside `app.py`."""
    if missing := missing_modules("app"):
        raise ModuleNotFoundError(name=missing[0])
    options = arguments.rest[1:] if arguments.rest[:1] == ["--"] else arguments.rest
    sys.argv = ["streamlit", "run", str(APP), *options]
    runpy.run_module("streamlit", run_name="__main__")
    return 0
