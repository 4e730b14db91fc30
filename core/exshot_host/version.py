"""Version of the plug-ins' library; released together with the engine."""

VERSION = "0.1.0"
