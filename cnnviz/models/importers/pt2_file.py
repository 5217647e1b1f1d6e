"""A file of torch.export (.pt2) → its graph as JSON and its tensors by name, nothing run and nothing unpickled.

The format holds three doors to code, and none is opened here: `data/sample_inputs` and weights marked `use_pickle` are
pickles, `expr_str` and `guards_code` are for Python's eval. (pytorch issues 153410, 176791, 187169.)
Refuses to know: operators, graphs.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from torch import Tensor

from cnnviz.i18n import _
from cnnviz.models.importers.json_values import Record, as_record, get_record, get_text, parse_json
from cnnviz.models.importers.records import ImportedNetworkError, ImportLimits, check_limit, clean_text, import_refusal
from cnnviz.models.importers.stored_tensors import check_finite, lay_tensor, read_layout
from cnnviz.models.importers.zip_reader import NetworkArchive

PAYLOAD = re.compile(r"[A-Za-z0-9_]{1,100}")
FOLDERS = {
    "weights": "data/weights/model_weights_config.json",
    "constants": "data/constants/model_constants_config.json",
}  # fmt: skip
MOST_VERSION = 8  # of the schema: later ones may mean something else


@dataclass(frozen=True, eq=False)
class Pt2File:
    """What stands in the file: the program as JSON, and tensors by their dotted names."""

    program: Record
    tensors: dict[str, Tensor]


def read_pt2_file(content: bytes, limits: ImportLimits) -> Pt2File:
    """What a file of torch.export holds. Raises: ImportedNetworkError, one sentence."""
    with NetworkArchive(content, limits) as archive:
        top = _find_top(archive)
        program = parse_json(archive.read(_find_model(archive, top), limits.json_bytes), "model.json")
        _check_version(program)
        tensors: dict[str, Tensor] = {}
        for folder, path in FOLDERS.items():
            if top + path in archive.names:
                config = get_record(parse_json(archive.read(top + path, limits.json_bytes), path), "config")
                tensors |= _read_tensors(archive, f"{top}data/{folder}/", config, limits)
        return Pt2File(program, tensors)


def _find_top(archive: NetworkArchive) -> str:
    """The folder that everything lies in, as `name/`."""
    names = archive.names
    tops = [name.removesuffix("archive_format") for name in names if name.split("/")[1:] == ["archive_format"]]
    if len(tops) != 1:
        raise _another_format(names)
    if bytes(archive.read(tops[0] + "archive_format", 100)) != b"pt2":
        raise _another_format(names)
    order = bytes(archive.read(tops[0] + "byteorder", 100)).decode("ascii", "replace")
    if order != sys.byteorder:
        raise import_refusal(_("order of bytes"), sys.byteorder, clean_text(order, 20),
                             _("save the network on a machine like this one"))  # fmt: skip
    return tops[0]


def _another_format(names: tuple[str, ...]) -> ImportedNetworkError:
    """What a zip is that is no file of torch.export, as far as the names of its files tell."""
    lasts = {name.split("/")[-1] for name in names}
    if any(name.startswith("serialized_") and name.endswith(".json") for name in lasts):
        return ImportedNetworkError(
            _("This file was saved by PyTorch 2.7 or older, in another layout: load it there, and save it again with "
              "torch.export.save of PyTorch 2.8 or later.")
        )  # fmt: skip
    if any("/code/" in name for name in names):
        return ImportedNetworkError(
            _("This is a TorchScript file, which is code: export the network with torch.export.save instead.")
        )
    if "data.pkl" in lasts:
        return ImportedNetworkError(
            _("This file holds weights and no network: open it as weights, or export with torch.export.save.")
        )
    return ImportedNetworkError(
        _("This zip is no file of torch.export: save the network with torch.export.save(torch.export.export(model, "
          "(image,)), \"network.pt2\").")
    )  # fmt: skip


def _find_model(archive: NetworkArchive, top: str) -> str:
    found = [name for name in archive.names if name.startswith(f"{top}models/") and name.endswith(".json")]
    compiled = any(name.startswith(f"{top}data/aotinductor/") for name in archive.names)
    if not found and compiled:
        raise ImportedNetworkError(
            _("This file holds a compiled network (AOTInductor), which is code for one machine: save what "
              "torch.export.export gives, before it is compiled.")
        )  # fmt: skip
    if f"{top}models/model.json" in found:
        return f"{top}models/model.json"
    if len(found) != 1:
        raise import_refusal(_("archive"), _("of one network"), len(found), _("save one network in a file"))
    return found[0]


def _check_version(program: Record) -> None:
    major = get_record(program, "schema_version").get("major")
    if not isinstance(major, int) or major > MOST_VERSION:
        raise import_refusal(
            _("version of the file's format"), _("at most {most}", most=MOST_VERSION), clean_text(major, 20),
            _("save the network with an earlier PyTorch"),
        )  # fmt: skip


def _read_tensors(archive: NetworkArchive, folder: str, config: Record, limits: ImportLimits) -> dict[str, Tensor]:
    check_limit(_("network"), len(config), limits.tensors, _("tensors"), _("open a smaller network"))
    storages: dict[str, bytearray] = {}  # by file: several tensors may lie in one
    found: dict[str, Tensor] = {}
    for name, value in config.items():
        record = as_record(value, name)
        if record.get("use_pickle") is not False:
            raise ImportedNetworkError(
                _("The tensor {name} is stored as a pickle, which may hold code: save a network of ordinary tensors.",
                  name=clean_text(name, 60))
            )  # fmt: skip
        path = get_text(record, "path_name")
        if not PAYLOAD.fullmatch(path):
            raise import_refusal(clean_text(name, 60), _("in a file of the archive"), clean_text(path, 40),
                                 _("save the network again"))  # fmt: skip
        layout = read_layout(get_record(record, "tensor_meta"), name, limits)
        if path not in storages:
            storages[path] = archive.read(folder + path) if layout.elements else bytearray()
        found[name] = lay_tensor(storages[path], layout, name)
        check_finite(found[name], name, may_be_infinite=folder.endswith("constants/"))
    return found
