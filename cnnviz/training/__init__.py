"""The training core: `TrainConfig` → `TrainingRun.advance(budget_s)` → reports, evaluations, snapshots.

A `Job` is a whole training as a value (network, data, settings); `begin(job)` makes it a run. The worker process of
the app and the command `python -m cnnviz.training` drive the same core. Refuses to know: processes, pages.
"""

from cnnviz.training.config import LossKind, OptimiserKind, ScalingKind, ScheduleKind, TrainConfig
from cnnviz.training.devices import find_device
from cnnviz.training.evaluator import Exam
from cnnviz.training.image_pool import Epochs, Pictures, Scaling, Source
from cnnviz.training.job import Course, Job, begin
from cnnviz.training.learning_rates import rate_at
from cnnviz.training.losses import Objective, objective_for, soft_cross_entropy
from cnnviz.training.process_group import ALONE, Team
from cnnviz.training.reports import Evaluation, Moment, Score, Snapshot, StepReport
from cnnviz.training.run import TrainingRun
from cnnviz.training.saved_networks import SavedNetwork, pack, unpack

__all__ = [
    "ALONE",
    "Course",
    "Epochs",
    "Evaluation",
    "Exam",
    "Job",
    "LossKind",
    "Moment",
    "Objective",
    "OptimiserKind",
    "Pictures",
    "SavedNetwork",
    "Scaling",
    "ScalingKind",
    "ScheduleKind",
    "Score",
    "Snapshot",
    "Source",
    "StepReport",
    "Team",
    "TrainConfig",
    "TrainingRun",
    "begin",
    "find_device",
    "objective_for",
    "pack",
    "rate_at",
    "soft_cross_entropy",
    "unpack",
]
