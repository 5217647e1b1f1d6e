"""A setup as plain JSON values and as a link, and back: whatever comes in is checked, bit by bit.

Numbers of kernels and brought pictures travel as float32 (or bytes) in base 64, so that they come back as they were.
Refuses to know: sessions, requests.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from cnnviz.checks import check_word, is_number, is_whole, refusal
from cnnviz.conv_lab.images import MOST_CHANNELS, MOST_SIDE, PICTURES, LabImage, LabImageError, find_image
from cnnviz.conv_lab.settings import LabSettings, LabSetup, Operation, PaddingMode, Pair, SettingsError
from cnnviz.i18n import _

LONGEST = 6000  # characters of a setup in a link
MOST_NUMBERS = MOST_CHANNELS * MOST_SIDE * MOST_SIDE
Record = dict[str, Any]
_KNOWN = {picture.key for picture in PICTURES}


def setup_to_json(wish: LabSettings) -> Record:
    """`wish` as JSON values. A picture of ours is its key, another one its numbers."""
    return {
        "picture": image_to_json(wish.picture),
        "kernel": array_to_json(wish.kernel),
        "bias": None if wish.bias is None else [float(value) for value in wish.bias],
        "operation": wish.operation.value,
        "stride": list(wish.stride),
        "padding": "same" if wish.is_same else list(wish.padding),
        "mode": wish.padding_mode.value,
        "dilation": list(wish.dilation),
        "groups": wish.groups,
        "output_padding": list(wish.output_padding),
        "flipped": wish.is_flipped,
        "on_top": wish.on_top,
    }


def image_to_json(picture: LabImage) -> Record:
    """A picture of ours as its key, another one with its numbers: as bytes where it has 256 levels, else as float32."""
    if picture.key in _KNOWN:
        return {"key": picture.key}
    levels = np.round(picture.values * 255)
    has_levels = bool(((levels >= 0) & (levels <= 255)).all()) and np.array_equal(_of_levels(levels), picture.values)
    return {"key": picture.key, **array_to_json(levels.astype(np.uint8) if has_levels else picture.values)}


def _of_levels(levels: np.ndarray) -> np.ndarray:
    return (levels.astype(np.float32) / np.float32(255)).astype(np.float32)


def array_to_json(array: np.ndarray) -> Record:
    """An array of bytes or float32: its shape and its numbers in base 64."""
    is_bytes = array.dtype == np.uint8
    data = np.ascontiguousarray(array, dtype=np.uint8 if is_bytes else "<f4").tobytes()
    return {"shape": list(array.shape), "bytes" if is_bytes else "floats": base64.b64encode(data).decode()}


def setup_from_json(record: Mapping[str, Any]) -> LabSettings:
    """The wish that a record holds, possible or not; what it does not say is as in a plain convolution.

    Raises: SettingsError or LabImageError, one sentence, for what is no record of a wish.
    """
    plain = {} if record.get("padding") == "same" else {"padding": _pair(record, "padding", 0)}
    kernel = array_from_json(record.get("kernel"), _("kernel"))
    if kernel.ndim != 4 or kernel.size == 0:
        raise SettingsError(_("kernel must have four axes (out, in, rows, cols), got {count}", count=kernel.ndim))
    return LabSettings(
        picture=image_from_json(record.get("picture")),
        kernel=kernel,
        bias=_bias(record.get("bias")),
        operation=_word(Operation, record, "operation", Operation.CONVOLUTION),
        stride=_pair(record, "stride", 1),
        is_same=record.get("padding") == "same",
        padding_mode=_word(PaddingMode, record, "mode", PaddingMode.ZEROS),
        dilation=_pair(record, "dilation", 1),
        groups=_whole(record, "groups", 1),
        output_padding=_pair(record, "output_padding", 0),
        is_flipped=record.get("flipped") is True,
        on_top=_whole(record, "on_top", 0),
        **plain,
    )


def image_from_json(record: Any) -> LabImage:
    """The picture that a record holds. Raises: LabImageError or SettingsError, one sentence, for what is none."""
    if not isinstance(record, dict) or not isinstance(record.get("key"), str):
        raise LabImageError(_("picture must be a key or a table of numbers, got something else"))
    key: str = record["key"]
    if key in _KNOWN:
        return find_image(key)
    values = array_from_json(record, _("picture"))
    return LabImage(key[:20], _of_levels(values) if values.dtype == np.uint8 else values)


def array_from_json(record: Any, name: str) -> np.ndarray:
    """The array in a record, bytes or float32. Raises: SettingsError for numbers that do not fill its shape."""
    record = record if isinstance(record, dict) else {}
    shape, kind = record.get("shape"), "bytes" if "bytes" in record else "floats"
    text = record.get(kind)
    is_shape = isinstance(shape, list) and 1 <= len(shape) <= 4 and all(_is_whole(n) and 0 < n < 10_000 for n in shape)
    size = int(np.prod(shape, dtype=np.int64)) if is_shape else -1
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        data = b""
    if not 0 < size <= MOST_NUMBERS or len(data) != size * (1 if kind == "bytes" else 4):
        raise SettingsError(
            _("{name} must be a shape and its numbers in base 64, got {size} bytes for {shape}",
              name=name, size=len(data), shape=shape if is_shape else None)
        )  # fmt: skip
    return np.frombuffer(data, np.uint8 if kind == "bytes" else "<f4").reshape(shape)


def _bias(value: Any) -> np.ndarray | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > MOST_CHANNELS or not all(_is_number(one) for one in value):
        raise SettingsError(_("bias must be a list of numbers or nothing, got something else"))
    return np.array(value, dtype=np.float32)


def _word(kind: Any, record: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    """A string becomes an enum at the door."""
    return check_word(kind, name, record.get(name, otherwise), SettingsError)


def _pair(record: Mapping[str, Any], name: str, otherwise: int) -> Pair:
    value = record.get(name, [otherwise, otherwise])
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_whole, value)):
        raise refusal(name, _("two whole numbers"), value, _("correct them"), SettingsError)
    return value[0], value[1]


def _whole(record: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = record.get(name, otherwise)
    if not _is_whole(value):
        raise refusal(name, _("a whole number"), value, _("correct it"), SettingsError)
    return int(value)


def _is_whole(value: Any) -> bool:
    return is_whole(value, -9_999, 9_999)


def _is_number(value: Any) -> bool:
    return is_number(value, -1e30, 1e30)


def setup_to_link(setup: LabSetup) -> str:
    """`setup` as URL-safe text; empty where it is too long for a link (a picture that was brought along).

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.to_json import setup_from_link, setup_to_link
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> setup = LabSetup(picture=find_image("nine"), kernel=np.ones((1, 1, 2, 2)))
    >>> setup_from_link(setup_to_link(setup)).kernel.tolist()
    [[[[1.0, 1.0], [1.0, 1.0]]]]
    """
    text = json.dumps(setup_to_json(setup), separators=(",", ":"))
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    return packed if len(packed) <= LONGEST else ""


def setup_from_link(text: str) -> LabSettings | None:
    """The wish that a link holds; None for anything that `setup_to_link` did not write."""
    if not 0 < len(text) <= LONGEST:
        return None
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        record = json.loads(zlib.decompressobj().decompress(packed, 20 * LONGEST))
        return setup_from_json(record) if isinstance(record, dict) else None
    except (ValueError, zlib.error, RecursionError):
        return None
