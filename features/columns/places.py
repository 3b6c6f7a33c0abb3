"""Where a country lies: its region as the United Nations draw them, from any usual spelling of its name."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib.resources import files

from features.columns.plain_words import plain

REGIONS = (
    "Northern America", "Central America", "Caribbean", "South America", "Northern Europe", "Western Europe",
    "Southern Europe", "Eastern Europe", "Northern Africa", "Western Africa", "Middle Africa",
    "Eastern Africa",
    "Southern Africa", "Western Asia", "Central Asia", "Southern Asia", "South-eastern Asia", "Eastern Asia",
    "Australia and New Zealand", "Melanesia", "Micronesia", "Polynesia", "Antarctica",
)  # fmt: skip

LONGEST_NAME = 100
"""No country's name has more characters. The patterns, whose time grows with the square of a text's length,
take seconds for one of 10,000."""

_OWN_NAMES = {
    "DE": "Deutschland|Allemagne|Alemania|Germania|Duitsland|BRD",
    "AT": "Österreich|Autriche|Austria|Oostenrijk",
    "CH": "Schweiz|Suisse|Suiza|Svizzera|Zwitserland",
    "FR": "Frankreich|Francia|Frankrijk",
    "ES": "Spanien|Espagne|España|Spagna|Spanje",
    "IT": "Italien|Italie|Italia",
    "GB": "Großbritannien|Grossbritannien|Vereinigtes Königreich|Royaume-Uni|Grande-Bretagne|Angleterre"
    "|Reino Unido"
    "|Inglaterra|Regno Unito|England|Scotland|Wales|Northern Ireland|Great Britain",
    "US": "Vereinigte Staaten|Vereinigte Staaten von Amerika|États-Unis|Etats-Unis d'Amérique|Estados Unidos"
    "|EE UU|EEUU|Stati Uniti|Amerika|America|USA",
    "NL": "Niederlande|Pays-Bas|Países Bajos|Holanda|Paesi Bassi|Nederland|Holland",
    "BE": "Belgien|Belgique|Bélgica|Belgio|België",
    "LU": "Luxemburg|Luxemburgo|Lussemburgo",
    "DK": "Dänemark|Danemark|Dinamarca|Danimarca|Danmark",
    "SE": "Schweden|Suède|Suecia|Svezia|Sverige",
    "NO": "Norwegen|Norvège|Noruega|Norvegia|Norge",
    "FI": "Finnland|Finlande|Finlandia|Suomi",
    "PL": "Polen|Pologne|Polonia|Polska",
    "CZ": "Tschechien|Tchéquie|Chequia|Repubblica Ceca|Czech Republic",
    "IE": "Irland|Irlande|Irlanda",
    "GR": "Griechenland|Grèce|Grecia|EL",
    "TR": "Türkei|Turquie|Turquía|Turchia|Türkiye",
    "RU": "Russland|Russie|Rusia|Russia",
    "BR": "Brasilien|Brésil|Brasil|Brasile",
    "MX": "Mexiko|Mexique|México|Messico",
    "CA": "Kanada|Canadá",
    "CN": "Chine|Cina",
    "JP": "Japon|Japón|Giappone",
    "IN": "Indien|Inde",
    "ZA": "Südafrika|Afrique du Sud|Sudáfrica|Sudafrica",
    "MA": "Marokko|Maroc|Marruecos|Marocco",
}  # fmt: skip
"""Names in the languages of the neighbours, which the library `country-converter` does not hold."""


def region_of(country: str) -> str | None:
    """Return the region of a country (one of REGIONS), or None where the text names no country.

    A name, an official name, two or three letters; else the library's patterns, where exactly one country
    matches. Case and accents make no difference. A text of more than LONGEST_NAME characters names none.

    >>> region_of("DE"), region_of("usa"), region_of("Österreich"), region_of("nowhere")
    ('Western Europe', 'Northern America', 'Western Europe', None)
    """
    if len(country) > LONGEST_NAME:
        return None
    return _region_of(country)


def code_of(country: str) -> str | None:
    """Return the two letters of a country (ISO 3166), or None where the text names none; as `region_of` does.

    >>> code_of("DE"), code_of("usa"), code_of("Österreich"), code_of("nowhere")
    ('DE', 'US', 'AT', None)
    """
    return None if len(country) > LONGEST_NAME else _code_of(country)


@lru_cache(maxsize=2048)
def _region_of(country: str) -> str | None:
    known = _spellings().get(plain(country))
    if known is not None:
        return _regions()[known]
    found = {_regions()[code] for code in _matched(country)}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=2048)
def _code_of(country: str) -> str | None:
    known = _spellings().get(plain(country))
    if known is not None:
        return known
    found = _matched(country)
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=1)
def _rows() -> tuple[dict[str, str], ...]:
    """Return the countries of today as the library `country-converter` lists them.

    Its table is read as it is: the library's own reader takes Namibia's 'NA' for a missing value under
    pandas 3, and fails.
    """
    text = (files("country_converter") / "country_data.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(row for row in rows if row["UNregion"] in REGIONS and not row["obsolete"])


@lru_cache(maxsize=1)
def _regions() -> dict[str, str]:
    """Return the region of every country by its two letters."""
    return {_code(row): row["UNregion"] for row in _rows()}


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """Return the two letters of a country for every spelling that is known by heart, as plain words."""
    codes: dict[str, str] = {}
    for row in _rows():
        letters = (_letters(code) for field in ("ISO2", "ISO3") for code in row[field].split("|"))
        for name in (row["name_short"], row["name_official"], *letters, row["IOC"]):
            if name:
                codes.setdefault(plain(name), _code(row))
    for code, names in _OWN_NAMES.items():
        for name in names.split("|"):
            codes.setdefault(plain(name), code)
    return codes


def _code(row: dict[str, str]) -> str:
    return _letters(row["ISO2"].split("|")[0])


def _letters(pattern: str) -> str:
    return re.sub(r"[^A-Za-z]", "", pattern)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["regex"], re.IGNORECASE), _code(row)) for row in _rows())


@lru_cache(maxsize=2048)
def _matched(country: str) -> tuple[str, ...]:
    return tuple(code for pattern, code in _patterns() if pattern.search(country))
