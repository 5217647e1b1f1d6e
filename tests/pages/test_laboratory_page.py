"""The laboratory's page without a browser: every part opens, the bench keeps what lies on it, the code runs."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.conv_lab.algorithms import Algorithm
from cnnviz.conv_lab.examples import find_example
from cnnviz.conv_lab.run import lab_result
from cnnviz.conv_lab.to_json import setup_to_json
from cnnviz.ui.lab.learn_kernel import RATES, START, LearnRequest, from_link, to_link

ROOT = Path(__file__).resolve().parents[2]


def laboratory(**state: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    for name, value in state.items():
        app.session_state[name] = value
    app.switch_page("pages/laboratory.py").run()
    assert not app.exception
    assert not app.error
    return app


def on_bench(key: str) -> dict[str, Any]:
    return {"setup": setup_to_json(find_example(key).make()), "token": 1, "upload": None}


def texts(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption, app.success, app.info) for element in kind)


@pytest.mark.parametrize("part", ["bench", "nd", "norm", "learn", "ways", "why"])
def test_every_part_opens_without_an_error(part: str):
    assert not laboratory(part=part).warning


def test_the_code_on_the_page_gives_what_lies_on_the_bench():
    app = laboratory(laboratory=on_bench("three-channels"))
    app.toggle(key="laboratory_code").set_value(True).run()
    space: dict[str, Any] = {}
    exec(app.code[0].value, space)
    np.testing.assert_array_equal(space["y"][0].numpy(), lab_result(find_example("three-channels").make()).output)


def test_the_edge_finder_is_found_after_ten_steps():
    app = laboratory(part="learn")
    app.button(key="learn_ten").click().run()
    assert "**Step 10**" in texts(app)
    distance = float(re.search(r"at most (\d+\.\d+)", texts(app))[1])
    assert distance < 0.1


def test_steps_go_back_and_to_the_start():
    app = laboratory(part="learn")
    app.button(key="learn_one").click().run()
    assert "**Step 1**" in texts(app)
    app.button(key="learn_back").click().run()
    assert "**Step 0**" in texts(app)


def test_a_rate_that_is_too_large_is_said():
    app = laboratory(part="learn")
    app.select_slider(key="learn_rate").set_value(0.3).run()
    for _ in range(20):
        if not app.button(key="learn_ten").disabled:
            app.button(key="learn_ten").click().run()
    assert "smaller learning rate" in app.warning[0].value
    assert not app.exception


def test_the_three_ways_say_that_they_agree():
    said = texts(laboratory(part="ways", laboratory=on_bench("three-channels")))
    assert said.count("Largest difference from PyTorch") == len(Algorithm)
    assert "Fastest here" in said


def test_the_three_ways_of_a_pooling_are_refused_kindly():
    app = laboratory(part="ways", laboratory=on_bench("max-pooling"))
    assert "choose a convolution" in app.warning[0].value


def test_a_page_is_one_thin_file():
    assert len((ROOT / "pages" / "laboratory.py").read_text(encoding="utf-8").splitlines()) <= 90


def test_what_the_found_kernel_gives_comes_near_to_what_was_wanted():
    from cnnviz.ui.lab.learn_kernel import LearnRequest, given_now, learned_kernel

    found = learned_kernel(LearnRequest("edge", "difference", 0.03, 0))
    far, near = (float(np.abs(given_now(found, step) - found.target).max()) for step in (0, 10))
    assert far > 1 > 0.1 > near
    astray = learned_kernel(LearnRequest("edge", "difference", 0.3, 0))
    assert not np.isfinite(astray.losses[-1])
    assert np.isfinite(given_now(astray, len(astray.losses) - 1)).all()


def test_what_is_to_be_learned_stays_while_another_part_is_open_and_stands_in_the_link():
    app = laboratory(part="learn")
    assert "learn" not in app.query_params
    app.selectbox(key="learn_kernel").set_value("sobel").run()
    app.number_input(key="learn_seed").set_value(3).run()
    assert app.query_params["learn"] == "edge~sobel~0.03~3"
    app.segmented_control(key="part").set_value("ways").run()
    app.segmented_control(key="part").set_value("learn").run()
    assert (app.selectbox(key="learn_kernel").value, app.number_input(key="learn_seed").value) == ("sobel", 3)
    assert not app.exception


def test_a_seed_out_of_its_bounds_is_said_and_the_run_stays_as_it_was():
    app = laboratory(part="learn")
    app.number_input(key="learn_seed").set_value(3).run()
    app.number_input(key="learn_seed").set_value(5_000).run()
    assert "Seed must be 0 to 999, got 5000" in app.error[0].value
    assert app.number_input(key="learn_seed").value == 5_000
    assert app.query_params["learn"] == "edge~difference~0.03~3"
    assert not app.number_input(key="learn_seed").set_value(999).run().error


@pytest.mark.parametrize("rate", RATES)
def test_a_link_says_what_is_to_be_learned(rate: float):
    question = LearnRequest("face", "sobel-horizontal", rate, 7)
    assert LearnRequest(*from_link(to_link(question))) == question


@pytest.mark.parametrize("junk", ["", "a~b~c~d", "edge~sobel~0.03", "edge~sobel~0.03~-1", "edge~sobel~7~1", "~~~"])
def test_a_link_that_makes_no_sense_asks_what_the_start_asks(junk: str):
    assert from_link(junk) == START
    assert to_link(LearnRequest(*START)) == ""
