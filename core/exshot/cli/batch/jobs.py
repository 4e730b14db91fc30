"""What one line asks for, in text that can be kept by the hundred thousand and sent elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final

from exshot.options import EditOptions, RegionWeights

_MOST_FACES: Final = 64


@dataclass(frozen=True, slots=True)
class PairJob:
    """One edit: paths as whoever makes it sees them.

    ``quality`` is that of `exshot.photo.save_edit`, ``overwrite`` allows to replace what was there
    before the batch began.
    """

    kind: ClassVar[str] = "pair"
    pose: str
    expression: str
    out: str
    options: EditOptions
    layer: str | None = None
    report: str | None = None
    quality: int | None = None
    overwrite: bool = False

    @property
    def photos(self) -> tuple[str, ...]:
        """What is read."""
        return (self.pose, self.expression)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What is written, ``out`` last: where that one is, all are."""
        return tuple(path for path in (self.layer, self.report, self.out) if path is not None)

    @property
    def claimed(self) -> tuple[str, ...]:
        """What may be written."""
        return self.outputs

    @property
    def shared(self) -> tuple[str, ...]:
        """Photos that it may have in common with other jobs, and then gains by going with them."""
        return self.photos

    def named(self) -> dict[str, str]:
        """The paths that tell a reader which edit this is."""
        return {"pose": self.pose, "expression": self.expression, "out": self.out}


@dataclass(frozen=True, slots=True)
class BurstJob:
    """One burst: a folder of photos, or a pattern such as ``anna/IMG_*.jpg``.

    ``base`` is the photo to start from, None leaves the choice to ExShot; ``layers`` a folder for
    the new faces alone.
    """

    kind: ClassVar[str] = "burst"
    burst: str
    out: str
    base: str | None = None
    layers: str | None = None
    overwrite: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        return (self.out,)

    @property
    def claimed(self) -> tuple[str, ...]:
        """The picture, and a layer for as many faces as a burst may have."""
        if self.layers is None:
            return self.outputs
        folder, stem = Path(self.layers), Path(self.out).stem
        return (self.out, *(str(folder / f"{stem}_face{n}.png") for n in range(_MOST_FACES)))

    @property
    def shared(self) -> tuple[str, ...]:
        return ()

    def named(self) -> dict[str, str]:
        return {"burst": self.burst, "out": self.out}


Job = PairJob | BurstJob


def as_plain(job: Job) -> dict[str, Any]:
    """The job as what JSON holds; `from_plain` makes it again."""
    plain: dict[str, Any] = {"kind": job.kind}
    for field in fields(job):
        value = getattr(job, field.name)
        plain[field.name] = _plain_options(value) if isinstance(value, EditOptions) else value
    return plain


@lru_cache(maxsize=64)
def _plain_options(options: EditOptions) -> dict[str, Any]:
    """Kept, because most lines have the same; not to be changed."""
    return asdict(options)


def from_plain(record: Mapping[str, Any]) -> Job:
    """The job that `as_plain` wrote."""
    fields = {name: value for name, value in record.items() if name != "kind"}
    if record["kind"] == BurstJob.kind:
        return BurstJob(**fields)
    options = dict(fields.pop("options"))
    regions = RegionWeights(**options.pop("regions"))
    return PairJob(**fields, options=EditOptions(**options, regions=regions))
