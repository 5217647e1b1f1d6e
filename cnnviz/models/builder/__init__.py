"""A network as a value: parts in a row, what is wrong with them, how to build them, and ready-made ones.

`layer_config` and `network_spec` say what a network is, `inspect_spec` reads it part by part, `build_module` makes
PyTorch modules of it.
"""

from cnnviz.models.builder.adapt import adapt_to_data
from cnnviz.models.builder.build import build_module
from cnnviz.models.builder.inspection import Inspection, LayerRow, inspect_spec
from cnnviz.models.builder.layer_config import Activation, LayerConfig, LayerKind, NetworkSpecError, Pooling
from cnnviz.models.builder.network_spec import NetworkSpec, Shape
from cnnviz.models.builder.presets import preset, preset_keys
from cnnviz.models.builder.problems import Fix, Problem
from cnnviz.models.builder.pytorch_code import CodeForm, spec_to_pytorch
from cnnviz.models.builder.residual import ResidualBlock
from cnnviz.models.builder.text_form import layers_from_text, layers_to_text

__all__ = [
    "Activation",
    "CodeForm",
    "Fix",
    "Inspection",
    "LayerConfig",
    "LayerKind",
    "LayerRow",
    "NetworkSpec",
    "NetworkSpecError",
    "Pooling",
    "Problem",
    "ResidualBlock",
    "Shape",
    "adapt_to_data",
    "build_module",
    "inspect_spec",
    "layers_from_text",
    "layers_to_text",
    "preset",
    "preset_keys",
    "spec_to_pytorch",
]  # fmt: skip
