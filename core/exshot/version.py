"""ExShot's version, which plug-ins and library share."""

from exshot_contract.version import VERSION

__version__ = VERSION
