"""The public holidays of a country or of a part of it, by its code."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

YEARS = range(2000, 2061)
"""The years whose holidays are known."""


@lru_cache(maxsize=256)
def public_holidays(code: str) -> frozenset[date]:
    """Return the public holidays of a country such as 'DE', or of a part of it such as 'DE-BY'.

    As the library `holidays` has them, for YEARS. Where a calendar follows the moon, later ones are
    estimates. Raises ValueError where there is no such country or part.
    """
    import holidays  # noqa: PLC0415 - takes long to import, and many policies name no country

    country, _, part = code.partition("-")
    parts = holidays.list_supported_countries().get(country)
    if parts is None:
        raise ValueError(f"expected a country or a part of it, such as 'DE' or 'DE-BY', found {code!r}")
    if part and part not in parts:
        known = f"one of {', '.join(parts)}" if parts else "no part"
        raise ValueError(f"expected {known} after '{country}-', found {part!r}")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=YEARS))
