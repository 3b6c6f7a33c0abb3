"""A command as one would type it again, where its files are."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.kept_places import is_rooted, last_part

if TYPE_CHECKING:
    from collections.abc import Mapping


def typed(command: str, options: Mapping[str, Any]) -> str:
    """Return a command line with the options that were given, in their order; None is one that was not.

    It is kept with a version and shown: a path from the machine's root loses its folders, and True is an
    option without a value.

    >>> typed("train", {"--config": Path("/srv/anna/my crm.toml"), "--keep": ["A", "B"], "--label": None})
    "leadlens train --config 'my crm.toml' --keep A --keep B"
    """
    words = ["leadlens", command]
    for name, given in options.items():
        for value in given if isinstance(given, (list, tuple)) else [given]:
            if value is not None:
                words += [name] if value is True else [name, _without_folders(value)]
    return shlex.join(words)


def _without_folders(value: Any) -> str:
    text = str(value)
    return last_part(text) if isinstance(value, Path) and is_rooted(text) else text
