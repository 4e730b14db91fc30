"""The engine process: serves the Editor to plug-ins over stdin and stdout. See docs/protocol.md.

Nothing here imports numpy, OpenCV or ONNX Runtime before the first request that needs them: an
editor that starts the engine gets its answer to ``hello`` at once, the rest loads behind it.
"""

from exshot.engine.run import main

__all__ = ["main"]
