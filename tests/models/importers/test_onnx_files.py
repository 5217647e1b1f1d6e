"""ONNX files as a whole: names, batches, outputs; and those that are broken or mean harm."""

import random
import subprocess
import sys

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from onnx_files import Step, expected, onnx_model, values

from cnnviz.core.graph import build_graph
from cnnviz.models.importers.network_files import read_network
from cnnviz.models.importers.onnx_reader import read_onnx
from cnnviz.models.importers.onnx_wire import count_structure
from cnnviz.models.importers.records import ImportedNetworkError, ImportLimits


def network_model(**settings: object) -> onnx.ModelProto:
    return onnx_model(
        Step("Conv", None, values(4, 1, 3, 3), values(4), name="/features/features.0/Conv"),
        Step("BatchNormalization", None, *(np.abs(values(4, seed=at)) + 0.5 for at in range(4))),
        Step("Relu"),
        Step("MaxPool", None, kernel_shape=[2, 2], strides=[2, 2]),
        Step("Flatten"),
        Step("Gemm", None, values(3, 16), values(3), transB=1),
        **{"shape": (1, 1, 6, 6), **settings},
    )  # type: ignore[arg-type]


def test_a_network_gives_the_numbers_of_onnx_and_can_be_drawn():
    model, image = network_model(), values(1, 1, 6, 6, seed=3)
    network = read_onnx(model.SerializeToString())
    np.testing.assert_allclose(network.module(torch.from_numpy(image)), expected(model, image), rtol=1e-6)
    assert (network.input_shape, network.format, network.producer) == ((1, 6, 6), "ONNX", "tests")
    assert torch.equal(network.module.get_parameter("c0.1"), torch.from_numpy(values(4, 1, 3, 3)))
    assert len(build_graph(network.module, network.input_shape).layers) >= 6


def test_a_step_says_its_module():
    network = read_onnx(network_model().SerializeToString())
    first = next(node for node in network.module.graph.nodes if node.op == "call_function")
    assert first.name == "v0"
    assert list(first.meta["nn_module_stack"].values())[-1] == ("features.0", "")


def test_what_the_exporter_of_pytorch_writes_beside_a_step_is_read():
    model = network_model()
    for key, value in (
        ("name_scopes", "['', 'features', 'features.0', 'conv2d']"),
        ("class_hierarchy", "['mine.Net', 'torch.nn.Sequential', 'torch.nn.Conv2d', 'aten.conv2d.default']"),
        ("stack_trace", 'File "/home/somebody/net.py", line 7, in forward\n    return self.features(x)'),
    ):
        entry = model.graph.node[0].metadata_props.add()
        entry.key, entry.value = f"pkg.torch.onnx.{key}", value
    first = next(node for node in read_onnx(model.SerializeToString()).module.graph.nodes if node.op == "call_function")
    assert list(first.meta["nn_module_stack"].values())[-1] == ("features.0", "torch.nn.Conv2d")
    assert first.meta["source_line"] == ("net.py", 7, "return self.features(x)")


@pytest.mark.parametrize("batch", ["n", 1])
def test_any_number_of_images_may_go_in(batch: object):
    assert read_onnx(network_model(shape=(batch, 1, 6, 6)).SerializeToString()).notes == ()


def test_several_images_in_the_file_become_one():
    (note,) = read_onnx(network_model(shape=(8, 1, 6, 6)).SerializeToString()).notes
    assert note.startswith("The file was exported for 8 images at once")


def test_the_first_output_that_the_image_changes_is_shown():
    steps = [Step("Constant", value_float=1.0, outputs=["one"]), Step("Relu", "image", outputs=["a"]), Step("Abs")]
    network = read_onnx(onnx_model(*steps, outputs=["one", "a", "v2"]).SerializeToString())
    assert (network.output_name, network.output_names) == ("a", ("one", "a", "v2"))
    assert network.notes == ("The network has 3 outputs; a is shown, the first that the image changes.",)


def test_names_that_python_does_not_allow_become_plain():
    model = network_model()
    for node in model.graph.node:
        node.output[0] = f"/a b/{node.output[0]}:0"
        node.input[0] = node.input[0] if node.input[0] == "image" else f"/a b/{node.input[0]}:0"
    model.graph.output[0].name = model.graph.node[-1].output[0]
    for number, tensor in enumerate(model.graph.initializer):
        for node in model.graph.node:
            node.input[:] = [f'onnx::"{number}"); x' if name == tensor.name else name for name in node.input]
        tensor.name = f'onnx::"{number}"); x'
    names = list(dict(read_onnx(model.SerializeToString()).module.named_parameters()))
    assert names
    assert all(name.replace("_", "").isalnum() for name in names)


@pytest.mark.parametrize("name", ["self", "lambda", "torch", "0", "", "getattr"])
def test_names_that_mean_something_to_python_change_nothing(name: str):
    model, image = network_model(), values(1, 1, 6, 6)
    wanted = expected(model, image)
    renamed = name or " "
    model.graph.node[0].output[0] = renamed
    model.graph.node[1].input[0] = renamed
    found = read_onnx(model.SerializeToString()).module(torch.from_numpy(image))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_tensors_whose_names_lie_in_each_other_are_both_kept():
    model = network_model()
    renamed = {"c0.1": "a", "c0.2": "a.b"}
    for tensor in model.graph.initializer:
        tensor.name = renamed.get(tensor.name, tensor.name)
    model.graph.node[0].input[1:] = ["a", "a.b"]
    assert len(list(read_onnx(model.SerializeToString()).module.parameters())) == 8


def test_onnx_is_imported_with_the_first_file():
    code = "import sys, cnnviz.models.importers.onnx_reader; print('onnx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# Files that are broken or mean harm.
def external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"


def external_inside(model: onnx.ModelProto) -> None:
    tensor = helper.make_tensor("t", TensorProto.FLOAT, [1], [1.0])
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    model.graph.node.insert(0, helper.make_node("Constant", [], ["unused"], value=tensor))


def set_nan(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].raw_data = np.full((4, 1, 3, 3), np.nan, dtype=np.float32).tobytes()


def set_dims(*dims: int):
    def change(model: onnx.ModelProto) -> None:
        model.graph.initializer[0].dims[:] = dims

    return change


def set_shape(*sizes: object):
    def change(model: onnx.ModelProto) -> None:
        model.graph.input[0].CopyFrom(helper.make_tensor_value_info("image", TensorProto.FLOAT, sizes))

    return change


CHANGES = {
    "external": (external, r"lies in a second file, which is not opened"),
    "external in an attribute": (external_inside, r"lies in a second file, which is not opened"),
    "NaN": (set_nan, r"c0\.1 must be finite everywhere"),
    "fewer bytes than said": (set_dims(4, 1, 5, 5), "not a whole ONNX file"),
    "huge": (set_dims(10**6, 10**6, 1, 1), "at most 200,000,000 elements"),
    "negative": (set_dims(-4, 1, 3, 3), "sizes that are not negative"),
    "of any size": (set_shape(1, 1, "h", "w"), "image must be of a fixed size"),
    "a row": (set_shape(1, 36), r"must take a batch of images \(n, channels, rows, columns\), got 1×36"),
    "too large": (set_shape(1, 1, 9_000, 6), "side of the image must be at most 4,096"),
    "cycle": (lambda m: m.graph.node[0].input.__setitem__(0, "v5"), "value v5 must be computed before it is used"),
    "twice": (lambda m: m.graph.node[1].output.__setitem__(0, "v0"), "value v0 must be computed once"),
    "own domain": (lambda m: setattr(m.graph.node[2], "domain", "com.microsoft"), "operation com.microsoft::Relu"),
    "function": (lambda m: m.functions.add(name="f"), "one without functions of its own"),
    "two inputs": (lambda m: m.graph.input.append(onnx.ValueInfoProto(name="more")), "one image, got 2 inputs"),
    "opset": (lambda m: setattr(m.opset_import[0], "version", 99), "opset must be from 7 to 26, got 99"),
    "no output": (lambda m: m.graph.ClearField("output"), "one whose output depends on the image"),
    "another shape": (lambda m: m.graph.output[0].CopyFrom(helper.make_tensor_value_info("v5", 1, [1, 9])),
                      "v5 must be of shape 1×9, as the file says, got 1×3"),
    "strings": (lambda m: m.graph.initializer.append(helper.make_tensor("s", TensorProto.STRING, [1], [b"x"])),
                "of a plain kind of numbers"),
    "no graph": (lambda m: m.ClearField("graph"), "not a whole ONNX file"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_says_what_cannot_be_is_refused(change: str):
    act, says = CHANGES[change]
    model = network_model()
    act(model)
    with pytest.raises(ImportedNetworkError, match=says):
        read_onnx(model.SerializeToString())


def test_a_file_of_empty_parts_is_refused_before_they_are_built():
    nodes = b"\x0a\x00" * 1_000_000  # two bytes each, a hundred in memory
    graph = b"\x3a" + varint(len(nodes)) + nodes
    with pytest.raises(ImportedNetworkError, match="file without its weights must be at most 100,000 bytes"):
        read_onnx(graph, ImportLimits(json_bytes=100_000))


def varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def test_the_numbers_of_tensors_are_no_structure():
    content = network_model().SerializeToString()
    numbers = 4 * sum(int(np.prod(tensor.dims)) for tensor in network_model().graph.initializer)
    assert count_structure(content, 10**6) == len(content) - numbers


def test_limits_are_those_of_every_reader():
    content = network_model().SerializeToString()
    for limit, says in (
        ({"file_bytes": 10}, "file must be at most 10 bytes"),
        ({"nodes": 2}, "network must be at most 2 operations"),
        ({"work": 100}, "at most 100 multiply-adds"),
        ({"output_elements": 40}, "v0 must be at most 40 elements"),
    ):
        with pytest.raises(ImportedNetworkError, match=says):
            read_onnx(content, ImportLimits(**limit))


def refusal_of(content: bytes) -> str:
    try:
        read_onnx(content)
    except ImportedNetworkError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("part", range(4))
def test_a_thousand_changed_files_open_or_are_refused_in_a_sentence(part: int):
    content, said = network_model().SerializeToString(), []
    for number in range(250 * part, 250 * part + 250):
        dice, changed = random.Random(number), bytearray(content)
        for _ in range(1 + number % 3):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        said.append(refusal_of(bytes(changed)))
    refused = [text for text in said if text]
    assert 0 < len(refused) < 250
    assert all(20 < len(text) < 600 and "\n" not in text for text in refused)


def test_every_truncated_file_is_refused_or_open():
    content = network_model().SerializeToString()
    assert all("\n" not in refusal_of(content[:size]) for size in range(0, len(content), 37))
    assert "not a whole ONNX file" in refusal_of(b"")
    assert "not a whole ONNX file" in refusal_of(b"hello")


def test_the_ending_of_a_name_chooses_the_reader():
    content = network_model().SerializeToString()
    assert read_network(content, "Net.ONNX").format == "ONNX"
    with pytest.raises(ImportedNetworkError, match=r"not a whole file of torch\.export"):
        read_network(content, "net.pt2")
    with pytest.raises(ImportedNetworkError, match="holds weights and no network: choose the network that they belong"):
        read_network(content, "net.pth")
    with pytest.raises(ImportedNetworkError, match=r"must be one of \.pt2, \.onnx, got \.h5"):
        read_network(content, "net.h5")


def test_without_onnx_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    content = network_model().SerializeToString()
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportedNetworkError, match="an ONNX file needs onnx: pip install"):
        read_onnx(content)
