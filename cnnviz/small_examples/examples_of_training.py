"""Examples of training: gradients that add up, accuracy, a mini-batch, what is printed, a number, an L2 penalty."""

from __future__ import annotations

from cnnviz.i18n import _
from cnnviz.small_examples import of_training
from cnnviz.small_examples.example import ExampleGroup, ResultForm, SmallExample, ValueColours
from cnnviz.small_examples.fields import ExampleField, FieldKind

_TRAINING = ExampleGroup.TRAINING

TRAINING = (
    SmallExample(
        "zero-grad", _TRAINING, lambda: _("zero_grad forgotten"),
        lambda: _("`backward()` adds to the gradient that is there. Unless it is set to 0 before each step, every step "
                  "also takes the gradients of all steps before it, and overshoots. The network is y = w·x, the loss "
                  "the mean squared error."),
        of_training.forget_zero_grad,
        (
            ExampleField("inputs", lambda: _("x"), FieldKind.VECTOR, [1, 2, 3], -100, 100),
            ExampleField("targets", lambda: _("y, as many"), FieldKind.VECTOR, [2, 4, 6], -100, 100),
            ExampleField("weight", lambda: _("w at first"), FieldKind.REAL, 0, -100, 100),
            ExampleField("rate", lambda: _("Learning rate"), FieldKind.REAL, 0.05, 0, 10),
            ExampleField("steps", lambda: _("Steps"), FieldKind.WHOLE, 3, 1, 40, is_whole=True),
        ),
        {
            "with": ResultForm(lambda: _("With zero_grad before each step")),
            "without": ResultForm(lambda: _("Without it")),
        },
        {
            "step": lambda: _("step"), "loss": lambda: _("loss before it"), "own": lambda: _("gradient of this loss"),
            "gradient": lambda: _("gradient that is used"), "weight": lambda: _("w after it"),
        },
    ),
    SmallExample(
        "compare", _TRAINING, lambda: _("Right or wrong, entry by entry"),
        lambda: _("`eq` compares entry by entry; true counts as 1, so the sum is how many are right."),
        of_training.compare_with_labels,
        (
            ExampleField("predicted", lambda: _("Predictions"), FieldKind.VECTOR, [1, 2, 3, 4]),
            ExampleField("labels", lambda: _("Labels, as many"), FieldKind.VECTOR, [1, -1, -2, 2]),
        ),
        {
            "equal": ResultForm(lambda: _("eq")),
            "sum": ResultForm(lambda: _("sum: so many are right")),
            "accuracy": ResultForm(lambda: _("divided by how many there are: accuracy")),
        },
    ),
    SmallExample(
        "accuracy", _TRAINING, lambda: _("Accuracy, step by step"),
        lambda: _("Each row holds the scores of one image. The class with the highest score is the prediction "
                  "(argmax); compare, sum, divide."),
        of_training.accuracy_of_scores,
        (
            ExampleField("scores", lambda: _("Scores: a row for each image, a column for each class"),
                         FieldKind.MATRIX, [[0.1, 2.5, -1], [1.5, 0.2, 0.3], [-0.4, 0.6, 0.5], [0, -1, 3]]),
            ExampleField("labels", lambda: _("Labels, one for each image, from 0"), FieldKind.VECTOR, [1, 0, 2, 2],
                         0, 39, is_whole=True),
        ),
        {
            "scores": ResultForm(lambda: _("Scores"), ValueColours.ACTIVATIONS),
            "predicted": ResultForm(lambda: _("argmax of each row: the predicted class")),
            "equal": ResultForm(lambda: _("equal to the label")),
            "sum": ResultForm(lambda: _("sum: so many are right")),
            "accuracy": ResultForm(lambda: _("divided by how many there are: accuracy")),
        },
    ),
    SmallExample(
        "mini-batch", _TRAINING, lambda: _("A mini-batch is one matrix product"),
        lambda: _("Two inputs side by side in one matrix, and one product gives both outputs at once: a processor "
                  "computes them in parallel. And ten images for one update are a tenth of the updates of an epoch."),
        of_training.mini_batch_as_product,
        (
            ExampleField("weight", lambda: _("Weights: a row for each output"), FieldKind.MATRIX,
                         [[1, 0, -1], [2, 1, 0]]),
            ExampleField("inputs", lambda: _("Inputs: a column for each image"), FieldKind.MATRIX,
                         [[1, 4], [2, 5], [3, 6]]),
            ExampleField("images", lambda: _("Images in an epoch"), FieldKind.WHOLE, 50_000, 1, 1_000_000,
                         is_whole=True),
            ExampleField("batches", lambda: _("Batch sizes"), FieldKind.VECTOR, [1, 10], 1, 1_000_000, is_whole=True),
        ),
        {
            "together": ResultForm(lambda: _("One product: a column for each image"), ValueColours.ACTIVATIONS),
            "one_by_one": ResultForm(lambda: _("One image after the other"), ValueColours.ACTIVATIONS),
            "equal": ResultForm(lambda: _("Equal")),
            "updates": ResultForm(lambda: _("Updates in an epoch")),
        },
        {"batch": lambda: _("batch size"), "updates": lambda: _("updates")},
    ),
    SmallExample(
        "printed", _TRAINING, lambda: _("What network and optimiser print"),
        lambda: _("The first MNIST network. A printed network lists its layers and their settings, an optimiser its "
                  "rates: Adam's β₁ and β₂ say how long it remembers gradients and their squares, ε keeps it from "
                  "dividing by 0."),
        of_training.print_network_and_optimiser,
        (
            ExampleField("optimiser", lambda: _("Optimiser"), FieldKind.WORD, "Adam", words=("Adam", "SGD")),
            ExampleField("rate", lambda: _("Learning rate"), FieldKind.REAL, 0.001, 0, 10),
            ExampleField("beta1", lambda: _("β₁, of Adam only"), FieldKind.REAL, 0.9, 0, 0.999999),
            ExampleField("beta2", lambda: _("β₂, of Adam only"), FieldKind.REAL, 0.999, 0, 0.999999),
        ),
        {
            "network": ResultForm(lambda: _("print(network)")),
            "parameters": ResultForm(lambda: _("Parameters in total")),
            "sizes": ResultForm(lambda: _("Parameters by name")),
            "optimiser": ResultForm(lambda: _("print(optimiser)")),
        },
        {"name": lambda: _("name"), "shape": lambda: _("shape"), "numbers": lambda: _("numbers")},
    ),
    SmallExample(
        "regression", _TRAINING, lambda: _("A number instead of classes"),
        lambda: _("For a price, an age or an angle the last layer has one output and no softmax, and the loss is the "
                  "mean of the squared errors. Everything before it stays as it is."),
        of_training.learn_a_number,
        (
            ExampleField("features", lambda: _("What comes into the last layer: a row for each image"),
                         FieldKind.MATRIX, [[0, 0], [0, 1], [1, 0], [1, 1]], -100, 100),
            ExampleField("targets", lambda: _("The number that is wanted, for each image"), FieldKind.VECTOR,
                         [1, 0, 3, 2], -1000, 1000),
            ExampleField("rate", lambda: _("Learning rate"), FieldKind.REAL, 0.3, 0, 10),
            ExampleField("steps", lambda: _("Steps"), FieldKind.WHOLE, 100, 1, 1000, is_whole=True),
            ExampleField("seed", lambda: _("Seed of the weights"), FieldKind.WHOLE, 0, 0, 9999, is_whole=True),
        ),
        {
            "weight": ResultForm(lambda: _("Shape of the weight: one output")),
            "losses": ResultForm(lambda: _("Mean squared error")),
            "table": ResultForm(lambda: _("Afterwards")),
            "learned": ResultForm(lambda: _("Weights and, last, the bias"), ValueColours.WEIGHTS),
        },
        {
            "step": lambda: _("step"), "loss": lambda: _("loss"), "target": lambda: _("wanted"),
            "output": lambda: _("output"), "squared": lambda: _("squared error"),
        },
    ),
    SmallExample(
        "l2-penalty", _TRAINING, lambda: _("An L2 penalty, and weight decay"),
        lambda: _("λ · Σ w² is added to the loss, here (w·x − y)². So the gradient of each weight grows by 2λw, and "
                  "every step also pulls it towards 0. With SGD and Adam `weight_decay=2λ` is the same; AdamW shrinks "
                  "the weights beside its steps instead, which is another training."),
        of_training.penalise_squares,
        (
            ExampleField("weights", lambda: _("Weights w"), FieldKind.VECTOR, [3, -2, 1], -100, 100),
            ExampleField("inputs", lambda: _("x, as many"), FieldKind.VECTOR, [1, 0.5, 2], -100, 100),
            ExampleField("target", lambda: _("y"), FieldKind.REAL, 1, -100, 100),
            ExampleField("penalty", lambda: _("λ"), FieldKind.REAL, 0.001, 0, 10),
            ExampleField("rate", lambda: _("Learning rate"), FieldKind.REAL, 0.05, 0, 10),
            ExampleField("optimiser", lambda: _("Optimiser"), FieldKind.WORD, "SGD", words=("SGD", "Adam", "AdamW")),
            ExampleField("steps", lambda: _("Steps"), FieldKind.WHOLE, 5, 1, 1000, is_whole=True),
        ),
        {
            "loss": ResultForm(lambda: _("Loss at first")),
            "squares": ResultForm(lambda: _("Σ w²")),
            "penalty": ResultForm(lambda: _("λ · Σ w²")),
            "whole": ResultForm(lambda: _("Their sum: what is minimised")),
            "first": ResultForm(lambda: _("The first gradient, weight by weight")),
            "after": ResultForm(lambda: _("After the steps")),
            "learned": ResultForm(lambda: _("The weights then: alone, with the penalty, with weight_decay"),
                                  ValueColours.WEIGHTS),
            "apart": ResultForm(lambda: _("Penalty and weight_decay: largest difference of a weight")),
        },
        {
            "weight": lambda: _("w"), "own": lambda: _("gradient of the loss"), "pull": lambda: _("2λw"),
            "gradient": lambda: _("gradient of the sum"), "name": lambda: _("way"), "squares": lambda: _("Σ w²"),
            "loss": lambda: _("loss"),
        },
    ),
)  # fmt: skip
