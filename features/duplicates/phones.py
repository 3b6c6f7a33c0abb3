"""Phone numbers in their international form."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import phonenumbers

if TYPE_CHECKING:
    from collections.abc import Sequence


def international(text: str, region: str | None = None) -> str | None:
    """Return a number as E.164, or None where no such number can exist or its country is not known.

    `region`: two letters of the country that a national number is of; without it only numbers with
    their country's code are understood.

    >>> international("030 901820", "DE"), international("+49 (30) 901820"), international("030 901820")
    ('+4930901820', '+4930901820', None)
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_valid_phone(text: str, region: str | None) -> bool | None:
    """Return whether a number can exist, or None where its country is not known, so nobody can tell."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as problem:
        unknown = problem.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
        return None if unknown and region is None and not text.lstrip().startswith("+") else False
    return phonenumbers.is_valid_number(number)


def regions(countries: Sequence[str | None]) -> list[str | None]:
    """Return the two letters of countries, from these letters or from a name in any of many languages.

    >>> regions(["de", "atlantis", None])
    ['DE', None, None]
    """
    return [_region(country) for country in countries]


def _region(country: str | None) -> str | None:
    if country is None:
        return None
    letters = country.upper()
    if letters in phonenumbers.SUPPORTED_REGIONS:
        return letters
    return "GB" if letters == "UK" else _names().get(country.casefold())


@cache
def _names() -> dict[str, str]:
    # A large table, which only a company that spells its countries out needs.
    from phonenumbers.geodata.locale import LOCALE_DATA  # noqa: PLC0415

    return {
        name.casefold(): region
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for name in LOCALE_DATA.get(region, {}).values()
        if not name.startswith("*")
    }
