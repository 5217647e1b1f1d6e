"""The words of the trainer, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.i18n import _, current_language


def trainer_texts() -> dict[str, object]:
    """Every text of the component."""
    return {
        "language": current_language(),
        **_beginning(),
        **_standing(),
        **_charts(),
        **_time(),
        **_looking(),
        **_tests(),
    }


def _beginning() -> dict[str, object]:
    return {
        "hint": _("Press **Start**: the network is trained here, in front of you.").replace("**", ""),
        "hints_list": [
            _("Watch the loss fall and the accuracy rise, and the kernels take shape."),
            _("Pause, take single steps, raise the learning rate until training diverges."),
            _("Drag the slider below the curves back to any moment: everything on the page follows."),
            _("Keep a finished run, change one setting, and watch both side by side."),
        ],
        "recorded": _("A recorded run: {title}. Nothing is being trained now."),
        "then": _(
            "Press Start to train your own; then pause, take single steps, raise the learning rate until "
            "training diverges."
        ),
        "gone": _("This run is not on the server any more: press Start to train again."),
        "nobody": _("The server gave no answer: wait a moment, or load the page anew."),
    }


def _standing() -> dict[str, object]:
    return {
        "states": {
            "starting": _("Getting ready"),
            "loading": _("Getting ready"),
            "running": _("Training"),
            "paused": _("Paused"),
            "stopping": _("Stopping: one last evaluation"),
            "done": _("Finished"),
            "stopped": _("Stopped"),
            "failed": _("Failed"),
            "gone": _("Gone"),
        },
        "epoch": _("epoch {epoch} of {epochs}"),
        "step_of": _("step {step} of {steps}"),
        "speed": _("{n} images per second"),
        "left": _("{time} left"),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
        "next": _(
            "Now drag the slider back in time; or keep this run as A, change one setting and start again, to compare."
        ),
        "next_kept": _("Kept as A. Change one setting and press Start: the next run is drawn beside it, as B."),
        "next_from_file": _(
            "From a file: it holds the weights, not the run. Continue training from them (below), or keep it as A."
        ),
        "speed_label": _("Speed"),
        "speeds": {
            "full": _("full speed"),
            "20": _("20 steps per second"),
            "2": _("2 steps per second"),
        },
        "rate": _("Learning rate {rate}"),
        "rate_label": _("Learning rate, while it trains"),
        "buttons": {
            "step": _("One step"),
            "stop": _("Stop"),
            "reset": _("Reset"),
            "keep": _("Keep as A, to compare"),
            "save": _("Save these weights"),
            "inside": _("Look inside"),
        },
        "hints": {
            "step": _("One batch, one update of the weights"),
            "stop": _("End it here; what it has learned stays"),
            "reset": _("Put this run aside and start again; it can be brought back"),
            "keep": _("The next run is drawn beside this one"),
            "save": _("The weights of the moment shown, with all that is needed to use them again"),
            "inside": _("This network at the moment shown: every feature map and every number"),
        },
    }


def _charts() -> dict[str, object]:
    return _curves() | _log() | _ends()


def _curves() -> dict[str, object]:
    return {
        "loss": _("Loss"),
        "loss_note": _("How wrong it is: lower is better"),
        "loss_label": _("Loss by step, on training and validation images"),
        "accuracy": _("Accuracy"),
        "accuracy_note": _("Fraction classified correctly: higher is better"),
        "accuracy_label": _("Accuracy by step, on training and validation images"),
        "norms": _("Gradient norm by layer"),
        "norms_note": _("How hard each layer is pushed to change"),
        "norms_label": _("Gradient norm of each layer by step"),
        "log": _("log"),
        "log_hint": _("Logarithmic scale: small losses can be told apart"),
        "training": _("training: the images of each step"),
        "validation": _("validation: images that it never trains on"),
        "test": _("test: images kept for the end"),
        "on_test": _("test {value} at step {step}"),
        "epoch_training": _("training: the mean over each epoch’s batches"),
        "epoch_validation": _("validation: all images after each epoch"),
        "per_step": _("per step"),
        "per_epoch": _("per epoch"),
        "axis": _("Curves"),
        "no_epoch": _("No epoch is over yet."),
        "at_epoch": _("epoch {epoch}"),
        "point": _("{name}, {at}: {value}"),
        "chart_keys": _(
            "Point at a curve, or focus the chart: Left and Right go from point to point, Up and Down to another curve."
        ),
    }


def _log() -> dict[str, object]:
    """The numbers of a run as text: the log, and the table of epochs."""
    return {
        "numbers": _("Numbers and log"),
        "log_titles": {
            "test": _("Log: a line for each test"),
            "epoch": _("Log: a line for each epoch"),
            "check": _("Log: a line for each evaluation"),
        },
        "log_part_titles": {
            "test": _("Log: the first test, every {n}th and the last; all are in the CSV"),
            "epoch": _("Log: epoch 1, every {n}th and the last; all are in the table"),
        },
        "log_lines": {
            "test": _("epoch {epoch}, step {step}, training loss {loss}, test accuracy {accuracy}"),
            "epoch": _("epoch {epoch}, training loss {loss}, validation accuracy {accuracy}"),
            "check": _("epoch {epoch}, step {step}, training loss {loss}, validation accuracy {accuracy}"),
        },
        "test_cost": _("Tests while training: {tests}, {seconds} s beside {training} s of training."),
        "tests_left_out": _(
            "{n} more were left out: testing may take as long as the training itself. Raise “Steps between tests” to "
            "have them at even steps."
        ),
        "penalty": _(
            "L2 penalty after step {step}: λ · Σ p² = {factor} · {squares} = {value}. It is part of what is minimised; "
            "the curves show the loss without it."
        ),
        "log_none": _("Nothing has been measured yet."),
        "epochs_table": _("Epoch by epoch"),
        "epochs_head": [
            _("epoch"),
            _("training loss"),
            _("training accuracy"),
            _("validation loss"),
            _("validation accuracy"),
        ],
        "csv": _("Save all numbers as CSV"),
    }


def _ends() -> dict[str, object]:
    """What is said of a run at its end, and of one that is kept beside another."""
    return {
        "at_the_end": _("Test, all {n} images, after step {step}: loss {loss}, accuracy {accuracy}."),
        "after_epoch": _(
            "After epoch {epoch}: training loss {loss}, training accuracy {training}, validation accuracy {validation}."
        ),
        "on_validation": _("validation {value} at step {step}"),
        "drop": _("Drop A"),
        "drop_hint": _("Remove this run from the page; it can be brought back"),
        "run_head": _("{letter}: {title}"),
    }


def _time() -> dict[str, object]:
    return {
        "time": _("Time machine"),
        "at_step": _("step {step}"),
        "play": _("▶ Play the recording"),
        "hold": _("❚❚ Pause the recording"),
        "live": _("Live"),
        "to_end": _("To the end"),
    }


def _looking() -> dict[str, object]:
    return {
        "look": _("What is shown"),
        "look_at": _("Watch it classify"),
        "subjects": {"drawing": _("my drawing"), "set": _("an image it never trained on")},
        "picture_of": _("Number of the image, of {n}"),
        "picture_before": _("Previous image"),
        "picture_after": _("Next image"),
        "layer": _("Feature maps of"),
        "channel": _("Kernels for input channel"),
        "answers": {
            "drawing": _("Your drawing: {guess}, {share}"),
            "set": _("This image: {guess}, {share}"),
        },
        "is_true": _("the true class"),
        "kernels": _("Kernels of {layer}"),
        "kernels_of": _("Kernels of {layer}, for input channel {channel}"),
        "maps": _("Feature maps of {layer}"),
        "kernel_cell": _("kernel {index}, row {row}, column {col}: {value}"),
        "gradients": _("Gradient of these kernels: loss of the first {n} training images"),
        "gradient_cell": _("gradient of kernel {index}, row {row}, column {col}: {value}"),
        "map_cell": _("map {index}, row {row}, column {col}: {value}"),
    }


def _tests() -> dict[str, object]:
    return {
        "ten": _("The first ten validation images: {right} of {total} correct"),
        "ten_test": _("The first ten test images: {right} of {total} correct"),
        "is_really": _("is {truth}"),
        "confusion": _("Confusion matrix, validation images: {right} of {total} correct at step {step}"),
        "confusion_cell": _("{truth}, classified as {guess}: {n}"),
        "confusion_hint": _("Rows: the true class; columns: the prediction. Press a number to see the images."),
        "cell_pictures": _("{shown} of {total} images: {truth}, classified as {guess}"),
        "cell_pictures_sure": _("{shown} of {total} images: {truth}, classified as {guess}, with its probability"),
        "truth_guess": _("true \\ predicted"),
        "embedding": _("Embedding of the images, step {step}"),
        "embedding_title": _("Embedding of the images"),
        "embedding_note": _(
            "{n} validation images by the input of {layer}: close together means similar to the network."
        ),
        "embedding_note_tsne": _(
            "{n} validation images by the input of {layer}, perplexity {perplexity}: close together means similar to "
            "the network."
        ),
        "embedding_keys": _("Point at an image, or focus the plane and use Left and Right; Enter shows the image."),
        "embedding_point": _("Validation image {index}: class {truth}, predicted {guess}"),
        "plane_layer": _("Input of layer"),
        "plane_points": _("Images shown"),
        "plane_perplexity": _("Perplexity"),
        "methods": {"pca": _("PCA"), "tsne": _("t-SNE")},
        "method_hints": {
            "pca": _("The two directions of largest variance: immediate"),
            "tsne": _("Keeps neighbours together: takes a few seconds"),
        },
    }
