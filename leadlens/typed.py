"""A command as one would type it again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def typed(command: str, options: Mapping[str, Any]) -> str:
    """Return a command line with the options that were given, in their order; None is one that was not.

    >>> typed("train", {"--config": "my crm.toml", "--keep": ["A", "B"], "--seed": 7, "--label": None})
    "leadlens train --config 'my crm.toml' --keep A --keep B --seed 7"
    """
    words = ["leadlens", command]
    for name, given in options.items():
        for value in given if isinstance(given, (list, tuple)) else [given]:
            if value is not None:
                words += [name, str(value)]
    return shlex.join(words)
