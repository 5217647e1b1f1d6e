"""What a small example is, how it is run, and the code that shows it.

Refuses to know: which examples there are (`examples`).
"""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import torch

from cnnviz.data.datasets import DataBroken, DataMissing
from cnnviz.i18n import _
from cnnviz.small_examples.fields import ExampleError, ExampleField, Text, Value

Results = dict[str, object]
IMPORTS = {
    "time": "import time",
    "torch": "import torch",
    "nn": "from torch import nn",
    "functional": "from torch.nn import functional",
    "DataChoice": "from cnnviz.data.image_sets import DataChoice, load_pool",
}


class ExampleGroup(StrEnum):
    """What a group of small examples is about."""

    WINDOWS = "windows"
    DATA = "data"
    TRAINING = "training"
    MISTAKES = "mistakes"


class ValueColours(StrEnum):
    """In which of the four colour scales a result is shown; plain: in none."""

    INPUTS = "inputs"
    WEIGHTS = "weights"
    ACTIVATIONS = "activations"
    PLAIN = "plain"


@dataclass(frozen=True)
class ResultForm:
    """How one result is shown: its title, its colours; `axis`: what stands before the number of a map of several."""

    describe: Text
    colours: ValueColours = ValueColours.PLAIN
    axis: Text | None = None


@dataclass(frozen=True, eq=False)
class SmallExample:
    """A question, a sentence or two, inputs, and the function that answers: inputs by name → results by name.

    forms: how each result is shown, in this order. columns: what the columns of its tables are called.
    is_measured: whether its numbers are times, which are others at every run.
    """

    key: str
    group: ExampleGroup
    describe: Text
    explain: Text
    compute: Callable[..., Results]
    fields: tuple[ExampleField, ...]
    forms: Mapping[str, ResultForm]
    columns: Mapping[str, Text] = field(default_factory=dict)
    is_measured: bool = False

    @property
    def title(self) -> str:
        """The question, in the reader's language."""
        return self.describe()

    @property
    def text(self) -> str:
        """What is to be understood, in the reader's language."""
        return self.explain()

    @property
    def usual(self) -> dict[str, Value]:
        """The inputs at first."""
        return {one.name: one.usual for one in self.fields}


def group_title(group: ExampleGroup) -> str:
    """What a group is called, in the reader's language."""
    return {
        ExampleGroup.WINDOWS: _("Windows and sizes"),
        ExampleGroup.DATA: _("Forms of data"),
        ExampleGroup.TRAINING: _("Training"),
        ExampleGroup.MISTAKES: _("Mistakes found in print"),
    }[group]


def run_example(example: SmallExample, values: Mapping[str, Value]) -> Results:
    """The results for these inputs. Raises: ExampleError with the words of whoever refuses them."""
    try:
        with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):  # the caller's numbers stay as they were
            warnings.simplefilter("ignore")  # "same" with an even kernel costs a copy: nobody here needs to know
            return {name: _plain(value) for name, value in example.compute(**values).items()}
    except (DataMissing, DataBroken) as error:
        raise ExampleError(str(error)) from error
    except (RuntimeError, ValueError, IndexError) as error:
        raise ExampleError(_("These inputs cannot be computed: {words}", words=str(error).split("\n")[0])) from error


def _plain(value: object) -> object:
    """A tensor as NumPy's array, one number as Python's; all else as it is."""
    if not isinstance(value, torch.Tensor):
        return value
    return value.detach().numpy() if value.dim() else value.item()


def example_to_pytorch(example: SmallExample, values: Mapping[str, Value]) -> str:
    """Code that prints the same results: the source of the function that the page runs, and its call.

    >>> from cnnviz.small_examples.example import example_to_pytorch
    >>> from cnnviz.small_examples.examples import find_small_example
    >>> example = find_small_example("view")
    >>> print(example_to_pytorch(example, example.usual).splitlines()[0])
    import torch
    """
    source = re.sub(r"  # (fmt|type): .*", "", inspect.getsource(example.compute))
    imports = [line for word, line in IMPORTS.items() if re.search(rf"(?<![\w.]){word}[.(]", source)]
    arguments = "".join(f"    {name}={value!r},\n" for name, value in values.items())
    call = f"results = {example.compute.__name__}(\n{arguments})"
    printing = 'for name, value in results.items():\n    print(name, value, sep="\\n")'
    return "\n".join([*imports, "", "", source, "", call, printing])
