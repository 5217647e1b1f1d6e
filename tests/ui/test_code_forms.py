"""The forms of a network's code are one network: with the same weights their outputs agree, as the page says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cnnviz.models.builder import CodeForm, NetworkSpec, NetworkSpecError, preset, preset_keys, spec_to_pytorch
from cnnviz.ui.train import network_editor
from cnnviz.ui.train.network_editor import agreement_text, largest_difference


@pytest.mark.parametrize("key", preset_keys())
def test_all_forms_of_a_preset_agree(key: str):
    assert largest_difference(preset(key)) < 1e-6
    assert "differ by at most 0." in agreement_text(preset(key))


def test_a_form_that_forgot_an_activation_would_be_seen(monkeypatch: pytest.MonkeyPatch):
    def wrong(blueprint: NetworkSpec, form: CodeForm) -> str:
        code = spec_to_pytorch(blueprint, form)
        return code.replace("functional.relu(x)", "x") if form is CodeForm.FUNCTIONAL else code

    monkeypatch.setattr(network_editor, "spec_to_pytorch", wrong)
    largest_difference.cache_clear()
    try:
        assert largest_difference(preset("mnist_b1")) > 1e-3
    finally:
        largest_difference.cache_clear()


def test_nobodys_title_or_class_is_run():
    hostile = "x\nraise SystemError('run')"
    classes = (hostile, *preset("mnist_b1").classes[1:])
    assert largest_difference(replace(preset("mnist_b1"), title=hostile, classes=classes)) < 1e-6


@pytest.mark.parametrize(
    "line",
    ['network = __import__("os")', "import os", "from os import path", 'x = "rm -rf"', "x = ().__class__"],
)
def test_lines_that_are_none_of_ours_are_not_run(line: str):
    with pytest.raises(NetworkSpecError, match="none of ours"):
        network_editor._executed(f"import torch\n{line}\n")
