"""What `deploy/` hands to other programs is understood by them, where they are installed."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from nginx_before_apps import MISSING, WHY_NOT, Front, configured, self_signed
from ports import free_port
from traitlets.config.loader import PyFileConfigLoader

from pk_research.apps.shell.pages import find_apps

# nginx: that it serves is tested in browser/test_behind_nginx.py


@pytest.mark.skipif(bool(MISSING), reason=WHY_NOT)
def test_nginx_understands_its_configuration(project, tmp_path):
    certificate, _ = self_signed(tmp_path)
    front = Front(free_port(), free_port(), certificate)
    conf = configured((project / "deploy" / "nginx.conf").read_text(), tmp_path, front, apps=free_port())
    tried = subprocess.run(
        ["nginx", "-p", str(tmp_path), "-c", str(conf), "-t"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr
    assert "warn" not in tried.stderr.replace("could not open error log", "")


def test_nginx_knows_every_app_that_costs_a_kernel(project):
    limited = re.search(
        r"location ~ \^/\(([a-z|]+)\)\$ \{\s+limit_req zone=pk_live",
        (project / "deploy" / "nginx.conf").read_text(),
    )
    apps = find_apps(project / "notebooks" / "apps")
    assert set(limited[1].split("|")) == {app.name for app in apps if not app.is_page}


# systemd


@pytest.fixture
def unit(project, tmp_path) -> Path:
    """The unit, with the programs of this machine in it."""
    text = (project / "deploy" / "pk-apps.service").read_text()
    path = tmp_path / "pk-apps.service"
    path.write_text(text.replace("/opt/pk/.venv/bin/pk", shutil.which("true") or "/bin/true"))
    return path


needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed: `apt-get install systemd`"
)


@needs_systemd
def test_systemd_understands_the_unit(unit):
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")


@needs_systemd
def test_the_unit_exposes_little(unit):
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout[-400:]


def test_the_unit_waits_longer_than_the_server_takes_to_leave(project):
    from pk_research.apps.shell.leaving import LATEST_S
    from pk_research.workbench.servers import STOP_TIMEOUT_S

    text = (project / "deploy" / "pk-apps.service").read_text()
    patience = int(re.search(r"TimeoutStopSec=(\d+)s", text)[1])
    assert LATEST_S < STOP_TIMEOUT_S < patience


# The container: it is not built here


def instructions(text: str) -> list[tuple[str, str]]:
    lines = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


KNOWN = {"CMD", "COPY", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "RUN", "STOPSIGNAL", "USER", "VOLUME"}


def test_the_container_runs_as_nobody_special_and_says_how_it_is(project):
    steps = instructions((project / "deploy" / "Containerfile").read_text())
    kinds = [kind for kind, _ in steps]
    assert set(kinds) <= KNOWN | {"WORKDIR"}
    assert kinds[0] == "FROM"
    assert not steps[0][1].endswith((":latest", "debian"))
    assert kinds.count("CMD") == kinds.count("HEALTHCHECK") == kinds.count("USER") == 1
    assert kinds.index("USER") < kinds.index("CMD")
    assert dict(steps)["USER"] not in {"root", "0"}
    assert "/health" in dict(steps)["HEALTHCHECK"]


def test_the_container_copies_what_is_there_and_installs_what_is_locked(project):
    steps = instructions((project / "deploy" / "Containerfile").read_text())
    copied = [name for kind, rest in steps if kind == "COPY" for name in rest.split()[:-1]]
    assert [name for name in copied if not (project / name).exists()] == []
    assert {"requirements.lock", "pyproject.toml", "pk_research", "notebooks", "data"} <= set(copied)
    assert any(kind == "RUN" and "make install" in rest for kind, rest in steps)


# JupyterHub


def hub_config(project: Path, monkeypatch: pytest.MonkeyPatch, **environ: str):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return PyFileConfigLoader("jupyterhub_config.py", path=str(project / "deploy")).load_config()


def test_only_those_who_are_listed_come_into_the_hub(project, monkeypatch):
    config = hub_config(project, monkeypatch, PK_HUB_USERS="ratna, siti", PK_HUB_ADMINS="ratna")
    assert config.Authenticator.allowed_users == {"ratna", "siti"}
    assert config.Authenticator.admin_users == {"ratna"}
    assert config.Authenticator.allow_all is False
    assert hub_config(project, monkeypatch, PK_HUB_USERS="").Authenticator.allowed_users == set()


def test_researchers_get_the_package_limits_and_a_home_of_their_own(project, monkeypatch):
    config = hub_config(project, monkeypatch, PK_HUB_MEMORY="2G", PK_DATABASE_URL="postgresql+psycopg://h/pk")
    assert config.Spawner.environment["PYTHONPATH"] == str(project)
    assert config.Spawner.environment["PK_DATABASE_URL"] == "postgresql+psycopg://h/pk"
    assert callable(config.Spawner.environment["PK_HOME"])
    assert (config.Spawner.mem_limit, config.Spawner.cpu_limit) == ("2G", 2.0)
    assert "PK_SECRET" not in config.Spawner.environment
    culler = config.JupyterHub.services[0]["command"]
    assert any(part.startswith("--timeout=") for part in culler)


HUB = """
load_subconfig({config!r})
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "empat kata acak lagi"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.should_start = True
c.JupyterHub.cleanup_servers = True
c.Spawner.notebook_dir = {home!r}
c.Spawner.args += ["--allow-root"]
c.Spawner.environment["PK_HOME"] = {home!r}
"""


@pytest.fixture
def hub(project, tmp_path) -> Iterator[str]:
    """A hub as configured, but with a password known here and no accounts of the machine."""
    if importlib.util.find_spec("jupyterhub") is None:
        pytest.skip("JupyterHub is not installed: `pip install jupyterhub jupyterhub-idle-culler`")
    if shutil.which("configurable-http-proxy") is None:
        pytest.skip("its proxy is not installed: `npm install --global configurable-http-proxy`")
    address = f"http://127.0.0.1:{free_port()}"
    config = tmp_path / "config.py"
    config.write_text(
        HUB.format(
            config=str(project / "deploy" / "jupyterhub_config.py"),
            hub=free_port(), api=free_port(), home=str(tmp_path),
        )
    )  # fmt: skip
    environ = {"PK_HUB_STATE": str(tmp_path), "PK_HUB_URL": address, "PK_HUB_USERS": "ratna"}
    log = tmp_path / "hub.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)],
            cwd=tmp_path, env={**os.environ, **environ}, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        for _ in range(600):
            assert process.poll() is None, log.read_text()
            try:
                urllib.request.urlopen(f"{address}/hub/login", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


def logged_in(address: str, name: str, password: str) -> tuple[urllib.request.OpenerDirector, str]:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{address}/hub/login", timeout=30).read().decode()
    token = re.search(r'name="_xsrf"\s+value="([^"]+)"', page)[1]
    sent = urllib.parse.urlencode({"username": name, "password": password, "_xsrf": token}).encode()
    try:
        answer = browser.open(f"{address}/hub/login?next=%2Fhub%2Fhome", sent, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return browser, answer.url


@pytest.mark.slow
def test_a_researcher_who_is_listed_comes_into_a_lab_of_their_own_and_nobody_else(hub):
    _, refused = logged_in(hub, "budi", "empat kata acak lagi")
    assert "/hub/login" in refused
    _, refused = logged_in(hub, "ratna", "salah")
    assert "/hub/login" in refused
    browser, opened = logged_in(hub, "ratna", "empat kata acak lagi")
    assert opened.endswith("/hub/home")
    browser.open(f"{hub}/hub/spawn", timeout=120).close()
    page = ""
    for _ in range(120):
        with browser.open(f"{hub}/user/ratna/lab", timeout=60) as answer:
            page = answer.read().decode()
        if "jupyter-config-data" in page and "/user/ratna" in page:
            break
        time.sleep(0.5)
    assert 'id="jupyter-config-data"' in page
