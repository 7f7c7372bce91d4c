"""Voila with our pages, addresses and caching."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import tornado.web
from traitlets.config import Config
from voila.app import Voila
from voila.static_file_handler import AllowListFileHandler, TemplateStaticFileHandler
from voila.tornado.contentshandler import VoilaContentsHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.treehandler import TornadoVoilaTreeHandler

from pk_research.apps.openrosa.routes import handlers as openrosa_handlers
from pk_research.apps.shell.headers import Hardened
from pk_research.apps.shell.pages import AppPage, FirstAnswer, NotFoundPage, StartPage, find_apps
from pk_research.apps.shell.scripts import ScriptsFile, join_scripts
from pk_research.apps.survey.logs import keep_addresses_out, log_request
from pk_research.apps.survey.routes import handlers as survey_handlers
from pk_research.apps.survey.visitor import VARIABLE
from pk_research.settings import Settings, read_settings
from pk_research.store import store_of

TEMPLATES = Path(__file__).with_name("share")
IDLE_S = 900
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
# Scripts and styles in the page are our own; nothing may come from, or go to, another server.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'self'"
)

# Voila's own pages: its folder listing, its way to show a notebook, files beside notebooks, and files of
# templates, of which ours has none.
REPLACED = (
    TornadoVoilaTreeHandler,
    TornadoVoilaHandler,
    VoilaContentsHandler,
    AllowListFileHandler,
    TemplateStaticFileHandler,
)


class AppsServer(Voila):  # type: ignore[misc]
    """Voila for a folder of app notebooks."""

    def init_settings(self) -> dict[str, Any]:
        """Keep Voila from running, before anybody asks, what must know for whom it runs."""
        cold = [app.name for app in find_apps(Path(self.root_dir)) if not app.is_preheated]
        denied = [rf"(?:.*/)?{name}\.ipynb$" for name in cold]
        self.config.VoilaKernelManager.preheat_denylist = denied
        keep_addresses_out()
        return {**super().init_settings(), "log_function": log_request}

    def init_handlers(self) -> list[Any]:
        """Put our pages before Voila's, and a plain page where there is none."""
        # Compression cannot be had by a setting: Voila sets those after the application is made.
        self.app.transforms += [tornado.web.GZipContentEncoding, Hardened]
        scripts = join_scripts(self._script_folders())
        self.app.settings["pk_scripts"] = f"{self.base_url}pk/{scripts.name}"
        store = store_of(read_settings())
        self.app.settings["pk_store"] = store
        settings = {"voila_configuration": self.voila_configuration}
        app = {**settings, "template_paths": self.template_paths, "config": self.config}
        ours = [
            (rf"{self.server_url}pk/{scripts.name}", ScriptsFile, {"scripts": scripts}),
            (rf"{self.server_url}pk/first/([a-z]+-[a-z]+[0-9]+)", FirstAnswer, settings),
            (self.server_url, StartPage, settings),
            *openrosa_handlers(store, self.server_url),
            *survey_handlers(store, self.server_url),
            (rf"{self.server_url}([a-z][a-z0-9-]*)", AppPage, app),
        ]
        kept = [entry for entry in super().init_handlers() if entry[1] not in REPLACED]
        return [*ours, *kept, (r".*", NotFoundPage, settings)]

    def _script_folders(self) -> list[Path]:
        """Return the folders that hold ``static/`` and ``labextensions/``."""
        listed = [*self.static_paths, *self.labextensions_path]
        return [Path(path).parent for path in listed]


def configuration(settings: Settings) -> Config:
    """Return the options of the server: what is shown, to whom, and for how long.

    Parameters
    ----------
    settings
        Where the precomputed first pages are.
    """
    config = Config()
    config.Voila.open_browser = False
    config.Voila.port_retries = 0
    config.Voila.config_file_paths = []
    config.Voila.tornado_settings = {
        "websocket_compression_options": {},
        "headers": {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
        "xsrf_cookie_kwargs": {"samesite": "Lax"},
        "pk_first_pages": settings.home / "apps",
    }
    config.VoilaConfiguration.template = "pk"
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.strip_sources = True
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.file_allowlist = []
    config.VoilaConfiguration.extension_allowlist = EXTENSIONS
    config.VoilaConfiguration.preheat_kernel = True
    config.VoilaConfiguration.default_pool_size = 1
    config.VoilaKernelManager.fill_delay = 0.0
    config.MappingKernelManager.cull_idle_timeout = IDLE_S
    config.MappingKernelManager.cull_interval = 60
    return config


def main(argv: list[str] | None = None) -> None:
    """Serve a folder of notebooks until the process is told to stop.

    Parameters
    ----------
    argv
        A folder and Voila's options; the command line by default.
    """
    paths = [str(TEMPLATES), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    # Kernels inherit this: one that is started for nobody in particular is nobody's.
    os.environ[VARIABLE] = ""
    os.environ["JUPYTER_PATH"] = os.pathsep.join(paths)
    AppsServer.launch_instance(sys.argv[1:] if argv is None else argv, config=configuration(read_settings()))
