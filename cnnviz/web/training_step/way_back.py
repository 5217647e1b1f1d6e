"""What is said of the way back through each layer of a training step: one or two sentences, by its kind."""

from __future__ import annotations

from collections.abc import Callable

from cnnviz.core.layers import Kind
from cnnviz.core.training_step import LayerStep, StepTrace
from cnnviz.i18n import _


def back_step(motion: StepTrace, at: int) -> dict[str, object]:
    """The step of the walk that goes back through layer number `at`."""
    layer = motion.layers[at]
    return {
        "kind": "back",
        "layer": at + 1,
        "title": _("Back through {path}", path=layer.spec.path),
        "text": " ".join(filter(None, (_arrives(motion, layer), _way_back(motion, layer), _uses(layer)))),
    }


def _arrives(motion: StepTrace, layer: LayerStep) -> str:
    """Where a gradient is a sum over branches."""
    readers = [reader.spec.path for reader, at in motion.readers(layer.spec.path) if reader.grad_inputs[at] is not None]
    if len(readers) < 2:
        return ""
    return _(
        "The output of this layer goes to {count} layers: {paths}. What they hand back adds up to its gradient.",
        count=len(readers), paths=", ".join(readers),
    )  # fmt: skip


def _uses(layer: LayerStep) -> str:
    if layer.calls < 2:
        return ""
    return _(
        "{count} layers use the same weights: their gradient is the sum over all of them, and this is one part of it.",
        count=layer.calls,
    )


def _way_back(motion: StepTrace, layer: LayerStep) -> str:
    if layer.grad_output is None:
        if layer is motion.layers[-1] and layer.spec.kind is Kind.SOFTMAX:
            return _("The loss takes the logarithm of these probabilities: its gradient begins at the scores before.")
        return _("No gradient comes this far: this layer learns nothing from this step.")
    if all(back is None for back in layer.grad_inputs):
        return _("Here the gradient ends: PyTorch has no gradient for this layer.")
    told = _TOLD.get(layer.spec.kind)
    return told(layer) if told else _("PyTorch takes the gradient back through this layer; it is shown as it is.")


def _linear(layer: LayerStep) -> str:
    if layer.input.ndim > 1:
        return _(
            "Every row of the maps goes through the same weights. So the gradient of one weight is a sum over all "
            "rows: the input there × the gradient there."
        )
    return _(
        "A weight's gradient is what it multiplied, times the gradient of the score that it went to: one product. "
        "What is passed back to each entry adds up over all scores."
    )


def _normalisation(layer: LayerStep) -> str:
    if layer.spec.is_by_image:
        return _(
            "Mean and variance are those of this image, so each cell has a part in all others of its group. Its "
            "gradient is scaled, and what would shift or stretch the whole group is taken out of it."
        )
    return _("Each map was only shifted and scaled, so its gradient is scaled by the same factor.")


def _activation(layer: LayerStep) -> str:
    if layer.spec.type_name == "ReLU":
        return _(
            "Where the value was above 0 the gradient passes unchanged. Where ReLU had made it 0, the way back "
            "is closed."
        )
    return _("The gradient is multiplied by how steep the curve is at each value.")


def _addition(layer: LayerStep) -> str:
    if layer.spec.scales and layer.spec.scales != (1.0, 1.0):
        return _("Each term of a sum gets the whole gradient back, times the factor that it was added with.")
    return _("Each term of a sum gets the whole gradient back: a shortcut takes nothing away from the other way.")


def _product(layer: LayerStep) -> str:
    if layer.spec.type_name == "div":
        return _("The dividend gets the gradient divided by the divisor; the divisor's follows from the quotient rule.")
    return _(
        "Each factor gets the gradient times the other factor. A factor that stands for many cells gets the sum over "
        "all of them."
    )


def _reduction(layer: LayerStep) -> str:
    return {
        "mean": _("Every cell had the same say in the mean, so each gets the same part of the gradient."),
        "sum": _("Every cell went into the sum unchanged, so each gets the whole gradient."),
    }.get(layer.spec.type_name, _("Only the cell that was chosen gets the gradient; among equal cells it is divided."))


_TOLD: dict[Kind, Callable[[LayerStep], str]] = {
    Kind.LINEAR: _linear,
    Kind.FLATTEN: lambda layer: _(
        "Nothing is computed here: the long column is folded back into maps, gradients and all."
    ),
    Kind.MAX_POOLING: lambda layer: _(
        "Only the largest cell of each window was let through, so it gets the whole gradient back. The others "
        "get 0: a little more of them would have changed nothing."
    ),
    Kind.AVERAGE_POOLING: lambda layer: _(
        "Every cell of a window had the same say in the mean, so each gets the same part of the gradient."
    ),
    Kind.NORMALISATION: _normalisation,
    Kind.DROPOUT: lambda layer: _("This layer is inactive here, forwards and backwards."),
    Kind.CONVOLUTION: lambda layer: _(
        "A kernel visits every place of a map with the same weights. So the gradient of one weight is a sum over "
        "all places: the input there × the gradient there. Hover a weight to see this sum."
    ),
    Kind.ACTIVATION: _activation,
    Kind.ADD: _addition,
    Kind.MULTIPLY: _product,
    Kind.CONCAT: lambda layer: _("The gradient is divided where the inputs were joined: each gets its own part back."),
    Kind.REARRANGE: lambda layer: _(
        "Nothing is computed here: each gradient goes back to the cell that the value came from. A cell that was left "
        "out gets 0, one that was taken several times the sum."
    ),
    Kind.PADDING: lambda layer: _(
        "The border is cut off again. Where it had repeated cells of the map, their gradients add up."
    ),
    Kind.UPSAMPLING: lambda layer: _(
        "Each cell gets the sum over all cells that were made from it: their gradients, times its weight in them."
    ),
    Kind.SOFTMAX: lambda layer: _(
        "One probability rises at the expense of the others, so the gradient of each cell is a sum over all of them."
    ),
    Kind.REDUCTION: _reduction,
}


def scores_column(motion: StepTrace) -> int:
    """The column whose entries are the scores: the last layer, or what a softmax at the end reads."""
    last = motion.layers[-1]
    is_after = last.spec.kind is Kind.SOFTMAX and last.grad_output is None and len(motion.layers) > 1
    return (last.traced.sources[0] or len(motion.layers)) if is_after else len(motion.layers)
