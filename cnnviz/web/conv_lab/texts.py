"""The words of the laboratory, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.conv_lab.examples import LabChapter, LabPart, chapter_title
from cnnviz.conv_lab.images import PICTURES
from cnnviz.conv_lab.settings import Operation, PaddingMode
from cnnviz.core.kernels import PRESETS, KernelOperation
from cnnviz.i18n import _, current_language
from cnnviz.web.kernel_editor.texts import editor_texts
from cnnviz.web.walk.texts import walk_texts


def laboratory_texts() -> dict[str, object]:
    """Every text of the component."""
    return {
        "language": current_language(),
        "walk": walk_texts(),
        "editor": editor_texts(),
        "crumb_map": _("{layer}, map {channel}"),
        "layers": [{"name": _("image")}, {"name": _("result")}],
        "chapters": {chapter.value: chapter_title(chapter) for chapter in LabChapter},
        "pictures": {picture.key: picture.title for picture in PICTURES},
        **_bench(),
        **_settings(),
    }


def _bench() -> dict[str, object]:
    return {
        "examples": _("Examples"),
        "picture": _("Image"),
        "kernel": _("Kernel"),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "result": _("Result"),
        "own": _("your own numbers"),
        "own_hint": _("Drag a number up or down, or type"),
        "no_weights": _("Pooling has no weights: only the size of its window counts."),
        "read_picture": _("row {row}, column {col}: {value}"),
        "read_colour": _("row {row}, column {col}: red {red}, green {green}, blue {blue}"),
        "read_result": _("row {row}, column {col}: {value}. It reads the framed cells. Click to see its sum below."),
        "read_result_touch": _("row {row}, column {col}: {value}. It reads the framed cells; its sum is below."),
        "point": _("Point at a cell of the result to see what it reads."),
        "point_touch": _("Tap a cell of the result to see what it reads."),
        "unread": _("Hatched: no window covers it"),
        "map": _("map {index}"),
        "maps": _("Maps of the result"),
        "channel": _("channel {index}"),
        "histogram": _("Histogram of the values"),
        "histogram_of": _("Histogram of the values of map {index}"),
        "in_colour": _("in colour"),
        "colours": [_("red"), _("green"), _("blue")],
        "result_in_colour": _("The three maps as one colour image"),
        "colour_scale": _("Maps 0, 1, 2 as red, green, blue: {low} is none of it, {high} all of it"),
        "smallest": _("smallest {value}"),
        "largest": _("largest {value}"),
        "mean": _("mean {value}"),
        "nobody": _("The server gave no answer: change something again, or load the page anew."),
        "shown_nearest": _("The nearest possible setting is shown."),
    }


def _settings() -> dict[str, object]:
    return {
        "settings": _("Settings"),
        "operation": _("Operation"),
        "operations": {
            Operation.CONVOLUTION.value: _("convolution"),
            Operation.TRANSPOSED.value: _("transposed convolution"),
            Operation.MAX.value: _("max pooling"),
            Operation.AVERAGE.value: _("average pooling"),
            Operation.GLOBAL_MAX.value: _("global max pooling"),
            Operation.GLOBAL_AVERAGE.value: _("global average pooling"),
        },
        "mode": _("Padding mode"),
        "modes": {
            PaddingMode.ZEROS.value: _("zeros"),
            PaddingMode.REFLECT.value: _("the image mirrored (reflect)"),
            PaddingMode.REPLICATE.value: _("the border repeated (replicate)"),
            PaddingMode.CIRCULAR.value: _("the other side (circular)"),
        },
        "size": _("Kernel size"),
        "window_size": _("Window size"),
        "picture_size": _("Size"),
        "stride": _("Stride"),
        "padding": _("Padding"),
        "same": _("“same”"),
        "same_hint": _("Padding that keeps the size"),
        "dilation": _("Dilation"),
        "groups": _("Groups"),
        "count": _("Kernels"),
        "output_padding": _("Output padding"),
        "on_top": _("Second window"),
        "on_top_hint": _("A window on the result: how large is its receptive field in the image? 0: none"),
        "flipped": _("Flip 180°"),
        "flipped_hint": _("Rotates the kernel: true convolution instead of cross-correlation"),
        "bias": _("Bias"),
        "every": _("buttons act on every channel"),
        "seed": _("Seed"),
        "rows_of": _("{name}: rows"),
        "cols_of": _("{name}: columns"),
        "link": _("Rows and columns together"),
    }


def actions() -> list[dict[str, str]]:
    """The buttons of the kernel editor: ready-made kernels, and what can be done to one."""
    edits = {
        KernelOperation.NORMALISE: (
            _("normalise"),
            _("Divide by the sum of the weights, or of their absolute values where they cancel out"),
        ),
        KernelOperation.NEGATE: (_("negate"), _("Every weight times −1")),
        KernelOperation.FLIP: (_("rotate 180°"), _("Both axes reversed: what true convolution does")),
        KernelOperation.ROTATE: (_("rotate 90°"), _("Clockwise")),
        KernelOperation.ZERO: (_("all 0"), ""),
    }
    ready = [{"key": f"preset:{preset.key}", "title": preset.title, "group": "preset"} for preset in PRESETS]
    changes = [{"key": f"edit:{edit}", "title": title, "hint": hint, "group": "edit"}
               for edit, (title, hint) in edits.items()]  # fmt: skip
    fresh = {
        "key": "random",
        "title": _("random"),
        "group": "preset",
        "hint": _("As PyTorch initialises, with this seed"),
    }
    taken = {"key": "trained", "title": _("16 kernels of the trained network"), "group": "preset",
             "hint": _("All kernels and biases of the first layer of the network on the Draw page")}  # fmt: skip
    return [*ready, fresh, taken, *changes]


def part_title(part: LabPart) -> str:
    """What a part of the page is called."""
    return {
        LabPart.BENCH: _("Image, kernel, result"),
        LabPart.ND: _("1-D and 3-D"),
        LabPart.NORM: _("Normalisation"),
        LabPart.LEARN: _("Learn the kernel"),
        LabPart.WAYS: _("Three ways to compute it"),
        LabPart.WHY: _("Why convolutions?"),
    }[part]
