"""Acts of the command line, noted in the audit log."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def note(home: Path, *, act: str, may_be_new: bool = False, **about: Any) -> None:
    """Note an act in the audit log of a home; where the store is away, say so instead of failing.

    A home without a store has no log; with `may_be_new` one is made. The act has happened in any case.
    """
    import sqlalchemy as sa

    from features.errors import InputError
    from leadlens.stored import open_home
    from leadlens.terminal import say
    from serving.access.audit_log import COMMAND_LINE, note_act
    from serving.clock import utc_now
    from serving.settings import settings_from
    from serving.store.database import FILE
    from serving.store.reach import StoreBusyError

    if (
        not may_be_new
        and settings_from(os.environ, home=home).store_url is None
        and not (home / FILE).exists()
    ):
        return
    try:
        with open_home(home, may_be_new=may_be_new) as store:
            store.write(partial(note_act, now=utc_now(), actor=COMMAND_LINE, act=act, **about))
    except (InputError, OSError, StoreBusyError, sa.exc.DBAPIError) as problem:
        said = str(problem).partition("\n")[0]
        say(f"warning: the log of acts does not tell of this ('{act}'), for the store is away. {said}")
