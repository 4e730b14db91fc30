"""The models that ship with ExShot: where they lie, whether they are whole, how they run."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exshot.address_space import is_small
from exshot.errors import ErrorCode, ExshotError
from exshot.memory import is_out_of_memory, out_of_memory
from exshot.quiet_import import native_output_discarded

with native_output_discarded():
    import onnxruntime as ort

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pyright: ignore[reportMissingImports]

MODELS_FOLDER = Path(__file__).resolve().parent / "models"
INDEX_FILE = "models.toml"
REINSTALL = "Install ExShot again; `exshot doctor` lists the files and their checksums."
MAX_THREADS = 4


@dataclass(frozen=True)
class ModelInfo:
    """One entry of ``models.toml``.

    ``threads`` is how many cores one run may use; 0 leaves the choice to the store.
    """

    name: str
    file: str
    sha256: str
    source: str
    licence: str
    description: str
    threads: int = 0


class ModelStore:
    """Finds, verifies and runs models. Safe to share between threads.

    A session is made on its first use and kept; one session may be run by several threads at
    once. Files are hashed before their first use, and the very bytes that were hashed are loaded.
    """

    def __init__(self, folder: Path | None = None, *, threads: int = 0) -> None:
        """Use the models of ``folder``; of the package where it is None.

        ``threads`` is the most that one run of a model may use; 0 leaves the choice to
        `session_options`.
        """
        self.folder = MODELS_FOLDER if folder is None else Path(folder)
        self._models = read_index(self.folder / INDEX_FILE)
        self._threads = threads
        self._sessions: dict[str, ort.InferenceSession] = {}
        self._lock = threading.Lock()
        # Some builds report usage to their vendor; nothing may leave this computer.
        silence = getattr(ort, "disable_telemetry_events", None)
        if silence is not None:
            silence()

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """What ``models.toml`` lists, whether the file is there or not."""
        return tuple(self._models.values())

    def has(self, name: str) -> bool:
        """Whether the model is listed and its file present (not whether it is whole)."""
        info = self._models.get(name)
        return info is not None and (self.folder / info.file).is_file()

    def path(self, name: str) -> Path:
        """Where the model's file should lie. Raises like `verify` for an unlisted name."""
        return self.folder / self._info(name).file

    def verify(self, name: str) -> None:
        """Check the file against its checksum.

        Raises:
            ExshotError: ``MODEL_MISSING`` or ``MODEL_DAMAGED``.
        """
        self._verified_bytes(self._info(name))

    def session(self, name: str) -> ort.InferenceSession:
        """The model, ready to run.

        Raises:
            ExshotError: ``MODEL_MISSING`` or ``MODEL_DAMAGED``.
        """
        with self._lock:
            found = self._sessions.get(name)
            if found is None:
                found = self._sessions[name] = self._open(self._info(name))
            return found

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays of a model that is no network (``.npz``).

        Raises:
            ExshotError: ``MODEL_MISSING`` or ``MODEL_DAMAGED``.
        """
        info = self._info(name)
        content = io.BytesIO(self._verified_bytes(info))
        try:
            with np.load(content, allow_pickle=False) as data:
                return {key: data[key] for key in data.files}
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise damaged(info.file) from error

    def _info(self, name: str) -> ModelInfo:
        info = self._models.get(name)
        if info is None:
            sentence = f"The model {name} is not part of this installation."
            raise ExshotError(ErrorCode.MODEL_MISSING, sentence, REINSTALL)
        return info

    def _verified_bytes(self, info: ModelInfo) -> bytes:
        try:
            content = (self.folder / info.file).read_bytes()
        except OSError as error:
            sentence = f"The model file {info.file} is missing or cannot be read."
            raise ExshotError(ErrorCode.MODEL_MISSING, sentence, REINSTALL) from error
        if hashlib.sha256(content).hexdigest() != info.sha256:
            raise damaged(info.file)
        return content

    def _open(self, info: ModelInfo) -> ort.InferenceSession:
        content = self._verified_bytes(info)
        allowed = [count for count in (info.threads, self._threads) if count]
        options = session_options(min(allowed, default=0))
        # onnxruntime has no public base class for what it raises on a bad graph.
        try:
            return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            if is_out_of_memory(error):
                raise out_of_memory("to load ExShot's networks") from error
            raise damaged(info.file) from error


def damaged(file: str) -> ExshotError:
    """The error for a file whose content is not what was shipped."""
    return ExshotError(
        ErrorCode.MODEL_DAMAGED, f"The model file {file} of the installation is damaged.", REINSTALL
    )


def session_options(threads: int = 0) -> ort.SessionOptions:
    """Options for a session that shares the computer with an editor.

    ``threads`` of 0 takes the cores of this computer, at most four. Waiting threads sleep instead
    of spinning: a plug-in that idles must not heat a laptop.
    """
    options = ort.SessionOptions()
    most = 1 if is_small() else MAX_THREADS
    options.intra_op_num_threads = min(threads or os.cpu_count() or 1, most)
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # A pool of its own keeps for each network what only its largest run needed; it saves no time.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4  # what fails is raised, and told in a sentence
    return options


def read_index(path: Path) -> dict[str, ModelInfo]:
    """The entries of a ``models.toml``, by name.

    Raises:
        ExshotError: ``MODEL_MISSING`` or ``MODEL_DAMAGED``.
    """
    try:
        entries: dict[str, dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        sentence = f"The list of models, {path.name}, is missing from the installation."
        raise ExshotError(ErrorCode.MODEL_MISSING, sentence, REINSTALL) from error
    except ValueError as error:
        raise damaged(path.name) from error
    try:
        return {name: _entry(name, fields) for name, fields in entries.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(path.name) from error


def _entry(name: str, fields: dict[str, Any]) -> ModelInfo:
    return ModelInfo(
        name=name,
        file=str(fields["file"]),
        sha256=str(fields["sha256"]),
        source=str(fields["source"]),
        licence=str(fields["licence"]),
        description=str(fields["description"]),
        threads=int(fields.get("threads", 0)),
    )
