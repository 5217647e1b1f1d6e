"""The callback of a state that nobody has to hear of at once."""

from __future__ import annotations


def keep_state() -> None:
    """Does nothing: a component's state exists in Python only where a callback is registered for it."""
