"""The words of the explorer, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.i18n import _, current_language, ngettext
from cnnviz.web.explorer.layer_hints import hint_of, role_of
from cnnviz.web.walk.texts import walk_texts


def explorer_texts(trace: Trace) -> dict[str, object]:
    """Every text of the explorer, and for each layer its name, shape, parameters, role and one hint."""
    layers = [_input_words(trace), *(_layer_words(layer) for layer in trace.layers), _softmax_words(trace)]
    return (
        {"language": current_language(), "layers": layers, "walk": walk_texts()}
        | _controls()
        | _prompts()
        | _sentences()
        | (_prompts_of_a_part() if trace.stopped else {})
    )


def _controls() -> dict[str, object]:
    """Controls, breadcrumb, table."""
    return {
        "canvas": _(
            "The network. Arrow keys move from map to map, Enter opens a map, arrow keys then move from cell to cell, "
            "Page Up and Page Down change the map, Escape goes back."
        ),
        "network": _("Whole network"),
        "crumb_map": _("{layer}, map {channel}"),
        "crumb_class": _("{layer}, class {name}"),
        "crumb_unit": _("{layer}, unit {channel}"),
        "crumb_cell": _("row {row}, column {col}"),
        "scope": _("Compare colours"),
        "scope_map": _("in a map"),
        "scope_map_hint": _("Each map has its own colour range: see weak maps"),
        "scope_layer": _("in a layer"),
        "scope_layer_hint": _("The maps of a layer share one colour range: compare maps"),
        "scope_network": _("everywhere"),
        "scope_network_hint": _("All layers share one colour range: compare layers"),
        "numbers": _("Numbers"),
        "numbers_hint": _("Open a map, then read all its values in a table"),
        "numbers_of_map": _("All values of what is open, in a table"),
        "numbers_of_cell": _("The whole sum of this cell, in a table"),
        "steps": _("Step through"),
        "steps_hint": _("Open a map, then step through its cells: every number behind every cell"),
        "steps_here": _("Step through its cells: every number behind every cell"),
        "steps_nowhere": _("There is no sum to step through here"),
        "row": _("row"),
        **saving_texts(),
        "own_range": _("each map its own range"),
        "computing": _("Computing …"),
        "finer": _("0 · scale {times} × finer"),
        "crumb_entry": _("entry {row}"),
        "table_caption_vector": _("{map}: all values"),
        "table_caption": _("{map}: rows and columns counted from 0"),
    }


def saving_texts() -> dict[str, str]:
    """What is saved of an open map or layer, and the words inside the file."""
    return {
        "save": _("Save"),
        "save_hint": _("Save what is open as a picture or as numbers"),
        "save_closed": _("Open a map, then save it or its layer"),
        "save_map_png": _("Map: picture (PNG)"),
        "save_map_csv": _("Map: numbers (CSV)"),
        "save_layer_png": _("Whole layer: picture (PNG)"),
        "save_layer_csv": _("Whole layer: numbers (CSV)"),
        "save_before": _("before the edits"),
        "save_after": _("after the edits"),
        "save_difference": _("after − before"),
        "file_map": _("map"),
        "file_maps": _("all maps"),
        "csv_network": _("network"),
        "csv_layer": _("layer"),
        "csv_values": _("values"),
        "csv_map": _("map"),
        "csv_rows": _("rows"),
        "csv_columns": _("columns"),
        "csv_row": _("row"),
        "csv_entry": _("entry"),
        "csv_class": _("class"),
        "csv_value": _("value"),
    }


def _prompts() -> dict[str, object]:
    """What one can do, verb first; what ends in "_touch" is said to a finger, which cannot hover and has no Esc."""
    return {
        "order": _("From left to right: the image, patterns found in it, a score for each class, the prediction."),
        "order_narrow": _(
            "From top to bottom: the image, patterns found in it, a score for each class, the prediction."
        ),
        "prompt": _(
            "Blue is below 0, orange above. Hover a map to see what its cells read; click it to see its inputs."
        ),
        "prompt_touch": _("Blue is below 0, orange above. Tap a map to see its inputs."),
        "back_touch": _("Tap “Whole network” to go back."),
        "back": _("Click outside or press Esc to go back."),
        "prompt_sum": _(
            "Convolving each input map with its kernel gives one term. All terms + bias = the open map. "
            "Click a cell of the large map to see its sum."
        ),
        "prompt_sum_touch": _(
            "Convolving each input map with its kernel gives one term. All terms + bias = the open map. "
            "Tap a cell of the large map to see its sum."
        ),
        "prompt_products": _(
            "Each input cell times its own weight gives one product. All products + bias = the score."
        ),
    }


def _prompts_of_a_part() -> dict[str, object]:
    """Of a network that stopped before it gave scores."""
    return {
        "order": _("From left to right: the image, and what each layer makes of it, as far as the network ran."),
        "order_narrow": _("From top to bottom: the image, and what each layer makes of it, as far as the network ran."),
    }


def _sentences() -> dict[str, object]:
    """About the cell under the pointer, and the words beside an open map."""
    return {
        "info_cell": _("{layer}, map {channel}, row {row}, column {col}: {value}"),
        "info_entry": _("{layer}, entry {row}: {value}"),
        "info_unit": _("{layer}, unit {channel}: {value}"),
        "info_class": _("{layer} of class {name}: {value}"),
        "info_reads": _("reads rows {top}–{bottom}, columns {left}–{right} of {source}"),
        "info_reads_many": _("reads rows {top}–{bottom}, columns {left}–{right} of {count} maps of {source}"),
        "info_reads_one": _("reads row {top}, column {left} of {source}, map {channel}"),
        "info_reads_whole": _("reads every cell of {count} maps of {source}"),
        "info_reads_map": _("reads every cell of map {channel} of {source}"),
        "info_reads_entry": _("reads entry {entry} of {source}"),
        "info_reads_entries": _("reads all {count} entries of {source}"),
        "info_reads_unknown": _("which cells of {source} it reads is not known"),
        "info_padding": _("reads only padding around {source}"),
        "info_reach": _("receptive field: {rows}×{cols} pixels"),
        "note_kernel": _("× kernel"),
        "note_sum": _("= term"),
        "note_weights": _("× weights"),
        "note_products": _("= products"),
        "note_bias": _("all terms + bias {value}"),
        "note_bias_products": _("all products + bias {value}"),
        "note_all_zero": _("all 0: no input value is above 0"),
        "info_kernel": _("weight {value}, at row {row}, column {col} of the kernel for map {channel} of {source}"),
        "info_sum": _("{value}: the term of map {channel} of {source} at row {row}, column {col}"),
    }


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _input_words(trace: Trace) -> dict[str, str]:
    return {
        "name": _("input"),
        "shape": _times(trace.image.shape),
        "parameters": "",
        "role": _("the image"),
        "hint": _("The image as the network gets it: 0 is empty, 1 is full ink")
        if len(trace.image) == 1
        else _("The image as the network gets it, channel by channel: 0 is dark, 1 is full strength"),
    }


def _softmax_words(trace: Trace) -> dict[str, str]:
    return {
        "name": _("softmax"),
        "shape": _times(trace.probabilities.shape),
        "parameters": "",
        "role": _("probabilities"),
        "hint": _("softmax: e to the power of each score, divided by the sum of all these powers; together 100 %"),
    }


def _layer_words(layer: LayerTrace) -> dict[str, str]:
    spec = layer.spec
    count = spec.parameters
    return {
        "name": spec.path,
        "shape": _times(layer.output.shape),
        "parameters": ngettext("{shown} parameter", "{shown} parameters", count, shown=f"{count:,}") if count else "",
        "role": role_of(spec),
        "hint": hint_of(layer),
        "source": _source(layer),
    }


def _source(layer: LayerTrace) -> str:
    """The line of code that called it, as its author's file says; shown letter by letter."""
    if layer.source_line is None:
        return ""
    file, line, code = layer.source_line
    return _("{file}, line {line}: {code}", file=file, line=line, code=code)
