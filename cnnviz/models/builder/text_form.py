"""The parts of a network as a short text that fits an address, and back: `conv_16_k5_p2-relu-max_k2-flatten-fc`.

A number alone is the outputs, `k` kernel, `s` stride, `p` padding, `i` inputs, `d` the share of a dropout, `f` the
function of a residual block, `n` that it is normalised; what is left out is as `parts` has it.
Refuses to know: input and classes (the data say them), addresses.
"""

from __future__ import annotations

from typing import Any

from cnnviz.i18n import _
from cnnviz.models.builder.layer_config import Activation, LayerConfig, LayerKind, NetworkSpecError, Pooling
from cnnviz.models.builder.network_spec import MOST_PARTS

LONGEST = 1200  # characters
EMPTY = "empty"  # no part at all
_WORDS = {
    "conv": LayerKind.CONV, "fc": LayerKind.LINEAR, "flatten": LayerKind.FLATTEN, "norm": LayerKind.BATCH_NORM,
    "drop": LayerKind.DROPOUT, "mapdrop": LayerKind.DROPOUT2D, "average": LayerKind.GLOBAL_AVERAGE,
    "skip": LayerKind.RESIDUAL, "max": LayerKind.POOL, "mean": LayerKind.POOL,
}  # fmt: skip
_KINDS = {kind: word for word, kind in _WORDS.items() if kind is not LayerKind.POOL}
_POOLS = {"max": Pooling.MAX, "mean": Pooling.AVERAGE}
_FUNCTIONS = {function.value.replace("_", ""): function for function in Activation}
_LETTERS = {"k": "kernel", "s": "stride", "p": "padding", "i": "inputs"}


def layers_to_text(parts: tuple[LayerConfig, ...]) -> str:
    """`parts` as text; `layers_from_text` makes the same parts of it.

    >>> from cnnviz.models.builder.layer_config import activation, conv
    >>> from cnnviz.models.builder.text_form import layers_to_text
    >>> layers_to_text((conv(16, 5, padding=2), activation()))
    'conv_16_k5_p2-relu'
    """
    return "-".join("_".join([_word(part), *_numbers(part)]) for part in parts) or EMPTY


def _word(part: LayerConfig) -> str:
    if part.kind is LayerKind.ACTIVATION:
        return part.function.value.replace("_", "")
    if part.kind is LayerKind.POOL:
        return next(word for word, pooling in _POOLS.items() if pooling is part.pooling)
    return _KINDS[part.kind]


def _numbers(part: LayerConfig) -> list[str]:
    plain = {"kernel": 1, "stride": part.kernel if part.kind is LayerKind.POOL else 1, "padding": 0, "inputs": 0}
    found = [str(part.outputs)] if part.outputs else []
    found += [
        f"{letter}{getattr(part, name)}" for letter, name in _LETTERS.items() if getattr(part, name) != plain[name]
    ]
    found += [f"d{part.share!r}"] if part.share else []
    if part.kind is LayerKind.RESIDUAL:
        found += [f"f{part.function.value.replace('_', '')}", *(["n"] if part.is_normalised else [])]
    return found


def layers_from_text(text: str) -> tuple[LayerConfig, ...]:
    """The parts that `text` stands for.

    Raises: NetworkSpecError, one sentence, for a text that `layers_to_text` did not write.

    >>> from cnnviz.models.builder import layers_from_text
    >>> [part.kind.value for part in layers_from_text("conv_16_k5_p2-relu-max_k2")]
    ['conv', 'activation', 'pool']
    """
    tokens = text.split("-") if text != EMPTY else []
    if len(text) > LONGEST or len(tokens) > MOST_PARTS:
        raise NetworkSpecError(
            _("network in the link must be at most {most} characters and {parts} parts: copy the whole link",
              most=LONGEST, parts=MOST_PARTS)
        )  # fmt: skip
    return tuple(_read(token) for token in tokens)


def _read(token: str) -> LayerConfig:
    word, *fields = token.split("_")
    if word in _FUNCTIONS and not fields:
        return LayerConfig(LayerKind.ACTIVATION, function=_FUNCTIONS[word])
    if word not in _WORDS:
        raise _unreadable(token)
    values: dict[str, Any] = {"pooling": _POOLS[word]} if word in _POOLS else {}
    for field in fields:
        values |= _field(field, token)
    if word in _POOLS:
        values.setdefault("stride", values.get("kernel", 1))
    return LayerConfig(_WORDS[word], **values)


def _field(field: str, token: str) -> dict[str, Any]:
    letter, rest = field[:1], field[1:]
    if field.isascii() and field.isdigit() and len(field) < 7:
        return {"outputs": int(field)}
    if letter in _LETTERS and rest.isascii() and rest.isdigit() and len(rest) < 7:
        return {_LETTERS[letter]: int(rest)}
    if letter == "f" and rest in _FUNCTIONS:
        return {"function": _FUNCTIONS[rest]}
    if field == "n":
        return {"is_normalised": True}
    if letter == "d" and rest.isascii() and len(rest) < 25:
        try:
            return {"share": float(rest)}
        except ValueError:
            raise _unreadable(token) from None
    raise _unreadable(token)


def _unreadable(token: str) -> NetworkSpecError:
    return NetworkSpecError(
        _("network in the link must be made of parts such as conv_16_k5, got {token!r}: copy the whole link",
          token=token[:40])
    )  # fmt: skip
