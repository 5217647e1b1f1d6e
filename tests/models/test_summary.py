"""The table of a network: hand examples, and what torchvision publishes."""

import json

import pytest
from torch import nn
from torchvision import models

from cnnviz.__main__ import main
from cnnviz.cli.summary import WIDTH, format_summary
from cnnviz.core.receptive_field import FieldStatus
from cnnviz.models.summary import build_network, network_names, parameter_formula, read_shape, summarise
from cnnviz.models.zoo import find_recipe, network_keys


@pytest.mark.parametrize(
    ("module", "formula"),
    [
        (nn.Conv2d(3, 6, 5), "6·(5·5·3 + 1) = 456"),
        (nn.Conv2d(3, 64, 7, bias=False), "64·7·7·3 = 9,408"),
        (nn.Conv2d(8, 8, (3, 1), groups=8), "8·(3·1·1 + 1) = 32"),
        (nn.ConvTranspose2d(4, 2, 3), "4·3·3·2 + 2 = 74"),
        (nn.Conv1d(4, 6, 5, groups=2), "6·(5·2 + 1) = 66"),
        (nn.ConvTranspose1d(4, 6, 3, groups=2), "4·3·3 + 6 = 42"),
        (nn.ConvTranspose3d(2, 3, (1, 2, 3), bias=False), "2·1·2·3·3 = 36"),
        (nn.Linear(1568, 10), "10·(1568 + 1) = 15,690"),
        (nn.BatchNorm2d(64), "2·64 = 128"),
        (nn.LSTM(2, 3), ""),
    ],
)
def test_parameters_are_told_as_a_formula(module: nn.Module, formula: str):
    assert parameter_formula(module) == formula


@pytest.mark.parametrize(
    "module",
    [nn.Conv2d(4, 6, (2, 3), groups=2), nn.Conv2d(4, 6, 3, bias=False), nn.ConvTranspose2d(4, 6, 3, groups=2),
     nn.Linear(5, 7), nn.Linear(5, 7, bias=False), nn.BatchNorm2d(9), nn.BatchNorm1d(3),
     nn.Conv3d(2, 4, (1, 2, 3)), nn.LayerNorm(12), nn.GroupNorm(2, 8)],
)  # fmt: skip
def test_both_sides_of_a_formula_are_equal(module: nn.Module):
    left, right = parameter_formula(module).split(" = ")
    assert eval(left.replace("·", "*")) == int(right.replace(",", "")) == sum(p.numel() for p in module.parameters())


def test_the_table_of_the_mnist_network():
    made = summarise(find_recipe("mnist").build(), (1, 28, 28), "mnist")
    rows = {row.name: row for row in made.rows}
    assert [row.name for row in made.rows] == ["conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc"]
    assert made.parameters == 28_938
    assert rows["conv1"].macs == 16 * 28 * 28 * (5 * 5 * 1)
    assert rows["conv2"].macs == 32 * 14 * 14 * (5 * 5 * 16)
    assert rows["fc"].macs == 10 * 1568
    assert rows["conv2"].formula == "32·(5·5·16 + 1) = 12,832"
    assert made.macs == sum(row.macs for row in made.rows)


PUBLISHED = [
    "alexnet", "vgg11_bn", "resnet18", "resnet50", "resnext50_32x4d", "densenet121", "googlenet", "inception_v3",
    "mobilenet_v2", "mobilenet_v3_small", "mnasnet0_5", "shufflenet_v2_x1_0", "squeezenet1_1", "efficientnet_b0",
    "efficientnet_b3", "regnet_y_400mf", "regnet_x_32gf", "convnext_tiny", "vit_b_16", "swin_t", "swin_v2_t",
    "maxvit_t",
]  # fmt: skip


def published(name: str) -> tuple[int, float]:
    meta = models.get_model_weights(name)["DEFAULT"].meta
    return meta["num_params"], meta["_ops"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_totals_are_those_that_torchvision_publishes(name: str):
    model, shape = build_network(f"torchvision:{name}")
    made = summarise(model, shape)
    parameters, giga = published(name)
    assert made.parameters == parameters
    assert round(made.macs / 1e9, 3) == pytest.approx(giga, abs=0.0011)


def test_another_input_costs_something_else():
    """The negative twin: the comparison above can fail."""
    model, _shape = build_network("torchvision:resnet18")
    assert round(summarise(model, (3, 192, 192)).macs / 1e9, 3) != pytest.approx(published("resnet18")[1], abs=0.0011)


def test_every_classification_network_of_torchvision_has_a_name():
    assert set(network_names()) == {*network_keys(), *(f"torchvision:{n}" for n in models.list_models(module=models))}


def test_building_takes_no_memory_for_weights():
    model, _shape = build_network("torchvision:vit_h_14")  # 633 million parameters
    assert all(parameter.is_meta for parameter in model.parameters() if parameter.numel() > 10_000_000)


def test_what_evaluation_leaves_out_is_counted_and_said():
    model, shape = build_network("torchvision:inception_v3")
    last = summarise(model, shape).rows[-1]
    assert (last.name, last.type_name, last.sight.status) == ("AuxLogits", "InceptionAux", FieldStatus.APART)
    assert last.parameters == sum(p.numel() for p in model.AuxLogits.parameters())


def test_the_json_has_the_promised_form(capsys):
    assert main(["summary", "mnist", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["total"] == {"parameters": 28_938, "macs": 313_600 + 2_508_800 + 15_680}
    assert record["layers"][2] == {
        "name": "pool1", "type": "MaxPool2d", "output_shape": [16, 14, 14], "parameters": 0, "macs": 0,
        "receptive_field": {"status": "exact", "size": [6, 6], "jump": [2, 2], "start": [-2, -2]},
    }  # fmt: skip
    assert record["layers"][-1]["receptive_field"]["status"] == "whole image"


def test_another_input_shape_is_taken(capsys):
    assert main(["summary", "torchvision:resnet18", "--input", "3x64x96", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["layers"][0]["output_shape"] == [64, 32, 48]


def test_what_is_not_known_is_null_in_json(capsys):
    assert main(["summary", "torchvision:swin_t", "--json"]) == 0
    layers = json.loads(capsys.readouterr().out)["layers"]
    unknown = [layer["receptive_field"] for layer in layers if layer["receptive_field"]["status"] == "unsupported"]
    assert unknown
    assert all(
        f == {"status": "unsupported", "size": [None] * 2, "jump": [None] * 2, "start": [None] * 2} for f in unknown
    )


@pytest.mark.parametrize("name", ["mnist", "torchvision:resnet50", "torchvision:densenet121", "torchvision:swin_t"])
def test_the_table_fits_a_hundred_columns(name: str):
    model, shape = build_network(name)
    made = summarise(model, shape, name)
    lines = format_summary(made).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert f"{made.parameters:,}" in lines[-2] + lines[-3] + lines[-4] + lines[-5]


def test_the_table_tells_what_resnet50_sees(capsys):
    assert main(["summary", "torchvision:resnet50"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = (line for line in lines if line.startswith("layer4.2.conv2"))
    assert line.split()[1:] == ["Conv2d", "512×7×7", "2,359,296", "115,605,504", "427", "32"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nope"], "network must be one of mnist"),
        (["torchvision:nope"], "got 'torchvision:nope': choose one of these"),
        (["torchvision:fasterrcnn_resnet50_fpn"], "got 'torchvision:fasterrcnn_resnet50_fpn'"),
        (["mnist", "--input", "28x28"], "as in 3x224x224, got '28x28'"),
        (["mnist", "--input", "1x0x28"], "got '1x0x28'"),
        (["mnist", "--input", "1x10x10"], "layer fc refused its input of shape 128: choose another input shape"),
        (["mnist", "--input", "3x28x28"], "layer conv1 refused its input of shape 3×28×28"),
        (["torchvision:vit_b_16", "--input", "3x225x225"], "layer input refused its input of shape 3×225×225"),
    ],
)
def test_what_cannot_be_summarised_is_one_sentence_and_code_2(arguments: list[str], says: str, capsys):
    assert main(["summary", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err
    assert printed.err.count("\n") == 1


def test_a_shape_is_read_with_either_sign():
    assert read_shape("3x224x160") == read_shape(" 3×224×160 ") == (3, 224, 160)
