"""Values of a request, checked one by one; faults are gathered, so that a caller hears them all at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from features.cells import CellError, number_of
from features.errors import Fault
from features.times import TimeError, TimeRules, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from features.cells import CellRules

ID_LIMIT = 512
NAME_LIMIT = 200
TEXT_LIMIT = 10_000
ITEMS_LIMIT = 1_000
COLUMN_LIMIT = 2_000
CLOCKS_DIFFER_US = 10 * 60 * 1_000_000
"""How far into the future a time may lie: others' clocks are not ours."""

DAY_US = 24 * 3_600 * 1_000_000


class Faults(list[Fault]):
    """What is wrong with one body so far."""

    def say(self, where: str, expected: str, value: Any, remedy: str) -> None:
        """Add a fault; the value is shown shortly."""
        self.append(Fault(where, expected, shown(value), remedy))


def shown(value: Any) -> str:
    """Return a short description of a value for a fault: containers are named, not repeated.

    >>> shown("soon"), shown(None), shown({"a": 1})
    ("'soon'", 'nothing', 'an object')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and abs(value) >= 2**63:
        return "a larger number"
    text = repr(value[:80] if isinstance(value, str) else value)
    return text if len(text) <= 80 else text[:79] + "…"


def text_at(where: str, value: Any, faults: Faults, *, limit: int = ID_LIMIT) -> str | None:
    """Return an id or a name: text that is not empty; a whole number is taken as it is written."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return str(value)
    if isinstance(value, str) and value.strip() and len(value) <= limit:
        return value if _is_storable(where, value, faults) else None
    faults.say(where, f"text of 1 to {limit} characters", value, "Send it as a JSON string.")
    return None


def time_at(where: str, value: Any, rules: TimeRules, faults: Faults, *, day_end: bool) -> int | None:
    """Return a time in microseconds UTC."""
    try:
        return parse_time(value, rules, day_end=day_end)
    except TimeError as problem:
        faults.say(where, str(problem), value, "Send a time such as 2026-11-21T09:30:00Z.")
        return None


def moment_at(
    where: str, value: Any, rules: TimeRules, now: int, faults: Faults, *, day_end: bool
) -> int | None:
    """Return a time that is not in the future, in microseconds UTC. A few minutes are left to other clocks.

    A day alone stands for its end, also while it is not over.
    """
    moment = time_at(where, value, rules, faults, day_end=day_end)
    if moment is None or moment <= now + CLOCKS_DIFFER_US:
        return moment
    if day_end and moment - now < DAY_US and (moment + 1) % 1_000_000 == 0:
        return moment
    faults.say(where, "a time that is not in the future", value, "Send when it happened, with its time zone.")
    return None


def number_at(where: str, value: Any, rules: CellRules, faults: Faults) -> float | None:
    """Return a number, read as the cell of a file would be, or None where there is none."""
    if isinstance(value, str) and len(value) > NAME_LIMIT:
        faults.append(Fault(where, f"at most {NAME_LIMIT} characters", f"{len(value)}", "Send a number."))
        return None
    try:
        number = number_of(value, rules)
    except CellError as problem:
        faults.say(where, str(problem), value, "Send a number, or none.")
        return None
    return None if math.isnan(number) else number


def cell_at(where: str, value: Any, faults: Faults) -> Any:
    """Return a raw cell: text, a finite number, a boolean, nothing, or a list of texts."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if len(value) > TEXT_LIMIT:
            faults.append(Fault(where, f"at most {TEXT_LIMIT} characters", f"{len(value)}", "Shorten it."))
        _is_storable(where, value, faults)
        return value
    if isinstance(value, int | float):
        if abs(value) < 2**63 if isinstance(value, int) else math.isfinite(value):
            return value
        faults.say(where, "a number that a computer can hold", value, "Send a smaller number, or none.")
        return None
    if isinstance(value, list) and len(value) <= ITEMS_LIMIT and _all_short_texts(value):
        for text in value:
            _is_storable(where, text, faults)
        return value
    expected = "text, a number, true, false, null, or a list of texts"
    faults.say(where, expected, value, "Send one column for each value.")
    return None


def name_at(where: str, name: str, faults: Faults) -> None:
    """Check the name of a column or a property."""
    if len(name) > NAME_LIMIT:
        faults.say(where, f"names of at most {NAME_LIMIT} characters", name, "Shorten the name.")
    else:
        _is_storable(where, name, faults)


def json_at(where: str, value: Any, faults: Faults) -> Any:
    """Return any JSON, which others may nest as they like: its texts and numbers are checked as cells are."""
    level = [value]
    before = len(faults)
    while level and len(faults) == before:
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                for name in item:
                    name_at(where, name, faults)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            else:
                cell_at(where, item, faults)
        level = below
    return value


def object_at(where: str, value: Any, faults: Faults) -> dict[str, Any] | None:
    """Return an object, or None where the value is something else, which is a fault."""
    if isinstance(value, dict):
        return value
    faults.say(where, "a JSON object", value, "Send an object in braces.")
    return None


def only(where: str, members: Iterable[str], known: tuple[str, ...], faults: Faults) -> None:
    """Refuse members that an object does not have, which are most often misspelt."""
    for name in members:
        if name not in known:
            field = f"{where}{name[:NAME_LIMIT]}"
            faults.append(
                Fault(field, f"only {', '.join(known)}", "an unknown field", "Remove or correct it.")
            )


def either(
    where: str, members: dict[str, Any], name: str, alias: str | None, faults: Faults
) -> tuple[str, Any]:
    """Return the name under which a field was sent, and its value (None where it was not sent).

    The canonical name and the company's own are both understood; both at once is a fault.
    """
    if alias is None or alias == name or alias not in members:
        return name, members.get(name)
    if name in members:
        remedy = "They mean the same: send one of them."
        faults.append(Fault(f"{where}{name}", f"either {name} or {alias}", "both", remedy))
    return alias, members[alias]


def _is_storable(where: str, text: str, faults: Faults) -> bool:
    if "\0" not in text:
        return True
    faults.append(Fault(where, "text without NUL characters", "one that holds one", "Leave them out."))
    return False


def _all_short_texts(values: list[Any]) -> bool:
    return all(isinstance(value, str) and len(value) <= TEXT_LIMIT for value in values)
