"""The projective field of a pixel: which units of every layer read it, directly or through others.

The receptive field seen from the other end (Le, Borji, "What are the Receptive, Effective Receptive, and Projective
Fields of Neurons in Convolutional Neural Networks?", 2017). Each operation hands on what it reads: windows by their
index sets, everything else by its linear stand-in, whose weights are not negative.
Refuses to know: values, and how strongly a pixel counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

from cnnviz.core.graph import Graph, Node
from cnnviz.core.layer_trace import maps_shape
from cnnviz.core.layers import CONVOLUTIONS
from cnnviz.core.ops import OpKind, Ref
from cnnviz.core.receptive_field.step_back import reader_matrices
from cnnviz.i18n import _

Marked = tuple[torch.Tensor | None, ...]  # 1 where a unit reads the pixel, one for each tensor that a node returns


def projective_field(graph: Graph, row: int, col: int) -> Mapping[str, np.ndarray | None]:
    """For each layer, which of its units read the pixel at (row, col): booleans (channels, rows, cols) or (entries,).

    None for a layer behind an operation that nobody knows. All channels of the pixel are meant.
    Raises: IndexError for a pixel that the image does not have.

    >>> from torch import nn
    >>> from cnnviz.core.graph import build_graph
    >>> from cnnviz.core.receptive_field.projective import projective_field
    >>> graph = build_graph(nn.Sequential(nn.Conv2d(1, 1, 3)), (1, 9, 9))
    >>> int(projective_field(graph, 0, 0)["0"].sum()), int(projective_field(graph, 4, 4)["0"].sum())
    (1, 9)
    """
    _channels, rows, cols = graph.input_shape
    if not (0 <= row < rows and 0 <= col < cols):
        raise IndexError(
            _(
                "pixel must lie within {rows}×{cols}, got row {row}, column {col}",
                rows=rows,
                cols=cols,
                row=row,
                col=col,
            )
        )
    start = torch.zeros(1, *graph.input_shape)
    start[:, :, row, col] = 1
    marked: dict[int, Marked | None] = {0: (start,)}
    for number, node in enumerate(graph.nodes):
        if number and graph.dependent[number]:
            marked[number] = _through(graph, node, marked)
    return {node.name: _laid_out(marked.get(number)) for number, node in enumerate(graph.nodes) if node.is_layer}


def _through(graph: Graph, node: Node, marked: Mapping[int, Marked | None]) -> Marked | None:
    call, rule = node.call, node.rule
    sources = [source for source, _step in node.steps if graph.dependent[source]]
    if call is None or rule.how is OpKind.UNKNOWN or any(marked[source] is None for source in sources):
        return None
    if rule.how is OpKind.WINDOWS:
        return (_windows(node, (marked[sources[0]] or (None,))[0]),)

    def put(leaf: Any) -> Any:
        if not isinstance(leaf, Ref):
            return leaf
        parts = marked[leaf.node] if graph.dependent[leaf.node] else None
        if parts is None:  # a constant reads no pixel
            shape = graph.nodes[leaf.node].shapes[0]
            return torch.zeros(shape) if shape is not None else None
        return parts[0] if len(parts) == 1 else parts

    args, kwargs = pytree.tree_map(put, (call.args, call.kwargs), is_leaf=lambda leaf: isinstance(leaf, Ref))
    assert rule.stand_in is not None
    with torch.no_grad():
        made = rule.stand_in(*args, **kwargs)
    parts = [made] if isinstance(made, torch.Tensor) else list(made)
    return tuple(None if part is None else (part > 0).float() for part in parts)


def _windows(node: Node, before: torch.Tensor | None) -> torch.Tensor | None:
    spec, shape = node.rule.spec, node.shapes[0]
    if before is None or spec is None or shape is None:
        return None
    count = len(spec.windows) or 2
    seen = before.reshape(before.shape[-count - 1 :])  # (c, *axes)
    if spec.kind in CONVOLUTIONS:
        seen = seen.reshape(spec.groups, -1, *seen.shape[1:]).amax(dim=1)
    for axis, matrix in enumerate(reader_matrices(spec, tuple(before.shape[-count:]), shape[-count:]), start=1):
        seen = torch.tensordot(torch.from_numpy(np.array(matrix)), seen, dims=([0], [axis])).movedim(0, axis)
    seen = (seen > 0).float()
    if spec.kind in CONVOLUTIONS:
        seen = seen.repeat_interleave(shape[-count - 1] // spec.groups, dim=0)
    return seen.reshape(shape)


def _laid_out(marked: Marked | None) -> np.ndarray | None:
    value = next((part for part in marked if part is not None), None) if marked else None
    if value is None:
        return None
    array = value[0].numpy() > 0 if value.dim() > 1 and len(value) == 1 else value.numpy() > 0
    made: np.ndarray = array.reshape(maps_shape(array.shape))
    return made
