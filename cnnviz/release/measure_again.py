"""A checkpoint's rule chosen once more and what depends on it measured, its weights left as they are.

Its accuracy under hardships does not depend on the rule: those figures stay.
Refuses to know: arguments, how weights are made (`digits`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnnviz.models import checkpoints
from cnnviz.models.checkpoints import Manifest, pack
from cnnviz.models.decision import RejectBy
from cnnviz.release.digits import DigitPlan, choose_rule, published_figures, rejection_figures


def measure_again(key: str, folder: Path | None, by: RejectBy, command: str) -> tuple[bytes, Manifest]:
    """The weights of a network for digits, packed, and its manifest with a rule of that kind and its figures."""
    model, manifest = checkpoints.load(key, folder)
    plan = manifest.config["plan"]
    split = DigitPlan(
        held_out=tuple(manifest.data["held_out_tablets"]),
        leaves_out_doubtful=plan.get("leaves_out_doubtful", False),  # older ones left nothing out
    ).split()
    rule = choose_rule(model, split, by)
    under = manifest.figures["accuracy_under"]
    figures = published_figures(model, rule, split, tables=False)
    told = replace(
        manifest,
        command=command,
        threshold=rule.threshold,
        reject_by=rule.by.value,
        config={**manifest.config, "plan": {**plan, "reject_by": rule.by.value}},
        figures={**figures, "accuracy_under": under, "rejection_rules": rejection_figures(model, split)},
    )
    return pack(model.state_dict()), told
