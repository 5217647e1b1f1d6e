"""Mistakes found in published lessons, each with the numbers that PyTorch gives instead."""

from __future__ import annotations

from cnnviz.i18n import _
from cnnviz.small_examples import of_mistakes
from cnnviz.small_examples.example import ExampleGroup, ResultForm, SmallExample, ValueColours
from cnnviz.small_examples.fields import ExampleField, FieldKind, whole_field

_MISTAKES = ExampleGroup.MISTAKES


MISTAKES = (
    SmallExample(
        "mistake-output-size", _MISTAKES, lambda: _("One filter, and three channels out?"),
        lambda: _("In print: a 32×32×3 image with one 3×3×3 filter and padding 1 gives 30×30×3. It gives 32×32×1: "
                  "padding 1 keeps the size, and a filter sums over all channels, so that one filter makes one map."),
        of_mistakes.size_of_output,
        (
            whole_field("side", lambda: _("Side of the image"), 32, 1, 128),
            whole_field("channels", lambda: _("Channels"), 3, 1, 64),
            whole_field("kernels", lambda: _("Filters"), 1, 1, 64),
            whole_field("size", lambda: _("Filter size"), 3, 1, 15),
            whole_field("padding", lambda: _("Padding"), 1, 0, 15),
        ),
        {
            "side": ResultForm(lambda: _("Side of the result")),
            "output": ResultForm(lambda: _("Result: height × width × channels")),
            "shape": ResultForm(lambda: _("PyTorch's shape")),
            "parameters": ResultForm(lambda: _("Parameters")),
        },
    ),
    SmallExample(
        "mistake-sum", _MISTAKES, lambda: _("A sum with two terms too many"),
        lambda: _("In print this sum has two terms more than the window has cells, and still the result 72. A window "
                  "of 3×3 has nine products, and they make 72; with two more it would be another number."),
        of_mistakes.sum_of_window,
        (
            ExampleField("window", lambda: _("Window"), FieldKind.MATRIX, [[1, 10, 1], [2, 20, 2], [3, 30, 3]]),
            ExampleField("kernel", lambda: _("Kernel, of the same size"), FieldKind.MATRIX, [[1, 1, 1]] * 3),
            ExampleField("more", lambda: _("Two terms more, to try"), FieldKind.VECTOR, [1, 1]),
        ),
        {
            "terms": ResultForm(lambda: _("The products")),
            "count": ResultForm(lambda: _("How many")),
            "sum": ResultForm(lambda: _("Their sum")),
            "longer_count": ResultForm(lambda: _("With the terms that are too many: how many")),
            "longer_sum": ResultForm(lambda: _("… and their sum")),
        },
    ),
    SmallExample(
        "mistake-folds", _MISTAKES, lambda: _("validation_split is no cross-validation"),
        lambda: _("In print: `validation_split=0.1` is called ten-fold cross-validation. Keras takes the last tenth of "
                  "the images, once, and trains once. Ten folds are ten trainings, and every image is validated in "
                  "one of them."),
        of_mistakes.split_once_or_fold,
        (
            whole_field("images", lambda: _("Images"), 20, 10, 40),
            whole_field("folds", lambda: _("Folds"), 10, 2, 20),
        ),
        {
            "table": ResultForm(lambda: _("Trainings, and images that are validated at all")),
            "once": ResultForm(lambda: _("validation_split=0.1: T for each image that validates")),
            "turns": ResultForm(lambda: _("Cross-validation: a row for each training")),
        },
        {"name": lambda: _("way"), "trainings": lambda: _("trainings"),
         "validated": lambda: _("images validated")},
    ),
    SmallExample(
        "mistake-fourier", _MISTAKES, lambda: _("Matrix product or Fourier transform?"),
        lambda: _("In print the two are exchanged: which is fast for small kernels, and which for large ones. The "
                  "Fourier transform costs about the same for every size, the matrix product more for each weight: for "
                  "small kernels the product is faster, for large ones the transform. Where they meet depends on "
                  "channels, image and machine: measured now, here."),
        of_mistakes.matrix_or_fourier,
        (
            whole_field("side", lambda: _("Side of the image"), 48, 32, 80),
            whole_field("channels", lambda: _("Channels, in and out"), 16, 1, 16),
            whole_field("repeats", lambda: _("Runs; the fastest counts"), 5, 1, 15),
            ExampleField("sizes", lambda: _("Kernel sizes"), FieldKind.VECTOR, [1, 3, 7, 15, 31], 1, 31,
                         is_whole=True),
        ),
        {"table": ResultForm(lambda: _("Milliseconds for one image, all channels"))},
        {
            "size": lambda: _("kernel"), "matrix": lambda: _("matrix product, ms"),
            "fourier": lambda: _("Fourier transform, ms"), "faster": lambda: _("faster here"),
            "apart": lambda: _("largest difference of the results"),
        },
        is_measured=True,
    ),
    SmallExample(
        "mistake-bias", _MISTAKES, lambda: _("bias=False, and then a bias"),
        lambda: _("In print a layer is made with `bias=False`, and its bias is set in the next line. Then the layer's "
                  "bias is None, which holds no data to set; a new parameter can be put there, and then the layer has "
                  "a bias after all, whatever it was made with."),
        of_mistakes.bias_after_all,
        (
            ExampleField("image", lambda: _("Image"), FieldKind.MATRIX, [[0, 1, 2], [3, 4, 5], [6, 7, 8]]),
            ExampleField("kernel", lambda: _("Kernel"), FieldKind.MATRIX, [[0, 1], [2, 3]]),
            ExampleField("bias", lambda: _("Bias"), FieldKind.REAL, 1, -1000, 1000),
        ),
        {
            "bias": ResultForm(lambda: _("layer.bias")),
            "without": ResultForm(lambda: _("Result without a bias"), ValueColours.ACTIVATIONS),
            "error": ResultForm(lambda: _("layer.bias.data = …: Python's answer")),
            "with": ResultForm(lambda: _("Result with a new parameter as its bias"), ValueColours.ACTIVATIONS),
            "printed": ResultForm(lambda: _("print(layer), after that")),
        },
    ),
    SmallExample(
        "mistake-last-batch", _MISTAKES, lambda: _("The last batch as the epoch's loss"),
        lambda: _("In print the curve of an epoch's loss is that of its last batch: a few images, another few each "
                  "time, so that the curve jumps up and down. The loss of an epoch is the mean over all its images."),
        of_mistakes.last_batch_as_epoch,
        (
            whole_field("epochs", lambda: _("Epochs"), 6, 1, 30),
            whole_field("batch", lambda: _("Batch size (of 105 images)"), 10, 1, 105),
            whole_field("seed", lambda: _("Seed"), 0, 0, 9999),
        ),
        {"table": ResultForm(lambda: _("Cross-entropy, epoch by epoch"))},
        {
            "epoch": lambda: _("epoch"), "mean": lambda: _("mean of all batches"),
            "last": lambda: _("last batch alone"), "images": lambda: _("images in it"),
        },
    ),
)  # fmt: skip
