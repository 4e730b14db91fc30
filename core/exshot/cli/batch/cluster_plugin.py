"""The plugin that Dask loads into its workers; imported only where Dask is."""

from __future__ import annotations

from distributed.diagnostics.plugin import WorkerPlugin

from exshot.cli.batch.cluster_memory import keep_freed_memory
from exshot.cli.batch.cluster_worker import Bench


class BenchPlugin(WorkerPlugin):
    """Holds a worker's `Bench`; one that is there already stays, with its Editor."""

    idempotent = True

    def __init__(self, name: str) -> None:
        self.name = name

    def setup(self, worker: object) -> None:
        del worker
        keep_freed_memory()
        self.bench = Bench()
        self.bench.warm_up()
