"""The one place that holds ExShot's version."""

__version__ = "0.1.0"
