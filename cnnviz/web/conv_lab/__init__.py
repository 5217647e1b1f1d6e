"""The bench of the laboratory: image, kernel, settings, result, the sum behind every cell."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cnnviz.conv_lab.examples import EXAMPLES
from cnnviz.conv_lab.to_json import setup_to_json
from cnnviz.figures.theme import PALETTES
from cnnviz.web.conv_lab.texts import actions, laboratory_texts


def lasting() -> dict[str, Any]:
    """What stays the same from answer to answer: words, colours, buttons, examples."""
    return {
        "texts": laboratory_texts(),
        "palettes": {name: asdict(palette) for name, palette in PALETTES.items()},
        "actions": actions(),
        "examples": [
            {
                "key": example.key, "chapter": example.chapter.value, "title": example.title, "look": example.look,
                "part": example.part.value, "setup": setup_to_json(example.make()) if example.make else None,
            }
            for example in EXAMPLES
        ],
    }  # fmt: skip
