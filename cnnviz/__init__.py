"""cnnviz: understand a convolutional network by using one.

The package answers with plain records and PyTorch's own numbers; it works from a
notebook or a script. Only `cnnviz.ui` knows Streamlit, only `cnnviz.figures` knows Plotly.

The names below are loaded when they are first used, so that `import cnnviz` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the same names, for type checkers and editors
    from cnnviz.attribution.attribute_image import attribute
    from cnnviz.cli.open import open_network as open
    from cnnviz.core.trace import trace
    from cnnviz.models.library import explain, projective_field, receptive_field
    from cnnviz.models.summary import summarise as summary

__version__ = "0.1.0"  # the one place; `pyproject.toml` reads it here
__all__ = ["attribute", "explain", "open", "projective_field", "receptive_field", "summary", "trace"]

_HOMES = {
    "attribute": "cnnviz.attribution.attribute_image:attribute",
    "explain": "cnnviz.models.library:explain",
    "open": "cnnviz.cli.open:open_network",
    "projective_field": "cnnviz.models.library:projective_field",
    "receptive_field": "cnnviz.models.library:receptive_field",
    "summary": "cnnviz.models.summary:summarise",
    "trace": "cnnviz.core.trace:trace",
}


def __getattr__(name: str) -> Any:
    """The public function `name`, from the module that defines it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, own_name = _HOMES[name].split(":")
    found = getattr(import_module(module), own_name)
    globals()[name] = found  # the next use is an ordinary one
    return found


def __dir__() -> list[str]:
    """What a notebook offers after `cnnviz.` and Tab."""
    return sorted({*globals(), *__all__})
