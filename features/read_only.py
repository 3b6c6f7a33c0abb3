"""Arrays as kernels take them: one kind, so that one compiled kernel serves all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read_only(*arrays: NDArray[Any]) -> list[NDArray[Any]]:
    """Return views of arrays that cannot be written to.

    A kernel is compiled anew for each combination of arrays that can be written to and that cannot, and what
    comes from pandas or Arrow cannot. So a request would run another machine code than a file, and the first
    of a new kind would wait for a compiler.
    """
    views = [array.view() for array in arrays]
    for view in views:
        view.flags.writeable = False
    return views
