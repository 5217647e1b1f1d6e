"""Journeys through the pages without a browser: what is picked, called and shown; no exception, no lost drawing."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.models.zoo import find_recipe
from cnnviz.ui.app.rejection_text import rule_text

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("pages/draw.py", "pages/one_step.py", "pages/network.py", "pages/glossary.py", "pages/about.py",
         "pages/small_examples.py")  # fmt: skip


def started(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def assert_calm(app: AppTest) -> None:
    assert not app.exception
    assert not app.error


def test_the_app_opens_on_the_draw_page():
    app = started()
    assert_calm(app)
    assert "Draw a digit" in app.markdown[0].value


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_an_error(page: str):
    app = started()
    assert_calm(app.switch_page(page).run())


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_one_thin_file(page: str):
    assert len((ROOT / page).read_text(encoding="utf-8").splitlines()) <= 90


def take(app: AppTest, sample: str) -> AppTest:
    """What a click on the shelf does: AppTest cannot see inside a component."""
    memory = app.session_state["cnnviz.sketchpad.pad"]
    memory.update(token=sample, placed=find_sample(sample).sketch.to_record()["strokes"])
    memory["shown"] = {"strokes": memory["placed"]}
    return app.run()


def test_the_drawing_is_still_there_after_a_visit_to_another_page():
    app = started()
    take(app, "two")
    kept = app.session_state["cnnviz.sketchpad.pad"]["shown"]
    app.switch_page("pages/about.py").run()
    app.switch_page("pages/draw.py").run()
    assert_calm(app)
    assert app.session_state["cnnviz.sketchpad.pad"]["shown"] == kept


@pytest.mark.parametrize(
    "query",
    [
        {"layer": "conv2", "map": "3"},
        {"layer": "conv2", "map": "3", "cell": "4.5", "colours": "map"},
        {"layer": "fc", "map": "7"},
        {"layer": "softmax", "map": "1"},
        {"layer": "flatten", "cell": "1500.0"},
        {"layer": "nothing", "map": "-1", "cell": "x", "colours": "?", "ink": "§", "digit": "99999999"},
        {"digit": "123456"},
    ],
)
def test_any_link_opens(query: dict[str, str]):
    assert_calm(started(**query))


def test_the_about_page_shows_the_manifests_figures():
    app = started().switch_page("pages/about.py").run()
    figures = checkpoints.read_manifest("mnist").figures
    shown = [metric.value for metric in app.metric]
    assert shown[0] == f"{100 * figures['mnist_test']['accuracy']:.2f} %"
    assert shown[1] == f"{100 * figures['pen_held_out']['accuracy']:.2f} %"
    said = "\n".join(each.value for each in app.markdown)
    for key, name in find_recipe("mnist").subject.words.networks.items():
        rule = checkpoints.read_manifest(key).rule
        assert f"**{name}:** {rule_text(rule, 10)}" in said


def test_a_changed_checkpoint_is_one_sentence_and_no_stack_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("mnist.safetensors", "mnist.json"):
        (tmp_path / name).write_bytes((ROOT / "checkpoints" / name).read_bytes())
    weights = bytearray((tmp_path / "mnist.safetensors").read_bytes())
    weights[-1] ^= 1
    (tmp_path / "mnist.safetensors").write_bytes(weights)
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    from cnnviz.ui.app.caches import shipped_networks

    shipped_networks.cache_clear()
    app = started()
    shipped_networks.cache_clear()
    assert not app.exception
    assert [checkpoints.read_manifest("mnist", ROOT / "checkpoints").sha256 in error.value for error in app.error] == [
        True
    ]


def test_two_visitors_do_not_see_each_others_drawing():
    one, other = started(), started()
    take(one, "six")
    take(other, "one")
    one.run()
    drawn = [app.session_state["cnnviz.sketchpad.pad"]["shown"] for app in (one, other)]
    assert drawn[0] != drawn[1]
