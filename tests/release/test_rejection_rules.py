"""What the rules of rejection are compared on: kinds that are never trained on, and how the comparison is printed."""

import pytest

from cnnviz.cli.evaluate import format_rules
from cnnviz.data.more_non_digits import MORE_PRACTICE, MORE_UNSEEN
from cnnviz.data.non_digits import PRACTICE, UNSEEN
from cnnviz.evaluation.rejection import RejectionResult
from cnnviz.release.rejection_rules import unseen_images


def test_what_is_measured_was_never_trained_on(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))  # nobody's X's
    made = unseen_images(2)
    assert set(made) == set(UNSEEN) | set(MORE_UNSEEN)
    assert not set(made) & (set(PRACTICE) | set(MORE_PRACTICE))
    assert {images.shape for images in made.values()} == {(2, 28, 28)}


@pytest.mark.parametrize("column", [0, 1])
def test_a_rule_is_a_column(column):
    rules = {
        "this": RejectionResult({"strangers": 0.9}, {"dirt": 0.5, "signs": 0.3}),
        "that": RejectionResult({"strangers": 0.8}, {"dirt": 1.0, "signs": 0.2}),
    }
    lines = format_rules(rules).splitlines()
    assert lines[0].split() == ["this", "that"]
    shown = {" ".join(line.split()[:-2]): line.split()[-2:][column] for line in lines[1:]}
    wanted = (("90.0%", "50.0%", "30.0%", "40.0%", "30.0%"), ("80.0%", "100.0%", "20.0%", "60.0%", "20.0%"))[column]
    names = ("accepted: strangers", "rejected: dirt", "rejected: signs", "rejected: mean", "rejected: worst")
    assert shown == dict(zip(names, wanted, strict=True))
