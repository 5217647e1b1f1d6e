"""The code of a training: executed, it takes the very steps that the run takes, and ends with its weights."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from cnnviz.data.augment_images import DRAWINGS
from cnnviz.data.image_sets import DataChoice, load_images
from cnnviz.models.builder import adapt_to_data, preset
from cnnviz.training import LossKind, OptimiserKind, ScalingKind, ScheduleKind, TrainConfig
from cnnviz.training.job import Job, start_session
from cnnviz.training.worker import History
from cnnviz.ui.train.code import as_it_went, training_code
from cnnviz.ui.train.files import file_name, saved_network
from cnnviz.ui.train.run_entry import TrainingRunEntry
from cnnviz.ui.train.run_registry import RunRegistry
from tests.ui.fake_worker import FakeWorker

DATA = DataChoice("xo_generated", limit=64)
USUAL: dict[str, Any] = {"steps": 5, "batch": 16, "rate": 0.01}
JOBS = {
    "adam": TrainConfig(**USUAL),
    "sgd, decay, half": TrainConfig(**USUAL, optimiser=OptimiserKind.SGD, decay=0.01, scaling=ScalingKind.HALF),
    "momentum, cosine": TrainConfig(**USUAL, optimiser=OptimiserKind.MOMENTUM, schedule=ScheduleKind.COSINE),
    "adamw, stairs": TrainConfig(**USUAL, optimiser=OptimiserKind.ADAMW, decay=0.1, schedule=ScheduleKind.STEP),
    "one cycle, l2": TrainConfig(**USUAL, schedule=ScheduleKind.ONE_CYCLE, l2=0.01, scaling=ScalingKind.DATA),
    "changed by hand, ramps": TrainConfig(**USUAL, changes=((2, 0.1), (4, 0.001)), warm=2, cool=2),
    "averaged": TrainConfig(**USUAL, averaging=0.9),
    "smoothed": TrainConfig(**USUAL, smoothing=0.1),
    "log-softmax": TrainConfig(**USUAL, loss=LossKind.LOG_SOFTMAX_NLL),
    "softmax mistake": TrainConfig(**USUAL, loss=LossKind.SOFTMAX_NLL),
    "squared error": TrainConfig(**USUAL, loss=LossKind.SQUARED_ERROR),
}


def job(config: TrainConfig, **rest: Any) -> Job:
    return Job(preset("xo_small"), DATA, config, **rest)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code saves its weights where it runs."""
    monkeypatch.chdir(tmp_path)


def test_the_code_saves_loads_and_says_on_which_device(capsys: pytest.CaptureFixture[str]):
    made = job(TrainConfig(**USUAL))
    weights = executed(training_code(made, load_images(DATA)))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith(f"loaded on {device}: the outputs differ by at most ")
    assert float(said.split()[-1]) < 1e-4  # 0 on the same device
    assert differ_by(torch.load("network.pt", weights_only=True), weights) == 0


def executed(code: str) -> dict[str, torch.Tensor]:
    space: dict[str, Any] = {}
    exec(code, space)
    return space["network"].state_dict()


def trained(made: Job) -> dict[str, torch.Tensor]:
    run = start_session(made).run
    run.advance(60)
    assert run.is_done
    return run.snapshot().weights


def differ_by(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    assert one.keys() == other.keys()
    return max(float((one[name] - other[name]).abs().max()) for name in one)


@pytest.mark.parametrize("config", JOBS.values(), ids=JOBS)
def test_the_code_ends_with_the_weights_of_the_run(config: TrainConfig):
    made = job(config)
    assert differ_by(executed(training_code(made, load_images(DATA))), trained(made)) == 0


@pytest.fixture
def threads() -> Iterator[Callable[[int], None]]:
    """Sets torch's threads, and afterwards those of before."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("network", ["digits_small", "birds_dropout", "birds_batch_norm", "birds_residual", "mnist_b1"])
def test_a_whole_short_run_ends_with_the_very_same_weights(network: str, count: int, threads):
    """Two epochs with a smaller last batch; dropout draws the same channels, sums are added in the same order."""
    threads(count)
    data = DataChoice("digits", limit=50)
    sets = load_images(data)
    made = Job(adapt_to_data(preset(network), sets.shape, sets.classes), data, TrainConfig(epochs=2, batch=20))
    code = training_code(made, sets, threads=count)
    assert f"torch.set_num_threads({count})" in code
    assert differ_by(executed(code), trained(made)) == 0


def test_changed_pictures_are_changed_alike():
    made, plain = job(TrainConfig(**USUAL), augmentation=DRAWINGS), job(TrainConfig(**USUAL))
    weights = trained(made)
    assert differ_by(executed(training_code(made, load_images(DATA))), weights) == 0
    assert differ_by(executed(training_code(plain, load_images(DATA))), weights) > 5e-3


def test_code_with_another_rate_ends_elsewhere():
    made = job(TrainConfig(**USUAL))
    code = training_code(made, load_images(DATA))
    assert code.count("return 0.01") == 1
    assert differ_by(executed(code.replace("return 0.01", "return 0.011")), trained(made)) > 1e-4


def test_code_that_forgot_the_average_ends_elsewhere():
    made = job(JOBS["averaged"])
    code = training_code(made, load_images(DATA))
    assert code.count("network.load_state_dict(average)") == 1
    assert differ_by(executed(code.replace("network.load_state_dict(average)", "")), trained(made)) > 1e-3


@pytest.mark.parametrize("schedule", ScheduleKind)
def test_rates_set_by_hand_are_read_off_the_recording(schedule: ScheduleKind):
    worker, history = FakeWorker(), History()
    worker.stride = 1
    worker.start(job(TrainConfig(**USUAL, schedule=schedule)))
    for rate in (None, None, 0.05, 0.05, 0.002):
        if rate:
            worker.set_rate(rate)
        history.add(worker.poll())
    made = as_it_went(worker.course.job, history)
    assert made.config.changes == ((2, 0.05), (4, 0.002))
    weights = worker.course.run.snapshot().weights
    assert differ_by(executed(training_code(made, load_images(DATA))), weights) == 0
    assert differ_by(executed(training_code(worker.course.job, load_images(DATA))), weights) > 1e-3


def test_a_run_left_alone_has_no_changes():
    worker, history = FakeWorker(), History()
    worker.start(job(TrainConfig(**USUAL, schedule=ScheduleKind.ONE_CYCLE, warm=2)))
    for _ in range(5):
        history.add(worker.poll())
    assert as_it_went(worker.course.job, history) == worker.course.job


@pytest.fixture(scope="module")
def trained_on(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRunEntry, Path]:
    """A run that went on from the weights of another one, and the folder with the file of its first weights."""
    runs = RunRegistry(FakeWorker)
    first = job(TrainConfig(**USUAL))
    token = runs.start(first, "on", weights={name: value.numpy() for name, value in trained(first).items()})
    run = runs.find(token)
    run.refresh()
    run.do("rate", 0.02)
    while run.is_working:
        run.refresh()
    folder = tmp_path_factory.mktemp("first")
    (folder / file_name(run, 0)).write_bytes(saved_network(run, 0))
    return run, folder


def test_the_code_of_a_run_that_went_on_reads_its_first_weights_and_ends_with_its_last(
    trained_on: tuple[TrainingRunEntry, Path], monkeypatch: pytest.MonkeyPatch
):
    run, folder = trained_on
    monkeypatch.chdir(folder)
    made, sets = as_it_went(run.job, run.history), load_images(DATA)
    ends = {name: torch.tensor(value) for name, value in run.history.weights_at(5).items()}
    code = training_code(made, sets, file_name(run, 0))
    assert "load_file('xo_generated-0.safetensors')" in code
    assert differ_by(executed(code), ends) < 1e-5
    assert differ_by(executed(training_code(made, sets)), ends) > 1e-3  # from random weights it ends elsewhere


def test_the_code_of_a_run_that_went_on_needs_its_file(
    trained_on: tuple[TrainingRunEntry, Path], tmp_path, monkeypatch
):
    run, _folder = trained_on
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError):
        executed(training_code(run.job, load_images(DATA), file_name(run, 0)))
