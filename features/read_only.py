"""Arrays as kernels take them: one kind, so that one compiled kernel serves all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read_only(*arrays: NDArray[Any]) -> list[NDArray[Any]]:
    """Return arrays that cannot be written to: those that are so already, and views of the others.

    A kernel is compiled anew for each combination of arrays that can be written to and that cannot, and what
    comes from pandas or Arrow cannot. So a request would run another machine code than a file, and the first
    of a new kind would wait for a compiler.
    """
    return [_view(array) if array.flags.writeable else array for array in arrays]


def _view(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
