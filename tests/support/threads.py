"""Work that is done by many at one time."""

import threading
from collections.abc import Callable, Sequence


def in_threads(works: Sequence[Callable[[], object]]) -> None:
    """Begin all works at once, wait until they are done, and raise what the first of them raised."""
    start = threading.Barrier(len(works), timeout=60)
    failed: list[BaseException] = []

    def done(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except BaseException as problem:  # noqa: BLE001 - whatever it is, the caller is told
            failed.append(problem)

    threads = [threading.Thread(target=done, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
