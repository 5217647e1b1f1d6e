"""Weights alone, from a file: safetensors, or what torch.save wrote, without the code that such a file may hold.

A pickle is read by `torch.load(weights_only=True)` alone, which makes tensors and plain containers and nothing else.
Refuses to know: where networks come from (`architectures`).
"""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from cnnviz.checks import sides
from cnnviz.i18n import _
from cnnviz.models.importers.records import (
    ImportedNetworkError,
    ImportLimits,
    check_limit,
    clean_text,
    import_refusal,
)
from cnnviz.models.importers.stored_tensors import check_finite
from cnnviz.models.importers.zip_reader import NetworkArchive
from cnnviz.models.safetensors_header import count_tensors, read_safetensors_header

ENDINGS = (".safetensors", ".pt", ".pth")
WRAPPERS = ("state_dict", "model_state_dict", "model_state", "model")  # what training scripts put weights into
PREFIXES = ("module.", "_orig_mod.")  # of DataParallel, of torch.compile
MOST_NAMES = 3  # that stand in a sentence
# How torchvision's published DenseNets write norm1, conv2 …
OLD_DENSENET = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.(?:weight|bias|running_mean|running_var))")
ZIP = b"PK\x03\x04"
MAX_OLD_BYTES = 50_000_000  # of the layout before PyTorch 1.6, which is one pickle


def read_weights(content: bytes, name: str, limits: ImportLimits | None = None) -> dict[str, Tensor]:
    """Tensors by their names, from a file called `name` (.safetensors, .pt, .pth), on the CPU.

    The usual wrappers are taken off: a "state_dict" around the weights, "module." before the names.
    Raises: ImportedNetworkError, one sentence.

    >>> import safetensors.torch, torch
    >>> from cnnviz.models.importers.state_dict import read_weights
    >>> list(read_weights(safetensors.torch.save({"module.bias": torch.zeros(2)}), "net.safetensors"))
    ['bias']
    """
    limits = limits or ImportLimits()
    check_limit(_("file"), len(content), limits.file_bytes, _("bytes"), _("open a smaller network"))
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        raise import_refusal(_("file of weights"), _("one of {known}", known=", ".join(ENDINGS)), ending or "?",
                             _("save model.state_dict() with safetensors.torch.save_file"))  # fmt: skip
    found = _read_safetensors(content, limits) if ending == ENDINGS[0] else _read_pickled(content, limits)
    _check_sizes(found, limits)
    for key, tensor in found.items():
        check_finite(tensor, key)
    return found


def _read_safetensors(content: bytes, limits: ImportLimits) -> dict[str, Tensor]:
    try:
        count = count_tensors(read_safetensors_header(content, limits.json_bytes))
        check_limit(_("file"), count, limits.tensors, _("tensors"), _("open a smaller network"))
        return _without_prefix(safetensors.torch.load(content))
    except ImportedNetworkError:
        raise
    except (safetensors.SafetensorError, ValueError, KeyError, RuntimeError, OverflowError) as error:
        raise ImportedNetworkError(
            _("This is not a whole safetensors file: save it again, or upload it again.")
        ) from error


def _read_pickled(content: bytes, limits: ImportLimits) -> dict[str, Tensor]:
    if content.startswith(ZIP):
        with NetworkArchive(content, limits):  # its sizes, before PyTorch unpacks it
            pass
    else:
        check_limit(_("file in an old layout"), len(content), MAX_OLD_BYTES, _("bytes"), _("save it again"))
    try:
        value = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # whatever torch.load raises, for code in a file and for bytes that are no whole file
        raise _unreadable(error) from error
    return _without_prefix(_find_weights(value))


def _unreadable(error: Exception) -> ImportedNetworkError:
    if isinstance(error, pickle.UnpicklingError) and "global" in str(error).lower():
        return ImportedNetworkError(
            _("This file holds more than weights, which could run code: save model.state_dict() alone, best with "
              "safetensors.torch.save_file.")
        )  # fmt: skip
    return ImportedNetworkError(_("This is not a whole file of torch.save: save it again, or upload it again."))


def _find_weights(value: object) -> dict[str, Tensor]:
    """The tensors by name, inside at most two of the usual wrappers."""
    for _depth in range(3):
        if isinstance(value, Mapping) and value and all(isinstance(each, Tensor) for each in value.values()):
            return {str(name): tensor for name, tensor in value.items()}
        inner = [value[name] for name in WRAPPERS if name in value] if isinstance(value, Mapping) else []
        if not inner:
            break
        value = inner[0]
    raise import_refusal(_("file"), _("weights by their names"), type(value).__name__,
                         _("save model.state_dict() alone"))  # fmt: skip


def _without_prefix(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    found = dict(weights)
    for prefix in PREFIXES:
        if found and all(name.startswith(prefix) for name in found):
            found = {name.removeprefix(prefix): tensor for name, tensor in found.items()}
    return {OLD_DENSENET.sub(r"\1\2", name): tensor for name, tensor in found.items()}


def _check_sizes(weights: Mapping[str, Tensor], limits: ImportLimits) -> None:
    way_out = _("open a smaller network")
    check_limit(_("file"), len(weights), limits.tensors, _("tensors"), way_out)
    total = sum(tensor.numel() for tensor in weights.values())
    check_limit(_("file"), total, limits.weight_elements, _("weights"), way_out)
    for name, tensor in weights.items():
        if tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_complex():
            raise import_refusal(clean_text(name, 60), _("an ordinary tensor"), _("another kind"),
                                 _("save the network in float32"))  # fmt: skip


def load_into(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Put weights into a network that has tensors of just these names and shapes; it is changed only if all fit.

    Counters of batch normalisation may be missing: evaluation does not read them.
    Raises: ImportedNetworkError, with the first names that are missing, unexpected or of another shape.
    """
    own = model.state_dict()
    counters = {name for name in own if name.endswith("num_batches_tracked")}
    missing = [name for name in own if name not in weights and name not in counters]
    unexpected = [name for name in weights if name not in own]
    misshapen = [
        _("{name} is {got} and not {wanted}", name=clean_text(name, 60), got=sides(weights[name].shape) or "1",
          wanted=sides(own[name].shape) or "1")
        for name in own if name in weights and weights[name].shape != own[name].shape
    ]  # fmt: skip
    parts = [
        _("missing: {names}", names=_listed(missing)) if missing else "",
        _("not in the network: {names}", names=_listed(unexpected)) if unexpected else "",
        _("of another shape: {names}", names=_listed(misshapen)) if misshapen else "",
    ]
    if any(parts):
        raise ImportedNetworkError(
            _("These weights belong to another network ({differences}): choose the one that they were trained with.",
              differences="; ".join(part for part in parts if part))
        )  # fmt: skip
    own.update(weights)  # in place: it also says which version of its layers the network has
    model.load_state_dict(own)


def _listed(names: Iterable[str]) -> str:
    shown = [clean_text(name, 100) for name in names]
    more = len(shown) - MOST_NAMES
    return ", ".join(shown[:MOST_NAMES]) + (_(" and {count} more", count=more) if more > 0 else "")
