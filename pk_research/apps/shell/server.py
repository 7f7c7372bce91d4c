"""Voila with our pages, addresses and caching."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import tornado.web
from jupyter_events import EventLogger
from jupyter_server.base.handlers import FileFindHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyterlab_server.themes_handler import ThemesHandler
from tornado.ioloop import PeriodicCallback
from traitlets import Float
from traitlets.config import Config
from voila.app import Voila
from voila.request_info_handler import RequestInfoSocketHandler
from voila.static_file_handler import (
    AllowListFileHandler,
    MultiStaticFileHandler,
    TemplateStaticFileHandler,
)
from voila.tornado.contentshandler import VoilaContentsHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler
from voila.tornado.treehandler import TornadoVoilaTreeHandler

from pk_research.apps.about import ABOUT
from pk_research.apps.capacity import n_places, visitors_bytes
from pk_research.apps.log import log_to_stderr_as_json
from pk_research.apps.openrosa.routes import handlers as openrosa_handlers
from pk_research.apps.shell.forking import NAME
from pk_research.apps.shell.gate import LARGEST_MESSAGE, Gate, Limits
from pk_research.apps.shell.headers import Hardened
from pk_research.apps.shell.health import Health, HealthPage
from pk_research.apps.shell.kernels import VisitorKernels
from pk_research.apps.shell.leaving import Leaving, end_children, sockets_for
from pk_research.apps.shell.lines import KernelLine, KernelState, QuietConnection
from pk_research.apps.shell.memory import give_back_regularly, share_arenas
from pk_research.apps.shell.pages import AppPage, FirstAnswer, NotFoundPage, StartPage, find_apps
from pk_research.apps.shell.places import REFRESH_S, Line, Places
from pk_research.apps.shell.scripts import ScriptsFile, join_scripts
from pk_research.apps.shell.static import ExtensionFile, TemplateFile, ThemeFile
from pk_research.apps.survey.logs import keep_addresses_out, log_request
from pk_research.apps.survey.routes import handlers as survey_handlers
from pk_research.apps.survey.visitor import VARIABLE
from pk_research.settings import Settings, read_settings
from pk_research.store import store_of

TEMPLATES = Path(__file__).with_name("share")
IDLE_S = 900
# How often the memory of kernels is looked at.
LOOK_S = 0.5
EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]
# Scripts and styles in the page are our own; nothing may come from, or go to, another server.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)

# Voila's own pages: its folder listing, its way to show a notebook, files beside notebooks, files of
# templates, of which ours has none, and the line by which it tells a notebook how it was asked for.
REPLACED = (
    TornadoVoilaTreeHandler,
    TornadoVoilaHandler,
    VoilaContentsHandler,
    AllowListFileHandler,
    TemplateStaticFileHandler,
    RequestInfoSocketHandler,
)


OURS = {
    KernelHandler: KernelState,
    VoilaKernelWebsocketHandler: KernelLine,
    ThemesHandler: ThemeFile,
    MultiStaticFileHandler: TemplateFile,
    FileFindHandler: ExtensionFile,
}
"""What stands in for a handler of Voila's or Jupyter's."""


class AppsServer(Voila):  # type: ignore[misc]
    """Voila for a folder of app notebooks."""

    leaving: Leaving
    headers_s = Float(60, config=True, help="How long the next request of a connection is waited for.")
    refresh_s = Float(REFRESH_S, config=True, help="How often a page that waits for a place asks again.")
    body_s = Float(30, config=True, help="How long a body may take, beside what a slow connection needs.")
    reading_s = Float(120, config=True, help="How long whoever asked may take nothing of an answer.")

    def start(self) -> None:
        """Serve until the process is told to stop; then let what runs end, and return.

        Voila's own would make an application without a gate, and end whatever runs at once.
        """
        self.connection_dir = tempfile.mkdtemp(prefix="voila_", dir=self.connection_dir_root)
        try:
            patience = {name: getattr(self, name) for name in ("headers_s", "body_s", "reading_s")}
            limits = Limits.of(read_settings(), **patience)
            self.app = Gate(limits, **self.init_settings())
            self.app.settings.update(self.tornado_settings)
            self.app.add_handlers(".*$", self.init_handlers())
            self.leaving = Leaving(self.app, self.kernel_manager, log=self.log)
            give_back_regularly()
            PeriodicCallback(self.kernel_manager.stop_outgrown, 1000 * LOOK_S).start()
            self.leaving.serve(sockets_for(self.ip, self.port))
        finally:
            end_children()
            shutil.rmtree(self.connection_dir, ignore_errors=True)
        self.leaving.begin_anew_if_asked()

    def _handle_signal_stop(self, _signal: int, _frame: object) -> None:
        """End at once: this is heard before anything is served only."""
        sys.exit(0)

    def init_settings(self) -> dict[str, Any]:
        """Keep Voila from running, before anybody asks, what must know for whom it runs."""
        apps = find_apps(Path(self.root_dir))
        self.config.VoilaKernelManager.warm_apps = [app.name for app in apps if app.name in ABOUT]
        cold = [app.name for app in apps if not app.is_preheated]
        denied = [rf"(?:.*/)?{name}\.ipynb$" for name in cold]
        self.config.VoilaKernelManager.preheat_denylist = denied
        keep_addresses_out()
        # Kernels share it; without it each makes its own, which Python's logging keeps for ever.
        self.event_logger = EventLogger(parent=self)
        return {**super().init_settings(), "log_function": log_request}

    def init_handlers(self) -> list[Any]:
        """Put our pages before Voila's, and a plain page where there is none."""
        # Compression cannot be had by a setting: Voila sets those after the application is made.
        self.app.transforms += [tornado.web.GZipContentEncoding, Hardened]
        scripts = join_scripts(self._script_folders())
        self.app.settings["pk_scripts"] = f"{self.base_url}pk/{scripts.name}"
        store = store_of(read_settings())
        self.app.settings["pk_store"] = store
        places = Places(n_places(read_settings()), self.kernel_manager, Line(self.refresh_s))
        self.app.settings["pk_places"] = places
        settings = {"voila_configuration": self.voila_configuration}
        app = {**settings, "template_paths": self.template_paths, "config": self.config}
        ours = [
            (rf"{self.server_url}pk/{scripts.name}", ScriptsFile, {"scripts": scripts}),
            (rf"{self.server_url}pk/first/([a-z]+-[a-z]+[0-9]+)", FirstAnswer, settings),
            (self.server_url, StartPage, settings),
            (rf"{self.server_url}health", HealthPage, {"health": Health(store, places, self.app.traffic)}),
            *openrosa_handlers(store, self.server_url),
            *survey_handlers(store, self.server_url),
            (rf"{self.server_url}([a-z][a-z0-9-]*)", AppPage, app),
        ]
        kept = [
            (place, OURS.get(handler, handler), *options)
            for place, handler, *options in super().init_handlers()
            if handler not in REPLACED
        ]
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
    config.Voila.kernel_websocket_connection_class = QuietConnection
    config.Voila.config_file_paths = []
    config.Voila.tornado_settings = {
        "websocket_compression_options": {},
        "websocket_max_message_size": LARGEST_MESSAGE,
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
    config.VoilaConfiguration.http_keep_alive_timeout = 5
    config.VoilaConfiguration.multi_kernel_manager_class = VisitorKernels
    config.VisitorKernels.most_bytes = settings.kernel_bytes
    config.VisitorKernels.together_bytes = visitors_bytes()
    config.MappingKernelManager.cull_idle_timeout = IDLE_S
    config.MappingKernelManager.cull_interval = 60
    # A kernel that died comes back without the app it ran: better none, and the page says so.
    config.KernelRestarter.restart_limit = 0
    formatter = {"console": {"class": "pk_research.apps.log.JsonLines"}} if settings.is_log_json else {}
    config.Voila.logging_config = {
        "filters": {"short": {"()": "pk_research.apps.log.Shortened"}},
        "handlers": {"console": {"filters": ["short"]}},
        "formatters": formatter,
    }
    return config


def main(argv: list[str] | None = None) -> None:
    """Serve a folder of notebooks until the process is told to stop.

    Parameters
    ----------
    argv
        A folder and Voila's options; the command line by default.
    """
    share_arenas()
    settings = read_settings()
    if settings.is_log_json:
        log_to_stderr_as_json()
    given = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    paths = [str(TEMPLATES), *(path for path in given if path not in {"", str(TEMPLATES)})]
    # Kernels inherit this: one that is started for nobody in particular is nobody's.
    os.environ[VARIABLE] = ""
    os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = NAME  # Jupyter's factory is made before it has options
    os.environ["JUPYTER_PATH"] = os.pathsep.join(paths)
    AppsServer.launch_instance(sys.argv[1:] if argv is None else argv, config=configuration(settings))
