"""One cell of an activation: the value that goes in, the value that comes out, and the curve between them.

Refuses to know: how a number is written (`written` is told), and neighbours: an activation looks at one cell only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cnnviz.core.explain.cell import Cell, ExplainError, channel_of, common_fields, explainer_of
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind, LayerSpec
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

REACH = 4.0  # how far a curve is drawn at least, on both sides of 0
POINTS = 161  # odd: the bend at 0 is one of them

Function = Callable[[np.ndarray], np.ndarray]
_erf = np.vectorize(math.erf, otypes=[np.float64])


@dataclass(frozen=True, eq=False, kw_only=True)
class ActivationCell(Cell):
    """`value` goes in, `total` comes out; `curve_x`, `curve_y` (points,), float64, is the function to draw.

    `formula` is the function of the text books with `{x}` for the value (and `{opposite}` for −x): see `written`.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.ReLU()), np.full((1, 1, 1), -1.5, np.float32)).layers[0]
    >>> cell = explain(layer, UnitRef("0", 0, 0, 0))
    >>> cell.value, cell.total, cell.formula, cell.apply(2.0)
    (-1.5, 0.0, 'max(0, {x})', 2.0)
    """

    value: float
    formula: str
    curve_x: np.ndarray
    curve_y: np.ndarray

    def written(self, number: Callable[[float], str]) -> str:
        """The formula with its numbers, each written by `number`.

        >>> import numpy as np
        >>> from torch import nn
        >>> from cnnviz.core.explain.activation import explain_activation
        >>> from cnnviz.core.trace import trace
        >>> from cnnviz.core.units import UnitRef
        >>> layer = trace(nn.Sequential(nn.ReLU()), np.full((1, 1, 1), -1.5, np.float32)).layers[0]
        >>> explain_activation(layer, UnitRef("0", 0, 0, 0)).written("{:.2f}".format)
        'max(0, -1.50) = 0.00'
        """
        return f"{self.left_side(number)} = {number(self.total)}"

    def left_side(self, number: Callable[[float], str]) -> str:
        """The same without the result: "max(0, -1.50)"."""
        named = {name: f"{value:g}" for name, value in self.spec.numbers}
        slope = f"{self.spec.slope:g}"
        return self.formula.format(x=number(self.value), opposite=number(-self.value), slope=slope, **named)

    def apply(self, value: float) -> float:
        """What the function makes of another value: `cell.apply(-1.0)` is 0.0 for a ReLU."""
        return float(_evaluate(self.spec, np.array([value]))[0])

    def _check(self) -> None:
        self._must_make_total(self.apply(self.value), max(abs(self.value), 1.0))


@dataclass(frozen=True)
class _Activation:
    formula: str
    make: Callable[[LayerSpec], Function]


def _logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e^−x) without overflow: e is raised to negative numbers only."""
    power = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, power) / (1.0 + power)


def _gelu(spec: LayerSpec) -> Function:
    """Hendrycks, Gimpel, "Gaussian Error Linear Units" (2016): exact, and the approximation by tanh."""
    if spec.approximate == "tanh":
        return lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return lambda x: x * 0.5 * (1 + _erf(x / math.sqrt(2)))


def _softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + e^x) without overflow."""
    return np.logaddexp(0.0, x)


def _elu(spec: LayerSpec) -> Function:
    """Clevert, Unterthiner, Hochreiter, "Fast and Accurate Deep Network Learning by ELUs" (2016)."""
    alpha = dict(spec.numbers)["alpha"]
    return lambda x: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _celu(spec: LayerSpec) -> Function:
    alpha = dict(spec.numbers)["alpha"]
    return lambda x: np.maximum(x, 0) + np.minimum(0, alpha * np.expm1(np.minimum(x, 0) / alpha))


SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al., 2017


def _clipped(spec: LayerSpec) -> Function:
    low, high = (dict(spec.numbers)[name] for name in ("min_val", "max_val"))
    return lambda x: np.minimum(np.maximum(x, low), high)


def _smooth(spec: LayerSpec) -> Function:
    """Softplus, which PyTorch takes to be x itself where β · x is above the threshold."""
    beta, threshold = (dict(spec.numbers)[name] for name in ("beta", "threshold"))
    return lambda x: np.where(x * beta > threshold, x, _softplus(x * beta) / beta)


def _hard_gate(x: np.ndarray) -> np.ndarray:
    return np.minimum(np.maximum(x + 3, 0), 6) / 6


_ACTIVATIONS = {
    "ReLU": _Activation("max(0, {x})", lambda spec: lambda x: np.maximum(x, 0)),
    "LeakyReLU": _Activation("max(0, {x}) + {slope} · min(0, {x})", lambda spec: lambda x: _leaky(x, spec.slope)),
    "Tanh": _Activation("tanh({x})", lambda spec: np.tanh),
    "Sigmoid": _Activation("1 / (1 + exp({opposite}))", lambda spec: _logistic),
    "GELU": _Activation("{x} · ½ · (1 + erf({x} / √2))", _gelu),
    "SiLU": _Activation("{x} / (1 + exp({opposite}))", lambda spec: lambda x: x * _logistic(x)),
    "Identity": _Activation("{x}", lambda spec: lambda x: x),
    "ReLU6": _Activation("min(max(0, {x}), 6)", lambda spec: lambda x: np.minimum(np.maximum(x, 0), 6)),
    "PReLU": _Activation("max(0, {x}) + {slope} · min(0, {x})", lambda spec: lambda x: _leaky(x, spec.slope)),
    "ELU": _Activation("max(0, {x}) + min(0, {alpha} · (exp({x}) − 1))", _elu),
    "CELU": _Activation("max(0, {x}) + min(0, {alpha} · (exp({x} / {alpha}) − 1))", _celu),
    "SELU": _Activation(
        "1.0507 · (max(0, {x}) + min(0, 1.6733 · (exp({x}) − 1)))",
        lambda spec: lambda x: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0))),
    ),
    "Mish": _Activation("{x} · tanh(log(1 + exp({x})))", lambda spec: lambda x: x * np.tanh(_softplus(x))),
    "Hardswish": _Activation("{x} · min(max(0, {x} + 3), 6) / 6", lambda spec: lambda x: x * _hard_gate(x)),
    "Hardsigmoid": _Activation("min(max(0, {x} + 3), 6) / 6", lambda spec: _hard_gate),
    "Hardtanh": _Activation("min(max({min_val}, {x}), {max_val})", _clipped),
    "clamp": _Activation("min(max({min_val}, {x}), {max_val})", _clipped),
    "Softplus": _Activation("log(1 + exp({beta} · {x})) / {beta}", _smooth),
    "LogSigmoid": _Activation("−log(1 + exp({opposite}))", lambda spec: lambda x: -_softplus(-x)),
    "Softsign": _Activation("{x} / (1 + |{x}|)", lambda spec: lambda x: x / (1 + np.abs(x))),
    "exp": _Activation("exp({x})", lambda spec: np.exp),
    "abs": _Activation("|{x}|", lambda spec: np.abs),
    "neg": _Activation("−({x})", lambda spec: np.negative),
    "sqrt": _Activation("√({x})", lambda spec: np.sqrt),
    "square": _Activation("({x})²", lambda spec: np.square),
    "pow": _Activation("({x})^{exponent}", lambda spec: lambda x: np.power(x, dict(spec.numbers)["exponent"])),
}
_GELU_BY_TANH = "½ · {x} · (1 + tanh(√(2 / π) · ({x} + 0.044715 · ({x})³)))"


def activation_formulas() -> dict[str, str]:
    """The formula of every function that is explained, with `{x}` for the value: see `ActivationCell.left_side`."""
    return {name: one.formula for name, one in _ACTIVATIONS.items()}


def _leaky(x: np.ndarray, slope: float) -> np.ndarray:
    return np.where(x > 0, x, slope * x)


def _find(spec: LayerSpec) -> _Activation:
    if spec.type_name not in _ACTIVATIONS:
        raise ExplainError(
            _("activation must be one of {known}, got {type} at {path}: choose another layer",
              known=", ".join(_ACTIVATIONS), type=spec.type_name, path=spec.path)
        )  # fmt: skip
    return _ACTIVATIONS[spec.type_name]


def _evaluate(spec: LayerSpec, x: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):  # −∞ · 0 is NaN, as PyTorch says
        return _find(spec).make(spec)(x)


@explainer_of(Kind.ACTIVATION)
def explain_activation(layer: LayerTrace, unit: UnitRef) -> ActivationCell:
    """The cell of an activation; its curve reaches a little past the value on both sides of 0.

    Raises: ExplainError for a function that is not in the list.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.activation import explain_activation
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.Tanh()), np.full((1, 1, 1), 0.5, np.float32)).layers[0]
    >>> round(explain_activation(layer, UnitRef("0", 0, 0, 0)).total, 5)
    0.46212
    """
    fields = common_fields(layer, unit)
    value = float(layer.input[unit.within(layer.input.shape)])
    spec = fields["spec"] = _with_own_slope(layer, unit)
    formula = _GELU_BY_TANH if spec.approximate == "tanh" else _find(spec).formula
    reach = max(REACH, 1.25 * abs(value)) if math.isfinite(value) else REACH
    curve_x = np.linspace(-reach, reach, POINTS)
    curve_y = _evaluate(spec, curve_x)
    return ActivationCell(**fields, value=value, formula=formula, curve_x=curve_x, curve_y=curve_y)


def _with_own_slope(layer: LayerTrace, unit: UnitRef) -> LayerSpec:
    """A PReLU has learned its slope, one for all channels or one for each."""
    if layer.spec.type_name != "PReLU" or layer.weight is None:
        return layer.spec
    return replace(layer.spec, slope=float(layer.weight[channel_of(layer, unit, len(layer.weight))]))
