"""What Krita is told about: the docker and the actions, and the engine that they share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from krita import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita, Window

from exshot_host.engine.client import EngineClient
from exshot_host.texts import texts
from exshot_host.texts.catalogues import Translator

from .docker import ExShotDocker
from .replaced import ReplacedLayers

DOCKER_ID = "exshot_docker"


def register() -> None:
    """Called once, when Krita loads the plug-in."""
    krita = Krita.instance()
    extension = ExShotExtension(krita)
    krita.addExtension(extension)
    place = DockWidgetFactoryBase.DockPosition.DockRight
    make = partial(ExShotDocker, extension.client, extension.replaced, extension.translate)
    krita.addDockWidgetFactory(DockWidgetFactory(DOCKER_ID, place, make))


class ExShotExtension(Extension):
    """One for all windows of Krita. The engine starts when a docker needs it."""

    def __init__(self, krita: Krita) -> None:
        super().__init__(krita)
        self.translate = Translator()
        self.client = EngineClient(name="Krita", version=krita.version(), translate=self.translate)
        self.replaced = ReplacedLayers()
        krita.notifier().applicationClosing.connect(self.client.close)

    def setup(self) -> None:
        """Nothing before there is a window."""

    def createActions(self, window: Window) -> None:  # noqa: N802 - Krita's name
        """Texts and shortcuts for the user's settings are in ``exshot.action``, in English."""
        for name, text, method in (
            ("exshot_apply", texts.ACTION_APPLY, ExShotDocker.apply_last),
            ("exshot_reedit", texts.ACTION_REEDIT, ExShotDocker.edit_again),
            ("exshot_best", texts.ACTION_BEST, ExShotDocker.best_of_all),
        ):
            action = window.createAction(name, self.translate(text), "tools/scripts")
            action.setText(self.translate(text))
            action.triggered.connect(partial(_call, method))


def _call(method: Callable[[ExShotDocker], None], *_checked: bool) -> None:
    method(_docker())


def _docker() -> ExShotDocker:
    """The one in the window that is in use."""
    return next(docker for docker in Krita.instance().dockers() if isinstance(docker, ExShotDocker))
