"""A network as a value: parts in a row, what is wrong with them, how to build them, and ready-made ones.

`parts` and `blueprint` say what a network is, `inspect` reads it part by part, `build` makes PyTorch modules of it.
"""

from cnnviz.models.builder.adapt import fit_to
from cnnviz.models.builder.build import build
from cnnviz.models.builder.inspection import Inspection, Row, inspect
from cnnviz.models.builder.layer_config import Activation, BlueprintError, Part, PartKind, Pooling
from cnnviz.models.builder.network_spec import Blueprint, Shape
from cnnviz.models.builder.presets import preset, preset_keys
from cnnviz.models.builder.problems import Mend, Problem
from cnnviz.models.builder.pytorch_code import CodeForm, code_of
from cnnviz.models.builder.residual import ResidualBlock
from cnnviz.models.builder.text_form import parts_text, read_parts

__all__ = [
    "Activation", "Blueprint", "BlueprintError", "CodeForm", "Inspection", "Mend", "Part", "PartKind", "Pooling",
    "Problem", "ResidualBlock", "Row", "Shape", "build", "code_of", "fit_to", "inspect", "parts_text", "preset",
    "preset_keys", "read_parts",
]  # fmt: skip
