"""The log of the server: one line an event on standard error, with time, weight and place.

Streamlit's settings hold for ours too: `logger.level`, and `logger.messageFormat` where somebody sets it.
"""

from __future__ import annotations

import logging

from streamlit import config

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
OPTION = "logger.messageFormat"


def configure_log() -> None:
    """Once a process; may be called again."""
    log = logging.getLogger("cnnviz")
    if log.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(config.get_option(OPTION) if config.is_manually_set(OPTION) else FORMAT))
    log.addHandler(handler)
    log.setLevel(str(config.get_option("logger.level")).upper())
