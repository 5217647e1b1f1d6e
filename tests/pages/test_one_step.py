"""The page of one training step, without a browser: its example, the reader's drawing, links, silly settings."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.core.training_step import OptimiserMethod, OptimiserSettings
from cnnviz.data.sample_drawings import find_sample
from cnnviz.ui.step import one_step

ROOT = Path(__file__).resolve().parents[2]
PAGE = "pages/one_step.py"


def started(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def stepped(**query: str) -> AppTest:
    return started(**query).switch_page(PAGE).run()


def assert_calm(app: AppTest) -> None:
    assert not app.exception
    assert not app.error


def test_without_a_drawing_there_is_an_example_that_the_network_gets_wrong():
    app = stepped()
    assert_calm(app)
    assert "nine with an open loop" in app.caption[0].value
    example = one_step.chosen_optimiser(
        one_step.StepSubject(one_step._example(), 9, "", ""), "auto", OptimiserSettings(), 1
    )
    assert example.probabilities.argmax() != example.target == 9
    assert f"predicts {example.probabilities.argmax()}" in app.caption[0].value


def test_the_readers_own_drawing_is_taken_from_the_table():
    app = started()
    memory = app.session_state["cnnviz.sketchpad.pad"]
    memory.update(token="two", placed=find_sample("two").sketch.to_record()["strokes"])
    memory["shown"] = {"strokes": memory["placed"]}
    app.switch_page(PAGE).run()
    assert_calm(app)
    assert "your drawing" in app.caption[0].value
    assert app.selectbox(key="truth").format_func("auto").startswith("2, ")


def test_an_empty_pad_is_no_drawing():
    app = started()
    app.session_state["cnnviz.sketchpad.pad"]["shown"] = {"strokes": []}
    app.switch_page(PAGE).run()
    assert_calm(app)
    assert "not drawn yet" in app.caption[0].value


def test_every_choice_of_class_and_optimiser_works():
    app = stepped()
    for choice in ("0", "4", "auto"):
        assert_calm(app.selectbox(key="truth").set_value(choice).run())
    for method in (OptimiserMethod.ADAM, OptimiserMethod.SGD):
        app.segmented_control(key="optimiser").set_value(method).run()
        assert_calm(app)
        assert app.select_slider(key=f"rate_{method.value}").value == one_step.USUAL[method]
    app.number_input(key="step").set_value(5).run()
    app.slider(key="momentum").set_value(0.9).run()
    app.slider(key="decay").set_value(0.05).run()
    assert_calm(app)


def test_a_learning_rate_that_blows_the_weights_up_is_a_sentence_and_the_page_goes_on():
    app = stepped()
    app.select_slider(key="rate_sgd").set_value(100.0).run()
    assert_calm(app)
    assert ["smaller learning rate" in warning.value for warning in app.warning] == [True]
    app.select_slider(key="rate_sgd").set_value(0.003).run()
    assert not app.warning


def linked(**query: str) -> AppTest:
    """The page, opened by a link."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run().switch_page(PAGE)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert_calm(app)
    return app


def link_of(app: AppTest) -> dict[str, str]:
    return {name: text if isinstance(text, str) else text[0] for name, text in app.query_params.items()}


@pytest.mark.parametrize("optimiser", ["Adam", "adam"])  # older links held the name that is shown
def test_a_link_brings_every_choice_back_and_is_the_same_in_every_language(optimiser: str):
    query = {
        "truth": "7",
        "optimiser": optimiser,
        "rate_adam": "0.001",
        "step": "3",
        "momentum": "0.9",
        "decay": "0.05",
    }
    app = linked(**query)
    assert app.selectbox(key="truth").value == "7"
    assert app.segmented_control(key="optimiser").value == OptimiserMethod.ADAM
    assert app.select_slider(key="rate_adam").value == 0.001
    assert app.number_input(key="step").value == 3
    assert app.slider(key="momentum").value == 0.9
    assert link_of(app) == query | {"optimiser": "adam"}


def test_what_cannot_be_chosen_falls_back_and_leaves_the_link():
    app = linked(
        truth="neuf, comme prévu", optimiser="?", rate_sgd="2", step="-4", momentum="nan", decay="1e9", lang="en"
    )
    assert link_of(app) == {"lang": "en"}
    assert app.number_input(key="step").value == 1


def test_choices_outlive_a_visit_to_another_page():
    app = stepped()
    app.number_input(key="step").set_value(5).run()
    app.switch_page("pages/glossary.py").run()
    app.switch_page(PAGE).run()
    assert app.number_input(key="step").value == 5


def test_a_step_out_of_its_bounds_is_said_and_the_step_before_stays():
    app = stepped(step="5")
    app.number_input(key="step").set_value(21).run()
    assert "Step number must be 1 to 20, got 21" in app.error[0].value
    assert app.query_params["step"] in ("5", ["5"])
    app.number_input(key="step").set_value(20).run()
    assert not app.error
    assert app.query_params["step"] in ("20", ["20"])


@pytest.mark.parametrize("name", one_step.START)
def test_every_choice_goes_through_the_link_and_back(name: str):
    others = {"truth": "4", "optimiser": OptimiserMethod.ADAM, "step": 20, "momentum": 0.99, "decay": 0.001}
    chosen = one_step.START | {"optimiser": OptimiserMethod.ADAM if name == "rate_adam" else OptimiserMethod.SGD}
    chosen |= {name: others.get(name, 100.0)}
    link = one_step.to_link(chosen)
    assert name in link
    assert one_step.START | one_step.from_link(link) == chosen
    assert one_step.START | one_step.from_link(link | {name: "x"}) != chosen


def test_a_rate_is_written_without_an_exponent():
    assert [one_step.rate_name(rate) for rate in one_step.RATES[:4]] == ["0.00001", "0.0001", "0.0003", "0.001"]
    assert one_step.rate_name(100.0) == "100"
    for rate in one_step.RATES:
        assert float(one_step.rate_name(rate)) == rate


def test_visitors_share_one_model_and_nobody_changes_it():
    from cnnviz.ui.app.caches import trained_network

    before = trained_network("mnist").model.conv1.weight.clone()
    subject = one_step.StepSubject(one_step._example(), 9, "", "")
    first = one_step.chosen_optimiser(subject, "auto", OptimiserSettings(rate=100.0), 3)
    assert np.array_equal(trained_network("mnist").model.conv1.weight, before)
    again = one_step.chosen_optimiser(subject, "auto", OptimiserSettings(rate=100.0), 3)
    assert first.losses == again.losses


UNTRAINED = "untrained "


def choose(app: AppTest, network: str) -> AppTest:
    return app.selectbox(key="step_network").set_value(network).run()


@pytest.mark.parametrize("network", ["xo", UNTRAINED + "lenet5", UNTRAINED + "birds_batch_norm"])
def test_every_network_of_ours_takes_a_step_and_the_link_names_it(network: str):
    app = choose(stepped(), network)
    assert_calm(app)
    assert "The image on its table" in app.caption[0].value
    link = link_of(app)
    architecture = network.removeprefix(UNTRAINED)
    assert link["network"] == "xo" if network == "xo" else link["architecture"] == architecture
    again = linked(**link)
    assert "The image on its table" in again.caption[0].value
    assert link_of(again) == link
    classes = again.selectbox(key="truth").options
    assert len(classes) == {"xo": 3, "lenet5": 11, "birds_batch_norm": 3}[architecture]


def test_the_class_of_another_network_is_forgotten():
    app = stepped()
    app.selectbox(key="truth").set_value("7").run()
    choose(app, "xo")
    assert_calm(app)
    assert app.selectbox(key="truth").value == "auto"
    assert "truth" not in link_of(app)
    app.selectbox(key="truth").set_value("O").run()
    assert link_of(app) == {"network": "xo", "truth": "O"}


def test_a_step_of_a_graph_has_pytorchs_loss():
    import torch

    from cnnviz.models.importers.sources import usual_source
    from cnnviz.ui.app.caches import trained_network
    from cnnviz.ui.your_network import opened

    key = opened.put_source(usual_source("birds_batch_norm"))
    image = np.random.default_rng(0).random((3, 32, 32), np.float32)
    step = one_step.chosen_optimiser(one_step.StepSubject(image, 1, "", "", key), "auto", OptimiserSettings(), 1)
    with torch.no_grad():
        wanted = torch.nn.functional.cross_entropy(
            trained_network(key).model(torch.tensor(image)[None]), torch.tensor([1])
        )
    assert step.loss == pytest.approx(float(wanted), abs=1e-6)
    assert step.loss_after < step.loss


def test_a_network_that_does_not_fit_on_the_page_is_refused_in_a_sentence():
    from cnnviz.core.training_step import TrainingStepError
    from cnnviz.models.importers.sources import usual_source, with_settings
    from cnnviz.ui.app.caches import trained_network
    from cnnviz.ui.step.step_networks import check_size
    from cnnviz.ui.your_network import opened

    key = opened.put_source(with_settings(usual_source("squeezenet1_1"), side=32))
    with pytest.raises(TrainingStepError, match="layers must be at most 30 on this page, got"):
        check_size(trained_network(key))
    check_size(trained_network("mnist"))


def test_a_link_to_a_network_that_is_not_here_says_so_and_the_page_goes_on():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run().switch_page(PAGE)
    app.query_params["network"] = "own-" + "a" * 32
    app.run()
    assert_calm(app)
    assert "not open here any more" in app.warning[0].value
    assert app.selectbox(key="step_network").value == "mnist"


def test_the_page_is_one_thin_file():
    assert len((ROOT / PAGE).read_text(encoding="utf-8").splitlines()) <= 90
