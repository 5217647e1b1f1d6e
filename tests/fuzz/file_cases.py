"""Files of every kind that somebody can bring, with bytes changed: read, or refused in a sentence."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import safetensors.numpy
import torch
from PIL import Image
from torch import nn

from cnnviz.conv_lab.uploads import image_from_upload
from cnnviz.data.datasets import DataBroken, DataMissing, pen_drawings
from cnnviz.data.fitted_images import Fit, fit_to_network
from cnnviz.data.image_sets.from_files import pool_from_zip
from cnnviz.data.network_images import image_from_bytes
from cnnviz.data.sample_drawings import DIGIT_SAMPLES
from cnnviz.data.uploads import preprocess_upload
from cnnviz.machine.resources import CHECKPOINTS
from cnnviz.models.builder import build_module, preset
from cnnviz.models.importers.network_files import read_network
from cnnviz.models.importers.state_dict import read_weights
from cnnviz.training import SavedNetwork, Scaling, pack_network, unpack_network
from cnnviz.training.worker.recording import read_recording
from tests.data.image_sets.zips import in_64_bits, with_flag, with_link, with_listed_size, with_twice, zip_of
from tests.fuzz.hostile import TEXTS, mutate, odd_value

REFUSALS = (ValueError, DataBroken, DataMissing)
Reader = Callable[[bytes], Any]


def _image(form: str, mode: str = "RGB") -> bytes:
    levels = np.random.default_rng(0).integers(0, 256, (24, 20, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(levels).convert(mode).save(file, form)
    return file.getvalue()


def _image_of(mode: str, form: str, **how: Any) -> bytes:
    """In another mode or depth, or with something beside the pixels."""
    levels = np.random.default_rng(0).integers(0, 256, (24, 20), dtype=np.uint8)
    deep = {"I;16": levels.astype(np.uint16) * 257, "I": levels.astype(np.int32) * 257, "F": levels / np.float32(255)}
    image = Image.fromarray(deep[mode]) if mode in deep else Image.fromarray(levels).convert(mode)
    file = io.BytesIO()
    image.save(file, form, **how)
    return file.getvalue()


def _turned() -> bytes:
    """A photo whose camera lay on its side."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    return _image_of("RGB", "JPEG", exif=exif)


def _animated(form: str) -> bytes:
    frames = [Image.new("L", (20, 24), shade) for shade in (0, 90, 255)]
    file = io.BytesIO()
    frames[0].save(file, form, save_all=True, append_images=frames[1:], duration=50)
    return file.getvalue()


def _array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.ones((3, 8, 8), np.float32))
    return file.getvalue()


def _images_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("train/cat/1.png", "train/cat/2.png", "train/dog/1.png", "train/dog/2.png", "val/cat/é.png"):
            archive.writestr(name, _image("PNG", "L"))
    return file.getvalue()


def _zip_of_another_tool() -> bytes:
    """In the form for large ones, with names and a method as other tools have them."""
    names = ("Katze ä/1.png", "Katze ä/2.png", "дом\\1.png", "дом\\2.png")
    return in_64_bits(zip_of({name: _image("PNG", "L") for name in names}, zipfile.ZIP_STORED))


def _exported() -> bytes:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 2)).eval()
    file = io.BytesIO()
    torch.export.save(torch.export.export(model, (torch.zeros(1, 3, 8, 8),)), file)
    return file.getvalue()


def _onnx() -> bytes:
    from tests.models.importers.onnx_files import Step, onnx_model

    return onnx_model(Step("Relu"), Step("GlobalAveragePool"), Step("Flatten")).SerializeToString()


def _saved() -> bytes:
    spec = preset("xo_small")
    weights = {name: weight.numpy() for name, weight in build_module(spec).state_dict().items()}
    return pack_network(SavedNetwork(spec, Scaling((0.0,), (1.0,)), weights, {"title": "a", "step": 1}))


def _pickled() -> bytes:
    file = io.BytesIO()
    torch.save({"state_dict": {"fc.weight": torch.zeros(2, 3)}}, file)
    return file.getvalue()


def _strokes() -> bytes:
    one = {
        "label": "4",
        "source": "a",
        "writer": "b",
        "strokes": [[list(p) for p in s.points] for s in DIGIT_SAMPLES[0].sketch.strokes],
    }
    return json.dumps([one, one]).encode()


def _read_strokes(data: bytes) -> Any:
    with TemporaryDirectory() as folder:
        path = Path(folder, "strokes.json")
        path.write_bytes(data)
        return pen_drawings(path)


FILES: dict[str, tuple[Callable[[], bytes], tuple[Reader, ...]]] = {
    **{
        form: (lambda form=form: _image(form), (  # type: ignore[misc]
            preprocess_upload, image_from_upload, lambda data: fit_to_network(data, (3, 16, 16), Fit.WHOLE),
            lambda data: image_from_bytes(data, 3)))
        for form in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
    },
    **{
        name: (make, (preprocess_upload, image_from_upload, lambda data: fit_to_network(data, (3, 16, 16), Fit.WHOLE)))
        for name, make in {
            **{f"PNG {mode}": partial(_image_of, mode, "PNG") for mode in ("1", "L", "LA", "P", "RGBA", "I;16")},
            **{f"TIFF {mode}": partial(_image_of, mode, "TIFF") for mode in ("CMYK", "I", "F", "I;16", "LAB")},
            "JPEG CMYK": partial(_image_of, "CMYK", "JPEG"), "JPEG turned": _turned,
            "TIFF packed": partial(_image_of, "L", "TIFF", compression="tiff_lzw"),
            **{f"animated {form}": partial(_animated, form) for form in ("GIF", "PNG", "WEBP")},
        }.items()
    },
    "zip of another tool": (_zip_of_another_tool, (pool_from_zip,)),
    "array": (_array, (lambda data: image_from_bytes(data, 3), lambda data: fit_to_network(data, (3, 8, 8)))),
    "zip of images": (_images_zip, (pool_from_zip,)),
    "pt2": (_exported, (lambda data: read_network(data, "a.pt2"),)),
    "onnx": (_onnx, (lambda data: read_network(data, "a.onnx"),)),
    "saved network": (_saved, (unpack_network, lambda data: read_weights(data, "a.safetensors"))),
    "weights": (lambda: safetensors.numpy.save({"a": np.zeros((2, 3), np.float32)}), (lambda data: read_weights(data,
        "a.safetensors"),)),
    "pickled weights": (_pickled, (lambda data: read_weights(data, "a.pt"),)),
    "recording": (lambda: (CHECKPOINTS / "recorded_run.safetensors").read_bytes(), (read_recording,)),
    "strokes": (_strokes, (_read_strokes,)),
}  # fmt: skip


@cache
def real_file(kind: str) -> bytes:
    """A file as it should be."""
    return FILES[kind][0]()


def changed_file(kind: str, dice: random.Random) -> bytes:
    """A real one with bytes changed, cut off or doubled; JSON inside it with something odd in it."""
    if kind.startswith("zip") and dice.random() < 0.3:
        return _other_zip(real_file(kind), dice)
    data, act = bytearray(real_file(kind)), dice.randrange(6)
    if act == 0:
        del data[dice.randrange(len(data)) :]
    elif act == 1:
        at = dice.randrange(len(data))
        data[at:at] = data[at : at + dice.choice((1, 8, 300))] * dice.choice((1, 3))
    elif act == 2 and (changed := _with_other_json(bytes(data), dice)) is not None:
        return changed
    else:
        near = dice.choice((64, 400, len(data)))  # headers stand at the beginning
        for _ in range(dice.choice((1, 1, 2, 4, 16))):
            data[dice.randrange(min(near, len(data)))] = dice.choice((0, 1, 127, 128, 255, dice.randrange(256)))
    return bytes(data)


def _other_zip(data: bytes, dice: random.Random) -> bytes:
    """A zip as a tool with a grudge writes it: links, names, lies, a zip in it, a password, far too much."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name, other = dice.choice(sorted(files)), dice.choice(("../" * dice.randrange(4), "/", "C:\\", "cat/")) + "x.png"
    act = dice.randrange(8)
    if act == 0:
        return with_link(files, other, dice.choice(("/etc/passwd", "../..", name)))
    if act == 1:
        return with_twice(files, name)
    if act == 2:
        return with_flag(zip_of(files), 1 << dice.randrange(16))
    if act == 3:
        return with_listed_size(zip_of(files), name, dice.choice((0, 1, 2**31, 2**32 - 1)))
    if act == 4:
        return zip_of(files | {"cat/in.zip": data, other: files[name]})
    if act == 5:
        return zip_of(files | {"cat/bomb.png": bytes(dice.choice((10**6, 3 * 10**7)))})
    if act == 6:
        odd = dice.choice(TEXTS).replace("\0", "0")[:60_000].encode("utf-8", "replace").decode()
        return zip_of(files | {f"{odd}/1.png": files[name], f"cat/{odd}.png": files[name]})
    return in_64_bits(zip_of(files), dice.choice((0, 1, 70_000, 2**63)))


def _with_other_json(data: bytes, dice: random.Random) -> bytes | None:
    """The header of a safetensors file, a record in a zip, or all of a JSON file, changed."""
    if data[:1] == b"[":
        return json.dumps(mutate(json.loads(data), dice)).encode()
    size = int.from_bytes(data[:8], "little")
    if size < len(data) and data[8:9] == b"{":
        header = json.dumps(mutate(json.loads(data[8 : 8 + size]), dice)).encode()
        return len(header).to_bytes(8, "little") + header + data[8 + size :]
    if data[:4] == b"PK\x03\x04":
        return _with_other_entry(data, dice)
    return None


def _with_other_entry(data: bytes, dice: random.Random) -> bytes:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        chosen = dice.choice(old.namelist())
        for name in old.namelist():
            content = old.read(name)
            if name == chosen:
                content = _with_other_record(content, dice)
            new.writestr(name, content)
    return changed.getvalue()


def _with_other_record(content: bytes, dice: random.Random) -> bytes:
    try:
        return json.dumps(mutate(json.loads(content), dice)).encode()
    except ValueError:  # an entry that is no JSON
        return content[::-1]


def fault_of_file(kind: str, seed: int) -> str | None:
    """What is wrong with how a changed file is read; None where it is read or refused in a sentence."""
    dice = random.Random(f"file {kind} {seed}")
    data = changed_file(kind, dice) if dice.random() < 0.95 else str(odd_value(dice)).encode("utf-8", "replace")
    for read in FILES[kind][1]:
        try:
            read(data)
        except REFUSALS as error:
            said = str(error)
            if not 0 < len(said) < 1_500 or "Traceback" in said:
                return f"{type(error).__name__}: {said[:300]}"
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:300]}"
    return None


def real_faults() -> list[str]:
    """Real files that are not read: nothing could be learned from changing them."""
    found = []
    for kind, (_make, readers) in FILES.items():
        for at, read in enumerate(readers):
            try:
                read(real_file(kind))
            except Exception as error:
                found.append(f"{kind}, reader {at}: {type(error).__name__}: {error}")
    return found
