"""Odd values, and real ones with something odd in them: what a program, or a person with a grudge, may send.

Everything comes from a seed: a case that failed is made again by its number. Refuses to know: what is asked with it.
"""

from __future__ import annotations

import copy
import json
import random
import string
from typing import Any

NAMES = ("a", "strokes", "layer", "network", "points", "image", "key", "__class__", "", "é", "0")
TEXTS = (
    "", "x", "conv1", "softmax", "input", "../../etc/passwd", "/etc/passwd", "\0", "NaN", "1e999", "-0", "é\u0301",
    "\u202e",
    "<a href='http://a.b'>x</a>", "![x](http://a.b)", "{x}", "%s%n", "${jndi:x}", "a" * 10_000, "9" * 5_000,
    "[" * 2_000,
    "true", "null", "0" * 64, "recorded", "AAAA", "AAAAgD8=", "//", "\n", " ", "\U0001f600", "own:" + "0" * 64,
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 3, 7, 255, 10**3, 10**6, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63), 10**30, 10**400, 0.5, -0.0, 1e-320,
    1e308, -1e308, float("inf"), float("-inf"), float("nan"), True, False,
)  # fmt: skip


def odd_value(dice: random.Random, depth: int = 0) -> Any:
    """Anything that JSON can say, and NaN and ∞, which Python reads as well."""
    kind = dice.randrange(10 if depth < 3 else 6)
    if kind < 2:
        return dice.choice(TEXTS)
    if kind < 4:
        return dice.choice(NUMBERS)
    if kind == 4:
        return None
    if kind == 5:
        return "".join(dice.choices(string.printable, k=dice.randrange(12)))
    if kind < 8:
        return [odd_value(dice, depth + 1) for _ in range(dice.choice((0, 1, 2, 3, 4, 30)))]
    return {dice.choice(NAMES): odd_value(dice, depth + 1) for _ in range(dice.randrange(4))}


def mutate(value: Any, dice: random.Random) -> Any:
    """A copy of a JSON value with one to four things in it changed, left out, doubled, or put elsewhere."""
    changed = copy.deepcopy(value)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 4))):
        places = list(_places(changed))
        if not places:
            return odd_value(dice)
        holder, at = dice.choice(places)
        act = dice.randrange(6)
        if act < 3:
            holder[at] = odd_value(dice)
        elif act == 3 and isinstance(holder, dict):
            del holder[at]
        elif act == 3:
            holder.extend(copy.deepcopy(holder[-1:]) * dice.choice((1, 2, 500)))
        elif act == 4:
            other, there = dice.choice(places)
            holder[at] = copy.deepcopy(other[there])
        else:
            holder[at] = _near(holder[at], dice)
    return changed


def _places(value: Any) -> Any:
    """Every (holder, key) inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for at, part in items:
        yield value, at
        yield from _places(part)


def _near(value: Any, dice: random.Random) -> Any:
    """A value of the same kind, just beside."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float) and not abs(value) < 1e15:
        return -value
    if isinstance(value, int | float):
        return dice.choice((value + 1, value - 1, -value, value * 2, value / 3, value * 10**6, str(value), [value]))
    if isinstance(value, str) and value:
        at = dice.randrange(len(value))
        return dice.choice((value[:at], value[:at] + value[at + 1 :], value + value[at:], value[::-1], value.upper()))
    return odd_value(dice)


def to_bytes(value: Any, dice: random.Random) -> bytes:
    """JSON, once in a while with bytes changed, cut off, or half a letter in it."""
    body = bytearray(json.dumps(value, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass"))
    act = dice.randrange(12)
    if act == 0 and body:
        for _ in range(dice.randrange(1, 6)):
            body[dice.randrange(len(body))] = dice.randrange(256)
    elif act == 1:
        del body[dice.randrange(len(body) + 1) :]
    elif act == 2:
        at = dice.randrange(len(body) + 1)
        body[at:at] = dice.choice((b"\\ud800", b"\xed\xa0\x80", b"\xff\xfe", b"[" * 3_000, b'"', b"\0"))
    return bytes(body)


def mutate_text(text: str, dice: random.Random) -> str:
    """A text such as a value in a link, changed in a few places or replaced."""
    if dice.random() < 0.3:
        return str(odd_value(dice))[:9_000]
    letters = list(text)
    for _ in range(dice.randrange(1, 5)):
        at = dice.randrange(len(letters) + 1)
        act = dice.randrange(3)
        if act == 0:
            letters[at:at] = dice.choice((*TEXTS[:12], "_", "-", ".", "~", "9999", "k", "\u0660"))
        elif act == 1:
            del letters[at : at + dice.randrange(1, 8)]
        elif at < len(letters):
            letters[at] = dice.choice(string.printable)
    return "".join(letters)
