"""What the registry would not do, in words."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from typing import TYPE_CHECKING

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_REMEDY = "Look at MLFLOW_TRACKING_URI and at the server that it names, or at mlflow.db in the home."
_NO_ROOM = re.compile(rf"\[Errno ({ENOSPC}|{EDQUOT})\]")
_CREDENTIALS = re.compile(r"://\S*@")


@contextmanager
def in_words() -> Iterator[None]:
    """Say what MLflow would not do, instead of where in it that was found, and without any credentials.

    Raises InputError. What the machine says of a file (an OSError with words of its own) is let through, and
    that a disk is full is told as it would be, though MLflow tells of it between its own words.
    """
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  # takes seconds: see models.registry
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  # comes with MLflow, and is as slow

    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError) as problem:
        # Those of a connection are OSErrors without words of the machine: requests makes them.
        if isinstance(problem, OSError) and problem.strerror is not None:
            raise
        full = _NO_ROOM.search(str(problem))
        if full is not None:
            raise OSError(int(full[1]), os.strerror(int(full[1]))) from None
        said = without_credentials(str(problem).strip().partition("\n")[0])[:300]
        # The chained error would show the address where a trace is written.
        raise InputError(Fault("the registry (MLflow)", "an answer", said or "none", _REMEDY)) from None


def without_credentials(text: str) -> str:
    """Return a text whose addresses hold no user and no password.

    >>> without_credentials("API request to http://anna:secret@127.0.0.1:9/api failed")
    'API request to http://***@127.0.0.1:9/api failed'
    """
    return _CREDENTIALS.sub("://***@", text)
