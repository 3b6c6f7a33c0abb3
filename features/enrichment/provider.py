"""A provider: whoever can be asked about companies."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from features.mapping import Enrichment


class Provider(Protocol):
    """One who knows companies by key: an e-mail domain in lower case, or an id."""

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return what is known about some of `keys`: for each key its values by column.

        A key that is absent is not known. Raises InputError where the provider gives no usable answer.
        """


def provider_of(name: str, settings: Enrichment, folder: Path) -> Provider:
    """Return the provider that a mapping's `[enrichment.NAME]` describes; paths are relative to `folder`.

    Secrets are taken from the environment. Raises InputError where one is not there.
    """
    if settings.path is not None:
        from features.enrichment.files import FileProvider  # noqa: PLC0415 - only the chosen one is loaded

        return FileProvider(folder / settings.path, settings.key or "key", settings)
    if settings.query is not None:
        from features.enrichment.databases import SqlProvider  # noqa: PLC0415 - only the chosen one is loaded

        return SqlProvider(settings.url or "", settings.query, settings.key or "key")
    from features.enrichment.http import HttpProvider  # noqa: PLC0415 - only the chosen one is loaded

    return HttpProvider(
        settings.url or "",
        header=settings.header,
        secret=_secret(name, settings.secret),
        timeout_s=settings.timeout / 1_000_000,
        most_bytes=settings.most_bytes,
    )


def _secret(name: str, variable: str | None) -> str | None:
    if variable is None:
        return None
    secret = os.environ.get(variable)
    if not secret:
        remedy = "Set it to what the provider gave you."
        raise InputError(
            Fault(f"enrichment.{name}.secret", f"the environment variable {variable}", "none", remedy)
        )
    return secret
