"""What a layer is for in a word or two, and one sentence on what it does, in the reader's language.

Refuses to know: values, and what stands beside it on the page (`texts`).
"""

from __future__ import annotations

from cnnviz.core.explain.laid_weights import weights_by_output
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind, LayerSpec
from cnnviz.i18n import _


def role_of(spec: LayerSpec) -> str:
    """What a layer is for, in a word or two."""
    roles = {
        Kind.CONVOLUTION: _("finds patterns"),
        Kind.MAX_POOLING: _("shrinks"),
        Kind.AVERAGE_POOLING: _("shrinks"),
        Kind.ACTIVATION: _activation_role(spec),
        Kind.NORMALISATION: _("normalises"),
        Kind.DROPOUT: _("inactive at inference"),
        Kind.FLATTEN: _("one column"),
        Kind.LINEAR: _("fully connected"),
        Kind.ADD: _("subtracts") if min(spec.scales, default=1) < 0 else _("adds"),
        Kind.MULTIPLY: _("divides") if spec.type_name == "div" else _("multiplies"),
        Kind.CONCAT: _("joins maps"),
        Kind.SOFTMAX: _("normalises"),
        Kind.REDUCTION: _reduction_role(spec),
        Kind.REARRANGE: _("moves cells"),
        Kind.PADDING: _("adds a border"),
        Kind.UPSAMPLING: _("enlarges"),
        Kind.CONVOLUTION_ND: _("finds patterns"),
        Kind.MAX_POOLING_ND: _("shrinks"),
        Kind.AVERAGE_POOLING_ND: _("shrinks"),
    }
    return roles.get(spec.kind, "")


def _reduction_role(spec: LayerSpec) -> str:
    roles = {"mean": _("mean"), "sum": _("sum"), "amax": _("largest value"), "amin": _("smallest value")}
    return roles.get(spec.type_name, "")


def _activation_role(spec: LayerSpec) -> str:
    roles = {"ReLU": _("keeps positive"), "Identity": _("identity")}
    return roles.get(spec.type_name, _("non-linear"))


def hint_of(layer: LayerTrace) -> str:
    """One sentence on what a layer does, with its parameter formula where it has one."""
    spec = layer.spec
    if spec.kind is Kind.CONVOLUTION and layer.weight is not None:
        out, width, rows, cols = weights_by_output(spec, layer.weight).shape
        bias = " + 1" if layer.bias is not None else ""
        return _(
            "{type}: {out} kernels of {rows}×{cols}×{width}; "
            "{out} · ({rows}·{cols}·{width}{bias}) = {count} parameters",
            type=spec.type_name, out=out, rows=rows, cols=cols, width=width, bias=bias, count=spec.parameters,
        )  # fmt: skip
    if spec.kind is Kind.CONVOLUTION_ND and layer.weight is not None:
        return _hint_of_convolution(layer, weights_by_output(spec, layer.weight).shape)
    if spec.kind is Kind.LINEAR and layer.weight is not None:
        out, width = layer.weight.shape
        bias = " + 1" if layer.bias is not None else ""
        return _(
            "{type}: each output is a weighted sum of all {width} inputs; {out} · ({width}{bias}) = {count} parameters",
            type=spec.type_name, out=out, width=width, bias=bias, count=spec.parameters,
        )  # fmt: skip
    return _plain_hint(layer)


def _hint_of_convolution(layer: LayerTrace, shape: tuple[int, ...]) -> str:
    """Of a convolution along one axis or in a volume: what its kernels are, and how its output lies on the page."""
    out, *kernel = shape
    words = {
        "type": layer.spec.type_name, "out": out, "kernel": "×".join(map(str, kernel)),
        "bias": " + 1" if layer.bias is not None else "", "count": layer.spec.parameters,
        "product": "·".join(map(str, kernel)),
    }  # fmt: skip
    if len(kernel) == 2:
        return _(
            "{type}: {out} kernels of {kernel} (channels × places); {out} · ({product}{bias}) = {count} parameters. "
            "Its output is one map: a row for each channel", **words,
        )  # fmt: skip
    return _(
        "{type}: {out} kernels of {kernel} (channels × slices × rows × columns); "
        "{out} · ({product}{bias}) = {count} parameters. The maps are the slices of its channels, one after another",
        **words,
    )


def _pooling_hint(spec: LayerSpec) -> str:
    is_largest = spec.kind is Kind.MAX_POOLING_ND
    if spec.is_adaptive:
        return _("keeps the largest value of each window") if is_largest else _("takes the mean of each window")
    words = {"window": "×".join(str(one.kernel) for one in spec.windows)}
    if is_largest:
        return _("keeps the largest value of each window of {window} cells", **words)
    return _("takes the mean of each window of {window} cells", **words)


def _normalisation_hint(spec: LayerSpec) -> str:
    if not spec.is_by_image:
        return _("normalises each map, then scales and shifts it by two learned numbers")
    if spec.type_name.startswith("BatchNorm"):
        return _("normalises each map with its own mean and variance, in a batch those of all its images")
    if spec.over:
        return _("normalises along its last axes, with the mean and variance of this one image")
    return _("normalises each group of maps with the mean and variance of this one image")


def _graph_hints(spec: LayerSpec) -> dict[Kind, str]:
    """Of the kinds that networks with branches have."""
    extremes = {"amax": _("keeps the largest value along some axes"), "amin": _("keeps the smallest along some axes")}
    sums = {"mean": _("takes the mean along some axes"), "sum": _("adds up all values along some axes")}
    return {
        Kind.ADD: _("takes the second input from the first, cell by cell")
        if min(spec.scales, default=1) < 0
        else _("adds its two inputs, cell by cell"),
        Kind.MULTIPLY: _("divides its first input by the second, cell by cell")
        if spec.type_name == "div"
        else _("multiplies its two inputs, cell by cell"),
        Kind.CONCAT: _("puts the maps of its inputs one after another; no value changes"),
        Kind.SOFTMAX: _("e to the power of each value, divided by the sum of these powers along one axis"),
        Kind.REDUCTION: (extremes | sums).get(spec.type_name, ""),
        Kind.REARRANGE: _("puts cells in other places, or keeps only some of them; no value changes"),
        Kind.PADDING: _("lays cells around each map"),
        Kind.UPSAMPLING: _("enlarges each map: new cells are copies of the nearest, or weighted means"),
    }


def _activation_hint(spec: LayerSpec) -> str:
    hints = {"ReLU": _("negative becomes 0, the rest stays"), "Identity": _("every value stays as it is")}
    return hints.get(spec.type_name, _("a function of each value by itself; no neighbours, no parameters"))


def _plain_hint(layer: LayerTrace) -> str:
    spec = layer.spec
    words = {
        Kind.MAX_POOLING: _("keeps the largest value of each {rows}×{cols} window"),
        Kind.AVERAGE_POOLING: _("takes the mean of each {rows}×{cols} window"),
        Kind.MAX_POOLING_ND: _pooling_hint(spec),
        Kind.AVERAGE_POOLING_ND: _pooling_hint(spec),
        Kind.ACTIVATION: _activation_hint(spec),
        Kind.NORMALISATION: _normalisation_hint(spec),
        Kind.DROPOUT: _("inactive at inference (when the network is used): it only works in training"),
        Kind.FLATTEN: _("puts the maps into one long column, row after row"),
    } | _graph_hints(spec)
    text = words.get(spec.kind, _("is not explained here yet; its output is shown as it is"))
    return f"{spec.type_name}: {text.format(rows=spec.kernel[0], cols=spec.kernel[1])}"
