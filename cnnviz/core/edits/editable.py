"""What of a network can be edited, and whether an edit fits: by kinds and sizes, never by names.

Refuses to know: values of weights, and how an edit is carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from cnnviz.checks import not_one_of
from cnnviz.core.edits.edit import ON_KERNELS, Edit, EditError, EditKind
from cnnviz.core.edits.history import Edits
from cnnviz.core.edits.presets import preset_kernel
from cnnviz.core.layers import Kind, LayerSpec
from cnnviz.core.ops import describe
from cnnviz.core.trace import sequential_layers
from cnnviz.i18n import _

SUMS = (Kind.CONVOLUTION, Kind.LINEAR)


@dataclass(frozen=True)
class FunctionCall:
    """A layer that is no module, or one of several calls of a module: `node` is its name in the graph of torch.fx.

    `parameters` are (name, path, whether it is a parameter and no buffer) of what it computes with; `ceil_mode` and
    `output_size` those of a pooling. is_part: it is the first of several tensors that a function returns.
    """

    node: str
    parameters: tuple[tuple[str, str, bool], ...] = ()
    ceil_mode: bool = False
    output_size: tuple[int | None, ...] = ()
    is_part: bool = False


@dataclass(frozen=True)
class EditableLayer:
    """One layer: what it is, the shape of its weights as PyTorch has them, () without any, and whether it has a bias.

    `function`: where it is found if it is no module.

    >>> from torch import nn
    >>> from cnnviz.core.edits import editable_layers
    >>> layer = editable_layers(nn.Sequential(nn.Conv2d(1, 2, 3))).parts[0]
    >>> layer.weights, layer.has_bias, layer.has_kernels
    ((2, 1, 3, 3), True, True)
    """

    spec: LayerSpec
    weights: tuple[int, ...] = ()
    has_bias: bool = False
    function: FunctionCall | None = None

    @property
    def has_kernels(self) -> bool:
        """Whether its weights are kernels that can be edited one by one, `weight[out, into]`."""
        return self.spec.kind is Kind.CONVOLUTION and not self.spec.is_transposed

    @property
    def can_average(self) -> bool:
        """Whether it is a max pooling that has an average twin: PyTorch's average pooling has no dilation."""
        return self.spec.kind is Kind.MAX_POOLING and self.spec.dilation == (1, 1)


@dataclass(frozen=True)
class EditableLayers:
    """The layers of a network, in order.

    `drawn_for`: the input shape for which it has to be drawn as a graph before a function in it can be replaced; None
    for a row of modules, and for a network that is a graph already.

    >>> from torch import nn
    >>> from cnnviz.core.edits import Edit, EditKind, editable_layers
    >>> layers = editable_layers(nn.Sequential(nn.Conv2d(1, 2, 3)))
    >>> [layers.fits(Edit(EditKind.OFF, "0", out=channel)) for channel in (1, 2)]  # it has two maps
    [True, False]
    """

    parts: tuple[EditableLayer, ...]
    drawn_for: tuple[int, int, int] | None = None

    def part(self, path: str) -> EditableLayer:
        """The layer called `path`. Raises: EditError, naming the layers that there are."""
        for part in self.parts:
            if part.spec.path == path:
                return part
        raise not_one_of("layer", path, [part.spec.path for part in self.parts], EditError)

    def check(self, edit: Edit) -> None:
        """Raise EditError, one sentence, for an edit that does not fit this network."""
        part = self.part(edit.layer)
        _MUST[edit.op](part, edit)

    def fits(self, edit: Edit) -> bool:
        """Whether the network can have this edit."""
        try:
            self.check(edit)
        except EditError:
            return False
        return True

    def fitting(self, edits: Edits) -> Edits:
        """The edits that this network can have; the others, of another network's link perhaps, are left out."""
        return Edits(*(tuple(filter(self.fits, some)) for some in (edits.done, edits.undone)))


def editable_layers(model: nn.Sequential) -> EditableLayers:
    """What can be edited in `model`, layer by layer, in the order in which they run.

    Raises: TraceError where the model is not a row of layers.

    >>> from torch import nn
    >>> from cnnviz.core.edits.editable import editable_layers
    >>> editable_layers(nn.Sequential(nn.Conv2d(1, 2, 3))).parts[0].weights
    (2, 1, 3, 3)
    """
    return EditableLayers(tuple(_part(describe(path, module), module) for path, module in sequential_layers(model)))


def _part(spec: LayerSpec, module: nn.Module) -> EditableLayer:
    if spec.kind not in SUMS:
        return EditableLayer(spec)
    weight, bias = module.get_parameter("weight"), getattr(module, "bias", None)
    return EditableLayer(spec, tuple(weight.shape), bias is not None)


def computed_weights(edit: Edit) -> EditError:
    """An edit of weights that are themselves computed."""
    return EditError(
        _("{path} must have weights of its own for this edit, got computed ones: choose another layer", path=edit.layer)
    )


def _must_be(part: EditableLayer, is_right: bool, wanted: str) -> None:
    if not is_right:
        raise EditError(
            _("{path} must be {wanted} for this edit, got {type}: choose another layer",
              path=part.spec.path, wanted=wanted, type=part.spec.type_name)
        )  # fmt: skip


def _below(part: EditableLayer, name: str, value: int | None, count: int) -> None:
    if value is None or value >= count:
        raise EditError(
            _("{name} of {path} must be from 0 to {most}, got {value}: choose one that is there",
              name=name, path=part.spec.path, most=count - 1, value=value)
        )  # fmt: skip


def _must_have_kernel(part: EditableLayer, edit: Edit) -> None:
    _must_be(part, part.has_kernels, _("a convolution"))
    _below(part, _("map"), edit.out, part.weights[0])
    _below(part, _("input channel"), edit.into, part.weights[1])
    rows, cols = part.weights[2:]
    if edit.op is EditKind.SET and len(edit.numbers) != rows * cols:
        raise EditError(
            _("a kernel of {path} must be {rows}×{cols} numbers, got {count}: give as many",
              path=part.spec.path, rows=rows, cols=cols, count=len(edit.numbers))
        )  # fmt: skip
    if edit.op is EditKind.PRESET:
        preset_kernel(edit.preset, rows, cols)


def _must_have_unit(part: EditableLayer, edit: Edit) -> None:
    _must_have_weights(part, edit)
    _below(part, _("map"), edit.out, part.spec.channels[1])
    if edit.op is EditKind.OFF and part.spec.is_transposed:
        _must_be(part, False, _("a convolution or a fully connected layer"))


def _must_have_bias(part: EditableLayer, edit: Edit) -> None:
    _must_have_unit(part, edit)
    _must_be(part, part.has_bias, _("a layer with a bias"))
    if len(edit.numbers) != 1:
        raise EditError(
            _("a bias must be one number, got {count}: give one", count=len(edit.numbers))
        )  # fmt: skip


def _must_have_weights(part: EditableLayer, edit: Edit) -> None:
    _must_be(part, part.spec.kind in SUMS, _("a convolution or a fully connected layer"))


def _must_be_activation(part: EditableLayer, edit: Edit) -> None:
    _must_be(part, part.spec.kind is Kind.ACTIVATION, _("an activation"))


def _must_be_max_pooling(part: EditableLayer, edit: Edit) -> None:
    _must_be(part, part.can_average, _("a max pooling without dilation"))


_MUST: dict[EditKind, Callable[[EditableLayer, Edit], None]] = {
    **dict.fromkeys(ON_KERNELS, _must_have_kernel),
    EditKind.BIAS: _must_have_bias,
    EditKind.OFF: _must_have_unit,
    EditKind.LINEAR: _must_be_activation,
    EditKind.AVERAGE: _must_be_max_pooling,
    EditKind.SHUFFLE: _must_have_weights,
    EditKind.REDRAW: _must_have_weights,
}
