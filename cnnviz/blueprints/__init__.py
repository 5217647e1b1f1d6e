"""A network as a value: parts in a row, what is wrong with them, how to build them, and ready-made ones.

`parts` and `blueprint` say what a network is, `inspect` reads it part by part, `build` makes PyTorch modules of it.
"""

from cnnviz.blueprints.blueprint import Blueprint, Shape
from cnnviz.blueprints.building import build
from cnnviz.blueprints.fitting import fit_to
from cnnviz.blueprints.inspection import Inspection, Row, inspect
from cnnviz.blueprints.parts import Activation, BlueprintError, Part, PartKind, Pooling
from cnnviz.blueprints.presets import preset, preset_keys
from cnnviz.blueprints.problems import Mend, Problem
from cnnviz.blueprints.residual import ResidualBlock

__all__ = [
    "Activation", "Blueprint", "BlueprintError", "Inspection", "Mend", "Part", "PartKind", "Pooling", "Problem",
    "ResidualBlock", "Row", "Shape", "build", "fit_to", "inspect", "preset", "preset_keys",
]  # fmt: skip
