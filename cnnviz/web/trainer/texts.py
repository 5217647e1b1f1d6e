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
            _("Pause, take single steps, turn the learning rate up until it breaks."),
            _("Drag the slider below the curves back to any moment: everything on the page follows."),
            _("Keep a finished run, change one setting, and watch both side by side."),
        ],
        "recorded": _("A recorded run: {title}. Nothing is trained just now."),
        "then": _(
            "Press Start to train your own; then pause, take single steps, turn the learning rate up until it breaks."
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
        "speed": _("{n} pictures a second"),
        "left": _("{time} left"),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
        "next": _(
            "Now drag the slider back in time; or keep this run as A, change one setting and start again, to compare."
        ),
        "next_kept": _("Kept as A. Change one setting and press Start: the next run is drawn beside it, as B."),
        "next_from_file": _(
            "From a file: its weights are here, not how they came about. Train on from them (below), or keep it as A."
        ),
        "speed_label": _("Speed"),
        "speeds": {
            "full": _("as fast as it can"),
            "20": _("20 steps a second"),
            "2": _("2 steps a second"),
        },
        "rate": _("Learning rate {rate}"),
        "rate_label": _("Learning rate, while it trains"),
        "buttons": {
            "pause": _("Pause"),
            "resume": _("Go on"),
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
            "reset": _("Put this run aside and begin afresh; it can be brought back"),
            "keep": _("The next run is drawn beside this one"),
            "save": _("Of the moment that is shown, with everything it takes to use them again"),
            "inside": _("This very network, at the moment that is shown: every map and every number of it"),
        },
    }


def _charts() -> dict[str, object]:
    return {
        "loss": _("Loss"),
        "loss_note": _("How wrong it is: lower is better"),
        "loss_label": _("Loss against steps, in training and on the validation pictures"),
        "accuracy": _("Accuracy"),
        "accuracy_note": _("How many it reads rightly: higher is better"),
        "accuracy_label": _("Share of right answers against steps, in training and on the validation pictures"),
        "norms": _("Gradient by layer"),
        "norms_note": _("How hard each layer is pushed to change"),
        "norms_label": _("Size of the gradient of each layer against steps"),
        "log": _("log"),
        "log_hint": _("Powers of ten, to see small losses apart"),
        "training": _("training: the pictures of each step"),
        "validation": _("validation: pictures that it never trains on"),
        "on_validation": _("validation {value} at step {step}"),
        "drop": _("Drop A"),
        "drop_hint": _("Take this run off the page; it can be brought back"),
        "run_head": _("{letter}: {title}"),
    }


def _time() -> dict[str, object]:
    return {
        "time": _("Time machine"),
        "at_step": _("step {step}"),
        "play": _("▶ Play the recording"),
        "hold": _("❚❚ Hold"),
        "live": _("Live"),
        "to_end": _("To the end"),
    }


def _looking() -> dict[str, object]:
    return {
        "look": _("What is looked at"),
        "look_at": _("Watch it read"),
        "subjects": {"drawing": _("my drawing"), "set": _("a picture that it never trained on")},
        "picture_of": _("Number of the picture, of {n}"),
        "picture_before": _("The picture before"),
        "picture_after": _("The next picture"),
        "layer": _("Maps of"),
        "channel": _("Kernels for input channel"),
        "answers": {
            "drawing": _("Your drawing: {guess}, {share}"),
            "set": _("This picture: {guess}, {share}"),
        },
        "is_true": _("what it really is"),
        "kernels": _("Kernels of {layer}"),
        "kernels_of": _("Kernels of {layer}, for input channel {channel}"),
        "maps": _("What {layer} makes of it"),
        "kernel_cell": _("kernel {index}, row {row}, column {col}: {value}"),
        "map_cell": _("map {index}, row {row}, column {col}: {value}"),
    }


def _tests() -> dict[str, object]:
    return {
        "ten": _("The first ten pictures it never trained on: {right} of {total} right"),
        "is_really": _("is {truth}"),
        "confusion": _("Mistakes on the validation pictures: {right} of {total} right at step {step}"),
        "confusion_cell": _("{truth}, read as {guess}: {n}"),
        "confusion_hint": _("Rows: what it is; columns: what was read. Press a number to see the pictures."),
        "cell_pictures": _("{shown} of {total} pictures: {truth}, read as {guess}"),
        "cell_pictures_sure": _("{shown} of {total} pictures: {truth}, read as {guess}, and how sure it was"),
        "truth_guess": _("is \\ read"),
        "embedding": _("Where it puts the pictures, step {step}"),
        "embedding_title": _("Where it puts the pictures"),
        "embedding_note": _("{n} validation pictures by what arrives at {layer}: near means alike for the network."),
        "methods": {"pca": _("PCA"), "tsne": _("t-SNE")},
        "method_hints": {
            "pca": _("The two directions in which they differ most: at once"),
            "tsne": _("Neighbours stay neighbours: takes some seconds"),
        },
    }
