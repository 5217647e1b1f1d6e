"""What a node is called: by the path of its module, or by its container's path and the operation's name.

"#2" marks a second call. An exported network has no modules any more, only their paths: a path that stands for one
kind of operation and holds no other is that module again.
Refuses to know: what an operation does.
"""

from __future__ import annotations

import operator
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import fx

from cnnviz.core.layers import IMAGE, PROBABILITIES

NAME = "cnnviz_name"  # in the meta of a node whose name is fixed
ADDED = "cnnviz_added"  # and of one that is put behind the network, for which a name is kept free


class NodeNames:
    """The names of the nodes of one traced network, each given once, in order."""

    def __init__(self, nodes: Iterable[fx.Node]) -> None:
        self._taken = {PROBABILITIES: 1}
        self._modules = _paths_of_modules(nodes)

    def name(self, n: fx.Node, type_name: str) -> str:
        """A name that no node before has; one that an edit has put in another's place keeps the other's."""
        if n.meta.get(ADDED):
            return str(n.meta[NAME])
        wanted = n.meta.get(NAME) or self._wanted(n, type_name)
        name, count = wanted, self._taken.get(wanted, 0) + 1
        while count > 1 and (name := f"{wanted}#{count}") in self._taken:  # somebody has called a module so
            count += 1
        self._taken[wanted] = count
        self._taken.setdefault(name, 1)
        return name

    def _wanted(self, n: fx.Node, type_name: str) -> str:
        if n.op == "placeholder":
            return IMAGE
        if n.op not in ("call_function", "call_method"):
            return str(n.target)
        around = module_path(n)
        if around in self._modules:
            return around
        if n.target is operator.getitem and isinstance(n.args[0], fx.Node):
            source = n.args[0]
            type_name = f"{target_name(source)}.{n.args[1]}" if isinstance(n.args[1], int) else type_name
        return f"{around}.{type_name}" if around else type_name


def _paths_of_modules(nodes: Iterable[fx.Node]) -> frozenset[str]:
    """The paths that stand for a module of one operation, in what `torch.export` has written."""
    inside: dict[str, set[Any]] = defaultdict(set)
    for n in nodes:
        if n.op != "call_function":
            continue
        path = module_path(n)
        parts = path.split(".")
        for length in range(1, len(parts) + 1):
            key = ".".join(parts[:length])
            inside[key].add(n.target if key == path and isinstance(n.target, torch._ops.OpOverload) else None)
    return frozenset(path for path, targets in inside.items() if path and len(targets) == 1 and None not in targets)


def module_path(n: fx.Node) -> str:
    """The path of the module in which `n` is called, "" for the network itself; torch.export counts calls by "@"."""
    stack = list((n.meta.get("nn_module_stack") or {"": ("",)}).values())
    path = str(stack[-1][0]) if stack else ""
    return re.sub(r"@\d+$", "", path).removeprefix("L['self'].").removeprefix("L['self']")


def target_name(n: fx.Node) -> str:
    """The plain name of what `n` calls: "relu" for the function, the method and the aten operator."""
    if isinstance(n.target, torch._ops.OpOverload):
        return n.target._schema.name.removeprefix("aten::")
    return n.target if isinstance(n.target, str) else getattr(n.target, "__name__", n.name)
