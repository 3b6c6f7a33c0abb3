"""Where work on parts of a history is done: here, one part at a time, or on a Dask cluster.

The functions are the same, so the results are the same to the bit. A function and its arguments are sent to
the workers as Dask sends them (pickled): let only those reach the scheduler whom you trust.
"""

from __future__ import annotations

import logging
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from features.errors import Fault, InputError
from features.processors import usable_processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from features.prepared import Prepared

EngineName = Literal["local", "dask"]
_Item = TypeVar("_Item")
_Shared = TypeVar("_Shared")
_Result = TypeVar("_Result")
_CONNECT_SECONDS = 10
_AHEAD = 2
"""So many parts for each worker are on their way at once, which bounds the memory of results that wait."""


class Engine(Protocol):
    """Does the same to many parts."""

    @property
    def workers(self) -> int:
        """How many parts are worked on at once."""
        ...

    def each(
        self,
        function: Callable[[_Item, _Shared], _Result],
        items: Iterable[_Item],
        shared: _Shared,
    ) -> Iterator[_Result]:
        """Return `function(item, shared)` for each item, in the items' order."""
        ...


class Local:
    """In this process, one part at a time."""

    workers = 1

    def each(
        self, function: Callable[[_Item, _Shared], _Result], items: Iterable[_Item], shared: _Shared
    ) -> Iterator[_Result]:
        """Return `function(item, shared)` for each item, when it is asked for."""
        return (function(item, shared) for item in items)


class OnDask:
    """A Dask cluster. `function` must be one that the workers can import; `shared` is sent to each once."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def workers(self) -> int:
        """How many threads the cluster has."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def each(
        self, function: Callable[[_Item, _Shared], _Result], items: Iterable[_Item], shared: _Shared
    ) -> Iterator[_Result]:
        """Return `function(item, shared)` for each item, in order, while the next ones are worked on."""
        everywhere = self._client.scatter(shared, broadcast=True, hash=False)
        under_way: deque[Any] = deque()
        most = _AHEAD * self.workers
        try:
            for item in items:
                under_way.append(self._client.submit(function, item, everywhere, pure=False))
                if len(under_way) >= most:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            self._client.cancel(list(under_way))


@contextmanager
def engine(name: EngineName, *, scheduler: str | None = None) -> Iterator[Engine]:
    """Give the engine of that name; 'dask' without a scheduler's address starts workers on this machine.

    Raises InputError where Dask is not installed or no scheduler answers at the address.
    """
    if name == "local":
        if scheduler is not None:
            remedy = "Add --engine dask, or leave --scheduler out."
            raise InputError(Fault("--scheduler", "the engine dask", "the engine local", remedy))
        yield Local()
        return
    try:
        import distributed  # noqa: PLC0415 - heavy, and only here
    except ImportError as problem:
        remedy = "Install the training extra: pip install 'leadlens[training]'"
        raise InputError(Fault("--engine dask", "Dask", "it is not installed", remedy)) from problem
    dask: Any = distributed  # its classes have no types
    if scheduler is not None:
        try:
            client = dask.Client(scheduler, timeout=f"{_CONNECT_SECONDS}s")
        except (OSError, ValueError) as problem:
            remedy = "Correct the address, or start it: dask scheduler"
            found = " ".join(str(problem).split())[:200]
            fault = Fault("--scheduler", f"a Dask scheduler at {scheduler}", found, remedy)
            raise InputError(fault) from problem
        with client:
            yield OnDask(client)
        return
    with local_cluster(usable_processors()) as client:
        yield OnDask(client)


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """Give a client of so many worker processes of this machine, which nobody else can reach.

    They speak TLS with certificates made for the occasion: whoever reaches a scheduler can run code.
    """
    import distributed  # noqa: PLC0415 - heavy, and only here

    dask: Any = distributed  # its classes have no types
    # At the end a worker that is slow to stop is stopped for good, which is nobody's concern.
    logging.getLogger("distributed.nanny").setLevel(logging.ERROR)
    with (
        dask.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=True,
            memory_limit=0,  # a worker's memory is bounded by its part; being paused for more helps nobody
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
        ) as cluster,
        dask.Client(cluster) as client,
    ):
        yield client


def each_bucket(
    prepared: Prepared,
    function: Callable[[Prepared, int, _Shared], _Result],
    on: Engine,
    shared: _Shared,
) -> Iterator[_Result]:
    """Return `function(prepared, bucket, shared)` for each bucket of a prepared history, in order.

    The workers read the buckets themselves: the folder must be at the same path for all of them.
    """
    seen_from_all = replace(prepared, folder=prepared.folder.absolute())
    task = _BucketTask(seen_from_all, function, shared)
    return on.each(_on_bucket, range(len(prepared)), task)


@dataclass(frozen=True, slots=True)
class _BucketTask:
    """What all buckets share."""

    prepared: Prepared
    function: Callable[..., Any]
    shared: Any


def _on_bucket(number: int, task: _BucketTask) -> Any:
    return task.function(task.prepared, number, task.shared)
