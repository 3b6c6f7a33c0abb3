"""The answer to a database query as a table."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pandas as pd
from sqlalchemy import bindparam, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import Connection


def read_query(url: str, query: str, *, keys: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the rows of `query`, typed as the database types them; `keys` are bound to its `:keys`.

    `$NAME` and `${NAME}` in the URL are taken from the environment, so that no password need stand in
    the mapping. Raises InputError, whose message never holds the password.
    """
    with _connected(url) as connection:
        asked = text(query)
        if keys is not None:
            asked = asked.bindparams(bindparam("keys", list(keys), expanding=True))
        return pd.read_sql(asked, connection)


def query_parts(url: str, query: str, rows: int) -> Iterator[pd.DataFrame]:
    """Return the rows of `query`, so many at a time; drivers that can are asked to send them so.

    Raises as `read_query` does.
    """
    with _connected(url) as connection:
        streamed = connection.execution_options(stream_results=True, max_row_buffer=rows)
        yield from pd.read_sql(text(query), streamed, chunksize=rows)


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    try:
        address = make_url(os.path.expandvars(url))
    except ArgumentError:
        remedy = "Write dialect://user:password@host/database."
        raise InputError(Fault("the mapping, url", "a SQLAlchemy URL", "something else", remedy)) from None
    said_of = address.render_as_string(hide_password=True)
    try:
        engine = create_engine(address)
    except (SQLAlchemyError, ImportError) as problem:
        remedy = "Install the database's driver, or correct the URL."
        raise InputError(
            Fault(said_of, "a known kind of database", _said(problem, address), remedy)
        ) from None
    try:
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, pd.errors.DatabaseError) as problem:
        # The original error is not chained: its text and its frames can hold the password.
        remedy = "Check that the server can be reached, and try the query by hand."
        raise InputError(Fault(said_of, "an answer to the query", _said(problem, address), remedy)) from None
    finally:
        engine.dispose()


def _said(problem: Exception, address: URL) -> str:
    origin = problem.__cause__ if isinstance(problem, pd.errors.DatabaseError) else problem
    said = " ".join(str(getattr(origin, "orig", None) or origin).split())[:300]
    password = address.password
    if password:
        for spelling in {str(password), quote(str(password), safe=""), quote_plus(str(password))}:
            said = said.replace(spelling, "***")
    return said
