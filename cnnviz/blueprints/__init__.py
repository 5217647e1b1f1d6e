"""A network as a value: parts in a row, what is wrong with them, how to build them, and ready-made ones.

`parts` and `blueprint` say what a network is, `inspect` reads it part by part, `build` makes PyTorch modules of it.
"""

from cnnviz.blueprints.blueprint import Blueprint, Shape
from cnnviz.blueprints.building import build
from cnnviz.blueprints.code import CodeForm, code_of
from cnnviz.blueprints.fitting import fit_to
from cnnviz.blueprints.inspection import Inspection, Row, inspect
from cnnviz.blueprints.parts import Activation, BlueprintError, Part, PartKind, Pooling
from cnnviz.blueprints.presets import preset, preset_keys
from cnnviz.blueprints.problems import Mend, Problem
from cnnviz.blueprints.residual import ResidualBlock
from cnnviz.blueprints.text import parts_text, read_parts

__all__ = [
    "Activation", "Blueprint", "BlueprintError", "CodeForm", "Inspection", "Mend", "Part", "PartKind", "Pooling",
    "Problem", "ResidualBlock", "Row", "Shape", "build", "code_of", "fit_to", "inspect", "parts_text", "preset",
    "preset_keys", "read_parts",
]  # fmt: skip
