"""What reads records and links from outside, each with real ones: it takes them, refuses in a sentence, or ignores."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from cnnviz.conv_lab.examples import find_example
from cnnviz.conv_lab.to_json import setup_from_json, setup_from_link, setup_to_json, setup_to_link
from cnnviz.core.edits import read_edits
from cnnviz.data.augment_images import PHOTOS, Augmentation
from cnnviz.data.image_sets import DataChoice
from cnnviz.data.pixel_edits import PixelEdits
from cnnviz.data.sample_drawings import find_sample
from cnnviz.data.strokes import Sketch
from cnnviz.experiments.registry import ExperimentSettings
from cnnviz.figures.number_grids import results_html
from cnnviz.figures.theme import LIGHT
from cnnviz.lesson import (
    Lesson,
    find_lesson_image,
    lesson_from_json,
    lesson_from_link,
    lesson_to_json,
    lesson_to_link,
)
from cnnviz.lesson.network import FEATURES, VOTES
from cnnviz.models.builder import NetworkSpec, layers_from_text, layers_to_text, preset
from cnnviz.models.importers.source_settings import read_classes, read_scaling
from cnnviz.models.importers.sources import NetworkSource
from cnnviz.small_examples.example import run_example
from cnnviz.small_examples.examples import find_small_example
from cnnviz.small_examples.fields import parse_field
from cnnviz.training import Job, TrainConfig
from cnnviz.training.own_xo import XoDrawing
from cnnviz.ui.app.browser_store import UNUSABLE
from cnnviz.ui.app.caches import trained_network
from cnnviz.ui.app.links import LinkedView, unpack_sketch, view_from_link, view_to_link
from cnnviz.ui.lab import learn_kernel, nd, norm, shift_demo
from cnnviz.ui.lab.nd_answers import START as ND_START
from cnnviz.ui.lab.nd_answers import parse_nd
from cnnviz.ui.lab.norm_answers import START, parse_norm
from cnnviz.ui.lab.shift_answers import parse_shift
from cnnviz.ui.step import one_step
from cnnviz.ui.train.links import read_setup, write_setup
from cnnviz.ui.train.network_answers import linked
from cnnviz.ui.train.setup import default_setup
from cnnviz.ui.why.panel_choices import PanelChoices, read_panels
from cnnviz.ui.your_network.linked_reading import reading_from_link
from cnnviz.web.edits.state import apply_edit_action, edits_state_from_json
from cnnviz.web.selection import Selection, selection_from_json, selection_to_json
from tests.fuzz.hostile import TEXTS, mutate, mutate_text, odd_value

SKETCH = find_sample("four").sketch
SETUP = find_example("sixteen-kernels").make()
LESSON = Lesson(-find_lesson_image("o").values, -FEATURES, 2 * VOTES, sharpness=2)  # nothing as at the start
B1, SMALL = preset("mnist_b1"), preset("digits_small")
JOB = Job(B1, DataChoice("mnist"), TrainConfig(epochs=3), PHOTOS)
EDITS = {"done": "negate.3.1.conv2", "undone": "off.3.conv1", "view": "after", "version": 1, "open": True}
ACTS = [{"do": {"op": "negate", "layer": "conv2", "out": 3, "into": 1}}, {"undo": True}]


def _edited(record: Any) -> Any:
    anatomy = trained_network("mnist").anatomy
    state = edits_state_from_json(record, anatomy)
    return apply_edit_action(state, record.get("acts") if isinstance(record, dict) else record, anatomy)


def _source(record: Any) -> Any:
    """As a page restores it from what a browser has kept."""
    try:
        return NetworkSource.from_record(record, b"")
    except UNUSABLE as error:
        raise ValueError("unusable") from error


def _small_example(key: str, name: str, text: str) -> object:
    """What a page computes of one of its fields as it is typed or stands in a link."""
    example = find_small_example(key)
    field = next(each for each in example.fields if each.name == name)
    found = run_example(example, example.usual | {name: parse_field(field, text)})
    return results_html(example, found, LIGHT)


RECORDS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "selection": (selection_from_json, selection_to_json(Selection("conv2", 3, 5, 6))),
    "edits": (_edited, EDITS | {"acts": ACTS}),
    "lesson": (lesson_from_json, lesson_to_json(LESSON)),
    "laboratory": (setup_from_json, setup_to_json(SETUP)),
    "normalisation": (parse_norm, dict(START)),
    "one and three axes": (parse_nd, dict(ND_START)),
    "shift": (parse_shift, {"picture": {"key": "bars"}, "kernel": "vertical", "right": 3, "down": -2, "wraps": False}),
    "drawing": (Sketch.from_record, SKETCH.to_record()),
    "labelled drawing": (XoDrawing.from_record, XoDrawing("X", SKETCH).to_record()),
    "network": (NetworkSpec.from_record, B1.to_record()),
    "settings": (TrainConfig.from_record, JOB.config.to_record()),
    "data": (DataChoice.from_record, JOB.data.to_record()),
    "augmentation": (Augmentation.from_record, PHOTOS.to_record()),
    "job": (Job.from_record, JOB.to_record()),
    "experiment": (ExperimentSettings.from_record, {"lesson": "xor", "steps": 10, "seed": 1}),
    "source": (_source, NetworkSource("a.onnx", b"").to_record()),
    "classes": (lambda record: read_classes(json.dumps(record).encode()), {"0": ["n1", "cat"], "1": "dog"}),
}  # fmt: skip
# Whose caller has asked for an object.
MAPPINGS = ("lesson", "laboratory", "normalisation", "one and three axes", "shift", "selection")

View = Mapping[str, str]
LINKS: dict[str, tuple[Callable[[dict[str, str]], Any], dict[str, str]]] = {
    "view": (view_from_link, {
        "layer": "conv2", "map": "3", "cell": "5.6", "colours": "map", "open": "numbers.edit", "folds": "a~b",
        "digit": "7",
        "answers": "all", "off": "fitted", "edits": "negate.3.1.conv2", "network": "xo",
        "ink": view_to_link(LinkedView(sketch=SKETCH)).removeprefix("?ink="), "pixels": PixelEdits(((3, 255),)).text,
    }),
    "ink": (lambda query: unpack_sketch(query["ink"]),
        {"ink": view_to_link(LinkedView(sketch=SKETCH)).partition("=")[2]}),
    "panels": (lambda query: PanelChoices(read_panels(query)).begin(), {
        "panels": "why.push.right.unit.fool", "why_method": "occlusion", "why_window": "6", "why_stride": "3",
        "why_class": "5", "why_against": "8", "push_by": "turn", "push_amount": "45", "right_temperature": "2.5",
        "unit_layer": "conv1", "unit_map": "5", "unit_ink": "0.13", "fool_class": "8", "fool_sure": "0.9",
    }),
    "lesson": (lesson_from_link, lesson_to_link(LESSON)),
    "laboratory": (lambda query: setup_from_link(query["setup"]), {"setup": setup_to_link(SETUP)}),
    "training": (read_setup, write_setup(default_setup("mnist_b1")) | {
        "network": "mnist_b1", "rate": "0.01", "augment": "turn12_shift1.5", "batch": "64", "data": "digits",
        "seed": "3",
        "layers": layers_to_text(B1.parts), "epochs": "3", "schedule": "cosine", "limit": "100", "steps": "200",
        "validation": "0.2", "data_seed": "5", "balanced": "1", "optimiser": "momentum", "momentum": "0.8",
        "decay": "0.01", "l2": "0.001", "loss": "cross_entropy", "smoothing": "0.1", "scaling": "data",
        "warm": "10", "cool": "20", "test_every": "25", "averaging": "0.9",
    }),
    "layers": (lambda query: linked(query, SMALL), {"layers": layers_to_text(B1.parts)}),
    "own network": (reading_from_link, {
        "file": "ab" * 8, "architecture": "resnet18", "side": "64", "mean": "0.5,0.5,0.5", "std": "1,1,1",
        "classes": "cd" * 8,
    }),
    "one step": (one_step.from_link, {"truth": "7", "optimiser": "adam", "rate_adam": "0.01", "step": "1",
        "momentum": "0.9", "decay": "0.01"}),
    "normalisation": (lambda query: norm.from_link(query["norm"]),
        {"norm": "two-images~batch_norm~eval~3~1~0.5~0.4~1~0~2~2"}),
    "one and three axes": (lambda query: nd.from_link(query["nd"]),
        {"nd": "1x4_1_2_-3.5_4~1x2_-1_0.5~0~1~0~1~2"}),
    "shift": (lambda query: shift_demo.from_link(query["why"]), {"why": "bars.vertical.3.-2.wraps"}),
    "learning": (lambda query: learn_kernel.from_link(query["learn"]), {"learn": "bars~vertical~0.1~3"}),
}  # fmt: skip
TEXTS_READ: dict[str, tuple[Callable[[str], Any], str]] = {
    "edits": (read_edits, "negate.3.1.conv2"),
    "layers": (layers_from_text, layers_to_text(B1.parts)),
    "mean": (lambda text: read_scaling("mean", text), "0.5, 0.5, 0.5"),
    "drawing": (Sketch.from_json, SKETCH.to_json()),
    "small volume": (partial(_small_example, "conv3d", "volume"), "0 1 2\n3 4 5\n6 7 8\n8 7 6\n5 4 3\n2 1 0"),
    "small place": (partial(_small_example, "conv3d", "place"), "1 0 1"),
    "small image": (partial(_small_example, "stride-or-pooling", "image"), "1 2 3 4\n5 6 7 8\n9 8 7 6\n5 4 3 2"),
    "small labels": (partial(_small_example, "one-hot", "labels"), "5 0 4 1"),
    "small rate": (partial(_small_example, "regression", "rate"), "0.3"),
}


def fault_of_record(name: str, seed: int) -> str | None:
    """What is wrong with how a changed record is read; None where it is taken or refused in a sentence."""
    read, real = RECORDS[name]
    dice = random.Random(f"record {name} {seed}")
    value = odd_value(dice) if dice.random() < 0.1 else mutate(real, dice)
    if name in MAPPINGS and not isinstance(value, dict):
        return None
    return _fault(read, value)


def fault_of_link(name: str, seed: int) -> str | None:
    """The same for a changed link: it never raises at all, but for a text alone."""
    dice = random.Random(f"link {name} {seed}")
    if name in TEXTS_READ and (name not in LINKS or dice.random() < 0.5):
        read, real = TEXTS_READ[name]
        return _fault(read, mutate_text(real, dice))
    follow, query = LINKS[name]
    return _fault(follow, changed_query(query, dice), may_refuse=False)


def changed_query(query: Mapping[str, str], dice: random.Random) -> dict[str, str]:
    """A query of a real link with some of its values changed; all its names stay."""
    changed = dict(query)
    for name in dice.sample(sorted(changed), k=min(len(changed), dice.choice((1, 1, 2, 3)))):
        changed[name] = mutate_text(changed[name], dice)
    if dice.random() < 0.2:
        changed[dice.choice(("x", "lang", "embed", "part", "lesson"))] = dice.choice(TEXTS)
    return {name: text.encode("utf-8", "replace").decode() for name, text in changed.items()}  # as a server decodes it


def _fault(read: Callable[[Any], Any], value: Any, may_refuse: bool = True) -> str | None:
    try:
        read(value)
    except ValueError as error:
        said = str(error)
        is_sentence = may_refuse and 0 < len(said) < 1_500 and "\n" not in said
        return None if is_sentence else f"{type(error).__name__}: {said[:300]}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:300]}"
    return None


def real_faults() -> list[str]:
    """Real records, texts and links that are not taken: nothing could be learned from changing them."""
    found = []
    cases: list[tuple[str, tuple[Callable[[Any], Any], Any]]]
    cases = [*RECORDS.items(), *TEXTS_READ.items(), *LINKS.items()]
    for name, (read, real) in cases:
        try:
            read(real)
        except Exception as error:
            found.append(f"{name}: {type(error).__name__}: {error}")
    ignored = [f"{link}: {name}" for link in LINKS for name in _ignored_names(link)]
    odd = read_setup(LINKS["training"][1]).odd  # the only one that says what it could not use
    return [*found, *(f"{name} is ignored" for name in ignored), *(f"training: {name} is odd" for name in odd)]


def _ignored_names(link: str) -> list[str]:
    """The names of a real link of which nothing is read: they would be changed in vain."""
    read, real = LINKS[link]
    return [name for name in real if _is_read_alike(read, real, real | {name: "?"})]


def _is_read_alike(read: Callable[[dict[str, str]], Any], one: dict[str, str], other: dict[str, str]) -> bool:
    try:
        return repr(read(one)) == repr(read(other))
    except ValueError:
        return False
