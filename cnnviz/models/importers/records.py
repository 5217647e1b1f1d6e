"""What a reader of networks gives back, how large a file may be, and the one error that every reader raises.

Refuses to know: formats of files.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import fx

from cnnviz.checks import refusal_in_words
from cnnviz.i18n import _

Shape = tuple[int, int, int]
LONGEST_TEXT = 120  # characters from a file that stand in a sentence


class ImportedNetworkError(ValueError):
    """A file that cannot be opened as a network; its text is one sentence for the reader.

    >>> from cnnviz.models.importers import ImportedNetworkError
    >>> issubclass(ImportedNetworkError, ValueError)
    True
    """


@dataclass(frozen=True)
class ImportLimits:
    """What a file may hold, and what one run of its network may take: all judged before anything is computed.

    ratio: unpacked to packed bytes, of a file in the archive. json_bytes: of all that is no tensor. output_elements:
    of one value, all_elements: of all values of a run together. work: multiply-adds, and cells that poolings compare.
    pieces: that one operation may cut.

    >>> from cnnviz.models.importers import ImportLimits
    >>> ImportLimits(nodes=100).nodes
    100
    """

    file_bytes: int = 600_000_000
    entries: int = 20_000
    unpacked_bytes: int = 700_000_000
    ratio: int = 200
    json_bytes: int = 16_000_000
    nodes: int = 5_000
    tensors: int = 10_000
    weight_elements: int = 200_000_000
    side: int = 4_096  # rows and columns of the image
    output_elements: int = 100_000_000
    all_elements: int = 1_000_000_000
    work: int = 100_000_000_000
    pieces: int = 1_024


@dataclass(frozen=True, eq=False)
class ImportedNetwork:
    """A network from outside, ready to be drawn as a graph.

    `module` takes one batch (n, channels, rows, cols) of `input_dtype` and gives one tensor; its nodes carry
    `meta["nn_module_stack"]` and, where the file says it, `meta["source_line"]`: (file, line number, line).
    output_names: of all outputs that the file has; the module gives the one called `output_name`.
    notes: what was read otherwise than the file says, a sentence each.

    >>> import io, torch
    >>> from cnnviz.models.importers.network_files import read_network
    >>> file = io.BytesIO()
    >>> program = torch.export.export(torch.nn.Conv2d(1, 2, 3).eval(), (torch.zeros(1, 1, 5, 5),))
    >>> torch.export.save(program, file)
    >>> network = read_network(file.getvalue(), "network.pt2")
    >>> network.output_name, network.module(torch.zeros(1, 1, 5, 5)).shape
    ('conv2d', torch.Size([1, 2, 3, 3]))
    """

    module: fx.GraphModule
    input_shape: Shape
    input_dtype: torch.dtype
    format: str  # "torch.export", "ONNX"
    producer: str  # who wrote the file, with its version
    output_name: str
    output_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def import_refusal(parameter: str, rule: str, got: object, way_out: str) -> ImportedNetworkError:
    """The error that says what must be how, what the file has (in our words), and what to do: to be raised.

    >>> from cnnviz.models.importers.records import import_refusal
    >>> str(import_refusal("opset", "at most 26", 99, "export it again"))
    'opset must be at most 26, got 99: export it again'
    """
    return refusal_in_words(parameter, rule, clean_text(got), way_out, ImportedNetworkError)


def check_limit(parameter: str, got: int, most: int, unit: str, way_out: str) -> None:
    """Whether something is at most as large as a limit allows. Raises: ImportedNetworkError.

    >>> from cnnviz.models.importers.records import check_limit
    >>> check_limit("graph", 20, 5_000, "nodes", "open a smaller network")
    """
    if got > most:
        rule = _("at most {most} {unit}", most=f"{most:,}", unit=unit)
        raise import_refusal(parameter, rule, f"{got:,}", way_out)


def clean_text(text: object, most: int = LONGEST_TEXT) -> str:
    """A text from a file as it may stand in a sentence: printable, on one line, short.

    >>> from cnnviz.models.importers.records import clean_text
    >>> clean_text("two\\nlines", 7)
    'two?li…'
    """
    letters = str(text)[: most + 1]
    clean = "".join(letter if letter.isprintable() else "?" for letter in letters)
    return clean if len(clean) <= most else clean[: most - 1] + "…"
