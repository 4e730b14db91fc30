"""An experiment: one YAML file, read into dataclasses that know every name and type."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import cattrs
import yaml

from exshot_train.model import ModelConfig

Section = TypeVar("Section")


@dataclass(frozen=True)
class DataConfig:
    """What is trained on.

    Attributes:
        shards: folders of shards and how often each is drawn from, relative to the others.
            Relative names lie below `exshot_train.data_root.train_cache` ``/shards``; ``views:``
            and a split stand for the studio's developed views.
        validation: such folders that are only measured.
        triplets: folders of real triplets below the data root that are only measured, such as
            ``london/val_triplets``; with ``:relit`` the expression photos under another light.
        relight: whether half of the expression photos of the studio's views are relit.
        workers: processes that load samples.
        size: side of the crops.
    """

    shards: dict[str, float]
    validation: tuple[str, ...] = ()
    triplets: tuple[str, ...] = ()
    validation_limit: int = 128
    relight: bool = True
    workers: int = 1
    size: int = 256


@dataclass(frozen=True)
class LossConfig:
    """Weights of the terms of `exshot_train.losses`; a term of weight 0 costs nothing.

    Attributes:
        face_weight: how much heavier the face counts in ``result``.
        perceptual_crop: side of the square that perceptual and adversarial terms look at.
        perceptual_every: the perceptual terms join every so many steps, so much heavier. Without
            a GPU they are over half of a step's cost.
    """

    result: float = 1.0
    synthesised: float = 0.5
    warped: float = 0.5
    perceptual: float = 0.05
    perceptual_warped: float = 0.0
    adversarial: float = 0.0
    flow_smoothness: float = 2.0
    gain_smoothness: float = 0.2
    residual: float = 0.05
    residual_smoothness: float = 0.1
    face_weight: float = 4.0
    perceptual_crop: int = 128
    perceptual_every: int = 1


@dataclass(frozen=True)
class TrainConfig:
    """How it is trained.

    Attributes:
        steps: length of the schedule; ``batch`` is per process.
        precision: of Lightning Fabric, such as ``32-true`` or ``bf16-mixed``; float32 takes the
            place of the latter on a processor without bfloat16.
        accelerator, devices, nodes: of Lightning Fabric; under ``torchrun`` give the same numbers.
        initial: checkpoint whose averaged weights are the start (fine-tuning), or the name of the
            run that has it, or a folder of exported graphs such as ``core/exshot/models``; of
            another shape perhaps, see `exshot_train.grow`.
        only: beginnings of the names of weights that are trained, such as ``decoder.refine`` (the
            flow's correction); the others stay as they are. None: all are trained.
        patience: stop after this many measurements without a better one; 0 never.
    """

    steps: int = 40000
    batch: int = 8
    rate: float = 3e-4
    final_rate: float = 1e-5
    warm_up: int = 200
    weight_decay: float = 1e-4
    clip: float = 1.0
    average: float = 0.999
    seed: int = 0
    precision: str = "32-true"
    accelerator: str = "auto"
    devices: int = 1
    nodes: int = 1
    initial: str = ""
    only: tuple[str, ...] = ()
    patience: int = 12
    log_every: int = 20
    save_every: int = 200
    measure_every: int = 1000


@dataclass(frozen=True)
class Experiment:
    """Everything about a run. ``name`` is also the folder of its checkpoints and logs."""

    name: str
    data: DataConfig
    model: ModelConfig = field(default_factory=ModelConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


class ConfigError(ValueError):
    """The experiment's file does not say what it should; the message names the place."""


def read_experiment(path: Path, changes: tuple[str, ...] = ()) -> Experiment:
    """Read a YAML file. Its ``like`` names another one beside it, which it is laid over.

    Args:
        changes: such as ``train.steps=10``, laid over the file.

    Raises:
        ConfigError: unknown name, wrong type, or something is missing.
    """
    values: dict[str, Any] = {"name": path.stem, **_read_values(path)}
    for change in changes:
        place, _, value = change.partition("=")
        *sections, name = place.split(".")
        target = values
        for section in sections:
            target = target.setdefault(section, {})
        target[name] = yaml.safe_load(value)
    return build(Experiment, values, path.stem)


def _read_values(path: Path, behind: tuple[Path, ...] = ()) -> dict[str, Any]:
    values = yaml.safe_load(path.read_text("utf-8")) or {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path.name} holds no names")
    like = values.pop("like", None)
    if like is None:
        return values
    other = path.with_name(f"{like}.yaml")
    if other in (*behind, path) or not other.is_file():
        raise ConfigError(f"{path.name} is like {like}, which is not there or is like itself")
    return _laid_over(_read_values(other, (*behind, path)), values)


def _laid_over(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    """Sections are merged name by name; everything else is replaced."""
    merged = dict(lower)
    for name, value in upper.items():
        below = merged.get(name)
        if isinstance(value, dict) and isinstance(below, dict):
            value = {**below, **value}
        merged[name] = value
    return merged


def build(kind: type[Section], values: Any, place: str) -> Section:
    """A dataclass from plain values, checked; ``place`` is what messages call the values.

    Raises:
        ConfigError: unknown name, wrong type, or something is missing.
    """
    try:
        return _converter().structure(values, kind)
    except cattrs.BaseValidationError as error:
        raise ConfigError("; ".join(cattrs.transform_error(error, path=place))) from error


@lru_cache(maxsize=1)
def _converter() -> cattrs.Converter:
    """As strict as YAML is: a number is a number; only that YAML reads 1e-4 as text is mended."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (int, bool, str):
        converter.register_structure_hook(kind, _of_kind)
    converter.register_structure_hook_func(lambda kind: get_origin(kind) is tuple, _each)
    converter.register_structure_hook(float, _number)
    return converter


def _of_kind(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _each(values: Any, kind: Any) -> tuple[Any, ...]:
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"{values!r} is no list")
    return tuple(_of_kind(value, get_args(kind)[0]) for value in values)


def _number(value: Any, _: Any) -> float:
    if isinstance(value, bool):
        raise TypeError(f"{value!r} is no number")
    return float(value)
