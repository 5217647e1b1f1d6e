"""The words of the walk through one training step; `{names}` are filled here, or in the browser."""

from __future__ import annotations

import math

from cnnviz.core.training_step import OptimiserMethod, StepTrace
from cnnviz.figures.theme import format_number, format_percent
from cnnviz.i18n import _
from cnnviz.web.training_step.way_back import back_step, scores_column

LAST_DIGIT = 10


def steps(motion: StepTrace, classes: tuple[str, ...]) -> list[dict[str, object]]:
    """The walk: what happens at each step, at which column (0 is the input), and one sentence in plain words."""
    count = len(motion.layers)
    back = [back_step(motion, at) for at in reversed(range(len(motion.layers)))]
    return [
        {"kind": "forward", "layer": 0, "title": _("Forwards"), "text": _forward(motion, classes)},
        {
            "kind": "loss",
            "layer": count + 1,
            "title": _("The loss"),
            "text": _loss(motion, classes),
            "formula": _loss_line(motion),
        },
        {
            "kind": "scores",
            "layer": scores_column(motion),
            "title": _("What each score should do"),
            "text": _scores(classes[motion.target]),
        },
        *back,
        {"kind": "update", "layer": 0, "title": _("The step"), "text": _update(motion)},
    ]


def _forward(motion: StepTrace, classes: tuple[str, ...]) -> str:
    top = int(motion.probabilities.argmax())
    return _(
        "The image runs forwards through the network as always. At the end stand {count} scores; the highest is that "
        "of {top}. Now we say what it should have been: {target}.",
        count=len(classes), top=classes[top], target=classes[motion.target],
    )  # fmt: skip


def _loss(motion: StepTrace, classes: tuple[str, ...]) -> str:
    return _(
        "softmax turns the scores into probabilities. {target} got {share}. The loss says how bad that is: minus the "
        "natural logarithm of this probability. A probability of 100 % would be a loss of 0.",
        target=classes[motion.target], share=format_percent(float(motion.probabilities[motion.target])),
    )  # fmt: skip


def _loss_line(motion: StepTrace) -> str:
    """−ln of the share = loss, with as many decimals of the share as it takes for this to hold as shown.

    "−ln 0.0571 = 2.863", say.
    """
    share, loss = float(motion.probabilities[motion.target]), motion.loss
    if not math.isfinite(loss):
        return _("The loss is not a finite number")
    kept = figures(loss)
    for digits in range(4, LAST_DIGIT + 1):
        shown = round(share, digits)
        if shown > 0 and format_number(-math.log(shown), kept) == format_number(loss, kept):
            return _("−ln {share} = {loss}", share=format_number(share, digits), loss=format_number(loss, kept))
    return _("−ln {share} ≈ {loss}", share=format_number(share, LAST_DIGIT), loss=format_number(loss, kept))


def figures(value: float) -> int:
    """How many decimals keep about three figures of a number this large; at least 3, at most 8.

    >>> from cnnviz.web.training_step.texts import figures
    >>> figures(2.863), figures(0.00014)
    (3, 6)
    """
    return 3 if value == 0 else max(3, min(8, 2 - math.floor(math.log10(abs(value)))))


def _scores(target: str) -> str:
    return _(
        "How would the loss change if a score were a little higher? By its probability, minus 1 for {target}: the "
        "gradient. "
        "Above 0: this score should fall. Below 0: it should rise. Together they are 0.",
        target=target,
    )


def _update(motion: StepTrace) -> str:
    if motion.optimiser.method is OptimiserMethod.SGD:
        rule = _(
            "Every weight takes a small step against its gradient: learning rate × gradient, with the sign turned."
        )
    else:
        rule = _(
            "Adam takes a step of about the learning rate for every weight, small gradient or large: it divides the "
            "gradient's running mean by the square root of the running mean of its square."
        )
    return f"{rule} {_outcome(motion)}"


def _outcome(motion: StepTrace) -> str:
    values = {name: _loss_number(loss) for name, loss in (("before", motion.loss), ("after", motion.loss_after))}
    if not math.isfinite(motion.loss) or not math.isfinite(motion.loss_after):
        return _("The loss of this image was {before} and is {after} now.", **values)
    if motion.loss_after < motion.loss:
        return _("The loss of this image falls from {before} to {after}.", **values)
    if motion.loss_after == motion.loss:
        return _("The loss of this image stays at {before}: the step was too small to be seen.", **values)
    return _(
        "The loss of this image rises from {before} to {after}: the step was too large and went past the goal. "
        "Choose a smaller learning rate.",
        **values,
    )


def _loss_number(loss: float) -> str:
    return format_number(loss, max(4, figures(loss))) if math.isfinite(loss) else format_number(loss)


def motion_texts() -> dict[str, str]:
    """Controls, labels and readouts; `{names}` are filled in the browser."""
    return _controls() | _labels() | _readouts()


def _controls() -> dict[str, str]:
    return {
        "walk": _("One training step. Arrow keys step, Home and End jump, Space plays"),
        "first": _("To the beginning"),
        "back": _("One step back"),
        "play": _("Play"),
        "pause": _("Pause"),
        "next": _("One step forward"),
        "last": _("To the end"),
        "slider": _("Step of the walk"),
        "place": _("{at} of {count}"),
        "numbers": _("Numbers"),
        "layer": _("Layer"),
        "kernels_help": _("Arrow keys move from weight to weight, Page Up and Page Down change the map"),
        "maps_help": _("Arrow keys move from cell to cell, Page Up and Page Down change the map"),
    }


def _labels() -> dict[str, str]:
    return {
        "input": _("input"),
        "softmax": _("softmax"),
        "values": _("values"),
        "gradients": _("gradient"),
        "values_after": _("after the step"),
        "value_of": _("{layer}, {map}: values"),
        "gradient_of": _("{layer}, {map}: gradient"),
        "back_of": _("{layer}, {map}: what goes back here"),
        "map": _("map {channel}"),
        "entry": _("all entries"),
        "drawing": _("the image"),
        "class": _("class {name}"),
        "share": _("probability"),
        "truth": _("truth"),
        "minus_truth": _("probability − truth"),
        "together": _("together"),
        "weights": _("weights"),
        "weight_gradients": _("their gradient"),
        "before": _("before"),
        "step": _("step"),
        "after": _("after"),
        "gradient": _("gradient"),
        "row": _("row"),
        "column": _("column"),
        "saw": _("input there"),
        "gradient_there": _("gradient there"),
        "products": _("products"),
        "loss": _("loss"),
        "shares_after": _("The probabilities of all classes, before and after the step"),
        "to": _("{layer}: weights of {map}"),
        "all_kernels": _("{layer}: all kernels"),
        "unknown": _("no gradient came this far"),
    }


def _readouts() -> dict[str, str]:
    return {
        "cell": _("{layer}, {map}, row {row}, column {col}: value {value}"),
        "cell_back": _("{layer}, {map}, row {row}, column {col}: value {value}, gradient {gradient}"),
        "unit": _("{layer}, {map}: value {value}"),
        "unit_after": _("{layer}, {map}: {before} before the step, {value} after it"),
        "unit_back": _("{layer}, {map}: value {value}, gradient {gradient}"),
        "weight_at": _("Weight {value} at row {row}, column {col} of the kernel from {source} to {map}"),
        "weight_along": _("Weight {value} from entry {source} to entry {map} of each row"),
        "sum_part": _("All {count} products together: {total}, the part of this layer in the gradient of this weight"),
        "sum": _("All {count} products together: {total}, the gradient of this weight"),
        "product": _("{seen} × {gradient} = {total}, the gradient of this weight"),
        "product_about": _("{seen} × {gradient} ≈ {total}, the gradient of this weight"),
        "moves": _("{before} + {step} = {after}"),
        "moves_about": _("{before} + {step} ≈ {after}"),
        "by_sgd": _("step: −{rate} × gradient {gradient} = {step}"),
        "by_sgd_about": _("step: −{rate} × gradient {gradient} ≈ {step}"),
        "by_decay": _("step: −{rate} × (gradient {gradient} + {decay} × weight {before})"),
        "by_momentum": _("step: −{rate} × velocity {velocity}"),
        "by_adam": _(
            "step: −{rate} × m / (√v + ε), with m = {fair_mean} ({mean} before the bias correction) and "
            "v = {fair_square} ({square} before it)"
        ),
        "hint": _("Hover a map or a weight; click a map to keep it."),
        "hint_touch": _("Tap a map to keep it."),
    }
