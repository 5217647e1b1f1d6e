"""What several processes do together, for tests: one Python that loads PyTorch once and then splits.

`python -m tests.training.forked FOLDER` runs a team of two on one job, and one run that is killed three times, and
writes what came out. A program of its own, since a process that has started threads must not split.
"""

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import safetensors.torch
import torch
import torch.distributed as dist

from cnnviz.models.checkpoints import CheckpointError
from cnnviz.training import start_session
from cnnviz.training.folder_run import FolderRun, share_job
from cnnviz.training.process_group import ALONE, ProcessGroup, ProcessGroupBroken
from cnnviz.training.state_files import last_state
from tests.training.small_jobs import PLAIN, RICH, job, sets

MEMBERS = 2
TEAM_JOBS = {
    "plain": job(PLAIN, l2=0.01, averaging=0.9),
    "lone": job(RICH, optimiser="momentum", batch=49),  # the last batch is one picture: nothing for one of the two
    "rich": job(RICH, optimiser="momentum", batch=17),  # shares of 8 and 9, and a last batch of 16
}
KILLED_JOB = job(RICH, steps=40, batch=4, averaging=0.9, schedule="one_cycle")
KILLS = 3


def split(work):
    """Do `work` in a child; its process number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def waited_for(child):
    _child, status = os.waitpid(child, 0)
    return status


def member(rank, folder):
    """One of the team: all jobs, the weights written by each."""
    meeting = f"file://{folder}/meeting"  # no port to be taken by somebody else
    dist.init_process_group("gloo", meeting, rank=rank, world_size=MEMBERS, timeout=timedelta(seconds=60))
    team = ProcessGroup(rank, MEMBERS)
    for name, each in TEAM_JOBS.items():
        course = start_session(each, sets(), team)
        state = share_job(course.run.state() if team.leads else None, team, course.run.device)
        course.run.resume(state)
        reports = course.run.advance(60)
        record = {**course.run.state(), "losses": torch.tensor([report.loss for report in reports])}
        safetensors.torch.save_file(record, folder / f"{name}-{rank}.safetensors")
    dist.destroy_process_group()


def left_alone(rank, folder):
    """A team of which one is killed after two steps; what the other one has to say of it."""
    dist.init_process_group("gloo", f"file://{folder}/other", rank=rank, world_size=MEMBERS)
    run = start_session(TEAM_JOBS["rich"], sets(), ProcessGroup(rank, MEMBERS)).run
    run.advance(60, 2)
    if rank:
        os.kill(os.getpid(), signal.SIGKILL)
    try:
        run.advance(60)
    except ProcessGroupBroken as error:
        (folder / "broken").write_text(str(error))


def alone(folder):
    """The same jobs in one process on the whole batch."""
    for name, each in TEAM_JOBS.items():
        course = start_session(each, sets(), ALONE)
        reports = course.run.advance(60)
        record = {**course.run.state(), "losses": torch.tensor([report.loss for report in reports])}
        safetensors.torch.save_file(record, folder / f"{name}-alone.safetensors")


def kill_again_and_again(folder):
    """Three times: go on, be killed some steps later; then to the end. The steps at which the signal came."""
    steps = []
    for _turn in range(KILLS):
        before = steps[-1] if steps else 0
        child = split(lambda: FolderRun(KILLED_JOB, sets(), folder).finish())
        while _step_seen_by_a_stranger(folder) < before + 8:
            time.sleep(0.001)
        os.kill(child, signal.SIGKILL)
        assert waited_for(child) == signal.SIGKILL
        steps.append(_step(folder))
    assert waited_for(split(lambda: FolderRun(KILLED_JOB, sets(), folder).finish())) == 0
    return steps


def _step_seen_by_a_stranger(folder):
    """As `_step`, while another process writes: whoever reads then may find either file half written."""
    try:
        return _step(folder)
    except CheckpointError:
        return 0


def _step(folder):
    state = last_state(folder) if folder.exists() else None
    return 0 if state is None else int(state["step"])


def main(folder):
    torch.set_num_threads(1)
    torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])  # loads what every child would load
    members = [split(lambda rank=rank: member(rank, folder)) for rank in range(MEMBERS)]
    assert [waited_for(child) for child in [*members, split(lambda: alone(folder))]] == [0] * 3
    assert waited_for(split(lambda: FolderRun(KILLED_JOB, sets(), folder / "whole").finish())) == 0
    members = [split(lambda rank=rank: left_alone(rank, folder)) for rank in range(MEMBERS)]
    assert [waited_for(child) for child in members] == [0, signal.SIGKILL]
    print("killed at", kill_again_and_again(folder / "killed"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
