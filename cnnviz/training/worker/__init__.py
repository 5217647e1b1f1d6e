"""Training in a process of its own: `Worker` starts it and speaks to it, `History` keeps what it says.

Refuses to know: pages.
"""

from cnnviz.training.worker.history import Curve, History
from cnnviz.training.worker.messages import Evaluated, Message, MomentMessage, Progress, RunState, RunStatus, Started
from cnnviz.training.worker.worker import Worker, WorkerError

__all__ = [
    "Curve",
    "Evaluated",
    "History",
    "Message",
    "MomentMessage",
    "Progress",
    "RunState",
    "RunStatus",
    "Started",
    "Worker",
    "WorkerError",
]
