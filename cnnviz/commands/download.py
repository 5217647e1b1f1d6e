"""`python -m cnnviz download mnist`: fetch a data set, the one command that needs a network."""

from __future__ import annotations

import argparse
from typing import Any

from cnnviz.datasets import data_folder, mnist
from cnnviz.messages import _


def register(subparsers: Any) -> None:
    """Add the command and its arguments."""
    parser = subparsers.add_parser("download", help=_("fetch a data set into the data folder"))
    parser.add_argument("dataset", choices=["mnist"])
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Fetch what is not there yet."""
    count = sum(len(mnist(split, download=True)) for split in ("train", "test"))
    print(_("{count} images in {folder}", count=count, folder=data_folder()))
    return 0
