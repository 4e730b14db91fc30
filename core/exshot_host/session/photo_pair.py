"""The two photos of a session, and which face of each is meant."""

from __future__ import annotations

from collections.abc import Sequence

from exshot_contract.messages import SamePerson
from exshot_contract.options import Options, with_faces
from exshot_host.adapter import EditorHost, LayerInfo
from exshot_host.engine.client import EngineClient
from exshot_host.session import first_choice
from exshot_host.session.layer_upload import LayerUpload
from exshot_host.session.roles import EXPRESSION, POSE, ROLES, other
from exshot_host.session.view import RoleView

THUMBNAIL = 96
"""Side of the picture of each face, in pixels."""


class PhotoPair:
    """Pose and expression photo. Where nobody chose a face, the likeliest is taken.

    Attributes:
        faces: index of the face of each role; None while unknown.
        picked: roles whose face somebody chose.
        by_user: those of them where it was the user, not a suggestion.
    """

    def __init__(self, host: EditorHost, client: EngineClient) -> None:
        self.faces: dict[str, int | None] = {POSE: None, EXPRESSION: None}
        self.picked: set[str] = set()
        self.by_user: set[str] = set()
        self._host = host
        self._client = client
        self._photos: dict[str, LayerUpload | None] = {POSE: None, EXPRESSION: None}

    def __getitem__(self, role: str) -> LayerUpload | None:
        return self._photos[role]

    @property
    def chosen(self) -> list[tuple[str, LayerUpload]]:
        """Role and photo of each that is chosen, the pose first."""
        return [(role, photo) for role, photo in self._photos.items() if photo is not None]

    @property
    def complete(self) -> bool:
        """Both are chosen."""
        return len(self.chosen) == len(ROLES)

    @property
    def ready(self) -> bool:
        """Both are sent, and their faces are known."""
        return self.complete and all(photo.ready for _, photo in self.chosen)

    @property
    def both(self) -> tuple[LayerUpload, LayerUpload]:
        """Pose and expression photo of a complete pair."""
        pose, expression = self._photos[POSE], self._photos[EXPRESSION]
        if pose is None or expression is None:
            raise RuntimeError("The pair is not complete.")
        return pose, expression

    @property
    def share(self) -> float:
        """How much of reading, sending and finding faces is done, in [0, 1]."""
        return sum(photo.share for _, photo in self.chosen) / len(ROLES)

    @property
    def undecided(self) -> list[LayerUpload]:
        """Photos with several faces of which nobody chose one."""
        return [
            photo
            for role, photo in self.chosen
            if photo.faces is not None and len(photo.faces.faces) > 1 and role not in self.picked
        ]

    def layer_id(self, role: str) -> str | None:
        photo = self._photos[role]
        return photo.layer.id if photo is not None else None

    def layers(self) -> dict[str, LayerInfo | None]:
        """The layer of each role."""
        return {role: photo.layer if photo else None for role, photo in self._photos.items()}

    def use(self, pose: LayerInfo | None, expression: LayerInfo | None) -> None:
        """Make these the two; a layer that is one of them already is not read again."""
        old = {photo.layer.id: photo for _, photo in self.chosen}
        faces = {photo.layer.id: self.faces[role] for role, photo in self.chosen}
        for role, layer in ((POSE, pose), (EXPRESSION, expression)):
            if layer is None:
                self._photos[role], self.faces[role] = None, None
            elif layer.id in old:
                self._photos[role], self.faces[role] = old.pop(layer.id), faces[layer.id]
            else:
                self._photos[role] = self._upload(layer)
                self.faces[role] = None
        for photo in old.values():
            photo.drop()
        self.picked.clear()
        self.by_user.clear()
        self.guess_faces()

    def _upload(self, layer: LayerInfo) -> LayerUpload:
        return LayerUpload(self._host, self._client, layer, thumbnail=THUMBNAIL)

    def missing(self, layers: Sequence[LayerInfo]) -> list[LayerInfo]:
        """Those of the two that are not among the layers any more."""
        ids = {layer.id for layer in layers}
        return [photo.layer for _, photo in self.chosen if photo.layer.id not in ids]

    def follow(self, layers: Sequence[LayerInfo], *, sure: bool = False) -> None:
        """Take over where the two are now, and read again what has changed since.

        Both must be among the layers. ``sure`` reads again what may have changed, too.
        """
        by_id = {layer.id: layer for layer in layers}
        for _, photo in self.chosen:
            now, before = by_id[photo.layer.id], photo.layer
            moved = (now.width, now.height) != (before.width, before.height)
            unsure = sure and now.revision is None and photo.ready
            if moved or now.revision != before.revision or unsure:
                photo.reread(now)
            else:
                photo.layer = now

    def swap(self) -> None:
        """Exchange the two, with their faces."""
        self._photos = {role: self._photos[other(role)] for role in ROLES}
        self.faces = {role: self.faces[other(role)] for role in ROLES}
        self.picked = {other(role) for role in self.picked}
        self.by_user = {other(role) for role in self.by_user}

    def pick_face(self, role: str, index: int | None, *, by_user: bool = True) -> bool:
        """Choose a face, also before the faces are known; whether that changed something."""
        photo = self._photos[role]
        if photo is None or index is None or index < 0:
            return False
        if photo.faces is not None and index >= len(photo.faces.faces):
            return False
        self.picked.add(role)
        if by_user:
            self.by_user.add(role)
        if self.faces[role] == index:
            return False
        self.faces[role] = index
        self.guess_faces()
        return True

    def faces_found(self, role: str) -> None:
        """The faces of a photo are known now: drop a choice that there is not, guess the rest."""
        photo, index = self._photos[role], self.faces[role]
        known = photo.faces.faces if photo is not None and photo.faces is not None else ()
        if index is not None and index >= len(known):
            self.faces[role] = None
            self.picked.discard(role)
            self.by_user.discard(role)
        self.guess_faces()

    def guess_faces(self) -> None:
        """The largest face of the pose photo, and the one at its place in the expression photo."""
        pose, expression = self._photos[POSE], self._photos[EXPRESSION]
        if pose is None or pose.faces is None or not pose.faces.faces:
            return
        if self.faces[POSE] is None:
            self.faces[POSE] = 0
        if expression is None or expression.faces is None or not expression.faces.faces:
            return
        if EXPRESSION not in self.picked:
            like = pose.faces.faces[self.faces[POSE] or 0]
            self.faces[EXPRESSION] = first_choice.nearest_face(
                expression.faces.faces, expression.layer, like, pose.layer
            )

    def said_match(self) -> SamePerson | None:
        """That the two faces are one person's, where the user chose that of the expression photo.

        None also where the photos are not ready, or are one and the same.
        """
        if EXPRESSION not in self.by_user or not self.ready:
            return None
        pose, expression = self.both
        face, other_face = self.faces[POSE], self.faces[EXPRESSION]
        if pose.name == expression.name or face is None or other_face is None:
            return None
        return SamePerson(pose.name, face, expression.name, other_face)

    def face_options(self, chosen: Options) -> Options:
        """The options with the two face indexes."""
        return with_faces(chosen, self.faces[POSE], self.faces[EXPRESSION])

    def reread(self, *, failed_only: bool = False) -> None:
        """Read the layers again, or those that could not be read."""
        for _, photo in self.chosen:
            if not failed_only or photo.failed:
                photo.reread(photo.layer)

    def view(self, role: str) -> RoleView:
        """One of the two as a dialog shows it."""
        photo = self._photos[role]
        found = photo.faces if photo is not None else None
        return RoleView(
            layer=photo.layer if photo is not None else None,
            faces=found.faces if found is not None else None,
            face=self.faces[role],
            thumbnail=found.thumbnail if found is not None else 0,
            result=found,
        )

    def drop(self) -> None:
        """Let go of both, in the engine, too: a docker lives for days."""
        for _, photo in self.chosen:
            photo.drop(release=True)
        self._photos = {POSE: None, EXPRESSION: None}
