"""Distillation: the targets are what was said, by hand; a teacher's file is read back, anything else refused."""

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.data.batch_sampler import digit_batches
from cnnviz.data.datasets import LabelledImages
from cnnviz.data.digit_pools import DigitPools
from cnnviz.models.checkpoints import CheckpointError
from cnnviz.models.zoo import find_recipe
from cnnviz.release.digits import DigitPlan, start_model
from cnnviz.release.teacher import DistilledBatches, build_teacher, load_teacher, save_teacher
from cnnviz.training import TrainConfig


class Constant(nn.Module):
    def __init__(self, logits):
        super().__init__()
        self.logits = torch.tensor(logits, dtype=torch.float32)

    def forward(self, images):
        return self.logits.expand(len(images), -1)


class Ones:
    def __len__(self):
        return 7

    def batch(self, step, size, generator):
        return torch.ones(size, 1, 28, 28), torch.tensor([[1.0, 0.0]]).expand(size, -1)


def test_a_target_is_in_part_what_the_teachers_say():
    teachers = [Constant([0.0, 0.0]), Constant([np.log(9.0), 0.0])]
    images, targets = DistilledBatches(Ones(), teachers, share=0.5).batch(0, 3, torch.Generator())
    assert images.shape == (3, 1, 28, 28)
    said = (0.5 + 0.9) / 2
    assert torch.allclose(targets, torch.tensor([[0.5 + 0.5 * said, 0.5 * (1 - said)]]).expand(3, -1))
    assert len(DistilledBatches(Ones(), teachers, 0.5)) == 7


def test_a_temperature_softens_what_is_said():
    said = [
        DistilledBatches(Ones(), [Constant([4.0, 0.0])], 1.0, temperature).batch(0, 1, torch.Generator())[1]
        for temperature in (1.0, 4.0)
    ]
    assert said[1][0, 0] == pytest.approx(1 / (1 + np.exp(-1)))
    assert said[0][0, 0] > said[1][0, 0]


def test_a_teacher_is_larger_and_reads_the_same_images():
    teacher, student = build_teacher(), find_recipe("mnist").build()
    sizes = [sum(weight.numel() for weight in model.parameters()) for model in (teacher, student)]
    assert sizes[0] > 4 * sizes[1]
    assert teacher.eval()(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_a_teacher_is_kept_with_the_command_that_made_it(tmp_path):
    model = build_teacher()
    save_teacher(tmp_path / "t.safetensors", model.state_dict(), "python -m cnnviz train mnist --large")
    found, command = load_teacher(tmp_path / "t.safetensors")
    assert command == "python -m cnnviz train mnist --large"
    assert not found.training
    assert all(torch.equal(value, found.state_dict()[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("content", [None, b"hello", "student"])
def test_what_is_no_teacher_is_refused_in_a_sentence(content, tmp_path):
    path = tmp_path / "t.safetensors"
    if content == "student":
        save_teacher(path, find_recipe("mnist").build().state_dict(), "")
    elif content:
        path.write_bytes(content)
    with pytest.raises(CheckpointError, match="is no teacher: make one with --large"):
        load_teacher(path)


def test_a_run_learns_from_its_teacher():
    """With nothing but the teacher in the targets, the network says what the teacher says, whatever the labels."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, 28, 28)).astype(np.uint8)
    zeros = LabelledImages(images, np.zeros(40, np.int64))
    pools = DigitPools(zeros, zeros, images)
    only_five = Constant([0.0] * 5 + [9.0] + [0.0] * 4)
    plan = DigitPlan(teacher_share=1.0)
    run = start_model(TrainConfig(steps=40, batch=32, rate=1e-2, device="cpu"), plan, pools, [only_five])
    run.advance(600)
    assert run.model(torch.from_numpy(images[:, None] / np.float32(255))).argmax(dim=1).eq(5).all()
    assert digit_batches(pools, torch.device("cpu")).counts(32) == [15, 14, 3]
