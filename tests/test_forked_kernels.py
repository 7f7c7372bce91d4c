"""Kernels forked from a warm process: each with what was loaded, and with nothing of another visitor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest
from awaiting import awaited
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from pk_research.apps.shell import forking
from pk_research.apps.shell.forking import ForkedProcess, WarmProcess, can_fork
from pk_research.apps.shell.warm import KERNEL
from pk_research.errors import NotReady

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux only")
WAIT_S = 120
APPS = ("findings", "products")


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def runs(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


# What is watched without being a child


@pytest.fixture
def stranger() -> Iterator[int]:
    """A process whose parent has gone."""
    sleep = "subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)"
    code = f"import subprocess; print({sleep}.pid)"
    pid = int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    yield pid
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def test_a_process_that_runs_has_no_code_yet_and_one_that_ended_has(stranger):
    watched = ForkedProcess(stranger)
    assert watched.poll() is None
    watched.kill()
    assert watched.wait() is not None
    assert watched.poll() == watched.returncode
    watched.terminate()  # of something that has ended, nothing comes


def test_what_never_was_there_cannot_be_watched():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with pytest.raises(ProcessLookupError):
        ForkedProcess(ended.pid)


# Kernels


class Nursery:
    """A warm process, and the kernels that came of it."""

    def __init__(self, folder) -> None:
        self.warm, self.folder, self.n = WarmProcess(APPS, patience_s=WAIT_S), folder, 0

    @contextmanager
    def kernel(self, **env: str) -> Iterator[tuple[int, Callable[[str], str]]]:
        """Give the number of a kernel's process, and a way to let it print."""
        self.n += 1
        file, _ = write_connection_file(str(self.folder / f"{self.n}.json"))
        fork = self.warm.fork(["-f", file], {**os.environ, **env}, str(self.folder))
        pid = awaited(fork)
        client = BlockingKernelClient(connection_file=file)
        client.load_connection_file()
        client.start_channels()

        def printed(code: str) -> str:
            said: list[str] = []

            def hear(message) -> None:
                content = message["content"]
                said.append(content.get("text", "") + "\n".join(content.get("traceback", [])))

            client.execute_interactive(code, timeout=WAIT_S, output_hook=hear)
            return "".join(said).strip()

        try:
            client.wait_for_ready(timeout=WAIT_S)
            yield pid, printed
        finally:
            client.stop_channels()
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def nursery(tmp_path_factory) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path_factory.mktemp("kernels"))
    yield nursery
    nursery.warm.close()


def test_a_kernel_has_its_own_environment_folder_and_name_and_nothing_of_another(nursery):
    with nursery.kernel(PK_VISITOR="one") as (first, in_first), nursery.kernel() as (second, in_second):
        assert in_first("import os; secret = 'of the first'; print(os.environ['PK_VISITOR'])") == "one"
        assert in_second("import os; print(os.environ.get('PK_VISITOR'))") == "None"
        assert "NameError" in in_second("secret")
        assert in_second("print(os.getcwd())") == str(nursery.folder)
        assert psutil.Process(first).name() == psutil.Process(second).name() == KERNEL
        assert os.getpgid(first) == first != os.getpgid(second)


def test_kernels_do_not_draw_the_same_numbers(nursery):
    draw = "import random, numpy, uuid; print(random.random(), numpy.random.rand(), uuid.uuid4())"
    with nursery.kernel() as (_, in_first), nursery.kernel() as (_, in_second):
        drawn = zip(in_first(draw).split(), in_second(draw).split(), strict=True)
        assert all(one != other for one, other in drawn)


def test_every_app_was_loaded_before_and_nothing_was_opened(nursery):
    asked = f"import sys; print([f'pk_research.apps.{{name}}.view' in sys.modules for name in {APPS}])"
    opened = (
        "import os; links = [os.readlink(f'/proc/{os.getppid()}/fd/{fd}') "
        "for fd in os.listdir(f'/proc/{os.getppid()}/fd')]; print([l for l in links if 'sqlite' in l])"
    )
    with nursery.kernel() as (_, printed):
        assert printed(asked) == str([True] * len(APPS))
        assert printed(opened) == "[]"


def test_a_page_can_ask_for_all_widgets_of_a_kernel_at_once(nursery):
    with nursery.kernel() as (_, printed):
        printed("import comm, ipywidgets; label = ipywidgets.Label('of this kernel')")
        assert printed("print(sorted(comm.get_comm_manager().targets))") == str(
            ["jupyter.widget", "jupyter.widget.control"]
        )


def test_child_processes_of_a_kernel_are_waited_for(nursery):
    with nursery.kernel() as (_, printed):
        run = "import subprocess; print(subprocess.run(['sh', '-c', 'exit 3']).returncode)"
        assert printed(run) == "3"


def test_an_interrupt_stops_what_runs_and_not_the_kernel(nursery):
    with nursery.kernel() as (pid, printed):
        later = subprocess.Popen(["sh", "-c", f"sleep 1; kill -INT {pid}"])
        assert "KeyboardInterrupt" in printed("import time; time.sleep(50)")
        later.wait()
        assert printed("print(6 * 7)") == "42"


def test_kernels_end_with_the_warm_process_and_the_next_gets_a_new_one(nursery):
    with nursery.kernel() as (pid, _):
        before = nursery.warm.pid
        os.kill(before, signal.SIGKILL)
        until(lambda: not runs(pid))
    with pytest.raises(OSError, match=r"has ended|Broken pipe|reset"):
        awaited(nursery.warm.fork(["-f", "x"], {}, None))
    with nursery.kernel() as (_, printed):
        assert nursery.warm.pid != before
        assert printed("print(1)") == "1"


def test_while_apps_are_being_loaded_nobody_waits_longer_than_patience():
    warm = WarmProcess(APPS, patience_s=0)
    try:
        for _ in range(2):
            with pytest.raises(NotReady):
                awaited(warm.fork(["-f", "x"], {}, None))
    finally:
        warm.close()


def test_without_a_warm_process_a_kernel_starts_by_itself(monkeypatch, tmp_path):
    """`ForkedKernel` in Jupyter's own manager of kernels, whose warm process cannot be had."""
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.multikernelmanager import AsyncMultiKernelManager

    async def start() -> str:
        kernels = AsyncMultiKernelManager(connection_dir=str(tmp_path))
        kernels.warm = WarmProcess(())
        kernel_id = await kernels.start_kernel()
        kernel: AsyncKernelManager = kernels.get_kernel(kernel_id)
        try:
            name = psutil.Process(kernel.provisioner.process.pid).name()
            assert await kernel.is_alive()
            return name
        finally:
            await kernels.shutdown_all(now=True)
            kernels.warm.close()
            assert not await kernel.is_alive()

    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", forking.NAME)
    monkeypatch.setattr(forking, "WARM", "pk_research.there_is_no_such_module")
    assert awaited(start()) != KERNEL
