"""The arguments of commands that put an image into a network: which file, its size, how its numbers are scaled."""

from __future__ import annotations

import argparse

from cnnviz.checks import LONGEST, quoted
from cnnviz.i18n import _

MOST_SIDE = 8192


def add_image_arguments(parser: argparse.ArgumentParser, *, is_needed: bool, of_another_size: str) -> None:
    """Add them; `of_another_size` says what --resize does, and what is done without it."""
    parser.add_argument("--image", required=is_needed, metavar="FILE", help=_("an image, or an array in a .npy file"))
    parser.add_argument("--resize", metavar="ROWSxCOLS", help=of_another_size)
    parser.add_argument("--mean", metavar="M,M,M", help=_("subtract from the channels, which are from 0 to 1"))
    parser.add_argument("--std", metavar="S,S,S", help=_("divide the channels by"))


def read_numbers(name: str, text: str | None) -> tuple[float, ...] | None:
    """Numbers with commas between them. Raises: ValueError, one sentence."""
    if text is None:
        return None
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise ValueError(_("{name} must be numbers with commas between them, got {text}: write 0.5,0.5,0.5",
                           name=name, text=quoted(text))) from error  # fmt: skip


def read_size(text: str | None) -> tuple[int, int] | None:
    """Rows and columns from "224x224", or from one number for both. Raises: ValueError, one sentence."""
    if text is None:
        return None
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) not in (1, 2) or not all(map(_is_side, parts)):
        raise ValueError(_("resize must be rows and columns as in 224x224, got {text}: write whole numbers to {most}",
                           text=quoted(text), most=MOST_SIDE))  # fmt: skip
    return int(parts[0]), int(parts[-1])


def _is_side(text: str) -> bool:
    return text.strip().isdecimal() and len(text) <= LONGEST and 0 < int(text) <= MOST_SIDE
