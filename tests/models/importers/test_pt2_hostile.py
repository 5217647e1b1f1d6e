"""Files that mean harm, or are broken: each is refused in one sentence, runs nothing, and costs little.

The four ways to run code through `torch.export.load` are tried on PyTorch itself too: there they work.
"""

import contextlib
import io
import json
import random
import re
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from exported import MODEL, WEIGHTS, Small, graph_of, seeded_image, small_file, unzip, with_json, zip_up
from torch import nn

from cnnviz.models.importers.pt2 import read_pt2
from cnnviz.models.importers.records import ImportedNetworkError, ImportLimits

SAMPLE = "archive/data/sample_inputs/model.pt"


@pytest.fixture(scope="module")
def content() -> bytes:
    return small_file()


class Payload:
    """A pickle that leaves a mark where it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def saved(mark: Path) -> bytes:
    file = io.BytesIO()
    torch.save(Payload(mark), file)
    return file.getvalue()


def in_sample_inputs(content: bytes, mark: Path) -> bytes:
    return zip_up(unzip(content) | {SAMPLE: saved(mark)})


def in_weights(content: bytes, mark: Path) -> bytes:
    def as_pickle(record: Any) -> None:
        record["config"]["features.0.weight"]["use_pickle"] = True

    files = unzip(with_json(content, as_pickle, WEIGHTS))
    path = json.loads(files[WEIGHTS])["config"]["features.0.weight"]["path_name"]
    return zip_up(files | {f"archive/data/weights/{path}": saved(mark)})


def code(mark: Path) -> str:
    return f"__import__('pathlib').Path({str(mark)!r}).touch()"


def in_expression(content: bytes, mark: Path) -> bytes:
    def as_expression(record: Any) -> None:
        size = {"as_expr": {"expr_str": code(mark), "hint": {"as_int": 1}}}
        graph_of(record)["tensor_values"]["x"]["sizes"][0] = size
        graph_of(record)["sym_int_values"]["s0"] = size

    return with_json(content, as_expression)


def in_guards(content: bytes, mark: Path) -> bytes:
    def as_guard(record: Any) -> None:
        record["guards_code"] = [code(mark)]

    return with_json(content, as_guard)


WAYS = {"sample inputs": in_sample_inputs, "weights": in_weights, "expression": in_expression, "guards": in_guards}


@pytest.mark.parametrize("way", WAYS)
def test_code_in_a_file_is_never_run(way: str, content: bytes, tmp_path: Path):
    tampered = WAYS[way](content, tmp_path / "mark")
    if way == "weights":
        with pytest.raises(ImportedNetworkError, match=r"features\.0\.weight is stored as a pickle, which may hold"):
            read_pt2(tampered)
    else:
        assert read_pt2(tampered).input_shape == (1, 6, 6)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("way", WAYS)
def test_the_same_file_runs_its_code_in_pytorch(way: str, content: bytes, tmp_path: Path):
    """The twin: were our reader to hand the file on, the test above would fail."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(Exception):  # most of them fail afterwards
            program = torch.export.load(io.BytesIO(WAYS[way](content, tmp_path / "mark")))
            program.module()(seeded_image(1, 1, 6, 6))
    assert (tmp_path / "mark").exists()


# Archives.
def test_a_zip_that_blows_up_is_refused_before_it_is_unpacked(content: bytes):
    files = unzip(content)
    bomb = zip_up(files | {"archive/data/weights/weight_0": b"\0" * 30_000_000}, zipfile.ZIP_DEFLATED)
    with pytest.raises(ImportedNetworkError, match="unpacks to more than 200 times its size: save it again"):
        read_pt2(bomb)


def test_a_zip_that_is_packed_tighter_is_opened(content: bytes):
    assert read_pt2(zip_up(unzip(content), zipfile.ZIP_DEFLATED)).input_shape == (1, 6, 6)


def test_a_zip_of_too_many_files_or_bytes_is_refused(content: bytes):
    with pytest.raises(ImportedNetworkError, match="archive must be at most 4 files, got"):
        read_pt2(content, ImportLimits(entries=4))
    with pytest.raises(ImportedNetworkError, match="archive must be at most 100 bytes unpacked, got"):
        read_pt2(content, ImportLimits(unpacked_bytes=100))
    with pytest.raises(ImportedNetworkError, match="file must be at most 100 bytes, got"):
        read_pt2(content, ImportLimits(file_bytes=100))


def test_a_list_of_files_that_lies_about_their_sizes_is_refused(content: bytes):
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(MODEL.encode()))
    with pytest.raises(ImportedNetworkError, match="not a whole file"):
        read_pt2(content[: at + 24] + struct.pack("<I", 1) + content[at + 28 :])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice_is_refused(content: bytes):
    twice = io.BytesIO(content)
    with zipfile.ZipFile(twice, "a") as archive:
        archive.writestr(MODEL, b"{}")
    with pytest.raises(ImportedNetworkError, match=r"model\.json is in it twice"):
        read_pt2(twice.getvalue())


def test_a_name_in_the_json_that_occurs_twice_is_refused(content: bytes):
    files = unzip(content)
    doubled = files[MODEL].replace(b'"schema_version"', b'"graph_module": {}, "schema_version"')
    with pytest.raises(ImportedNetworkError, match="each name once"):
        read_pt2(zip_up(files | {MODEL: doubled}))


def test_json_that_is_nested_deeply_or_large_is_refused(content: bytes):
    files = unzip(content)
    deep = b'{"graph_module": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(ImportedNetworkError, match="not nested too deeply"):
        read_pt2(zip_up(files | {MODEL: deep}))
    with pytest.raises(ImportedNetworkError, match=r"model\.json must be at most 1,000 bytes"):
        read_pt2(content, ImportLimits(json_bytes=1_000))


def test_every_truncated_file_is_refused(content: bytes):
    for size in range(0, len(content), 97):
        with pytest.raises(ImportedNetworkError, match=r"not a whole file|archive must|holds weights"):
            read_pt2(content[:size])


def test_other_files_are_told_apart(content: bytes, tmp_path: Path):
    weights, script = io.BytesIO(), tmp_path / "script.zip"
    torch.save(Small().state_dict(), weights)
    script.write_bytes(zip_up({"net/code/__torch__.py": b"", "net/constants.pkl": b""}))
    old = zip_up({"serialized_exported_program.json": b"{}", "version": b"8.3"})
    compiled = zip_up({"a/archive_format": b"pt2", "a/byteorder": b"little", "a/data/aotinductor/model/a.so": b""})
    for data, says in (
        (weights.getvalue(), "holds weights and no network"),
        (script.read_bytes(), "TorchScript file, which is code"),
        (old, r"PyTorch 2\.7 or older"),
        (compiled, "compiled network"),
        (zip_up({"hello.txt": b""}), r"no file of torch\.export"),
        (b"hello", "not a whole file"),
    ):
        with pytest.raises(ImportedNetworkError, match=says):
            read_pt2(data)


# What the JSON says.
def node(record: Any, name: str) -> Any:
    return next(node for node in graph_of(record)["nodes"] if node["name"] == name)


def meta(record: Any) -> Any:
    return record["config"]["features.0.weight"]["tensor_meta"]


def set_ints(record: Any, name: str, place: int, *values: int) -> None:
    node(record, name)["inputs"][place]["arg"] = {"as_ints": list(values)}


def as_ints(*values: int) -> list[dict[str, int]]:
    return [{"as_int": value} for value in values]


CHANGES = {
    "unknown operator": (MODEL, lambda r: node(r, "relu_").update(target="torch.ops.aten.nonzero.default"),
                         r"aten\.nonzero\.default cannot be opened"),
    "own operator": (MODEL, lambda r: node(r, "relu_").update(target="torch.ops.mine.run.default"), "mine.run.default"),
    "attribute": (MODEL, lambda r: node(r, "relu_").update(target="os.system"), r"os\.system cannot be opened"),
    "quantised": (MODEL, lambda r: node(r, "relu_").update(
        target="torch.ops.quantized_decomposed.quantize_per_tensor.default"), "belongs to a quantised network"),
    "cycle": (MODEL, lambda r: node(r, "conv2d")["inputs"][0].update(arg={"as_tensor": {"name": "linear"}}),
              "value linear must be computed before it is used"),
    "computed twice": (MODEL, lambda r: node(r, "flatten")["outputs"][0]["as_tensor"].update(name="relu_"),
                       "value relu_ must be computed once, got twice"),
    "name with code": (MODEL, lambda r: node(r, "conv2d").update(name='x"); import os #'),
                       "name of a value must be letters, digits"),
    "a word of Python": (MODEL, lambda r: node(r, "conv2d").update(name="lambda"), "name of a value must be letters"),
    "name of the module": (MODEL, lambda r: node(r, "conv2d").update(name="self"), "name of a value must be letters"),
    "huge padding": (MODEL, lambda r: node(r, "conv2d")["inputs"].append(
        {"name": "padding", "arg": {"as_ints": [3_000, 3_000]}, "kind": 1}), "at most 100,000,000 elements"),
    "overflowing padding": (MODEL, lambda r: node(r, "conv2d")["inputs"].append(
        {"name": "padding", "arg": {"as_ints": [2**62, 2**62]}, "kind": 1}), "whole number from -2147483647"),
    "stride 0": (MODEL, lambda r: node(r, "conv2d")["inputs"].append(
        {"name": "stride", "arg": {"as_ints": [0, 0]}, "kind": 1}), "refused its input of shape 1×1×6×6"),
    "no such argument": (MODEL, lambda r: node(r, "conv2d")["inputs"].append(
        {"name": "out", "arg": {"as_none": True}, "kind": 2}), "must have one argument out"),
    "a word of its own": (MODEL, lambda r: node(r, "conv2d")["inputs"][2].update(arg={"as_string": "rm -rf"}),
                          "must be one of valid, same"),
    "a graph inside": (MODEL, lambda r: node(r, "conv2d")["inputs"][2].update(arg={"as_graph": {}}),
                       "without control flow and without objects"),
    "wrong shape": (MODEL, lambda r: node(r, "flatten")["inputs"][1].update(arg={"as_int": 0}), "flatten must be of"),
    "no outputs": (MODEL, lambda r: r["graph_module"]["signature"].update(output_specs=[]), "output depends on the im"),
    "an input too large": (MODEL, lambda r: graph_of(r)["tensor_values"]["x"].update(sizes=as_ints(1, 1, 9999, 1)),
                           "side of the image must be at most 4,096 pixels"),
    "an image of nothing": (MODEL, lambda r: graph_of(r)["tensor_values"]["x"].update(sizes=as_ints(1, 0, 6, 6)),
                            "image must be one with pixels"),
    "a later version": (MODEL, lambda r: r["schema_version"].update(major=9), "version of the file's format must be"),
    "not a list": (MODEL, lambda r: graph_of(r).update(nodes={}), "nodes must be a JSON array"),
    "missing tensor": (WEIGHTS, lambda r: r["config"].pop("features.0.weight"), r"tensor features\.0\.weight must be"),
    "missing storage": (WEIGHTS, lambda r: r["config"]["features.0.weight"].update(path_name="weight_99"),
                        "must be one that holds archive/data/weights/weight_99"),
    "a way out": (WEIGHTS, lambda r: r["config"]["features.0.weight"].update(path_name="../../byteorder"),
                  "must be in a file of the archive"),
    "wide strides": (WEIGHTS, lambda r: meta(r).update(strides=as_ints(900, 9, 3, 1)), "within its storage of 144 by"),
    "overlapping strides": (WEIGHTS, lambda r: meta(r).update(strides=as_ints(9, 9, 1, 1)), "elements do not overlap"),
    "strides of 0": (WEIGHTS, lambda r: meta(r).update(strides=as_ints(0, 0, 0, 0)), "elements do not overlap"),
    "negative strides": (WEIGHTS, lambda r: meta(r).update(strides=as_ints(-9, 9, 3, 1)), "whole number from 0"),
    "a large offset": (WEIGHTS, lambda r: meta(r).update(storage_offset={"as_int": 1}), "within its storage of 144"),
    "a huge shape": (WEIGHTS, lambda r: meta(r).update(sizes=as_ints(10**6, 10**6, 3, 3)), "at most 200,000,000"),
    "too few strides": (WEIGHTS, lambda r: meta(r).update(strides=as_ints(9, 3, 1)), "as many strides as sizes"),
    "another kind": (WEIGHTS, lambda r: meta(r).update(dtype=10), "such as float32, got kind 10"),
    "a sparse tensor": (WEIGHTS, lambda r: meta(r).update(layout=1), "must be an ordinary tensor"),
    "a name of a method": (WEIGHTS, lambda r: r["config"].update(forward=r["config"]["features.0.weight"]),
                           "one that no other tensor or method has"),
    "a name with code": (WEIGHTS, lambda r: r["config"].update({'a"); b': r["config"]["features.0.weight"]}),
                         "name of a tensor must be printable"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_says_what_cannot_be_is_refused(change: str, content: bytes):
    name, act, says = CHANGES[change]
    with pytest.raises(ImportedNetworkError, match=says) as caught:
        read_pt2(with_json(content, act, name))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["torch", "device", "inf", "getattr", "print", "input", "forward", "_"])
@pytest.mark.parametrize("old", ["x", "conv2d", "p_features_0_weight"])
def test_names_that_mean_something_to_python_change_nothing(name: str, old: str, content: bytes):
    files, image = unzip(content), seeded_image(1, 1, 6, 6)
    renamed = files[MODEL].replace(f'"name": "{old}"'.encode(), f'"name": "{name}"'.encode())
    renamed = renamed.replace(f'"{old}": {{"dtype"'.encode(), f'"{name}": {{"dtype"'.encode())
    assert renamed != files[MODEL]
    opened = read_pt2(zip_up(files | {MODEL: renamed})).module
    assert torch.equal(opened(image), read_pt2(content).module(image))


def test_two_tensors_may_share_a_storage(content: bytes):
    def share(record: Any) -> None:
        record["config"]["features.1.bias"]["path_name"] = record["config"]["features.1.weight"]["path_name"]

    module = read_pt2(with_json(content, share, WEIGHTS)).module
    bias = module.get_parameter("features.1.bias")
    assert bias.data_ptr() == module.get_parameter("features.1.weight").data_ptr()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(number: float, content: bytes):
    files = unzip(content)
    path = json.loads(files[WEIGHTS])["config"]["classifier.bias"]["path_name"]
    broken = struct.pack("<3f", 1.0, number, 2.0)
    with pytest.raises(ImportedNetworkError, match=r"classifier\.bias must be finite everywhere, got NaN or infinity"):
        read_pt2(zip_up(files | {f"archive/data/weights/{path}": broken}))


def test_work_and_memory_of_a_run_are_bounded_before_it(content: bytes):
    for limit, says in (
        ({"work": 500}, "one run of the network must be at most 500 multiply-adds"),
        ({"all_elements": 100}, "values of one run must be at most 100 elements"),
        ({"output_elements": 50}, "conv2d must be at most 50 elements"),
        ({"nodes": 3}, "network must be at most 3 operations"),
        ({"tensors": 3}, "network must be at most 3 tensors"),
        ({"weight_elements": 60}, "network must be at most 60 weights"),
    ):
        with pytest.raises(ImportedNetworkError, match=says):
            read_pt2(content, ImportLimits(**limit))


def test_an_operation_that_cuts_into_many_pieces_is_refused(content: bytes):
    def cut(record: Any) -> None:
        node(record, "relu_").update(
            target="torch.ops.aten.chunk.default",
            inputs=[{"name": "self", "arg": {"as_tensor": {"name": "batch_norm"}}, "kind": 1},
                    {"name": "chunks", "arg": {"as_int": 2**31 - 1}, "kind": 1}],
        )  # fmt: skip

    with pytest.raises(ImportedNetworkError, match="relu_ must be at most 1,024 pieces"):
        read_pt2(with_json(content, cut))


# Whatever bytes.
def refusal_of(content: bytes) -> str:
    """The sentence that a file is refused with, "" where it opens; any other exception is a fault."""
    try:
        network = read_pt2(content)
    except ImportedNetworkError as error:
        return str(error)
    return "" if isinstance(network.module, nn.Module) else "no module"


def flipped(data: bytes, dice: random.Random, count: int) -> bytes:
    changed = bytearray(data)
    for _ in range(count):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def mutated(content: bytes, number: int) -> bytes:
    """Bytes flipped anywhere, or inside one of the files, whose sums are then right again."""
    dice = random.Random(number)
    if number % 4 == 0:
        return flipped(content, dice, 1 + number % 7)
    files = unzip(content)
    name = (MODEL, MODEL, WEIGHTS, dice.choice(sorted(files)))[number % 4]
    return zip_up(files | {name: flipped(files[name], dice, 1 + number % 3)})


@pytest.mark.parametrize("part", range(10))
def test_a_thousand_changed_files_open_or_are_refused_in_a_sentence(part: int, content: bytes):
    said = [refusal_of(mutated(content, number)) for number in range(100 * part, 100 * part + 100)]
    refused = [text for text in said if text]
    assert 0 < len(refused) < 100
    assert all(20 < len(text) < 600 and "\n" not in text for text in refused)


@pytest.mark.parametrize("part", range(4))
def test_numbers_in_a_file_may_be_anything(part: int, content: bytes):
    """Each whole number of the program becomes 0, −1, or the largest there is: nothing but a sentence comes of it."""
    files = unzip(content)
    pieces = re.split(rb"(\d+)", files[MODEL])
    said = []
    for at in range(1 + 2 * part, len(pieces), 8):
        for value in (b"0", b"-1", b"2147483647", b"9223372036854775807"):
            changed = b"".join([*pieces[:at], value, *pieces[at + 1 :]])
            said.append(refusal_of(zip_up({**files, MODEL: changed, SAMPLE: b""})))
    assert "" in said
    assert all("\n" not in text for text in said)
