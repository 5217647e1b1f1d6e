"""The page of a network: its table, its link, two units of a layer."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.models.summary import summarise
from cnnviz.models.zoo import find_recipe
from cnnviz.ui.layers.tables import NETWORKS, growing_layers, layers_with_maps, network_graph, table_rows, unit_fields

ROOT = Path(__file__).resolve().parents[2]


def assert_calm(app: AppTest) -> None:
    assert not app.exception
    assert not app.error


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page("pages/network.py").run()


def pictures(app) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def test_the_page_shows_the_table_and_its_sums():
    app = opened()
    assert_calm(app)
    made = summarise(find_recipe("mnist").build(), (1, 28, 28))
    assert [metric.value for metric in app.metric] == ["1×28×28", f"{made.parameters:,}", f"{made.macs:,}"]
    shown = app.dataframe[0].value
    assert list(shown["Layer"]) == [row.name for row in made.rows]
    assert list(shown["Receptive field"]) == ["5", "5", "6", "14", "14", "16", "16", "whole image"]
    assert shown["Parameters"].sum() == made.parameters


def test_growth_and_two_units_are_drawn():
    app = opened()
    assert len(pictures(app)) == 3
    assert "Unit in the middle: row 3, column 3" in app.markdown[-2].value
    assert "Unit in the corner: row 6, column 6" in app.markdown[-1].value


def test_another_network_and_layer_can_be_picked():
    app = opened()
    app.selectbox(key="net").select("torchvision:resnet18").run()
    assert_calm(app)
    assert app.metric[1].value == "11,689,512"
    app.selectbox(key="at torchvision:resnet18").select("layer1.0.conv1").run()
    assert_calm(app)
    assert "row 28, column 28" in app.markdown[-2].value
    app.selectbox(key="net").select("mnist").run()  # which has no such layer
    assert_calm(app)
    assert app.selectbox(key="at mnist").value == "pool2"
    assert "at" not in app.query_params
    app.selectbox(key="net").select("torchvision:resnet18").run()  # as it was left
    assert app.selectbox(key="at torchvision:resnet18").value == "layer1.0.conv1"
    assert app.query_params["at"] == "layer1.0.conv1"


@pytest.mark.parametrize(
    "query", [{"net": "torchvision:vgg16", "at": "features.4"}, {"net": "nothing", "at": "nowhere"}]
)
def test_any_link_opens(query: dict[str, str]):
    assert_calm(opened(**query))


def test_a_link_carries_network_and_layer():
    app = opened(net="torchvision:vgg16", at="features.4")
    assert app.selectbox(key="net").value == "torchvision:vgg16"
    assert app.selectbox(key="at torchvision:vgg16").value == "features.4"


@pytest.mark.parametrize("name", NETWORKS)
def test_every_offered_network_can_be_shown(name: str):
    made = network_graph(name)
    assert len(table_rows(made.summary)) == len(made.summary.rows)
    assert growing_layers(made.summary)
    last = layers_with_maps(made.graph)[-1]
    for shown in unit_fields(made.graph, last):
        assert shown.field.exact is not None


def test_the_page_is_one_thin_file():
    assert len((ROOT / "pages/network.py").read_text(encoding="utf-8").splitlines()) <= 90
