"""JupyterHub for many researchers: each has a JupyterLab of their own, with this package.

JupyterHub is no dependency of the project. Beside the project's packages it needs::

    .venv/bin/pip install jupyterhub jupyterhub-idle-culler jupyterhub-systemdspawner
    npm install --global configurable-http-proxy

and is run by ``.venv/bin/jupyterhub -f deploy/jupyterhub_config.py``, behind the nginx of ``nginx.conf``.
Who works here is an account of the machine; ``PK_HUB_USERS`` lists them, ``PK_HUB_ADMINS`` who may see to
the others' servers. See docs/deploying.md.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub gives it

PROJECT = Path(os.environ.get("PK_PROJECT") or Path(__file__).resolve().parents[1])
STATE = Path(os.environ.get("PK_HUB_STATE") or "/var/lib/pk-hub")
BIN = Path(sys.executable).parent
HAS_SYSTEMD = Path("/run/systemd/system").is_dir() and importlib.util.find_spec("systemdspawner") is not None
IDLE_S, OLDEST_S = 3600, 2 * 24 * 3600


def named(variable: str) -> set[str]:
    """Return the names that a variable lists, with commas between them."""
    return {name.strip() for name in os.environ.get(variable, "").split(",") if name.strip()}


def home_of(spawner: Any) -> str:  # noqa: ANN401 - JupyterHub's
    """Return where a researcher's results go: beside their notebooks, not into the checkout."""
    return str(Path(f"~{spawner.user.name}").expanduser() / "pabrik-kampoeng")


# --- the hub

c.JupyterHub.bind_url = os.environ.get("PK_HUB_URL") or "http://127.0.0.1:8000"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:8081"
c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
# Restarting the hub, for a new release, ends nobody's work.
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = True
c.JupyterHub.concurrent_spawn_limit = 4
c.JupyterHub.active_server_limit = int(os.environ.get("PK_HUB_SERVERS") or 20)
c.JupyterHub.tornado_settings = {
    "headers": {"Content-Security-Policy": "frame-ancestors 'self'", "X-Content-Type-Options": "nosniff"},
    "cookie_options": {"samesite": "Lax"},
}

# --- who may come in: accounts of this machine, and of those only who are listed

c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allowed_users = named("PK_HUB_USERS")
c.Authenticator.admin_users = named("PK_HUB_ADMINS")
c.Authenticator.allow_all = False
c.PAMAuthenticator.open_sessions = False
c.LocalAuthenticator.create_system_users = False

# --- what each gets

c.JupyterHub.spawner_class = "systemd" if HAS_SYSTEMD else "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [str(BIN / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
c.Spawner.notebook_dir = "~"
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 60
# systemd holds everybody to these; without it they are only told, by MEM_LIMIT and CPU_LIMIT.
c.Spawner.mem_limit = os.environ.get("PK_HUB_MEMORY") or "4G"
c.Spawner.cpu_limit = float(os.environ.get("PK_HUB_CPUS") or 2)
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.isolate_devices = True
c.SystemdSpawner.disable_user_sudo = True
c.SystemdSpawner.readonly_paths = ["/"]
c.SystemdSpawner.readwrite_paths = ["/home", "/tmp", "/var/tmp"]  # noqa: S108 - what a service may write
c.SystemdSpawner.unit_extra_properties = {"TasksMax": "1024", "OOMPolicy": "kill"}
c.Spawner.environment = {
    "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
    "PYTHONPATH": str(PROJECT),
    "PK_HOME": home_of,
    # One thread each for the libraries that would otherwise take every core, for everybody.
    "OMP_NUM_THREADS": "1",
    **{
        name: value
        for name in ("PK_DATABASE_URL", "PK_BOUNDARIES", "PK_COMPUTE")
        if (value := os.environ.get(name))
    },
}
c.Spawner.args = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--MappingKernelManager.cull_interval=120",
]

# --- a server nobody uses is stopped

c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [
            sys.executable,
            "-m",
            "jupyterhub_idle_culler",
            f"--timeout={IDLE_S}",
            f"--max-age={OLDEST_S}",
            "--cull-every=120",
        ],
    }
]
