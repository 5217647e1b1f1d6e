"""What a worker says stays bounded and true: frames, the outbox, the history of a run."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cnnviz.training import Evaluation, SetScore, StepReport
from cnnviz.training.worker import Evaluated, History, MomentMessage, Progress, RunState, RunStatus, Started
from cnnviz.training.worker.frames import FrameError, read_frame, write_frame
from cnnviz.training.worker.history import MOST_MOMENTS, most_crowded
from cnnviz.training.worker.messages import pack_message, unpack_message
from cnnviz.training.worker.outbox import MOST_EVALUATIONS, MOST_POINTS, MessageQueue
from cnnviz.training.worker.outbox import MOST_MOMENTS as MOST_WAITING
from cnnviz.training.worker.thinning import find_extremes

KINDS = ("uint8", "int64", "int32", "float32", "float64")
arrays = st.sampled_from(KINDS).flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0))
)


def evaluation(step=3):
    scores = SetScore(0.5, 0.75, 4), SetScore(float("nan"), 0.25, 4)
    found = np.arange(4), np.array([0, 1, 1, 1])
    return Evaluation(step, 0.5, *scores, np.array([[1, 1], [0, 2]]), *found, ((0, 0), (1, 1)), True)


def progress(*steps):
    columns = [np.array(steps, dtype=float) for _ in range(3)]
    return Progress(np.array(steps, dtype=np.int64), *columns, {"fc": 2.0}, 100.0, 3.0)


def moment(step, size=10):
    return MomentMessage(step, {"fc.weight": np.full(size, step, np.float32), "norm.count": np.array(step)})


MESSAGES = [
    Started(("a", "b"), (0.5,), (0.2,), 10, 5, 3, 30, 99, ("conv1", "fc")),
    progress(1, 2), Evaluated(evaluation()), moment(2), RunStatus(RunState.RUNNING, 2, 30, 0.1, "cpu", "so far"),
]  # fmt: skip


def plain(thing):
    """Anything as nested lists, for comparison."""
    if isinstance(thing, np.ndarray):
        return [str(thing.dtype), thing.shape, thing.tobytes()]  # NaN too must come through
    if isinstance(thing, dict):
        return {name: plain(value) for name, value in thing.items()}
    if isinstance(thing, tuple | list):
        return [plain(each) for each in thing]
    return plain(vars(thing)) if hasattr(thing, "__dict__") and not isinstance(thing, str) else repr(thing)


def through_a_pipe(header, own):
    stream = io.BytesIO()
    write_frame(stream, header, own)
    stream.seek(0)
    return read_frame(stream)


@settings(max_examples=60)
@given(st.dictionaries(st.text(max_size=5), arrays, max_size=4))
def test_arrays_come_through_a_frame_as_they_were(own):
    header, found = through_a_pipe({"word": "x"}, own)
    assert header == {"word": "x"}
    assert plain(found) == plain(own)
    assert not any(array.flags.writeable for array in found.values())


def test_every_message_comes_through_a_frame_as_it_was():
    assert plain(unpack_message(*through_a_pipe(*pack_message(MESSAGES)))) == plain(MESSAGES)
    assert [type(each) for each in unpack_message(*through_a_pipe(*pack_message(MESSAGES)))] == [
        type(each) for each in MESSAGES
    ]


def test_the_end_of_a_pipe_is_none_and_half_a_frame_an_error():
    stream = io.BytesIO()
    write_frame(stream, {"a": 1}, {"x": np.arange(9)})
    assert read_frame(io.BytesIO()) is None
    for size in (2, 10, len(stream.getvalue()) - 1):
        with pytest.raises((FrameError, ValueError)):
            read_frame(io.BytesIO(stream.getvalue()[:size]))


def test_arrays_of_objects_are_refused_on_both_sides():
    with pytest.raises(FrameError, match="kind of array"):
        write_frame(io.BytesIO(), {}, {"x": np.array([object()])})
    with pytest.raises(FrameError, match="header must be at most"):
        read_frame(io.BytesIO(b"\xff\xff\xff\xff"))


@pytest.mark.parametrize(
    "text",
    [
        b"{", b"[]", b"\xff\xfe", b'{"header": {}}', b'{"header": {}, "arrays": [["x", "<f4"]]}',
        b'{"header": {}, "arrays": [["x", "<f4", [1000000, 1000000, 1000000]]]}',
        b'{"header": {}, "arrays": [["x", "<f4", [-1]]]}',
    ],
)  # fmt: skip
def test_whatever_is_no_frame_is_said_to_be_none_and_takes_no_memory(text):
    with pytest.raises(FrameError, match="the pipe is broken"):
        read_frame(io.BytesIO(len(text).to_bytes(4, "little") + text))


def reports(first, count):
    return [StepReport(step, float(step), 0.5, 0.1) for step in range(first, first + count)]


def test_what_was_said_is_taken_once_and_the_state_comes_last():
    outbox = MessageQueue()
    outbox.begin(7)
    outbox.put_started(MESSAGES[0])
    outbox.put_steps(reports(1, 2), {"fc": 1.0}, 10.0, 1.0)
    outbox.put_evaluated(MESSAGES[2])
    outbox.put_moment(moment(2))
    outbox.put_status(MESSAGES[4])
    number, found = outbox.taken()
    assert number == 7
    assert [type(each).__name__ for each in found] == ["Started", "Progress", "Evaluated", "MomentMessage", "RunStatus"]
    assert [type(each).__name__ for each in outbox.taken()[1]] == ["RunStatus"]


def test_a_page_that_does_not_ask_finds_the_whole_story_in_fewer_words():
    outbox = MessageQueue()
    for turn in range(300):
        outbox.put_steps(reports(turn * 50 + 1, 50), {}, 1.0, 1.0)
        outbox.put_evaluated(Evaluated(evaluation(turn)))
        outbox.put_moment(moment(turn))
    _number, found = outbox.taken()
    steps = next(each for each in found if isinstance(each, Progress)).steps
    moments = [each.step for each in found if isinstance(each, MomentMessage)]
    judged = [each.evaluation.step for each in found if isinstance(each, Evaluated)]
    assert len(steps) <= MOST_POINTS
    assert steps[-1] == 300 * 50
    assert (np.diff(steps) > 0).all()
    assert (moments[0], moments[-1], len(moments) <= MOST_WAITING) == (0, 299, True)
    assert (judged[0], judged[-1], len(judged) <= MOST_EVALUATIONS) == (0, 299, True)


@pytest.mark.parametrize("at", [0, 777, 19_998])
def test_a_spike_of_the_loss_keeps_its_height_however_often_its_record_is_thinned(at: int):
    losses = np.full(20_000, 0.3)
    losses[at] = 1_100.0
    history, outbox = History(), MessageQueue()
    for start in range(0, 20_000, 50):
        outbox.put_steps([StepReport(k + 1, losses[k], 0.9, 0.01) for k in range(start, start + 50)], {}, 1.0, 1.0)
        if start % 3_000 == 0:  # whoever asks rarely hears a thinned story already
            history.add(outbox.taken()[1])
    history.add(outbox.taken()[1])
    curve = history.curve()
    assert history.generation > 0
    assert (curve.losses.max(), curve.steps[curve.losses.argmax()]) == (1_100.0, at + 1)
    assert (curve.steps[0], curve.steps[-1]) == (1, 20_000)


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 1)), max_size=300), st.integers(2, 120))
def test_a_thinned_curve_keeps_ends_and_extremes_of_each_of_its_columns(rows: list, most: int):
    table = np.array(rows).reshape(-1, 2)
    kept = find_extremes(table, most)
    assert len(kept) <= max(most, 2)
    assert (np.diff(kept) > 0).all()
    assert len(rows) == 0 or kept[-1] == len(rows) - 1
    if most >= 6 and rows:
        assert (table[kept].min(axis=0) == table.min(axis=0)).all()
        assert (table[kept].max(axis=0) == table.max(axis=0)).all()


def test_where_a_gradient_is_no_number_the_others_are_kept():
    assert find_extremes([[1], [np.nan], [9], [2], [np.nan], [0], [1]], 4).tolist() == [0, 2, 5, 6]


def test_a_history_remembers_a_run():
    history = History()
    history.add(MESSAGES)
    history.add([progress(3, 4), moment(4), Evaluated(evaluation(4)), RunStatus(RunState.DONE, 4, 30)])
    assert history.curve().steps.tolist() == [1, 2, 3, 4]
    assert history.curve(after=2).losses.tolist() == [3, 4]
    assert history.moments == (2, 4)
    assert history.weights_at(4)["fc.weight"][0] == 4
    assert history.nearest(3) == 2
    assert history.evaluation_at(3).step == 3
    assert history.evaluation_at(2) is None
    assert (history.started, history.status.state) == (MESSAGES[0], RunState.DONE)
    assert [step for step, _norms in history.norms(after=2)] == [4]


def test_a_process_that_has_ended_does_not_wipe_out_where_the_run_stood():
    history = History()
    history.add([RunStatus(RunState.RUNNING, 12, 30, 0.4, "cpu"), RunStatus(RunState.FAILED, sentence="gone")])
    assert history.status == RunStatus(RunState.FAILED, 12, 30, 0.4, "cpu", "gone")


def test_a_history_stays_within_its_bounds_and_its_moments_lie_evenly():
    history = History(most_bytes=50 * moment(0).size)
    for step in range(1000):
        history.add([moment(step), progress(*range(step * 10 + 1, step * 10 + 11))])
    gaps = np.diff(history.moments)
    assert history.size <= 50 * moment(0).size
    assert (history.moments[0], history.moments[-1]) == (0, 999)
    assert gaps.max() <= 4 * np.median(gaps)
    assert len(history.curve().steps) <= 4000
    assert history.generation > 0


def test_a_history_of_small_moments_is_bounded_by_their_number():
    history = History()
    history.add(moment(step) for step in range(MOST_MOMENTS + 50))
    assert len(history.moments) == MOST_MOMENTS


def test_nothing_remembered_is_one_sentence():
    with pytest.raises(KeyError, match="wait until the run has begun"):
        History().weights_at(0)


def test_the_most_crowded_moment_is_between_its_nearest_neighbours():
    assert most_crowded([0, 4, 5, 6, 20]) == 2
    assert most_crowded([0, 1]) == 0
