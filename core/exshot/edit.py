"""The pipeline, in order: fit, retarget, rasterise, synthesise, compose."""

from __future__ import annotations

from exshot.mesh.face import Face
from exshot.options import EditOptions
from exshot.photo import Photo
from exshot.progress import CancelToken, ProgressCallback
from exshot.result import Edit, Preview


class Editor:
    """Edits expressions; owns the models and the caches. Safe to share between threads."""

    def faces(
        self,
        photo: Photo,
        *,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> tuple[Face, ...]:
        """Faces of the photo, the largest first. Empty when none is found."""
        raise NotImplementedError

    def edit(
        self,
        pose: Photo,
        expression: Photo,
        options: EditOptions = EditOptions(),  # noqa: B008 - frozen
        *,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> Edit:
        """Put the expression of one photo onto the head of another."""
        raise NotImplementedError

    def preview(
        self,
        pose: Photo,
        expression: Photo,
        options: EditOptions = EditOptions(),  # noqa: B008 - frozen
        *,
        size: int = 512,
        progress: ProgressCallback | None = None,
        cancel: CancelToken | None = None,
    ) -> Preview:
        """The same edit at a small size, for dialogs."""
        raise NotImplementedError
