"""A Dask cluster for joblib: reached, compared with this process, and robust against lost workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from joblib import parallel_config

from pk_research.errors import NotReady, Problem

if TYPE_CHECKING:
    from distributed import Client, Future
    from joblib.parallel import ParallelBackendBase

TIMEOUT_S = 10
# Another version of these may round, draw or split work otherwise.
SAME_VERSIONS = ("pk-research", "numpy", "scipy", "scikit-learn", "pandas", "joblib")


@contextmanager
def dask_cluster(address: str, *, timeout_s: float = TIMEOUT_S) -> Iterator[None]:
    """Have joblib's loops inside the block run on a Dask cluster that computes as this process does.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    timeout_s
        How long to wait for the scheduler, and then for a first worker, in seconds.

    Raises
    ------
    NotReady
        When Dask is not installed, the scheduler cannot be reached, there are no workers, or they
        have other versions of what computes.
    """
    with _connected(address, timeout_s) as client:
        _require_workers(client, address, timeout_s)
        with parallel_config(backend=_backend(client)):
            yield


def _connected(address: str, timeout_s: float) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise NotReady(
            Problem(
                "PK_COMPUTE",
                f"{address!r} means a Dask cluster, and Dask is not installed",
                "Run `pip install 'pk-research[dask]'`, or give a number of workers instead.",
            )
        ) from error

    class KeepingClient(Client):
        """A client whose data outlives the workers that hold it."""

        # Scattered data lies on one worker and is lost with it; what a task returns, the
        # scheduler has computed again.
        async def scatter(self, data: Any, **_: Any) -> Future[Any]:  # type: ignore[override]  # noqa: ANN401
            return self.submit(_itself, data, key=f"data-{uuid4().hex}")

    try:
        return KeepingClient(address, timeout=timeout_s, set_as_default=False)  # type: ignore[no-untyped-call]
    except OSError as error:
        raise NotReady(
            Problem(
                "PK_COMPUTE",
                f"no Dask scheduler answers at {address}",
                "Start one with `dask scheduler`, check its address, or unset PK_COMPUTE.",
            )
        ) from error


def _backend(client: Client) -> ParallelBackendBase:
    from joblib._dask import DaskDistributedBackend

    class FlatBackend(DaskDistributedBackend):  # type: ignore[misc]
        """Joblib's backend for Dask, whose tasks do not hand out tasks of their own."""

        # Joblib would send even a loop with n_jobs=1 back to the cluster: ten times slower.
        def submit(self, func: Any, callback: Any = None) -> Any:  # noqa: ANN401
            func.items = [(_in_one_process, (task, *args), options) for task, args, options in func.items]
            return super().submit(func, callback)

    return FlatBackend(client=client)


def _in_one_process(task: Callable[..., Any], *args: Any, **options: Any) -> Any:  # noqa: ANN401
    with parallel_config(backend="sequential"):
        return task(*args, **options)


def _itself(data: Any) -> Any:  # noqa: ANN401
    return data


def _require_workers(client: Client, address: str, timeout_s: float) -> None:
    try:
        client.wait_for_workers(1, timeout=timeout_s)
    except TimeoutError as error:
        raise NotReady(
            Problem(
                "PK_COMPUTE",
                f"the Dask scheduler at {address} has no workers",
                f"Start some with `dask worker {address}`, on machines that have this package.",
            )
        ) from error
    here = _versions(SAME_VERSIONS)
    problems = [
        Problem(f"Dask worker {worker}", difference, "Install there what is installed here.")
        for worker, there in client.run(_versions, SAME_VERSIONS).items()
        if (difference := _difference(here, there))
    ]
    if problems:
        raise NotReady(problems)


def _difference(here: dict[str, str], there: dict[str, str]) -> str:
    """Say which versions differ.

    Examples
    --------
    >>> _difference({"numpy": "2.4.6", "scipy": "1.12"}, {"numpy": "2.3", "scipy": "1.12"})
    'it has numpy 2.3, not 2.4.6'
    >>> _difference({"numpy": "2.4.6"}, {"numpy": "2.4.6"})
    ''
    """
    other = [f"{name} {there[name]}, not {here[name]}" for name in here if there[name] != here[name]]
    return f"it has {'; '.join(other)}" if other else ""


def _versions(names: tuple[str, ...]) -> dict[str, str]:
    return {name: metadata.version(name) for name in names}
