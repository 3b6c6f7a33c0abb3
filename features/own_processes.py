"""Parts of a work shared among processes of this machine, which end with the one that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.process import BaseProcess

_Item = TypeVar("_Item")
_Shared = TypeVar("_Shared")
_Result = TypeVar("_Result")

Tell: TypeAlias = Callable[[int], None]
"""Is told how many more are done; what it raises ends the work."""

_LOOK_SECONDS = 0.2
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ARROW_NUM_THREADS"), "1"
)
"""The processors are shared among processes already."""


class LostProcessError(RuntimeError):
    """A process of ours ended unasked: most often the system killed it for its memory."""


@dataclass(frozen=True, slots=True)
class _Done(Generic[_Result]):
    result: _Result


@dataclass(frozen=True, slots=True)
class _Failed:
    problem: Exception


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection


def in_processes(
    function: Callable[[_Item, _Shared, Tell], _Result],
    items: Iterable[_Item],
    shared: _Shared,
    *,
    workers: int,
    tell: Tell,
) -> Iterator[_Result]:
    """Return `function(item, shared, tell)` for each item, whichever is done first.

    `function` is one of a module, and gets `shared` once in each of the `workers` processes. Here `tell`
    hears what it tells there, and 0 several times a second. What is raised, here or there, ends all processes
    at once, and so does the death of this one: nobody goes on working for nobody. Raises LostProcessError
    where one of them dies.
    """
    waiting = iter(items)
    started: list[_Worker] = []
    try:
        with _one_thread_each():
            for item in waiting:
                started.append(_started(function, shared))
                started[-1].connection.send(item)
                if len(started) == workers:
                    break
        busy = list(started)
        while busy:
            ready = wait([worker.connection for worker in busy], _LOOK_SECONDS)
            tell(0)
            for worker in [one for one in busy if one.connection in ready]:
                said = _heard(worker)
                if isinstance(said, int):
                    tell(said)
                    continue
                if isinstance(said, _Failed):
                    raise said.problem
                following = next(waiting, _NOTHING)
                if following is _NOTHING:
                    busy.remove(worker)
                    worker.connection.close()
                else:
                    worker.connection.send(following)
                yield said.result
    finally:
        for worker in started:
            worker.process.kill()  # what one has finished is whole; the rest nobody asks for
            worker.process.join()
            worker.connection.close()


_NOTHING: Any = object()


def _started(function: Callable[..., Any], shared: Any) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, function, shared), daemon=True)
    process.start()
    theirs.close()  # so that the death of either end is heard at the other
    return _Worker(process, ours)


def _heard(worker: _Worker) -> int | _Done[Any] | _Failed:
    try:
        said: int | _Done[Any] | _Failed = worker.connection.recv()
    except (EOFError, OSError) as problem:
        worker.process.join()
        raise LostProcessError(
            f"A process that worked on a part ended with code {worker.process.exitcode}: most often for want "
            "of memory. Run it again, with fewer --workers; it goes on with the parts that are whole."
        ) from problem
    return said


def _serve(connection: Connection, function: Callable[..., Any], shared: Any) -> None:
    """Work on what comes until nobody is at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the one who started us, and who ends us
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            item = connection.recv()
            try:
                said: _Done[Any] | _Failed = _Done(function(item, shared, connection.send))
            except (BrokenPipeError, ConnectionResetError):
                return
            except Exception as problem:  # noqa: BLE001 - raised again by the one who asked
                said = _Failed(problem)
            connection.send(said)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that are started meanwhile take a thread each: their libraries read it as they load."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
