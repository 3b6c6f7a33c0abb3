"""A company's data, from what the command line was given: a mapping, or files with a guessed one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError
from leadlens.options import HOME

if TYPE_CHECKING:
    from collections.abc import Callable

    from features.mapping import Mapping
    from features.reading.raw_tables import RawTable
    from features.tables import Tables


def company_data(
    *,
    config: Path | None,
    data: Path | None,
    leads: Path | None = None,
    lead_id: str | None = None,
    label: str | None = None,
    needs_label: bool = True,
    home: Path = HOME,
    say: Callable[[str], object],
) -> tuple[Mapping, Tables]:
    """Read what a mapping names, or a file of leads whose mapping is guessed and said.

    A mapping with `leads.source = "store"` names the store of `home`. `needs_label`: a file of leads in which
    nothing says who converted is refused.

    Paths in a mapping file start from its own folder (or `data`); those of a guessed mapping stand as they
    were given, so they start from the current folder, as everything on the command line does.

    Raises InputError where neither is there, and where anything in them cannot be used.
    """
    from features.mapping import mapping_from, read_mapping
    from features.reading import read_tables

    if leads is not None:
        if config is not None:
            raise InputError(Fault("--leads and --config", "one of the two", "both", "Leave one out."))
        content = _guessed(leads, lead_id, label, needs_label=needs_label)
        mapping, folder = mapping_from(content, said_of="the guessed mapping"), Path()
        say(f"No mapping was given; this one was guessed: {said_briefly(content)}")
    else:
        path = config or Path("leadlens.toml")
        mapping, folder = read_mapping(path), data or path.parent
    tables = _stored(mapping, home) if mapping.is_stored else read_tables(mapping, folder)
    for note in tables.notes:
        say(f"note: {note}")
    return mapping, tables


def _stored(mapping: Mapping, home: Path) -> Tables:
    from decisions.deciding.attributes import answer_columns
    from decisions.policy import Policy
    from leadlens.stored import open_home
    from serving.history.training_tables import stored_tables
    from serving.policies.versions import in_force

    with open_home(home) as store:
        with store.reading() as connection:
            published = in_force(connection)
        policy = Policy() if published is None else published.policy
        return stored_tables(store, mapping, answer_columns(policy))


def _guessed(leads: Path, lead_id: str | None, label: str | None, *, needs_label: bool) -> dict[str, Any]:
    from features.guessing import guess_content

    content = guess_content([leads], label=label, id=lead_id)
    if needs_label and not content.get("outcomes"):
        raise InputError(
            Fault(
                leads.name,
                "a column that says which leads converted",
                "none that looks like it",
                "Name it with --label COLUMN, or write a mapping: leadlens init FILE...",
            )
        )
    return content


def flat_file(leads: Path, lead_id: str | None, label: str | None) -> tuple[Mapping, RawTable] | None:
    """Read a file of leads as flat rows with a label, every column of it; None where it has no label.

    What else the guesses find there (a creation, dates of outcomes, exclusions) is left aside: to an audit
    these are columns like the others. Raises InputError where id or label are not there.
    """
    from features.guessing import flat_content
    from features.mapping import mapping_from
    from features.reading.files import read_source

    content = flat_content(leads, label=label, id=lead_id)
    if content is None:
        return None
    mapping = mapping_from(content, said_of="the guessed mapping")
    return mapping, read_source(mapping.leads, Path())


def said_briefly(content: dict[str, Any]) -> str:
    """Return the settings of a mapping in one line.

    >>> said_briefly({"leads": {"path": "a.csv", "id": "Id"}})
    "leads.path = 'a.csv', leads.id = 'Id'"
    """
    return ", ".join(
        f"{section}.{key} = {value!r}" for section in content for key, value in content[section].items()
    )
