"""Examples of forms of data: bytes and numbers, axes, class numbers, one picture."""

from __future__ import annotations

from functools import partial

from cnnviz.data.image_sets import SetKey, is_available, set_title
from cnnviz.i18n import _
from cnnviz.small_examples import of_data
from cnnviz.small_examples.example import ExampleGroup, ResultForm, SmallExample, ValueColours
from cnnviz.small_examples.fields import ExampleField, FieldKind

_DATA = ExampleGroup.DATA
_IN_ORDER = (SetKey.MNIST, SetKey.DIGITS, SetKey.BIRDS, SetKey.XO, SetKey.XO_GENERATED)
_SETS = tuple(key for key in _IN_ORDER if is_available(key))  # the first one is shown first

DATA = (
    SmallExample(
        "first-picture", _DATA, lambda: _("The first training picture"),
        lambda: _("A picture is a table of numbers, and its label is one more number. The first picture of MNIST is a "
                  "5; look at any other."),
        of_data.one_picture,
        (
            ExampleField("images", lambda: _("Set"), FieldKind.WORD, _SETS[0].value,
                         words=tuple(key.value for key in _SETS),
                         word_titles={key.value: partial(set_title, key) for key in _SETS}),
            ExampleField("number", lambda: _("Number, from 0"), FieldKind.WHOLE, 0, 0, 99_999, is_whole=True),
        ),
        {
            "label": ResultForm(lambda: _("Label")),
            "count": ResultForm(lambda: _("Training pictures in the set")),
            "shape": ResultForm(lambda: _("Shape, smallest and largest value")),
            "picture": ResultForm(lambda: _("Pixel values"), ValueColours.INPUTS, lambda: _("channel")),
        },
    ),
    SmallExample(
        "bytes", _DATA, lambda: _("From bytes to a batch"),
        lambda: _("Files hold 0 to 255, row by row, red, green and blue side by side: (h, w, c). PyTorch wants one "
                  "plane for each colour, and an axis for the images of a batch before them: (n, c, h, w). Networks "
                  "learn better from numbers around 0 to 1."),
        of_data.bytes_to_numbers,
        (
            ExampleField("pixels", lambda: _("Rows of pixels: red green blue, red green blue …"), FieldKind.MATRIX,
                         [[255, 0, 0, 0, 255, 0], [0, 0, 255, 255, 255, 255]], 0, 255, is_whole=True),
        ),
        {
            "shapes": ResultForm(lambda: _("Shapes")),
            "planes": ResultForm(lambda: _("0 to 255, a plane for each colour"), ValueColours.INPUTS,
                                 lambda: _("channel")),
            "batch": ResultForm(lambda: _("0 to 1, as the network takes it"), ValueColours.INPUTS,
                                lambda: _("channel")),
            "back": ResultForm(lambda: _("The same bytes again on the way back")),
        },
    ),
    SmallExample(
        "view", _DATA, lambda: _("view: the same numbers, another shape"),
        lambda: _("`view` changes the shape and never the order: the numbers stay where they are in memory. Turning "
                  "the table (transpose) is something else. `view(-1)` lays all in one row, as before a fully "
                  "connected layer."),
        of_data.view_as,
        (
            ExampleField("numbers", lambda: _("Numbers"), FieldKind.MATRIX, [[1, 2, 3], [4, 5, 6]]),
            ExampleField("rows", lambda: _("Rows afterwards"), FieldKind.WHOLE, 3, 1, 40, is_whole=True),
        ),
        {
            "view": ResultForm(lambda: _("view(rows, -1)"), ValueColours.ACTIVATIONS),
            "column": ResultForm(lambda: _("view(-1)"), ValueColours.ACTIVATIONS),
            "transposed": ResultForm(lambda: _("transposed"), ValueColours.ACTIVATIONS),
            "memory": ResultForm(lambda: _("view takes the same memory")),
        },
    ),
    SmallExample(
        "one-hot", _DATA, lambda: _("Class numbers and one-hot"),
        lambda: _("A label can be the number of its class, or a row of 0 with a single 1 in its place. PyTorch's "
                  "cross-entropy takes both, and the loss is the same."),
        of_data.one_hot_labels,
        (
            ExampleField("labels", lambda: _("Labels"), FieldKind.VECTOR, [5, 0, 4, 1], 0, 39, is_whole=True),
            ExampleField("classes", lambda: _("Classes"), FieldKind.WHOLE, 10, 1, 40, is_whole=True),
            ExampleField("seed", lambda: _("Seed of the scores"), FieldKind.WHOLE, 0, 0, 9999, is_whole=True),
        ),
        {
            "one_hot": ResultForm(lambda: _("One-hot: a row for each image"), ValueColours.ACTIVATIONS),
            "back": ResultForm(lambda: _("Back again, by argmax")),
            "scores": ResultForm(lambda: _("Scores, at random"), ValueColours.ACTIVATIONS),
            "loss": ResultForm(lambda: _("Cross-entropy with class numbers")),
            "loss_one_hot": ResultForm(lambda: _("Cross-entropy with one-hot")),
        },
    ),
)  # fmt: skip
