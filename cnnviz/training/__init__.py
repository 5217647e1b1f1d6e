"""The training core: `TrainConfig` → `TrainingRun.advance(budget_s)` → reports, evaluations, snapshots.

A `Job` is a whole training as a value (network, data, settings); `start_session(job)` makes it a run. The worker
process of the app and the command `python -m cnnviz.training` drive the same core. Refuses to know: processes, pages.
"""

from cnnviz.training.config import LossKind, OptimiserKind, ScalingKind, ScheduleKind, TrainConfig
from cnnviz.training.devices import find_device
from cnnviz.training.evaluator import Evaluator
from cnnviz.training.image_pool import BatchSource, DeviceImages, EpochBatches, Scaling
from cnnviz.training.job import Job, TrainingSession, start_session
from cnnviz.training.learning_rates import rate_at
from cnnviz.training.losses import Objective, make_objective, soft_cross_entropy
from cnnviz.training.process_group import ALONE, ProcessGroup
from cnnviz.training.reports import Evaluation, SetScore, StepReport, TrainingMoment, WeightSnapshot
from cnnviz.training.run import TrainingRun
from cnnviz.training.saved_networks import SavedNetwork, pack_network, unpack_network

__all__ = [
    "ALONE",
    "BatchSource",
    "DeviceImages",
    "EpochBatches",
    "Evaluation",
    "Evaluator",
    "Job",
    "LossKind",
    "Objective",
    "OptimiserKind",
    "ProcessGroup",
    "SavedNetwork",
    "Scaling",
    "ScalingKind",
    "ScheduleKind",
    "SetScore",
    "StepReport",
    "TrainConfig",
    "TrainingMoment",
    "TrainingRun",
    "TrainingSession",
    "WeightSnapshot",
    "find_device",
    "make_objective",
    "pack_network",
    "rate_at",
    "soft_cross_entropy",
    "start_session",
    "unpack_network",
]
