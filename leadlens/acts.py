"""Acts of the command line, noted in the audit log."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from models.registry import Registered


def note(home: Path, registered: Registered, *, act: str, by_service: bool = False, **about: Any) -> None:
    """Note an act on a version in the audit log of a home; where the store is away, say so and go on.

    The act has happened in any case. A home without a store gets one. `by_service`: nobody typed it.
    """
    import sqlalchemy as sa

    from features.errors import InputError
    from leadlens.stored import open_home
    from leadlens.terminal import say
    from serving.access.audit_log import COMMAND_LINE, SERVICE, note_act
    from serving.clock import utc_now
    from serving.store.reach import StoreBusyError

    actor = SERVICE if by_service else COMMAND_LINE
    about = {"name": registered.name, "version": registered.version, **about}
    try:
        with open_home(home, may_be_new=True) as store:
            store.write(partial(note_act, now=utc_now(), actor=actor, act=act, **about))
    except (InputError, OSError, StoreBusyError, sa.exc.DBAPIError) as problem:
        said = str(problem).partition("\n")[0]
        say(f"warning: the log of acts does not tell of this ('{act}'), for the store is away. {said}")
