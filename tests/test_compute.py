"""Heavy loops give the same bytes in one process, in two, and on a Dask cluster that loses a worker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from heavy_loops import USUAL, digest, long_stability
from joblib import Parallel, delayed, parallel_config
from joblib.parallel import get_active_backend
from ports import free_port

from pk_research.apps.findings.model import FindingsModel
from pk_research.apps.trouble import UNEXPECTED
from pk_research.compute import cluster, computing
from pk_research.errors import BadInput, NotReady
from pk_research.sample import load_sample
from pk_research.settings import read_settings
from pk_research.store import open_store

PROGRAM = Path(__file__).with_name("heavy_loops.py")
PATIENCE_S = 60
DONE_BEFORE = 3


def environment(where: str, hash_seed: str) -> dict[str, str]:
    return {**os.environ, "PK_COMPUTE": where, "PYTHONHASHSEED": hash_seed}


def hashes(where: str, hash_seed: str, *loops: str) -> dict[str, str]:
    """Run the loops in a process of their own; return a hash of each result's bytes."""
    lines = subprocess.check_output(
        [sys.executable, PROGRAM, *loops], env=environment(where, hash_seed), text=True
    )
    return dict(line.split() for line in lines.splitlines())


@contextmanager
def process(log: Path, module: str, *options: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module beside the test, and end that very process."""
    with log.open("wb") as written:
        command = [sys.executable, "-m", module, *map(str, options)]
        running = subprocess.Popen(command, stdout=written, stderr=subprocess.STDOUT)
        try:
            yield running
        finally:
            running.kill()
            running.wait()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


@dataclass
class Worker:
    process: subprocess.Popen[bytes]
    address: str


class DaskCluster:
    """A Dask scheduler on loopback without a dashboard; workers are started one by one."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        distributed = pytest.importorskip("distributed", reason="Dask is not installed: the extra `dask`")
        self.folder, self.stack = folder, stack
        self.file = folder / "scheduler.json"
        place = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", self.file)
        stack.enter_context(process(folder / "scheduler.log", "distributed.cli.dask_scheduler", *place))
        until(self.file.is_file)
        self.client = stack.enter_context(
            distributed.Client(scheduler_file=str(self.file), timeout=PATIENCE_S, set_as_default=False)
        )
        self.address = self.client.scheduler.address

    def worker(self, name: str, *, n_threads: int = 1) -> Worker:
        """Start a worker without a nanny that would start it again."""
        place = (
            "--host",
            "127.0.0.1",
            "--no-dashboard",
            "--scheduler-file",
            self.file,
            "--local-directory",
            self.folder,
        )
        options = ("--no-nanny", "--nthreads", str(n_threads), "--name", name)
        log = self.folder / f"{name}.log"
        running = self.stack.enter_context(process(log, "distributed.cli.dask_worker", *place, *options))
        until(lambda: name in self._addresses())
        return Worker(running, self._addresses()[name])

    def _addresses(self) -> dict[str, str]:
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        return {str(worker["name"]): address for address, worker in workers.items()}

    def tasks_of(self, worker: Worker) -> set[str]:
        """Return the tasks a worker is at, or has been given."""
        return {str(key) for key in self.client.processing().get(worker.address, ())}

    def kill_midway(self, worker: Worker) -> dict[str, Any]:
        """Kill a worker once it has done some tasks and is at others; return what the scheduler noted."""
        seen: set[str] = set()

        def is_midway() -> bool:
            seen.update(now := self.tasks_of(worker))
            return len(seen - now) >= DONE_BEFORE and bool(now)

        until(is_midway)
        worker.process.kill()
        until(lambda: worker.address not in self._addresses().values())
        return next(
            event
            for _, event in self.client.get_events("all")
            if event.get("action") == "remove-worker" and event["worker"] == worker.address
        )


@pytest.fixture(scope="module")
def alone() -> str:
    """The long loop as this process computes it, once for all tests."""
    return digest(long_stability())


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[DaskCluster]:
    with ExitStack() as stack:
        yield DaskCluster(tmp_path, stack)


def test_every_loop_gives_the_same_bytes_wherever_it_runs(dask):
    dask.worker("first"), dask.worker("second")
    alone = hashes("", "0")
    assert alone == hashes("2", "1")
    assert alone == hashes(dask.address, "2")
    assert len(alone) == len(set(alone.values())) == len(USUAL)
    assert alone["threads"] == digest([1, 1, 1, 1])


def test_a_worker_killed_midway_changes_no_byte(dask, alone):
    first, _ = dask.worker("first"), dask.worker("second")
    with running(dask.address, "long_stability") as program:
        noted = dask.kill_midway(first)
        assert program.poll() is None
        found = program.communicate(timeout=PATIENCE_S)[0]
    assert noted["processing-tasks"]
    assert found.split() == ["long_stability", alone]


def test_the_death_of_the_only_worker_loses_no_data(dask, alone):
    only = dask.worker("only", n_threads=2)  # a cluster with one thread is not used
    with running(dask.address, "long_stability") as program:
        noted = dask.kill_midway(only)
        dask.worker("later")
        found = program.communicate(timeout=PATIENCE_S)[0]
    assert any(str(key).startswith("data-") for key in noted["lost-computed-tasks"])
    assert not noted["lost-scattered-tasks"]
    assert found.split() == ["long_stability", alone]


@contextmanager
def running(where: str, loop: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, PROGRAM, loop]
    with subprocess.Popen(command, env=environment(where, "3"), stdout=subprocess.PIPE, text=True) as program:
        try:
            yield program
        finally:
            program.kill()


# --- what PK_COMPUTE may say


def workers_of(where: str) -> int:
    with computing(read_settings({"PK_COMPUTE": where})):
        return get_active_backend()[1]


def test_the_setting_says_how_many_workers():
    assert workers_of("3") == 3
    assert workers_of("all") == -1
    assert workers_of(" 2 ") == 2


def test_without_the_setting_the_callers_own_choice_stays():
    with parallel_config(n_jobs=3):
        assert workers_of("") == 3
    assert workers_of("") is None


def test_what_is_given_to_a_loop_itself_goes_before_the_setting():
    with computing(read_settings({"PK_COMPUTE": "2"})):
        here = Parallel(n_jobs=1)(delayed(os.getpid)() for _ in range(3))
    assert set(here) == {os.getpid()}


@pytest.mark.parametrize(
    "where", ["0", "-1", "two", "tcp://", "tcp://host", "http://host:8786", "tcp://a b:1"]
)
def test_any_other_setting_is_refused_at_once(where):
    with pytest.raises(BadInput, match=r"PK_COMPUTE: .* is no place to compute"):
        read_settings({"PK_COMPUTE": where})


# --- a cluster that is not ready


def test_a_scheduler_that_does_not_answer_is_named():
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(NotReady, match=f"no Dask scheduler answers at {address}. Start one"):
        enter(address, timeout_s=0.5)


def test_a_cluster_without_workers_is_not_waited_for_long(dask):
    with pytest.raises(NotReady, match=r"has no workers. Start some with `dask worker tcp://"):
        enter(dask.address, timeout_s=0.5)


def test_workers_with_other_versions_are_refused(dask, monkeypatch):
    worker = dask.worker("old")
    monkeypatch.setattr(cluster.metadata, "version", lambda _: "0.1")  # in this process
    with pytest.raises(NotReady, match=f"Dask worker {worker.address}: it has .*numpy .*, not 0.1"):
        enter(dask.address, timeout_s=5)


def test_without_dask_the_setting_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(NotReady, match=r"Dask is not installed. Run `pip install 'pk-research\[dask\]'`"),
        computing(read_settings({"PK_COMPUTE": "tcp://127.0.0.1:8786"})),
    ):
        pass


def enter(address: str, *, timeout_s: float) -> None:
    with cluster.dask_cluster(address, timeout_s=timeout_s):
        pass


def test_the_findings_app_says_it_failed_and_the_log_says_why(tmp_path, monkeypatch, caplog):
    address = f"tcp://127.0.0.1:{free_port()}"
    monkeypatch.setenv("PK_COMPUTE", address)
    monkeypatch.setattr(cluster, "dask_cluster", partial(cluster.dask_cluster, timeout_s=0.5))
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    store.keep(load_sample())
    model = FindingsModel(store)
    assert (model.status, model.message) == ("failed", UNEXPECTED)
    assert f"no Dask scheduler answers at {address}" in caplog.text
