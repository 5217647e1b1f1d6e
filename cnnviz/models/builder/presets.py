"""Ready-made blueprints, each a text book's network in a few lines.

Parameter counts in the comments are the published ones, or follow from the layers; tests compare them.
Refuses to know: weights, data, how they are trained.
"""

from __future__ import annotations

from collections.abc import Callable

from cnnviz.checks import check_one_of
from cnnviz.i18n import _
from cnnviz.models.builder.layer_config import (
    BATCH_NORM,
    FLATTEN,
    Activation,
    LayerConfig,
    Pooling,
    activation,
    conv,
    dropout2d,
    linear,
    pool,
    residual,
)
from cnnviz.models.builder.network_spec import NetworkSpec, Shape

DIGITS = tuple("0123456789")
RELU, TANH = activation(), activation(Activation.TANH)
GREY, COLOUR = (1, 28, 28), (3, 32, 32)


def preset_keys() -> tuple[str, ...]:
    """The keys of all presets, in the order in which they are offered.

    >>> from cnnviz.models.builder import preset_keys
    >>> preset_keys()[:3]
    ('digits_small', 'mnist_b1', 'small_b5')
    """
    return tuple(_PRESETS)


def preset(key: str) -> NetworkSpec:
    """The blueprint called `key`, its title in the reader's language.

    Raises: KeyError, one sentence with the known keys.

    >>> from cnnviz.models.builder.layer_config import conv
    >>> from cnnviz.models.builder.presets import preset
    >>> preset("mnist_b1").parts[0] == conv(16, 5, padding=2)
    True
    """
    return _PRESETS[check_one_of("preset", key, _PRESETS, KeyError)]()


def _digits(title: str, *parts: LayerConfig) -> NetworkSpec:
    return NetworkSpec(title, GREY, DIGITS, parts)


def _birds(title: str, *parts: LayerConfig) -> NetworkSpec:
    shape: Shape = COLOUR
    return NetworkSpec(title, shape, (_("airplane"), _("bird")), parts)


def _digits_small() -> NetworkSpec:
    """9,098 parameters: quick on the small digits."""
    return _digits(
        _("Small, for digits"),
        conv(8, padding=1), RELU, pool(),  # (n, 8, 14, 14)
        conv(16, padding=1), RELU, pool(),  # (n, 16, 7, 7)
        FLATTEN, linear(),
    )  # fmt: skip


def _mnist_b1() -> NetworkSpec:
    """28,938 parameters."""
    return _digits(
        _("Two 5×5 convolutions"),
        conv(16, 5, padding=2), RELU, pool(),  # (n, 16, 14, 14)
        conv(32, 5, padding=2), RELU, pool(),  # (n, 32, 7, 7)
        FLATTEN, linear(),
    )  # fmt: skip


def _small_b5() -> NetworkSpec:
    """31,626 parameters."""
    return _digits(
        _("3×3, then 2×2"),
        conv(32, 3), RELU, pool(),  # (n, 32, 13, 13)
        conv(64, 2), RELU, pool(),  # (n, 64, 6, 6)
        FLATTEN, linear(),
    )  # fmt: skip


def _keras_b6() -> NetworkSpec:
    """34,826 parameters."""
    return _digits(
        _("The Keras example's"),
        conv(32, 3), RELU, pool(),  # (n, 32, 13, 13)
        conv(64, 3), RELU, pool(),  # (n, 64, 5, 5)
        FLATTEN, linear(),
    )  # fmt: skip


def _lenet5() -> NetworkSpec:
    """61,706 parameters, as text books count it.

    LeCun, Bottou, Bengio, Haffner (1998) connect only some maps of the second convolution, give each pooling a weight
    and a bias, and end in radial units: about 60,000. Here all maps are connected, pooling is a plain mean.
    """
    mean = pool(2, Pooling.AVERAGE)
    return _digits(
        _("LeNet-5, as in textbooks"),
        conv(6, 5, padding=2), TANH, mean,  # (n, 6, 14, 14)
        conv(16, 5), TANH, mean,  # (n, 16, 5, 5)
        FLATTEN, linear(120), TANH, linear(84), TANH, linear(),
    )  # fmt: skip


def _birds_c1() -> NetworkSpec:
    """18,090 parameters."""
    return _birds(_("Birds and airplanes"), *_two_tanh(16, 8), *_head(TANH))


def _birds_wide() -> NetworkSpec:
    """38,386 parameters; the variants below start from this one."""
    return _birds(_("Birds: wide"), *_two_tanh(32, 16), *_head(TANH))


def _birds_dropout() -> NetworkSpec:
    """38,386 parameters: dropout has none."""
    return _birds(_("Birds: wide, with dropout"), *_two_tanh(32, 16, after=(dropout2d(0.4),)), *_head(TANH))


def _birds_batch_norm() -> NetworkSpec:
    """38,386 + 2·(32 + 16) = 38,482 parameters; normalised before tanh."""
    return _birds(
        _("Birds: wide, with batch normalisation"), *_two_tanh(32, 16, before=(BATCH_NORM,)), *_head(TANH)
    )  # fmt: skip


def _birds_deeper() -> NetworkSpec:
    """896 + 4,624 + 2,320 + 8,224 + 66 = 16,130 parameters: the third pooling makes the flat layer small."""
    return _birds(_("Birds: deeper"), *_two_relu(), conv(16, padding=1), RELU, pool(), *_head(RELU))


def _birds_residual() -> NetworkSpec:
    """16,130 parameters, as the deeper one: a skip costs none."""
    return _birds(_("Birds: deeper, residual"), *_two_relu(), residual(), pool(), *_head(RELU))


def _two_tanh(
    first: int, second: int, before: tuple[LayerConfig, ...] = (), after: tuple[LayerConfig, ...] = ()
) -> tuple[LayerConfig, ...]:
    """Two convolutions; `before` the tanh and `after` the pooling more may stand."""
    blocks = ((conv(width, padding=1), *before, TANH, pool(), *after) for width in (first, second))
    return tuple(part for block in blocks for part in block)  # (n, second, 8, 8)


def _two_relu() -> tuple[LayerConfig, ...]:
    return conv(32, padding=1), RELU, pool(), conv(16, padding=1), RELU, pool()  # (n, 16, 8, 8)


def _head(function: LayerConfig) -> tuple[LayerConfig, ...]:
    return FLATTEN, linear(32), function, linear()


def _xo_small() -> NetworkSpec:
    """104 + 808 + 786 = 1,698 parameters."""
    return NetworkSpec(
        _("X or O"), GREY, ("X", "O"),
        (conv(4, 5, padding=2), RELU, pool(), conv(8, 5, padding=2), RELU, pool(), FLATTEN, linear()),
    )  # fmt: skip


def _xor() -> NetworkSpec:
    """12 + 10 = 22 parameters: two numbers in, four units, two classes."""
    return NetworkSpec(_("XOR"), (2, 1, 1), (_("same"), _("different")), (FLATTEN, linear(4), TANH, linear()))


_PRESETS: dict[str, Callable[[], NetworkSpec]] = {
    "digits_small": _digits_small,
    "mnist_b1": _mnist_b1,
    "small_b5": _small_b5,
    "keras_b6": _keras_b6,
    "lenet5": _lenet5,
    "birds_c1": _birds_c1,
    "birds_wide": _birds_wide,
    "birds_dropout": _birds_dropout,
    "birds_batch_norm": _birds_batch_norm,
    "birds_deeper": _birds_deeper,
    "birds_residual": _birds_residual,
    "xo_small": _xo_small,
    "xor": _xor,
}
