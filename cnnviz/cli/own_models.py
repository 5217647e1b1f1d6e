"""A model that the reader's own code makes: `package.module:make_model`, imported and called in this process.

Nothing else of the app runs a reader's code: the command exports what it gets, and the server reads the export.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from torch import nn

from cnnviz.checks import quoted, refusal
from cnnviz.i18n import _
from cnnviz.models.exporting import first_sentence, own_line
from cnnviz.models.summary import PREFIX

NAME = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")


def names_model(text: str) -> bool:
    """Whether a text names something in a module.

    >>> from cnnviz.cli.own_models import names_model
    >>> names_model("nets.small:make_model"), names_model("torchvision:resnet18"), names_model("nets/small.py")
    (True, False, False)
    """
    return not text.startswith(PREFIX) and NAME.fullmatch(text) is not None


def make_model(text: str) -> nn.Module:
    """The model that `text` names: a module of PyTorch, or what a function or class without arguments gives.

    Raises: ValueError, one sentence with the line of the reader's code where that is what failed.
    """
    module, name = text.split(":")
    here = str(Path.cwd())
    if here not in sys.path:  # as `python -m` has it
        sys.path.insert(0, here)
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        made = found if isinstance(found, nn.Module) else found()
    except Exception as error:  # whatever the reader's code raises
        raise ValueError(_failed(text, error)) from error
    if not isinstance(made, nn.Module):
        raise refusal(text, _("an nn.Module, or a function that returns one"), type(made).__name__,
                      _("return the model itself"))  # fmt: skip
    return made


def _failed(text: str, error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return _("{name} cannot be imported, for Python finds no module {module}: start in the folder that holds it",
                 name=text, module=quoted(error.name))  # fmt: skip
    where = own_line(error)
    return _("{name} cannot be made: {type}: {reason}{where}", name=text, type=type(error).__name__,
             reason=first_sentence(error), where=where and f" ({where})")  # fmt: skip
