"""The version of everything: library, engine and plug-ins are released together."""

VERSION = "0.1.0"
