"""What Python and the browser both know: one table of cases for each pair, and both sides must say the same.

`docs/design.md` lists the pairs. How many decimals a sum gets has tables of its own (`decimal_cases`, `test_sums`).
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnviz.conv_lab.to_json import array_from_json, array_to_json
from cnnviz.core.explain import cell_of_entry, explain, explain_batch_statistics, explain_softmax
from cnnviz.core.explain.laid_weights import weights_by_output
from cnnviz.core.kernels import PRESETS
from cnnviz.core.layer_facts import layer_facts
from cnnviz.core.layers import Kind
from cnnviz.core.ops import describe
from cnnviz.core.trace import trace
from cnnviz.core.units import UnitRef
from cnnviz.figures.image_strips import image_strip
from cnnviz.figures.theme import LIGHT, format_number, format_percent, value_text
from cnnviz.lesson.records import from_bits, to_bits
from cnnviz.ui.lab.shift_demo import from_link
from cnnviz.web.wire import PacketWriter
from tests.browser.exotic import every_layer, traced
from tests.core.known_layers import NOT_WALKED, known_activations

RNG = np.random.default_rng(17)
EXOTIC = traced(every_layer())
CONVOLUTIONS = [layer for layer in EXOTIC.layers if layer.spec.kind is Kind.CONVOLUTION]
FLOATS = [0.0, -0.0, 0.5, -0.125, 2.5, 1.005, 1e-9, -1e-9, 19.0, -1311.111, 1e7, 3e21,
          *RNG.normal(0, 10, 200).tolist(), *(RNG.integers(-400, 400, 100) / 64).tolist()]  # fmt: skip
SHARES = [
    0.0,
    1.0,
    0.5,
    0.125,
    0.0625,
    0.9375,
    0.00125,
    0.99999,
    1e-9,
    0.9994,
    *(RNG.integers(0, 800, 200) / 800),
    math.nan,
]


@dataclass(frozen=True)
class Twin:
    """A fact that both sides know: `python(case)` is what `browser`, an expression of `x` in `module`, makes of it."""

    fact: str
    cases: list[Any]
    python: Callable[[Any], Any]
    module: str
    browser: str
    leeway: float = 0.0  # of a function that each side's own library computes: of the value


def activation(case: list[Any]) -> float:
    """What an activation makes of a value; the case is its module's name, its settings, and the value."""
    name, settings, value = case
    names = {"slope": "init" if name == "PReLU" else "negative_slope", "approximate": "approximate"}
    given = {names[key]: setting for key, setting in settings.items() if key != "numbers"}
    module = getattr(nn, name)(**given, **settings.get("numbers", {})).eval()
    made = trace(nn.Sequential(module, nn.Flatten()), np.zeros((1, 2, 2), np.float32), "one")
    return float(explain(made.layers[0], UnitRef("0", 0, 0, 0)).apply(value))  # type: ignore[attr-defined]


def softmax(case: list[Any]) -> list[Any]:
    cell = explain_softmax(np.array(case[0]), case[1])
    return [cell.probabilities.tolist(), cell.sum, cell.log_sum_exp]


def normalisation(seed: int) -> tuple[dict[str, float], float]:
    """The numbers of one cell of a batch normalisation in training, and what comes out."""
    torch.manual_seed(seed)
    module = nn.BatchNorm2d(2)
    module.weight.data, module.bias.data = torch.randn(2), torch.randn(2)
    batch = np.random.default_rng(seed).normal(0, 10.0 ** (seed % 4 - 2), (1, 2, 3, 4)).astype(np.float32)
    layer = trace(nn.Sequential(module.eval(), nn.Flatten()), batch[0], "one").layers[0]
    cell = explain_batch_statistics(layer, UnitRef("0", 1, 2, 3), batch)
    names = ("value", "mean", "variance", "epsilon", "gamma", "beta")
    return {name: float(getattr(cell, name)) for name in names}, float(cell.total)


def kernels(case: list[int]) -> list[Any]:
    """The input maps that a map of a convolution reads, and its weights for them."""
    layer = CONVOLUTIONS[case[0]]
    cell = explain(layer, UnitRef(layer.spec.path, case[1], 0, 0))
    return [list(cell.channels), cell.kernel.ravel().tolist()]  # type: ignore[attr-defined]


def column(place: int) -> dict[str, Any]:
    """A convolution as the browser has it, after the column that it reads."""
    layer = CONVOLUTIONS[place]
    laid = weights_by_output(layer.spec, layer.weight)  # type: ignore[arg-type]  # as a packet has them
    weight = {"shape": list(laid.shape), "numbers": laid.ravel().tolist()}
    facts = layer_facts(layer, {}) | {"sources": [0]}
    return json.loads(json.dumps(facts | {"weight": weight}))


KERNELS = """(() => {
  const { shape, numbers } = x.layer.weight;
  const layer = { ...x.layer, weight: { shape, values: Float32Array.from(numbers) } };
  const channels = Array.from({ length: x.each }, (_, at) => x.first + at);
  return [channels, [...m.kernelsOf(layer, x.channel, channels)]];
})()"""


def kernel_cases() -> list[dict[str, Any]]:
    found = []
    for place, layer in enumerate(CONVOLUTIONS):
        for channel in range(len(layer.output)):
            channels = kernels([place, channel])[0]
            found.append({"layer": column(place), "place": place, "channel": channel,
                          "first": channels[0], "each": len(channels)})  # fmt: skip
    return found


def source_cases() -> list[dict[str, Any]]:
    source = [{"form": "maps", "count": len(layer.input)} for layer in CONVOLUTIONS]
    return [case | {"layers": [source[case["place"]], case["layer"]]} for case in kernel_cases()]


def meeting_cases() -> list[dict[str, Any]]:
    """Picture k of all kernels of a convolution, the map that it belongs to, and the one that it is multiplied with."""
    found = []
    for place, layer in enumerate(CONVOLUTIONS):
        for out in range(len(layer.output)):
            channels = kernels([place, out])[0]
            facts = {"out": len(layer.output), "each": len(channels), "groups": layer.spec.groups}
            found += [{"kernels": facts, "k": out * len(channels) + at, "out": out, "source": source}
                      for at, source in enumerate(channels)]  # fmt: skip
    return found


def wired(case: list[Any]) -> list[Any]:
    """The arrays of a packet, with those rows that are new where the browser has an older one."""
    return [np.asarray(array).ravel().tolist() for array in case]


def packet(case: list[Any]) -> dict[str, Any]:
    cargo = PacketWriter()
    arrays = [np.array(case[0], np.float32), np.array(case[1], np.uint8), np.array(case[0], np.float32)]
    fields = [cargo.put(array) for array in arrays]
    changed = arrays[0].copy()
    changed[0] += 1
    later = PacketWriter()
    new = later.put(changed, arrays[0])
    return {"bytes": list(cargo.sealed({"fields": fields})), "later": list(later.sealed({"fields": [new]}))}


WIRE = """(() => {
  const read = (bytes, old) => {
    const { header, body } = m.readWire(Uint8Array.from(bytes));
    header.fields.forEach((field, at) => m.attachField(field, body, old?.[at]));
    return header.fields;
  };
  const first = read(x.bytes);
  return [...first, ...read(x.later, first)].map(({ values }) => [...values]);
})()"""


def unpacked(case: dict[str, Any]) -> list[Any]:
    first, second = np.array(case["case"][0], np.float32), np.array(case["case"][1], np.uint8)
    changed = first.copy()
    changed[0] += 1
    return wired([first, second, first, changed])


ARRAYS = [[RNG.normal(size=(3, 4)).astype(np.float32).tolist(), [1, 2, 255]], [[[1.5], [2.5], [-0.0]], [7]]]
SHIFTS = [["face", "vertical", -3, 2, True], ["bars", PRESETS[2].key, 0, 0, False]]
BITS = [RNG.choice([-1, 1], size).tolist() for size in (81, 27, 8, 9, 1)]


def shift(case: list[Any]) -> Any:
    return dict(zip(("picture", "kernel", "right", "down", "wraps"), case, strict=True))


def grey(value: int) -> list[int]:
    """The colour of a byte of an image, as Python paints its small pictures."""
    return list(Image.open(BytesIO(image_strip(np.full((1, 1, 1, 1), value, np.uint8)))).getpixel((0, 0)))[:3]


SETTINGS = [("ReLU", {}), ("LeakyReLU", {"slope": 0.2}), ("Tanh", {}), ("Sigmoid", {}), ("SiLU", {}), ("Identity", {}),
            ("GELU", {"approximate": "none"}), ("GELU", {"approximate": "tanh"}), ("ReLU6", {}), ("SELU", {}),
            ("ELU", {"numbers": {"alpha": 0.7}}), ("CELU", {"numbers": {"alpha": 0.8}}), ("Mish", {}),
            ("Hardswish", {}), ("Hardsigmoid", {}), ("Hardtanh", {"numbers": {"min_val": -0.3, "max_val": 0.6}}),
            ("Softplus", {"numbers": {"beta": 2.0, "threshold": 3.0}}), ("LogSigmoid", {}), ("Softsign", {}),
            ("PReLU", {"slope": 0.25})]  # fmt: skip
VALUES = [0.0, 1e-6, -1e-6, 0.5, -0.5, 1.0, -1.0, 3.3, -3.3, 8.0, -8.0]

TWINS = [
    Twin("a number with fixed decimals", [[value, digits] for value in FLOATS for digits in (0, 2, 4)],
         lambda x: format_number(*x), "shared/format.js", "m.formatNumber(...x)"),
    Twin("a value that stands alone", FLOATS, value_text, "shared/format.js", "m.valueText(x)"),
    Twin("a share in percent", [[float(share), digits] for share in SHARES for digits in (0, 1, 2)],
         lambda x: format_percent(*x), "shared/format.js", "m.formatPercent(...x)"),
    Twin("the curve of an activation", [[*one, value] for one in SETTINGS for value in VALUES], activation,
         "walk/curves.js", "m.curveOf({ type: x[0], settings: x[1] })(x[2])", 1e-12),
    Twin("softmax with a temperature", [[RNG.normal(0, 4, 10).tolist(), t] for t in (0.1, 1.0, 3.0)], softmax,
         "walk/softmax.js", "(({ shares, sum, logSum }) => [shares, sum, logSum])(m.softmaxOf(...x))", 1e-12),
    Twin("batch normalisation in training", [[seed, normalisation(seed)[0]] for seed in range(12)],
         lambda x: normalisation(x[0])[1], "walk/curves.js", "m.normalised(x[1].value, x[1])", 1e-12),
    Twin("the cell of an entry", [[[32, 7, 5], entry] for entry in (0, 1, 34, 35, 50, 32 * 35 - 1)],
         lambda x: list(cell_of_entry(tuple(x[0]), x[1])), "walk/mosaic.js",
         "Object.values(m.placeOfEntry({ rows: x[0][1], cols: x[0][2] }, x[1]))"),
    Twin("the kernels of a map", kernel_cases(), lambda x: kernels([x["place"], x["channel"]]),
         "network/kernels.js", KERNELS),
    Twin("the maps of a group", source_cases(), lambda x: kernels([x["place"], x["channel"]])[0],
         "network/reads.js", "m.sourceChannels(x.layers, 1, x.channel)"),
    Twin("the map that a weight of a training step meets", meeting_cases(), lambda x: [x["out"], x["source"]],
         "training_step/packet.js", "Object.values(m.endsOf(x.kernels, x.k))"),
    Twin("the padding of “same”", [[[size, 3], [dilation, 1]] for size in range(1, 8) for dilation in (1, 2, 3)],
         lambda x: list(describe("c", nn.Conv2d(1, 1, tuple(x[0]), dilation=tuple(x[1]), padding="same")).padding),
         "conv_lab/measures.js", "m.paddingOfSame(...x)"),
    Twin("a picture of ±1 as text", BITS, lambda x: to_bits(np.array(x)), "lesson/packet.js", "m.toBits(x)"),
    Twin("±1 from a text", [[to_bits(np.array(bits)), len(bits)] for bits in BITS],
         lambda x: from_bits(x[0], (x[1],), "bits").tolist(), "lesson/packet.js", "m.fromBits(...x)"),
    Twin("numbers as text", ARRAYS, lambda x: array_to_json(np.array(x[0], np.float32)), "conv_lab/packet.js",
         "m.recordOf([x[0].length, x[0][0].length], Float32Array.from(x[0].flat()))"),
    Twin("numbers from a text", [array_to_json(np.array(case[0], np.float32)) for case in ARRAYS],
         lambda x: array_from_json(x, "array").ravel().tolist(), "conv_lab/packet.js", "[...m.floatsOf(x)]"),
    Twin("the image in a question", [case[0] for case in ARRAYS],
         lambda x: base64.b64encode(np.array(x, "<f4").tobytes()).decode(), "shared/wire.js",
         "m.base64Of(Float32Array.from(x.flat()))"),
    Twin("a packet", [packet(case) | {"case": case} for case in ARRAYS], unpacked, "shared/wire.js", WIRE),
    Twin("the colour of a grey value", list(range(256)), grey, "shared/colour.js",
         f"((p) => [p & 255, (p >> 8) & 255, (p >> 16) & 255])(m.lookupTable({list(LIGHT.inputs)})[x])"),
]  # fmt: skip


def same(one: Any, other: Any, leeway: float) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], leeway) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(same(a, b, leeway) for a, b in zip(one, other, strict=True))
    if leeway and isinstance(one, float):
        return math.isclose(one, other, rel_tol=leeway, abs_tol=leeway)
    return bool(one == other)


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.fact)
def test_python_and_the_browser_know_the_same(run_module: Callable[..., Any], twin: Twin):
    found = run_module(twin.module, f"data.map((x) => {twin.browser})", twin.cases)
    assert len(found) == len(twin.cases) > 0
    apart = [(case, twin.python(case), made) for case, made in zip(twin.cases, found, strict=True)
             if not same(twin.python(case), made, twin.leeway)]  # fmt: skip
    assert apart == []


def test_the_curve_of_every_activation_that_is_walked_is_compared():
    assert known_activations() - {name for name, _settings in SETTINGS} == NOT_WALKED


def test_a_shift_in_a_link_is_read_as_it_was_written(run_module: Callable[..., Any]):
    written = run_module("shift_demo/link.js", "data.map(m.shiftText)", [shift(case) for case in SHIFTS])
    assert [from_link(text) for text in written] == [shift(case) for case in SHIFTS]


def test_a_table_with_one_wrong_answer_is_noticed(run_module: Callable[..., Any]):
    """The negative twin: Python's own format, which rounds ties to even, is not what the browser writes."""
    wrong = replace(TWINS[2], python=lambda x: f"{100 * x[0]:.{x[1]}f} %")
    found = run_module(wrong.module, f"data.map((x) => {wrong.browser})", wrong.cases)
    ties = [made for case, made in zip(wrong.cases, found, strict=True) if case == [0.0625, 1]]
    assert ties == ["6.3 %"] != [wrong.python([0.0625, 1])]
