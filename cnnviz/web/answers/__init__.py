"""The answers of several networks to one drawing, side by side: which of them is open in the explorer is marked."""

from __future__ import annotations

from typing import Any

from cnnviz.i18n import _


def answers_texts() -> dict[str, str]:
    """Its words, in the reader's language."""
    return {
        "label": _("The answers of both networks to this image"),
        "open": _("open below"),
        "probability": _("{name}: {percent}"),
    }


def answer_header(network: str, title: str, verdict: dict[str, str], probabilities: list[float]) -> dict[str, Any]:
    """One network's answer: its words as the explorer says them, and the probability of each class."""
    return {"network": network, "title": title, "verdict": verdict, "probabilities": probabilities}
