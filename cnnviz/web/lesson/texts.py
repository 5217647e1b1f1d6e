"""The words of the first lesson, in the reader's language; `{names}` are filled in the browser."""

from __future__ import annotations

from cnnviz.i18n import _, current_language
from cnnviz.web.glossary import terms
from cnnviz.web.lesson.chapters import chapters


def lesson_texts() -> dict[str, object]:
    """Every text of the component."""
    told = chapters()
    words = {word for chapter in told for word in chapter["words"]}
    return {
        "language": current_language(),
        "chapters": told,
        "terms": {name: term.meaning for term in terms() for name in (term.word, *term.names) if name in words},
        "layers": _layers(),
        "features": ["\\", "×", "/"],
        "own_features": ["A", "B", "C"],
        "editor": {"weight": _("row {row}, column {col}")},
        **_frame(),
        **_compare(),
        **_walk(),
        **_predict(),
        **_votes(),
        **_covering(),
    }


def _layers() -> dict[str, str]:
    return {
        "input": _("picture"),
        "conv1": _("match scores"),
        "relu1": _("ReLU"),
        "pool": _("max pooling"),
        "mean": _("average pooling"),
        "conv2": _("matches of matches"),
        "relu2": _("ReLU again"),
        "pool1": _("pooling"),
        "conv3": _("matches once more"),
        "relu3": _("ReLU once more"),
        "pool2": _("pooling again"),
    }


def _frame() -> dict[str, str]:
    return {
        "chapter_row": _("Chapters of the lesson"),
        "chapter_keys": _("Keys 1 to 8 open a chapter"),
        "go_on": _("Go on: draw an X or an O, and watch a trained network do all this"),
        "back": _("Back"),
        "next": _("Next"),
        "chapter_of": _("{at} of {count}"),
        "words_title": _("Words"),
        "glossary": _("All words: glossary"),
        "picture": _("Your picture"),
        "picture_hint": _("Click or drag to draw; arrow keys and Space work too. Everything else follows."),
        "picture_hint_touch": _("Tap or drag to draw. Everything else follows."),
        "ready": _("Ready-made"),
        "clear": _("Clear"),
        "start_over": _("Start over"),
        "ink": _("row {row}, column {col}: ink, 1"),
        "paper": _("row {row}, column {col}: paper, −1"),
        "cell": _("row {row}, column {col}: {value}"),
        "covered_cell": _("row {row}, column {col}: covered"),
        "nobody": _("The server gave no answer: change something again, or reload the page."),
    }


def _compare() -> dict[str, str]:
    return {
        "with_x": _("laid over the perfect X"),
        "with_o": _("laid over the perfect O"),
        "agree": _("{same} of 81 cells agree"),
        "mean_product": _("score {score}"),
        "crossed": _(
            "Outlined: the cells that differ. The score is the mean over all cells, 1 for each that agrees and −1 for "
            "each that differs."
        ),
        "pixels_say": _("Cell by cell, your picture is nearer to: {answer}"),
        "table_picture": _("picture"),
        "table_x": _("agrees with X: cells · score"),
        "table_o": _("agrees with O: cells · score"),
        "table_pixels": _("cell by cell it is"),
        "table_network": _("the network predicts"),
        "yours": _("yours"),
        "right": _("right"),
        "wrong": _("wrong"),
        "neither": _("neither"),
        "fits": _(
            "Feature {feature} fits perfectly (score 1.00) at {count} places; they are outlined on your picture."
        ),
        "fits_one": _("Feature {feature} fits perfectly (score 1.00) at one place; it is outlined on your picture."),
        "fits_nowhere": _("Feature {feature} fits perfectly nowhere on your picture."),
        "restore": _("Back to the features of the lesson"),
        "feature": _("feature {feature}"),
        "changed": _("{feature}, your own"),
        "blank_compared": _("Nothing is drawn, so there is nothing to compare."),
        "nothing": _("nothing to see"),
    }


def _walk() -> dict[str, object]:
    return {
        "map_of": _("{layer}, {feature}"),
        "under": _("under the window"),
        "times": _("feature"),
        "pattern": _("looks for"),
        "products": _("products"),
        "agreeing": _(
            "{plus} agree, {minus} differ: {plus} − {minus} = {sum}; the mean of the nine is {sum} ÷ 9 {sign} {value}"
        ),
        "mean_of": _("The {count} products add up to {sum}; their mean is {sum} ÷ {count} {sign} {value}"),
        "relu_keeps": _("{value} is not negative: it stays {result}"),
        "relu_cuts": _("{value} is negative: it becomes {result}"),
        "largest": _("the largest of {values} is {value}"),
        "mean_of_window": _("{values} add up to {sum}; their mean is {sum} ÷ {count} {sign} {value}"),
        "which_pooling": _("Keep of each window:"),
        "poolings": {"pool": _("the largest"), "mean": _("the mean")},
        "ragged": _("The window hangs over the edge: only {count} of its 4 cells are there."),
        "outside": _("Empty cells lie outside the map and count as 0."),
        "hidden_sum": _("Your guess first: what will stand here?"),
        "first": _("First cell"),
        "step_back": _("One step back"),
        "play": _("Play"),
        "pause": _("Pause"),
        "step_on": _("One step on"),
        "last": _("To the end"),
        "step_of": _("cell {at} of {count}"),
        "place": _("row {row}, column {col}"),
        "slider": _("Where the window is"),
        "cover": _("Cover the map"),
        "uncover": _("Show the whole map"),
        "which_layer": _("Layers"),
        "size_of": _("{count} maps of {rows}×{cols}"),
    }


def _predict() -> dict[str, str]:
    return {
        "ask_size": _("Predict first: a 3×3 window slides over 9×9 cells, one cell at a time. How large is the map?"),
        "ask_pool": _(
            "Predict first: a 2×2 window jumps two cells at a time over 7×7 cells, and what hangs "
            "over the edge counts too. How large is the map?"
        ),
        "show_me": _("Just show me"),
        "answer_told": _("It is {answer}."),
        "answer_right": _("Right: {answer}."),
        "answer_wrong": _("Not quite, you said {guess}: it is {answer}."),
        "why_match": _(
            "The window's left edge can stand in columns 0 to 6: that is 9 − 3 + 1 = 7 places, and as many down."
        ),
        "why_pool": _(
            "Windows start at 0, 2, 4 and 6: that is 4 places. "
            "The last one hangs over the edge and keeps what it covers."
        ),
        "ask_relu": _(
            "Predict first: ReLU lets through what says “here it is”, and nothing else. What becomes of {value}?"
        ),
        "why_relu": _("Below 0 everything becomes 0; from 0 on every number stays as it is."),
        "ask_stack": _(
            "Predict first: pooling halves the maps of 7×7, and then once more. How large are the last ones?"
        ),
        "why_stack": _(
            "7 is halved to 4, as what hangs over the edge counts too; and 4 to 2. The other layers keep the size."
        ),
        **_predict_letters(),
        "guess_first": _("Let me guess first"),
        "your_guess": _("Your guess"),
        "check": _("Check"),
        "guess_right": _("Right: {value}."),
        "guess_wrong": _("Not quite: it is {value}, you said {guess}."),
        "guess_unread": _("Type a number, such as 0.33 or 3/9."),
        "score_so_far": _("{right} of {count} right"),
    }


def _predict_letters() -> dict[str, str]:
    return {
        "ask_compare": _("Predict first: “{picture}” is laid over both letters. Which one agrees in more cells?"),
        "why_compare": _(
            "{x} of its 81 cells agree with the X, {o} with the O. The eye sees an X at once, wherever it stands; "
            "the count compares cell with cell, and a letter that has moved has other cells there."
        ),
        "lay_over": _("See it: take “{picture}” as your picture"),
        "ask_fits": _(
            "Predict first: at how many places of your picture does feature {feature} fit in all nine cells?"
        ),
        "why_fits": _("Each place is outlined on the picture; places may overlap."),
        "ask_vote": _(
            "Predict first: the value “{name}” is {value}, and its vote for {letter} is {weight}. How much does it "
            "add to the score for {letter}?"
        ),
        "why_vote": _("A vote is a weight: the value is multiplied by it."),
        "ask_places": _(
            "Predict first: a kernel of 3×2×2 is laid over three maps of 2×2. At how many places can it stand?"
        ),
        "why_places": _("It is as large as what it reads, so there is no room to slide: one place, one number."),
    }


def _votes() -> dict[str, object]:
    return {
        "column": _("the twelve values"),
        "places": [_("top left"), _("top right"), _("bottom left"), _("bottom right")],
        "value_of": _("{feature} {place}"),
        "vote_for": _("vote for {letter}"),
        "vote_label": _("{name}, vote for {letter}"),
        "score_for": _("score for {letter}"),
        "vote_line": _("{name}: {value} × {weight} = {product} for {letter}"),
        "sum_line": _("{letter}: {terms} {sign} {total}"),
        "answer": _("The answer: {answer}"),
        "blank_answer": _("Nothing is drawn, so there is nothing to see. Of empty paper the votes say: {answer}"),
        "answer_neither": _("Both have the same score: no answer"),
        "shares": _("Softmax, for comparison"),
        "sharpness": _("Scores times {sharpness} before the softmax"),
        "shares_note": _(
            "The two scores are independent: each can be any number. Softmax turns them into probabilities that "
            "add up to 1; which letter wins stays the same."
        ),
        "share": _("{letter} {share}"),
        "restore_votes": _("Back to the votes of the lesson"),
        "all_pictures": _("What the same network predicts for the ready-made pictures"),
    }  # fmt: skip


def _covering() -> dict[str, str]:
    return {
        "for_letter": _("for {letter}"),
        "maps": _("the three maps"),
        "kernel": _("votes for {letter}, as a kernel of 3×2×2"),
        "covered_sum": _("The twelve products add up to {value}"),
        "both": _("As a column: {dense}. As a convolution: {covered}."),
        "large": _("The same at another size, computed by PyTorch both ways"),
        "large_input": _("input: 5 maps of 3×3"),
        "large_way": _("layer"),
        "large_goes_in": _("input"),
        "large_weight": _("weight"),
        "large_output": _("output"),
        "large_dense": _("fully connected, 4096 units"),
        "large_convolution": _("convolution, 4096 kernels of 3×3×5"),
        "large_difference": _("Largest difference of the 4096 numbers: {difference}"),
    }
