"""Writes a trained cover network as an ONNX graph."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch

from exshot.cover.crop import COVER_SIZE
from exshot.cover.network import MODEL
from exshot_train.cover.network import CoverNet
from exshot_train.export import OPSET, without_traces


def export(network: CoverNet, folder: Path) -> Path:
    """Write ``face_cover.onnx``: crops ``(1, 3, 256, 256)`` to logits ``(1, 9, 256, 256)``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{MODEL}.onnx"
    plain = network.float().eval()
    torch.onnx.export(
        plain,
        (torch.rand(1, 3, COVER_SIZE, COVER_SIZE),),
        str(path),
        input_names=["crop"],
        output_names=["logits"],
        opset_version=OPSET,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    without_traces(path)
    return path


def index_entry(path: Path, source: str) -> str:
    """The entry of ``models.toml``."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return (
        f'[{MODEL}]\nfile = "{path.name}"\nsha256 = "{digest}"\n'
        f'description = "What covers a face: glasses, hair, hands, masks '
        f'({path.stat().st_size / 1e6:.1f} MB)"\n'
        'licence = "Apache-2.0; trained on CC0 and CC BY pictures, see face_cover.md"\n'
        f'source = "{source}"\n'
        'conversion = "python -m exshot_train.cover export core/exshot/models"\n'
        'training_data = "see face_cover.md"\n'
    )
