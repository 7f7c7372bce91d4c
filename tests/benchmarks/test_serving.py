"""What a visitor costs: the figures of docs/deploying.md come from here."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from ipaddress import ip_network

import psutil
import pytest
from kernel_processes import kernels_below
from ports import free_port
from survey_server import FORM, RESEARCHER, SurveyHouse
from survey_server import Visitor as Respondent
from tiny_server import Visitor

from pk_research import sample
from pk_research.apps.serve import write_first_pages
from pk_research.settings import Settings
from pk_research.store import open_store
from pk_research.store.access import read_secret
from pk_research.workbench import apps_server, serve
from pk_research.workbench.ports import holder_of

REQUESTS, CLIENTS = 600, 8
MIB = 2**20


@pytest.fixture(scope="module", autouse=True)
def measured_only(request: pytest.FixtureRequest) -> None:
    options = request.config.option
    if options.benchmark_disable and not options.benchmark_enable:
        pytest.skip("what a visitor costs is measured by `make benchmark`: minutes, and servers of its own")


@pytest.fixture(scope="module", params=[True, False], ids=["preheated", "cold"])
def port(request, project, tmp_path_factory) -> Iterator[int]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(project, home, f"sqlite:///{home / 'store.sqlite'}", boundaries=None)
    settings = replace(settings, trusted_proxies=(ip_network("127.0.0.1"),), requests_minute=999_999)
    store = open_store(settings.database_url)
    store.keep(sample.load_sample())
    write_first_pages(settings, store)
    server = apps_server(settings, ip="127.0.0.1", port=free_port())
    choice = f"--VoilaConfiguration.preheat_kernel={request.param}"
    with serve([replace(server, command=[*server.command, choice])]):
        yield server.port


def kernels_of(port: int) -> list[psutil.Process]:
    return kernels_below(psutil.Process(holder_of(port).pid))


def until_quiet(port: int) -> None:
    """Wait until no kernel works, with preheating for instance."""
    before = -1.0
    for _ in range(120):
        now = sum(child.cpu_times().user for child in kernels_of(port))
        if now - before < 0.02:
            return
        before = now
        time.sleep(0.5)


@pytest.mark.parametrize("app", ["findings", "policy", "products"])
def test_opening_a_live_app(benchmark, port, app):
    opened: list[tuple[Visitor, str]] = []

    def before() -> None:
        close()
        until_quiet(port)
        until_quiet(port)

    def close() -> None:
        for visitor, kernel in opened:
            visitor.close(kernel)
        opened.clear()

    def visit() -> None:
        visitor = Visitor(port, f"198.51.100.{len(opened)}")
        answer = visitor.ask(f"/{app}")
        assert answer.status == 200
        opened.append((visitor, answer.kernel))

    benchmark.pedantic(visit, setup=before, rounds=4)
    until_quiet(port)
    held = [kernel.memory_full_info().uss / MIB for kernel in kernels_of(port)]
    benchmark.extra_info["MiB a kernel"] = [round(mib) for mib in sorted(held)]
    benchmark.extra_info["MiB of the server"] = round(
        psutil.Process(holder_of(port).pid).memory_info().rss / MIB
    )
    close()


@pytest.mark.parametrize("path", ["/", "/health", "/survey"])
def test_asking_for_a_page_without_a_kernel(benchmark, port, path):
    def ask(n: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(n):
            line.request("GET", path)
            answer = line.getresponse()
            answer.read()
            assert answer.status in {200, 302, 303}
        line.close()

    def ask_together() -> None:
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(ask, [REQUESTS // CLIENTS] * CLIENTS))

    until_quiet(port)
    benchmark.pedantic(ask_together, rounds=3, warmup_rounds=1)
    benchmark.extra_info["requests a second"] = round(REQUESTS / benchmark.stats.stats.median)


def test_respondents_who_fill_without_a_kernel(benchmark, project, tmp_path):
    from pyxform.xls2xform import convert

    settings = Settings(project, tmp_path, f"sqlite:///{tmp_path / 'store.sqlite'}", boundaries=None)
    store = open_store(settings.database_url, key=read_secret(tmp_path))
    store.forms.publish(convert(xlsform=FORM, pretty_print=False).xform, by=RESEARCHER)
    house = SurveyHouse(settings, store)
    house.start()
    try:
        link = house.invite(max_uses=400)
        process = psutil.Process(house.process.pid)

        def respond() -> None:
            respondent = Respondent(house)
            respondent.ask(link)
            draft = respondent.begin()
            respondent.api("open", draft=draft)
            respondent.answer(draft, owner="Siti", workers="3")

        respond()
        before = process.memory_info().rss
        benchmark.pedantic(partial(respond), rounds=100)
        grown = (process.memory_info().rss - before) / MIB
        benchmark.extra_info["MiB a respondent"] = round(grown / 100, 2)
        benchmark.extra_info["MiB of the server"] = round(before / MIB)
    finally:
        house.kill()
