"""The words of the walk, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.core.explain.activation import activation_formulas
from cnnviz.i18n import _


def walk_texts() -> dict[str, object]:
    """Every text of the walk."""
    return _controls() | _sees() | _convolution() | _between_maps() | _vectors() | _graphs() | {"formulas": _formulas()}


def _controls() -> dict[str, str]:
    return {
        "title": _("One cell in numbers"),
        "heading": _("{map}: row {row}, column {col}"),
        "heading_class": _("{layer}: class {name}"),
        "heading_unit": _("{layer}: unit {name}"),
        "heading_entry": _("{layer}: entry {entry}"),
        "map_before": _("The same cell of the map before (Page Up)"),
        "map_after": _("The same cell of the next map (Page Down)"),
        "prompt_walk_touch": _("Step with the buttons or the slider. Tap a map to jump. The line above leads back."),
        "do_first": _("To the first cell (Home)"),
        "do_back": _("One step back (left arrow)"),
        "do_play": _("Play (space bar)"),
        "do_pause": _("Pause (space bar)"),
        "do_next": _("One step on (right arrow)"),
        "do_last": _("To the last cell, show all (End)"),
        "speed": _("Speed"),
        "rate": _("{rate} a second"),
        "position": _("Step of the walk"),
        "step": _("{step} of {count}"),
        "guess": _("Guess first"),
        "guess_hint": _("Hides each result until you step on: will it be above or below 0?"),
        "begins_at_strongest": _("The walk begins at the cell with the largest value of the map, whatever its sign."),
        "prompt_walk": _(
            "Step on with the right arrow, back with the left, or press play. Point at a map to jump. Esc goes back."
        ),
        "not_walked": _(
            "{layer} is a {type}: its arithmetic is not explained here yet, so you cannot step through its cells. "
            "Its values are PyTorch's. You can step through the layers before and after it."
        ),
        "not_finite": _(
            "The value here is {value}: no arithmetic leads to it. Look for the first layer where it occurs."
        ),
    }


def _sees() -> dict[str, str]:
    return {
        "mode_sum": _("Arithmetic"),
        "mode_sees": _("Receptive field"),
        "sees_drawing": _("the image: {count} of {total} pixels are read"),
        "sees_here": _("influence (gradient), for this drawing"),
        "sees_many": _("influence (gradient), mean of {count} drawings"),
        "sees_layer": _("{layer}: {count} cells"),
        "sees_earlier": _(
            "The same in every layer before: filled cells are read, the frame is what the formula gives."
        ),
        "sees_computing": _("Computing the receptive field …"),
        "sees_pixel": _("row {row}, column {col}: {share} of the total influence"),
        "sees_nobody": _("The server gave no answer: step on, or load the page again."),
    }


def _convolution() -> dict[str, str]:
    return {
        "map_of": _("{source}, map {channel} (0 to {last})"),
        "patch": _("under the window"),
        "kernel": _("kernel"),
        "products": _("products"),
        "products_sum": _("products, sum {sign} {sum}"),
        "chip": _("The term of map {channel} of {source}: press to see its products above"),
        "total": _("sum of the terms of all {count} maps + bias {bias} {sign} {total}"),
        "total_without_bias": _("sum of the terms of all {count} maps {sign} {total}"),
        "total_one": _("sum of all products + bias {bias} {sign} {total}"),
        "total_one_without_bias": _("sum of all products {sign} {total}"),
        "prompt": _(
            "Each number under the window times the number at the same place of the kernel. Hover one to read it."
        ),
        "prompt_touch": _(
            "Each number under the window times the number at the same place of the kernel. Tap one to read it."
        ),
        "prompt_padded": _(
            "Hatched cells are padding, outside the map: {padded} of {count} here. Hover a number to read it."
        ),
        "prompt_padded_touch": _(
            "Hatched cells are padding, outside the map: {padded} of {count} here. Tap a number to read it."
        ),
        "prompt_transposed": _(
            "Transposed: each cell of the smaller map spreads over the larger one. "
            "Hatched: no input cell lands here. Hover a number to read it."
        ),
        "prompt_transposed_touch": _(
            "Transposed: each cell of the smaller map spreads over the larger one. "
            "Hatched: no input cell lands here. Tap a number to read it."
        ),
        "term": _("row {row}, column {col} of {source}, map {channel}: {value} × weight {weight} {sign} {product}"),
        "tinted": _("tinted in the map: all cells that this weight is multiplied with"),
        "term_padding": _("padding around {source}: {value} × weight {weight} {sign} {product}"),
        "term_nothing": _("no cell of {source} here: {value} × weight {weight} {sign} {product}"),
    }


def _between_maps() -> dict[str, str]:
    return {
        "window": _("under the window"),
        "positive": _("above 0: stays"),
        "not_positive": _("not above 0: becomes 0"),
        "formula_max_tie": _(
            "largest of {count}: {result}. {equal} are equal, the first counts (row {row}, column {col} before)"
        ),
        "formula_max": _("largest of {count}: {result} (row {row}, column {col} of the map before)"),
        "formula_mean": _("{terms} = {sum}; {sum} / {divisor} {sign} {result}"),
        "terms": _("sum of {count} cells"),
        "mean": _("mean μ"),
        "variance": _("variance σ²"),
        "epsilon": _("ε"),
        "gamma": _("scale γ"),
        "beta": _("shift β"),
        "unbiased": _("unbiased σ²"),
        "as_in_training": _("As in training"),
        "norm_training": _(
            "mean and variance of this image's map: divided by n here, by n − 1 for the running estimate"
        ),
        "dropout_kept": _("{x} is kept and divided by 1 − {p}: {y}"),
        "dropout_dropped": _("{x} is dropped: {y}. Each training step drops other cells, each with probability {p}"),
        "norm_image": _("mean and variance of {count} cells of this image"),
        "count": _("cells n"),
        "formula_hidden": _("Guess first, then step on to see it"),
        "formula_norm": _("({x} − {mean}) / √({variance} + {epsilon}) · {gamma} + {beta} {sign} {y}"),
        "formula_dropout": _(
            "{x} stays {y}: dropout only works in training, where a fraction {p} of the cells becomes 0 "
            "and the rest is divided by 1 − {p}"
        ),
    }


def _graphs() -> dict[str, str]:
    return {
        "constant": _("constant"),
        "map_of_many": _("{source}, map {channel}; {count} maps are read"),
        "formula_sum": _("{terms} {sign} {result}"),
        "formula_product": _("{first} × {second} {sign} {result}"),
        "formula_quotient": _("{first} ÷ {second} {sign} {result}"),
        "moved": _("{place}, unchanged: {value}"),
        "moved_padding": _("No cell stood here: padding puts {value}"),
        "moved_constant": _("A constant of the network stands here: {value}"),
        "formula_largest": _("largest of {count}: {result} ({place})"),
        "formula_smallest": _("smallest of {count}: {result} ({place})"),
        "score_before": _("value before"),
        "formula_softmax_along": _("e^({score} − {top}) = {power}; {power} / {sum} {sign} {result}"),
        "formula_log_softmax": _(
            "value − largest = {shifted}; logarithm of the sum = {logsum}; {shifted} − {logsum} {sign} {result}"
        ),
    }


def _formulas() -> dict[str, str]:
    """A sentence for some functions, the formula of the text books for the others."""
    plain = {name: f"{formula} {{sign}} {{y}}" for name, formula in activation_formulas().items()}
    return plain | {
        "ReLU": _("max(0, {x}) {sign} {y}: {case}"),
        "LeakyReLU": _("x where above 0, else {slope} · x: {x} gives {y}"),
        "Tanh": _("tanh({x}) {sign} {y}"),
        "Sigmoid": _("1 / (1 + e to the power of −({x})) {sign} {y}"),
        "GELU": _("x · Φ(x), Φ the normal distribution: {x} gives {y}"),
        "SiLU": _("x · sigmoid(x): {x} gives {y}"),
        "other": _("{name}({x}) {sign} {y}"),
    }


def _vectors() -> dict[str, str]:
    return {
        "dense_maps": _("{source}: {count} maps of {rows}×{cols}"),
        "dense_kernels": _("weights: {count} kernels that cover a whole map"),
        "dense_entries": _("{source}: {count} entries"),
        "dense_weights": _("weights: one for each entry"),
        "dense_total": _("class {name}: all {count} products + bias {bias} {sign} {total}"),
        "dense_total_unit": _("unit {name}: all {count} products + bias {bias} {sign} {total}"),
        "dense_caption": _("Strongest first"),
        "dense_rest": _("sum of the {count} other products"),
        "bias": _("bias"),
        "entry": _("{source}, entry {entry}"),
        "place": _("{source}, map {channel}, row {row}, column {col}"),
        "dense_prompt": _(
            "A fully connected layer is a convolution whose kernel covers its whole input: one weight for each cell, "
            "one number out. Hover a cell or a line."
        ),
        "dense_prompt_touch": _(
            "A fully connected layer is a convolution whose kernel covers its whole input: one weight for each cell, "
            "one number out. Tap a cell or a line."
        ),
        "dense_term": _("{place} (entry {entry}): {value} × weight {weight} {sign} {product}"),
        "terms_values": _("values that are read of {source}"),
        "terms_weights": _("weights of this cell"),
        "terms_total": _("all {count} products + bias {bias} {sign} {total}"),
        "terms_padding": _("padding"),
        "terms_prompt": _(
            "Each value times its weight gives one product; all products + bias = the cell. Hover a cell or a line."
        ),
        "terms_prompt_touch": _(
            "Each value times its weight gives one product; all products + bias = the cell. Tap a cell or a line."
        ),
        "terms_term": _("{place}: {value} × weight {weight} {sign} {product}"),
        "flat_column": _("one column of {count} entries, laid out map by map"),
        "formula_flatten": _(
            "map {channel}, row {row}, column {col} of {source} → entry "
            "({channel} · {rows} + {row}) · {cols} + {col} = {entry}; its value stays {value}"
        ),
        "class": _("class"),
        "score": _("score ÷ temperature"),
        "power": _("e^(score − largest)"),
        "share": _("probability"),
        "sum": _("sum"),
        "formula_softmax": _(
            "{name}: e^({score} − {top}) = {power}; {power} / {sum} = {share} · log-sum-exp of all scores = {logsum}"
        ),
        "temperature": _("Temperature"),
        "true_class": _("True class"),
        "loss": _("Loss if {name} is true: −ln {share} = {logsum} − {score} = {loss}"),
    }
