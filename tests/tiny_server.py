"""A server with one small app, behind a proxy that it trusts, and visitors with addresses of their own."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path

import nbformat
import psutil
from kernel_processes import kernels_below
from nbformat.v4 import new_code_cell, new_notebook
from ports import free_port

from pk_research.settings import KERNEL_MIB, MIB, Settings
from pk_research.store import open_store
from pk_research.workbench import apps_server, serve
from pk_research.workbench.ports import holder_of
from pk_research.workbench.servers import Server

APP = "pelan"
SAYS_READY = "from IPython.display import HTML; HTML('<p>siap</p>')"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def kernel(self) -> str | None:
        found = re.search(r'kernelId":\s*"([0-9a-f-]{36})', self.text)
        return found[1] if found else None


@dataclass
class Visitor:
    """Somebody behind a proxy, at an address of their own, whose browser keeps cookies."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"X-Forwarded-For": self.address, "Cookie": cookies, **headers}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())

    def close(self, kernel: str) -> int:
        """Close the page of a kernel, as the browser tells the server."""
        token = {"X-XSRFToken": self.cookies["_xsrf"]}
        return self.ask(f"/voila/api/shutdown/{kernel}", method="POST", body=b"", **token).status


@dataclass
class House:
    port: int
    home: Path
    n_visitors: int = 0

    def visitor(self) -> Visitor:
        self.n_visitors += 1
        return Visitor(self.port, f"198.51.100.{self.n_visitors}")

    def health(self) -> dict:
        return json.loads(self.visitor().ask("/health").text)

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(holder_of(self.port).pid)

    def n_kernel_processes(self) -> int:
        return len(kernels_below(self.process))

    @property
    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.home.rglob("*.log"))


def tiny_project(folder: Path, code: str = SAYS_READY) -> Path:
    apps = folder / "notebooks" / "apps"
    apps.mkdir(parents=True)
    kernel = {"name": "python3", "display_name": "", "language": "python"}
    notebook = new_notebook(
        cells=[new_code_cell(code)], metadata={"title": "Aplikasi kecil", "kernelspec": kernel}
    )
    nbformat.write(notebook, apps / f"{APP}.ipynb")
    return folder


@contextlib.contextmanager
def tiny_house(
    home: Path,
    code: str = SAYS_READY,
    *,
    options: Sequence[str] = (),
    kernels: int = 2,
    requests_minute: int = 6000,
    kernel_mib: int = KERNEL_MIB,
    as_run: Callable[[Server], Server] = lambda server: server,
) -> Iterator[House]:
    """Serve the app until the block ends.

    ``options`` are those of the server; how many ``kernels``, how large each, and ``requests_minute`` as in
    the settings; ``as_run`` is what becomes of the server before it runs.
    """
    settings = Settings(
        tiny_project(home, code),
        home,
        f"sqlite:///{home / 'store.sqlite'}",
        boundaries=None,
        trusted_proxies=(ip_network("127.0.0.1"),),
        kernels=kernels,
        kernel_bytes=kernel_mib * MIB,
        requests_minute=requests_minute,
    )
    open_store(settings.database_url)
    server = apps_server(settings, ip="127.0.0.1", port=free_port())
    with serve([as_run(replace(server, command=[*server.command, *options]))]):
        yield House(server.port, home)
