"""Where a step stood in its author's code: the path of its module, and the line, as the file says them.

A file holds whole paths of somebody's machine: only the last part of a path is kept. Nothing is imported or opened.
Refuses to know: graphs.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

from cnnviz.models.importers.dotted_names import is_dotted_name
from cnnviz.models.importers.json_values import Record
from cnnviz.models.importers.records import clean_text

FRAME = re.compile(r'File "([^"\n]{1,1000})", line (\d{1,7}), in [^\n]{0,200}(?:\n[ \t]+([^\n]{0,1000}))?')
LIBRARY = re.compile(r"(^|[/\\])torch[/\\](nn|fx|_|export|utils|functional)|^<eval_with_key>")
LONGEST_STACK = 20_000  # characters that are looked at


def read_source_facts(metadata: Record) -> dict[str, Any]:
    """What a node's `meta` holds: "nn_module_stack", and "source_line" where the file has one.

    >>> from cnnviz.models.importers.source_facts import read_source_facts
    >>> read_source_facts({"nn_module_stack": "L__self__,,Net;L__self__c1,c1,torch.nn.Conv2d"})["nn_module_stack"]
    OrderedDict([('L__self__', ('', 'Net')), ('L__self__c1', ('c1', 'torch.nn.Conv2d'))])
    """
    facts: dict[str, Any] = {"nn_module_stack": read_module_stack(metadata.get("nn_module_stack"))}
    line = read_source_line(metadata.get("stack_trace"))
    return facts | ({"source_line": line} if line else {})


def read_module_stack(text: object) -> OrderedDict[str, tuple[str, str]]:
    """The modules around a step, the outermost first: name → (path, type), all plain words."""
    found: OrderedDict[str, tuple[str, str]] = OrderedDict()
    if not isinstance(text, str):
        return found
    for entry in text[:LONGEST_STACK].split(";"):
        key, path, kind = [*entry.split(",", 2), "", ""][:3]
        plain = _plain_path(path)
        if plain == "" or is_dotted_name(plain):
            found[clean_text(key, 200)] = (plain, clean_text(kind, 200))
    return found


def _plain_path(path: str) -> str:
    """`layer1.0.conv1`, also from L['self'].layer1[0].conv1 and layer1.0.conv1@1, as older exports write it."""
    if (own := re.sub(r"^(L\['self'\]|L__self__)\.?", "", path)) != path:
        path = re.sub(r"\[['\"]?(\w+)['\"]?\]", r".\1", own).removeprefix(".")
    path = re.sub(r"@\d+$", "", path)
    return "" if path.startswith("_empty_nn_module_stack") else path


def is_library(path: str) -> bool:
    """Whether a file of code is PyTorch's, and not its reader's.

    >>> from cnnviz.models.importers.source_facts import is_library
    >>> is_library("/usr/lib/python3/site-packages/torch/nn/modules/conv.py"), is_library("/home/ada/net.py")
    (True, False)
    """
    return LIBRARY.search(path) is not None


def read_source_line(text: object) -> tuple[str, int, str] | None:
    """(file, line number, line) of the innermost frame outside PyTorch; None where there is none."""
    if not isinstance(text, str):
        return None
    own = [frame for frame in FRAME.findall(text[-LONGEST_STACK:]) if not is_library(frame[0])]
    if not own:
        return None
    path, line, code = own[-1]
    return clean_text(re.split(r"[/\\]", path)[-1], 100), int(line), clean_text(code.strip(), 200)
