"""What the networks of people are made of: a function for each operator that the table knows."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def in_a_volume(layer: nn.Module) -> nn.Module:
    """A layer on an image whose channels are slices."""
    return nn.Sequential(nn.Unflatten(1, (1, -1)), layer, nn.Flatten(1, 2))


MODULES: dict[str, Callable[[], nn.Module]] = {
    "conv1d": lambda: nn.Sequential(nn.Flatten(2), nn.Conv1d(4, 3, 3, padding=1)),
    "conv3d": lambda: in_a_volume(nn.Conv3d(1, 2, (2, 3, 3), padding=(0, 1, 1))),
    "adaptive_max_pool3d": lambda: in_a_volume(nn.AdaptiveMaxPool3d(2)),
    "conv3d_same": lambda: in_a_volume(nn.Conv3d(1, 2, 3, padding="same")),
    "batch_norm_3d": lambda: in_a_volume(nn.BatchNorm3d(1)),
    "max_pool3d": lambda: in_a_volume(nn.MaxPool3d((2, 2, 2))),
    "adaptive_avg_pool3d": lambda: in_a_volume(nn.AdaptiveAvgPool3d(2)),
    "adaptive_max_pool1d": lambda: nn.Sequential(nn.Flatten(2), nn.AdaptiveMaxPool1d(3)),
    "conv1d_same": lambda: nn.Sequential(nn.Flatten(2), nn.Conv1d(4, 3, 3, padding="same")),
    "conv2d_grouped": lambda: nn.Conv2d(4, 8, 3, stride=2, padding=1, dilation=2, groups=2, bias=False),
    "conv2d_same": lambda: nn.Conv2d(4, 2, 3, padding="same"),
    "conv2d_reflect": lambda: nn.Conv2d(4, 2, 3, padding=1, padding_mode="reflect"),
    "conv_transpose1d": lambda: nn.Sequential(nn.Flatten(2), nn.ConvTranspose1d(4, 3, 3, stride=2)),
    "conv_transpose3d": lambda: in_a_volume(nn.ConvTranspose3d(1, 2, (2, 3, 3), stride=2, output_padding=1)),
    "conv_transpose2d": lambda: nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1, groups=2),
    "linear": lambda: nn.Linear(6, 2),
    "bilinear_up": lambda: nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
    "batch_norm": lambda: nn.BatchNorm2d(4),
    "batch_norm_no_affine": lambda: nn.BatchNorm2d(4, affine=False),
    "batch_norm_no_estimates": lambda: nn.BatchNorm2d(4, track_running_stats=False),
    "layer_norm": lambda: nn.LayerNorm([6, 6]),
    "group_norm": lambda: nn.GroupNorm(2, 4),
    "instance_norm": lambda: nn.InstanceNorm2d(4, affine=True),
    "local_response_norm": lambda: nn.LocalResponseNorm(3),
    "max_pool1d": lambda: nn.Sequential(nn.Flatten(2), nn.MaxPool1d(2)),
    "max_pool2d": lambda: nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True),
    "max_pool2d_indices": lambda: Second(),
    "avg_pool1d": lambda: nn.Sequential(nn.Flatten(2), nn.AvgPool1d(2)),
    "avg_pool2d": lambda: nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
    "adaptive_avg_pool1d": lambda: nn.Sequential(nn.Flatten(2), nn.AdaptiveAvgPool1d(5)),
    "adaptive_avg_pool2d": lambda: nn.AdaptiveAvgPool2d((2, 3)),
    "adaptive_max_pool2d": lambda: nn.AdaptiveMaxPool2d(2),
    "prelu": lambda: nn.PReLU(4),
    "dropout": lambda: nn.Dropout(0.3),
    "dropout2d": lambda: nn.Dropout2d(0.3),
    "alpha_dropout": lambda: nn.AlphaDropout(0.3),
    "feature_alpha_dropout": lambda: nn.FeatureAlphaDropout(0.3),
    "channel_shuffle": lambda: nn.ChannelShuffle(2),
    "pixel_shuffle": lambda: nn.PixelShuffle(2),
    "pixel_unshuffle": lambda: nn.PixelUnshuffle(2),
    "unfold": lambda: nn.Unfold(3, padding=1),
    "reflection_pad": lambda: nn.ReflectionPad2d((1, 2, 0, 1)),
    "replication_pad": lambda: nn.ReplicationPad2d(1),
    "zero_pad": lambda: nn.ZeroPad2d((1, 0, 2, 0)),
    "circular_pad": lambda: nn.CircularPad2d(1),
}  # fmt: skip


class Second(nn.Module):
    """A pooling whose places are used."""

    def forward(self, x: Tensor) -> Tensor:
        values, places = F.max_pool2d(x, 2, return_indices=True)
        return values + places


aten = torch.ops.aten
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    **{
        name: getattr(F, name)
        for name in (
            "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "gelu", "silu", "mish", "hardtanh", "hardswish",
            "hardsigmoid", "hardshrink", "softshrink", "softplus", "logsigmoid", "glu", "softsign", "tanhshrink",
        )
    },
    **{
        name: getattr(torch, name)
        for name in ("sigmoid", "tanh", "square", "exp", "neg", "abs", "sign", "erf", "floor", "ceil", "round", "sin",
                     "cos", "reciprocal", "clone", "detach")
    },
    "relu6_table": lambda x: aten.relu6.default(x),
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "threshold": lambda x: F.threshold(x, 0.1, 0.2),
    "sqrt": lambda x: torch.sqrt(x.abs()),
    "rsqrt": lambda x: torch.rsqrt(x.abs() + 1),
    "log": lambda x: torch.log(x.abs() + 1),
    "log1p": lambda x: torch.log1p(x.abs()),
    "softmax": lambda x: F.softmax(x, 1),
    "log_softmax": lambda x: F.log_softmax(x, -1),
    "attention": lambda x: F.scaled_dot_product_attention(x, x * 2, x + 1),
    "matmul": lambda x: x @ x.transpose(2, 3),
    "mm": lambda x: torch.mm(x[0, 0], x[0, 1]),
    "einsum": lambda x: torch.einsum("bchw,bdhw->bcd", x, x) + torch.einsum("...ij->...ji", x).sum(),
    "bmm": lambda x: torch.bmm(x[0], x[0]),
    "addmm": lambda x: torch.addmm(x[0, 0], x[0, 1], x[0, 2], beta=2.0, alpha=0.5),
    "baddbmm": lambda x: torch.baddbmm(x[0], x[0], x[0]),
    "arithmetic": lambda x: (x + 1 - 2 * x) / 3 + (1 - x) * (x + x) / (x * x + 1),
    "add_alpha": lambda x: torch.add(x, x, alpha=3),
    "scalars": lambda x: aten.div.Scalar(aten.mul.Scalar(aten.sub.Scalar(aten.add.Scalar(x, 1), 2), 3), 4),
    "rsub_scalar": lambda x: torch.rsub(x, 3),
    "rsub_tensor": lambda x: torch.rsub(x, x * 2),
    "pow": lambda x: x**2 + x.abs() ** x,
    "clamp": lambda x: x.clamp(-0.5, float("inf")),
    "clamp_tensor": lambda x: torch.clamp(x, x * 0 - 1, x * 0 + 1),
    "clamp_min": lambda x: x.clamp_min(0.1).clamp_max(0.4),
    "maximum": lambda x: torch.maximum(x, -x) - torch.minimum(x, x * 2),
    "max_other": lambda x: torch.max(x, -x) - torch.min(x, x * 2),
    "fmod": lambda x: torch.fmod(x, 2.0) + torch.remainder(x, 0.7),
    "where": lambda x: torch.where(x > 0, x, x * 0.1),
    "where_scalars": lambda x: aten.where.ScalarOther(x < 1, x, 2.0) + aten.where.ScalarSelf(x >= 0, 1.0, x),
    "compare": lambda x: ((x == 0) | (x != 1) & ~(x <= 3)) == torch.bitwise_or(torch.bitwise_and(x >= 0, x < 9), x > 1),
    "compare_tensors": lambda x: torch.stack([x == x, x != x, x > x, x >= x, x < x, x <= x]),
    "compare_logical": lambda x: torch.logical_or(torch.logical_and(x > 0, x < 9), torch.logical_not(x > 1)),
    "any": lambda x: (x > 0).any(1),
    "masked_fill": lambda x: x.masked_fill(x > 0, 2.0),
    "masked_fill_tensor": lambda x: aten.masked_fill.Tensor(x, x > 0, x.mean()),
    "mean": lambda x: x.mean((2, 3)) + x.mean() + x.sum() + x.sum((2, 3)),
    "amax": lambda x: x.amax((2, 3)) - x.amin((2, 3)),
    "max": lambda x: x.max(1).values + x.max() - x.min(1).values - x.min(),
    "argmax": lambda x: x.argmax(1) + x.argmin(1),
    "var": lambda x: torch.var(x, 1, correction=0) + torch.std(x, 1) + torch.var_mean(x, 1, correction=1)[0],
    "std": lambda x: torch.std(x, 1, correction=1),
    "var_dim": lambda x: aten.var.dim(x, [1], True) + aten.std.dim(x, [1], True),
    "norm": lambda x: aten.norm.ScalarOpt_dim(x, 2, [1]) + torch.linalg.vector_norm(x, dim=1),
    "prod": lambda x: x.prod(1) + x.cumsum(1)[:, -1] + torch.logsumexp(x, 1),
    "cat": lambda x: torch.cat([x, x * 2], 1),
    "stack": lambda x: torch.stack([x, -x], 2),
    "chunk": lambda x: x.chunk(2, 1)[1] + x.chunk(2, 1)[0],
    "split": lambda x: x.split(2, 1)[1] * torch.split(x, [1, 3], 1)[0],
    "split_sizes": lambda x: aten.split.sizes(x, [1, 3], 1)[0] + aten.split_with_sizes.default(x, [1, 3], 1)[0],
    "unbind": lambda x: x.unbind(1)[2],
    "select": lambda x: x[:, 1] + x[:, -1],
    "narrow": lambda x: x.narrow(1, 1, 2),
    "slice": lambda x: x[:, :, 1:-1, ::2],
    "index": lambda x: x[:, torch.tensor([2, 0])],
    "index_select": lambda x: torch.index_select(x, 1, torch.tensor([2, 0])),
    "view": lambda x: x.view(1, -1) + x.reshape(1, 144),
    "unflatten": lambda x: x.flatten(1).unflatten(1, (12, 12)),
    "squeeze": lambda x: x[:, :1].squeeze(1).unsqueeze(0).squeeze() + x[:, :1].squeeze((0, 1)),
    "permute": lambda x: x.permute(0, 2, 3, 1) + x.movedim(1, 3) + x.movedim((1, 2), (3, 1)),
    "transpose": lambda x: x.transpose(2, 3) + x.swapaxes(2, 3),
    "turned": lambda x: x[0, 0].t(),
    "expand": lambda x: x[:, :1].expand(1, 4, 6, 6) + x[:, :1].expand_as(x),
    "as_other": lambda x: aten.view_as.default(x, x) + aten.reshape_as.default(x, x) + x.type_as(x),
    "repeat": lambda x: x.repeat(1, 2, 1, 1) + x.tile((1, 2, 1, 1)) + x.repeat_interleave(2, 1),
    "roll": lambda x: x.roll(2, 3) + x.flip(2) + torch.rot90(x, 1, (2, 3)),
    "pad": lambda x: F.pad(x, (1, 0, 0, 2), value=2.0) + F.pad(x, (1, 0, 0, 2), mode="replicate"),
    "pad_table": lambda x: aten.constant_pad_nd.default(x, [1, 1], 3.0),
    "pad_modes": lambda x: aten.reflection_pad2d.default(x, [1, 1, 1, 1]) + aten.replication_pad2d.default(x, [1] * 4),
    "nearest": lambda x: F.interpolate(x, scale_factor=2.5) + F.interpolate(x, (15, 15), mode="nearest-exact"),
    "nearest_table": lambda x: aten.upsample_nearest2d.default(x, [9, 9]),
    "bilinear": lambda x: F.interpolate(x, (9, 4), mode="bilinear"),
    "bilinear_table": lambda x: aten.upsample_bilinear2d.default(x, [9, 9], False),
    "bilinear_antialias": lambda x: F.interpolate(x, (3, 3), mode="bilinear", antialias=True),
    "bicubic": lambda x: F.interpolate(x, (9, 4), mode="bicubic"),
    "bicubic_table": lambda x: aten.upsample_bicubic2d.default(x, [9, 9], False),
    "contiguous": lambda x: x.transpose(1, 2).contiguous() + aten.alias.default(x.transpose(1, 2)),
    "to": lambda x: x.to(torch.float64) + x.double(),
    "constant": lambda x: x + torch.tensor(3.0),
}  # fmt: skip
IN_PLACE: dict[str, Callable[[Tensor], Tensor]] = {
    **{
        name: (lambda x, name=name: getattr(F, name)(x * 1, inplace=True))
        for name in ("relu", "leaky_relu", "elu", "celu", "selu", "silu", "mish", "hardtanh", "hardswish",
                     "hardsigmoid")
    },
    **{
        name: (lambda x, method=name: getattr(x * 1, f"{method}_")())
        for name in ("sigmoid", "tanh", "square", "exp", "neg", "abs", "reciprocal", "detach")
    },
    "relu6": lambda x: aten.relu6_.default(x * 1),
    "gelu": lambda x: aten.gelu_.default(x * 1),
    "dropout": lambda x: F.dropout(x * 1, training=False, inplace=True),
    "dropout2d": lambda x: aten.feature_dropout_.default(x * 1, 0.5, False),
    "alpha_dropout": lambda x: aten.alpha_dropout_.default(x * 1, 0.5, False),
    "feature_alpha_dropout": lambda x: aten.feature_alpha_dropout_.default(x * 1, 0.5, False),
    "threshold": lambda x: F.threshold(x * 1, 0.1, 0.2, inplace=True),
    "sqrt": lambda x: x.abs().sqrt_(),
    "rsqrt": lambda x: (x.abs() + 1).rsqrt_(),
    "log": lambda x: (x.abs() + 1).log_(),
    "arithmetic": lambda x: (x * 1).add_(x).mul_(x).sub_(2).div_(3).add_(1).mul_(2).sub_(x).div_(x.abs() + 1),
    "scalars": lambda x: aten.div_.Scalar(aten.mul_.Scalar(aten.sub_.Scalar(aten.add_.Scalar(x * 1, 1), 2), 3), 4),
    "pow": lambda x: (x * 1).pow_(3),
    "clamp": lambda x: (x * 1).clamp_(-1, 1).clamp_min_(-0.5).clamp_max_(0.5),
    "clamp_tensor": lambda x: (x * 1).clamp_(x * 0 - 1, x * 0 + 1),
    "masked_fill": lambda x: (x * 1).masked_fill_(x > 0, 2.0),
    "masked_fill_tensor": lambda x: (x * 1).masked_fill_(x > 0, torch.tensor(1.0)),
}  # fmt: skip


class Applied(nn.Module):
    """A convolution, and a function or a module after it."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 1)
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self.conv(x))
