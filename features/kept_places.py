"""Where tables come from, as it may be kept or shown: without a password, and without a machine's folders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OF_ENVIRONMENT = re.compile(r"\$(?:\w+|\{\w+\})")
_ADDRESS = re.compile(
    r"(?P<kind>[\w+.-]+://)(?:(?P<user>[^:/?@]*)(?P<password>:.*)?@)?(?P<place>[^@?;#]*)(?P<more>[?;#].*)?",
    re.DOTALL,
)
_ROOTED = re.compile(r"[/\\~]|[A-Za-z]:[/\\]|[\w+.-]+://")
_LAST_PART = re.compile(r"[^/\\]*$")


def without_password(url: str) -> str:
    """Return a database's URL without its password and its parameters, of which any can be one.

    All up to the last @ is taken for the password, since one that is not escaped may hold anything; where
    it is a name from the environment, as `$NAME` or `${NAME}`, it stays. A file loses its folders.
    What is no URL is not shown at all.

    >>> without_password("postgresql://me:p@ss@db.example/crm?sslmode=require")
    'postgresql://me:***@db.example/crm?***'
    >>> without_password("postgresql://me:${CRM_PASSWORD}@db.example/crm")
    'postgresql://me:${CRM_PASSWORD}@db.example/crm'
    """
    if _OF_ENVIRONMENT.fullmatch(url):
        return url
    found = _ADDRESS.fullmatch(url)
    if found is None:
        return "***"
    user, password, place = found["user"], found["password"], found["place"]
    who = "" if user is None else f"{user}@"
    if password is not None:
        who = f"{user}{password if _OF_ENVIRONMENT.fullmatch(password[1:]) else ':***'}@"
    if is_rooted(place[1:]):  # sqlite:////srv/crm.db
        place = f"{'//' if place.startswith('//') else '/'}{last_part(place)}"
    return f"{found['kind']}{who}{place}{'' if found['more'] is None else found['more'][0] + '***'}"


def kept_paths(paths: Iterable[str]) -> dict[str, str]:
    """Return for each path what is kept of it: of one from a machine's root the name of the file.

    Paths that differ are kept as different ones.

    >>> list(kept_paths(["exports/events.csv", "/srv/anna/leads.csv", "/srv/old/leads.csv"]).values())
    ['exports/events.csv', 'leads.csv', '2/leads.csv']
    """
    given = dict.fromkeys(paths)
    kept = {path: path for path in given if not is_rooted(path)}
    taken = set(kept)
    for path in given:
        if path not in kept:
            name, number = last_part(path), 1
            while (known := name if number == 1 else f"{number}/{name}") in taken:
                number += 1
            kept[path] = known
            taken.add(known)
    return kept


def found_said(given: Any) -> str:
    """Return what was found in a setting, to be shown: never a whole section, nor an address's password."""
    if isinstance(given, dict):
        return "a section"
    if isinstance(given, (list, tuple)):
        return "a list"
    if isinstance(given, str) and "://" in given:
        return repr(without_password(given))[:80]
    return repr(given)[:80]


def with_kept_paths(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sections of a mapping as they may be kept: each path as `kept_paths` says."""
    parts = [part for held in sections.values() for part in (held if isinstance(held, list) else [held])]
    kept = kept_paths(part["path"] for part in parts if isinstance(part, dict) and "path" in part)
    return {
        name: [_renamed(part, kept) for part in held] if isinstance(held, list) else _renamed(held, kept)
        for name, held in sections.items()
    }


def _renamed(section: Any, kept: Mapping[str, str]) -> Any:
    if not isinstance(section, dict) or "path" not in section:
        return section
    return {**section, "path": kept[section["path"]]}


def is_rooted(path: str) -> bool:
    """Return whether a path starts from the root of a machine, or of a home, or is an address."""
    return _ROOTED.match(path) is not None


def last_part(path: str) -> str:
    """Return the name of a path's file or folder.

    >>> last_part("/srv/anna/"), last_part("/")
    ('anna', 'file')
    """
    found = _LAST_PART.search(path.rstrip("/\\"))
    return found[0] if found is not None and found[0] else "file"
