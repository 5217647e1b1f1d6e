"""Networks that are no row: shortcuts, branches, attention over channels, moved and enlarged maps."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional


class Forward(nn.Module):
    """Modules by name, and a function that calls them."""

    def __init__(self, function: Callable[[Forward, torch.Tensor], torch.Tensor], **modules: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(self, x)


def made(function: Callable[..., torch.Tensor], **modules: nn.Module) -> Forward:
    """With random weights that are the same at every call; running estimates and scales are none of the usual ones."""
    model = Forward(function, **modules)
    generator = torch.Generator().manual_seed(7)
    for tensor in [*model.parameters(), *model.buffers()]:
        if tensor.is_floating_point():
            tensor.data = torch.randn(tensor.shape, generator=generator) * 0.5
            tensor.data = tensor.data.abs() + 0.2 if tensor.dim() < 2 else tensor.data
    return model.eval()


def residual() -> Forward:
    def forward(m, x):
        a = m.tanh(m.bn1(m.conv1(x)))
        b = m.bn2(m.conv2(a)) + m.short(a)
        return m.fc(torch.flatten(functional.adaptive_avg_pool2d(m.tanh2(b), 2), 1))

    return made(
        forward, conv1=nn.Conv2d(1, 3, 3, padding=1), bn1=nn.BatchNorm2d(3), tanh=nn.Tanh(),
        conv2=nn.Conv2d(3, 4, 3, 2, 1), bn2=nn.BatchNorm2d(4), short=nn.Conv2d(3, 4, 1, 2), tanh2=nn.Tanh(),
        fc=nn.Linear(16, 3),
    )  # fmt: skip


def squeezed() -> Forward:
    def forward(m, x):
        a = m.act(m.conv(x))
        s = m.gate(m.up(m.act2(m.down(a.mean((2, 3), keepdim=True)))))
        return m.fc((a * s + a).flatten(1))

    return made(
        forward, conv=nn.Conv2d(1, 4, 3), act=nn.SiLU(), down=nn.Conv2d(4, 2, 1), act2=nn.SiLU(),
        up=nn.Conv2d(2, 4, 1), gate=nn.Sigmoid(), fc=nn.Linear(4 * 36, 3),
    )  # fmt: skip


def joined() -> Forward:
    def forward(m, x):
        a = m.act(m.conv(x))
        b = torch.cat([m.one(a), m.three(a), a], 1)
        left, right = m.mix(b).chunk(2, 1)
        return m.fc(torch.cat([left[:, :, 1:, ::2], right[:, :, 1:, 1::2]], 2).mean(1).flatten(1))

    return made(
        forward, conv=nn.Conv2d(2, 3, 3, dilation=2, padding=2), act=nn.Tanh(), one=nn.Conv2d(3, 2, 1),
        three=nn.Conv2d(3, 4, 3, padding=1), mix=nn.Conv2d(9, 6, 1, groups=3), fc=nn.Linear(14 * 4, 3),
    )  # fmt: skip


def shuffled() -> Forward:
    def forward(m, x):
        a = m.act(m.conv(x))
        b = a.view(1, 2, 3, 8, 8).transpose(1, 2).reshape(1, 6, 8, 8)
        c = m.deep(m.pad(b))
        return m.fc(functional.pixel_shuffle(torch.roll(c, 1, 3), 2)[:, :, :3].permute(0, 2, 3, 1).flatten(1))

    return made(
        forward, conv=nn.Conv2d(1, 6, 3, padding=1), act=nn.Tanh(), pad=nn.ReflectionPad2d((1, 2, 2, 0)),
        deep=nn.Conv2d(6, 4, 3, 2, groups=2), fc=nn.Linear(3 * 10, 3),
    )  # fmt: skip


def enlarged() -> Forward:
    def forward(m, x):
        small = m.act(m.own(m.conv(x)))
        near = m.near(m.zero(small))
        wide = functional.interpolate(small, size=(10, 10), mode="bilinear", align_corners=True)
        return m.fc((near - wide).sum(3).flatten(1))

    return made(
        forward, conv=nn.Conv2d(1, 2, 3, 2), own=nn.InstanceNorm2d(2), act=nn.Tanh(), zero=nn.ZeroPad2d(1),
        near=nn.Upsample(scale_factor=2),
        fc=nn.Linear(20, 3),
    )  # fmt: skip


def normalised() -> Forward:
    def forward(m, x):
        a = m.group(m.conv(x))
        weights = m.soft(a)
        b = m.own(weights * a)
        tokens = m.inner(m.tokens(b.flatten(2).transpose(1, 2)))
        return m.fc(tokens.mean(1))

    return made(
        forward, conv=nn.Conv2d(1, 6, 3), group=nn.GroupNorm(3, 6), soft=nn.Softmax(1), own=nn.GroupNorm(6, 6),
        tokens=nn.LayerNorm(6), inner=nn.Linear(6, 5), fc=nn.Linear(5, 3),
    )  # fmt: skip


def attending() -> Forward:
    def forward(m, x):
        tokens = m.conv(x).flatten(2).transpose(1, 2)
        mixed = m.attention(tokens, tokens, tokens, need_weights=False)[0] + tokens
        return m.fc(m.norm(mixed).mean(1))

    return made(
        forward, conv=nn.Conv2d(1, 4, 2, 2), attention=nn.MultiheadAttention(4, 2, batch_first=True),
        norm=nn.LayerNorm(4), fc=nn.Linear(4, 3),
    )  # fmt: skip


# Each: the network, and the shape of its image.
def lines() -> Forward:
    """Convolutions along one axis: the rows of the image are the channels of a line."""

    def forward(m, x):
        a = m.act(m.norm(m.conv1(x.squeeze(1))))
        b = m.pool(m.conv2(a))
        return m.fc(torch.flatten(b + m.short(b), 1))

    return made(
        forward, conv1=nn.Conv1d(6, 4, 3, padding=1), norm=nn.BatchNorm1d(4), act=nn.Tanh(),
        conv2=nn.Conv1d(4, 6, 3, dilation=2, groups=2), pool=nn.AvgPool1d(2, 1, 1), short=nn.Conv1d(6, 6, 1),
        fc=nn.Linear(6 * 5, 3),
    )  # fmt: skip


def volumes() -> Forward:
    """Convolutions in a volume: the channels of the image are its slices."""

    def forward(m, x):
        a = m.act(m.norm(m.conv1(x.unsqueeze(1))))
        b = m.pool(m.conv2(a))
        return m.fc(torch.flatten(m.last(b), 1))

    return made(
        forward, conv1=nn.Conv3d(1, 4, (2, 3, 3), padding=(1, 1, 1)), norm=nn.BatchNorm3d(4), act=nn.Tanh(),
        conv2=nn.Conv3d(4, 6, (3, 2, 2), groups=2, stride=(1, 2, 1)), pool=nn.AvgPool3d((1, 2, 2), 1, (0, 1, 1)),
        last=nn.AdaptiveAvgPool3d((1, 2, 2)), fc=nn.Linear(24, 3),
    )  # fmt: skip


def spread_lines() -> Forward:
    """Transposed convolutions along one axis: strides as wide as the kernel and wider, groups, padding."""

    def forward(m, x):
        a = m.act(m.up1(x.squeeze(1)))
        return m.fc(torch.flatten(m.up2(a), 1))

    return made(
        forward, up1=nn.ConvTranspose1d(6, 4, 3, stride=2, padding=1, output_padding=1, groups=2), act=nn.Tanh(),
        up2=nn.ConvTranspose1d(4, 3, 2, stride=3, dilation=2), fc=nn.Linear(3 * 48, 3),
    )  # fmt: skip


def spread_volumes() -> Forward:
    """Transposed convolutions in a volume."""

    def forward(m, x):
        a = m.act(m.up1(x.unsqueeze(1)))
        return m.fc(torch.flatten(m.last(m.up2(a)), 1))

    return made(
        forward, up1=nn.ConvTranspose3d(1, 4, (2, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1)), act=nn.Tanh(),
        up2=nn.ConvTranspose3d(4, 6, (3, 2, 1), groups=2, stride=(2, 1, 1), output_padding=(1, 0, 0)),
        last=nn.AdaptiveAvgPool3d((1, 2, 2)), fc=nn.Linear(24, 3),
    )  # fmt: skip


def channels_last() -> Forward:
    """Fully connected layers along the channels of every place, as ConvNeXt and ViT have them."""

    def forward(m, x):
        a = m.conv(x)
        b = m.narrow(m.act(m.wide(m.norm(a.permute(0, 2, 3, 1))))).permute(0, 3, 1, 2)
        return m.fc((a + b).mean((2, 3)))

    return made(
        forward, conv=nn.Conv2d(1, 3, 3), norm=nn.LayerNorm(3), wide=nn.Linear(3, 5), act=nn.GELU(),
        narrow=nn.Linear(5, 3), fc=nn.Linear(3, 3),
    )  # fmt: skip


BRANCHED = {
    "lines": (lines, (1, 6, 8)),
    "volumes": (volumes, (3, 7, 6)),
    "spread lines": (spread_lines, (1, 6, 8)),
    "spread volumes": (spread_volumes, (3, 5, 4)),
    "channels last": (channels_last, (1, 6, 7)),
    "residual": (residual, (1, 9, 8)),
    "squeeze and excitation": (squeezed, (1, 8, 8)),
    "branches joined": (joined, (2, 8, 8)),
    "shuffled": (shuffled, (1, 8, 8)),
    "enlarged": (enlarged, (1, 8, 8)),
    "normalised": (normalised, (1, 7, 7)),
}
