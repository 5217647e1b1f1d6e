"""A network of the reader's own, in the reader's own process, as the file that torch.export writes of it.

This is the one place that runs a reader's model; the app gets the file and reads it as any file from outside.
Refuses to know: files on the disk, the app.
"""

from __future__ import annotations

import copy
import io
import logging
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path, PurePath

import torch
from torch import fx, nn

from cnnviz.core.graph import GraphError, graph_as_far_as_it_runs
from cnnviz.core.graph.copies import dtype_of, graph_of, without_state
from cnnviz.i18n import _
from cnnviz.machine.resources import PACKAGE
from cnnviz.models.importers.records import ImportedNetworkError, Shape, clean_text
from cnnviz.models.importers.source_facts import is_library

LONGEST_REASON = 160
PACKAGES = {"site-packages", "dist-packages"}


def export_network(model: nn.Module, input_shape: Shape) -> bytes:
    """What `torch.export.save` writes of `model` in evaluation mode, for an image (channels, rows, cols).

    The model is as before afterwards: its mode, its gradients, where its weights lie.
    Raises: ImportedNetworkError, one sentence with PyTorch's reason and a way out.

    >>> from torch import nn
    >>> from cnnviz.models.exporting import export_network
    >>> from cnnviz.models.importers.network_files import read_network
    >>> content = export_network(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 2, 2))
    >>> read_network(content, "net.pt2").input_shape
    (1, 2, 2)
    """
    file = io.BytesIO()
    with _on_cpu(model) as prepared, _evaluating(prepared), _quiet():
        image = torch.zeros((1, *input_shape), dtype=dtype_of(prepared))
        try:
            with torch.no_grad():
                torch.export.save(torch.export.export(prepared, (image,)), file)
        except Exception as error:  # whatever torch.export and the reader's own code raise
            raise _refusal(model, error) from error
    return file.getvalue()


def export_part(model: nn.Module, input_shape: Shape) -> tuple[bytes, str] | None:
    """Of a model with a layer that refuses its input: all before it as a file, and why it stops; else None."""
    try:
        with _quiet():
            traced = graph_of(without_state(model, "shared"), input_shape)
        graph, stopped = graph_as_far_as_it_runs(traced, input_shape)
        return (export_network(_cut(traced, graph.layers[-1].alias), input_shape), stopped) if stopped else None
    except (GraphError, ImportedNetworkError):
        return None


def _cut(traced: fx.GraphModule, last: str) -> nn.Module:
    """The network as far as the step called `last`."""
    graph = fx.Graph()
    known: dict[fx.Node, fx.Node] = {}
    for node in traced.graph.nodes:
        known[node] = graph.node_copy(node, known.__getitem__)
        if node.name == last:
            graph.output(known[node])
            break
    return fx.GraphModule(traced, graph).eval()


def _refusal(model: nn.Module, error: Exception) -> ImportedNetworkError:
    where = own_line(error)
    return ImportedNetworkError(
        _("torch.export cannot take {type} ({where}{reason}): let forward() take one batch of images, and take out of "
          "it what depends on their values, or write the network as ONNX and open that file",
          type=type(model).__name__, where=where and f"{where}: ",
          reason=first_sentence(error))
    )  # fmt: skip


def first_sentence(error: BaseException) -> str:
    """What an error says first, as it may stand in a sentence."""
    lines = str(error).strip().splitlines()
    return clean_text(lines[0] if lines else type(error).__name__, LONGEST_REASON).rstrip(".: ")


def own_line(error: BaseException) -> str:
    """The innermost line of the reader's own code that led to an error, as "net.py, line 3"; "" where there is none."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_readers(frame.filename)]
    if not own:
        return ""
    return _("{file}, line {line}", file=clean_text(PurePath(own[-1].filename).name), line=own[-1].lineno)


def _is_readers(path: str) -> bool:
    """Whether code is the reader's: not PyTorch's, of another package, of Python itself, or ours."""
    is_ours = Path(path).is_relative_to(PACKAGE) or Path(path).is_relative_to(Path(os.__file__).parent)
    is_packaged = path.startswith("<frozen") or not PACKAGES.isdisjoint(Path(path).parts)
    return not (is_ours or is_packaged or is_library(path))


@contextmanager
def _on_cpu(model: nn.Module) -> Iterator[nn.Module]:
    """The model itself where its weights lie on the CPU, else a copy."""
    tensors = (*model.parameters(), *model.buffers())
    yield model if all(one.device.type == "cpu" for one in tensors) else copy.deepcopy(model).cpu()


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """In evaluation mode for a while, every module then as it was."""
    before = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, was_training in before:
            module.training = was_training


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the pages that torch.export logs about what it cannot take: the reader gets one sentence."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)
