"""One word, one meaning: what these rooms say to a reader uses the field's words, not private ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "cnnviz/core", "cnnviz/figures", "cnnviz/models", "cnnviz/web/edits", "cnnviz/web/explorer",
    "cnnviz/web/kernel_editor", "cnnviz/web/lesson", "cnnviz/web/training_step", "cnnviz/web/walk", "cnnviz/ui/about",
    "cnnviz/ui/app", "cnnviz/ui/draw", "cnnviz/ui/layers", "cnnviz/ui/lesson", "cnnviz/ui/step",
)  # fmt: skip
# The private word as a pattern, and the standard word in its place.
PRIVATE = {
    r"\bshares?\b(?! one)": "term, probability or fraction",
    r"\b(it|network) reads \{(top|read)\}|\bread (as|right|rightly|wrongly|best)\b|\bmisread\b": "classify, accuracy",
    r"\bwhat it sees\b|^sees\b|^Sees$|\bsees only\b|\bunits? sees?\b": "receptive field, or reads",
    r"\bturned away\b|\bcalled neither\b|\bI see no\b": "rejected, not recognised",
    r"\b(evens out|hands on|weighs all|bends values|in percent|does nothing)\b": "the operation's own name",
    r"\bstrangers\b|\bbiases speak\b|\bWhy so many\b|\b(is|are) no finite\b": "plain English",
}


def messages() -> list[tuple[str, str]]:
    """(file, text) of all that these rooms say."""
    found = []
    for room in ROOMS:
        for path, _line, text, *_rest in extract_from_dir(ROOT / room, [("**.py", "python")]):
            found += [(f"{room}/{path}", one) for one in ([text] if isinstance(text, str) else text)]
    return [(path, text) for path, text in found if not path.startswith("cnnviz/models/builder")]


def private(texts: list[tuple[str, str]]) -> list[str]:
    """Each text with a private word, and the word that it should have."""
    return [
        f"{path}: {text!r}: {better}"
        for path, text in texts
        for pattern, better in PRIVATE.items()
        if re.search(f"(?i){pattern}", re.sub(r"\{(?!top|read\b)\w+\}", "{}", text))  # names of values are no words
    ]


def test_no_text_of_these_rooms_has_a_private_word():
    said = messages()
    assert len(said) > 400, "the texts were not found"
    assert private(said) == []


@pytest.mark.parametrize(
    "text",
    ["= share", "all shares + bias", "It reads {top}, {share} sure", "What it sees", "turned away", "in percent"],
)
def test_a_private_word_would_be_found(text: str):
    assert private([("a file", text)])


@pytest.mark.parametrize(
    "text", ["All layers share one colour range", "{share} of the total influence", "reads row {r}"]
)
def test_a_verb_and_a_placeholder_are_no_private_words(text: str):
    assert private([("a file", text)]) == []
