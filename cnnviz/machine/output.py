"""What commands print: signs that a code page has not (× − →) would end them, on Windows in every file and pipe."""

from __future__ import annotations

import io
import os
import sys

VARIABLE = "PYTHONIOENCODING"  # whoever sets it wants that encoding


def write_any_sign() -> None:
    """Let output and error stream of this process take every sign: in files and pipes as UTF-8, as all texts of ours.

    A terminal keeps its own encoding, and shows what that has not by its number (\\u2192).

    >>> from cnnviz.machine.output import write_any_sign
    >>> write_any_sign()
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_chosen = stream.isatty() or VARIABLE in os.environ
            stream.reconfigure(encoding=None if is_chosen else "utf-8", errors="backslashreplace")
