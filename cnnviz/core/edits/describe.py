"""An edit as one line in words.

Refuses to know: how numbers are rounded (`number` is told), and what the edit does to the answer.
"""

from __future__ import annotations

from collections.abc import Callable

from cnnviz.core.edits.edit import Edit, EditKind
from cnnviz.core.edits.editable import EditableLayers
from cnnviz.core.edits.presets import preset_title
from cnnviz.core.layers import Kind
from cnnviz.i18n import _

Number = Callable[[float], str]


def describe_edit(edit: Edit, anatomy: EditableLayers, number: Number = str) -> str:
    """What `edit` does, in the reader's language; `number` writes a bias.

    Raises: EditError where the network has no such layer.

    >>> from cnnviz.models.zoo import find_recipe
    >>> from cnnviz.core.edits.editable import editable_layers
    >>> from cnnviz.core.edits.edit import Edit, EditKind
    >>> from cnnviz.core.edits.describe import describe_edit
    >>> describe_edit(Edit(EditKind.OFF, "conv1", out=3), editable_layers(find_recipe("mnist").build()))
    'conv1, map 3: switched off, its weights and its bias are 0'
    """
    part = anatomy.part(edit.layer)
    where = edit.layer
    if edit.out is not None:
        unit = _("{layer}, map {channel}") if part.spec.kind is Kind.CONVOLUTION else _("{layer}, unit {channel}")
        where = unit.format(layer=edit.layer, channel=edit.out)
    return _("{where}: {what}", where=where, what=_what(edit, part.spec.type_name, number))


def _what(edit: Edit, type_name: str, number: Number) -> str:
    if edit.op in _ON_ONE_KERNEL:
        return _ON_ONE_KERNEL[edit.op](edit)
    if edit.op is EditKind.BIAS:
        return _("bias set to {value}", value=number(edit.numbers[0]))
    words = {
        EditKind.OFF: _("switched off, its weights and its bias are 0"),
        EditKind.LINEAR: _("{type} removed", type=type_name),
        EditKind.AVERAGE: _("takes the mean instead of the largest value"),
        EditKind.SHUFFLE: _("kernels shuffled (seed {seed})", seed=edit.seed),
        EditKind.REDRAW: _("weights as before training (seed {seed})", seed=edit.seed),
    }
    return words[edit.op]


_ON_ONE_KERNEL: dict[EditKind, Callable[[Edit], str]] = {
    EditKind.SET: lambda edit: _("kernel for input map {into} set by hand", into=edit.into),
    EditKind.PRESET: lambda edit: _(
        "kernel for input map {into} is now “{name}”", into=edit.into, name=preset_title(edit.preset)
    ),
    EditKind.ZERO: lambda edit: _("kernel for input map {into} set to 0", into=edit.into),
    EditKind.NEGATE: lambda edit: _("kernel for input map {into} negated", into=edit.into),
    EditKind.RANDOM: lambda edit: _(
        "kernel for input map {into} as before training (seed {seed})", into=edit.into, seed=edit.seed
    ),
}
