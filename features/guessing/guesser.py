"""`leadlens init`: a first mapping for files that nobody has described yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError
from features.guessing.ending_guesses import Ending, ending_copies, ending_guesses, ending_of
from features.guessing.guess import Guess, content_of
from features.guessing.history_guesses import account_guesses, change_guesses, event_guesses, outcome_guesses
from features.guessing.label_guesses import label_guess
from features.guessing.lead_guesses import column_guesses, created_guess
from features.guessing.mapping_text import mapping_text
from features.guessing.profiles import FileProfile, profile_of
from features.guessing.table_guesses import NO_ID, Roles, roles_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def guess_mapping(files: list[Path], *, label: str | None = None, id: str | None = None) -> str:  # noqa: A002 - the name of the option that people give
    """Return a `leadlens.toml` for `files`, with a comment on every guess.

    `read_mapping` reads it back, and paths stand in it as given. `label` and `id` are columns that the
    caller knows. Raises InputError where a file cannot be read, or where they are not there.
    """
    return mapping_text(guesses_about(files, label=label, id=id))


def guess_content(files: list[Path], *, label: str | None = None, id: str | None = None) -> dict[str, Any]:  # noqa: A002 - as above
    """Return the same guesses as content for `mapping_from`. Raises InputError also where no id is found."""
    content = content_of(guesses_about(files, label=label, id=id))
    if "id" not in content["leads"]:
        remedy = "Name the column that tells the leads apart: --id COLUMN, or leads.id in the mapping."
        raise InputError(Fault(files[0].name, "an id of the leads", NO_ID, remedy))
    return content


def flat_content(leads: Path, *, label: str | None = None, id: str | None = None) -> dict[str, Any] | None:  # noqa: A002 - as above
    """Return a mapping of one file as flat leads with a label, nothing excluded; None where it has no label.

    Raises InputError as `guess_content` does.
    """
    guessed = guess_content([leads], label=label, id=id)
    outcomes = guessed.get("outcomes", {})
    status = label or outcomes.get("label") or outcomes.get("outcome")
    if not isinstance(status, str):
        return None
    kept = ("path", "encoding", "delimiter", "id", "missing", "decimal")
    section = {key: value for key, value in guessed["leads"].items() if key in kept}
    ends = content_of(label_guess(profile_of(leads), {section["id"]}, status))
    return {"leads": section, **ends}


def guesses_about(files: list[Path], *, label: str | None = None, id: str | None = None) -> list[Guess]:  # noqa: A002 - as above
    """Return every guess about `files`, in the order of the mapping."""
    if not files:
        raise InputError(Fault("init", "a file at least", "none", "Name the files: leadlens init FILE..."))
    roles = roles_of([profile_of(path) for path in files], id)
    created = list(created_guess(roles.leads))
    _refuse_unknown_label(roles.leads, label)
    history = list(_history(roles, created))
    own = _own_ending(roles, created, label)
    if own is not None:
        history += _own_outcomes(roles, created, own)
    dated_outcomes = any(guess.section == "outcomes" for guess in history)
    ending = [] if own or (dated_outcomes and label is None) else list(_label(roles, created, label))
    if any(guess.key == "label" for guess in ending):
        history = list(_without_history(history))
    of_leads = content_of(g for g in (*created, *ending, *history) if g.form != "hint")
    used = _used(of_leads, roles)
    copies = list(ending_copies(own)) if own else []
    if dated_outcomes and not ending and not own:
        copies = list(_outcome_copies(roles, created))
    used |= {str(guess.value) for guess in copies}
    return [
        *_source(roles.leads, "leads"),
        _id(roles),
        *created,
        *copies,
        *column_guesses(roles.leads, used),
        *ending,
        *history,
        *_unused(roles),
    ]


def _id(roles: Roles) -> Guess:
    if roles.id is not None:
        return Guess(section="leads", key="id", value=roles.id, why=roles.id_why)
    why = f"no id was found: {roles.id_why}. Set id to the column that tells the leads apart"
    return Guess(section="leads", key="id", why=why, form="hint")


def _source(file: FileProfile, section: str, why: str = "") -> Iterator[Guess]:
    said = f"{file.rows:,} rows, {len(file.columns)} columns" + (f"; {why}" if why else "")
    yield Guess(section=section, key="path", value=file.path.as_posix(), why=said)
    raw = file.raw
    if raw.encoding not in {None, "utf-8", "utf-8-sig"}:
        marked = raw.encoding in {"utf-16", "utf-32"}
        why = "its byte-order mark says so" if marked else "it is not UTF-8, and this is the likeliest"
        yield Guess(section=section, key="encoding", value=raw.encoding, why=why)
    if raw.delimiter not in {None, ","}:
        why = f"parts the header into {len(file.columns)} columns"
        yield Guess(section=section, key="delimiter", value=raw.delimiter, why=why)


def _label(roles: Roles, created: list[Guess], label: str | None) -> Iterator[Guess]:
    taken = {roles.id or ""} | {str(guess.value) for guess in created if guess.key == "created_at"}
    yield from label_guess(roles.leads, taken, label)


def _refuse_unknown_label(leads: FileProfile, label: str | None) -> None:
    if label is not None and label not in leads.columns:
        have = ", ".join(list(leads.columns)[:30])
        remedy = "Name the column that says whether a lead converted."
        raise InputError(Fault(leads.path.name, f"a column {label!r}", f"the columns {have}", remedy))


def _created(created: list[Guess]) -> tuple[str | None, str | None]:
    said = {guess.key: str(guess.value) for guess in created if guess.form == "value"}
    return said.get("created_at"), said.get("time_format")


def _own_ending(roles: Roles, created: list[Guess], label: str | None) -> Ending | None:
    """Return how the file of leads itself tells how and when leads ended, where no other file does."""
    at, form = _created(created)
    if at is None or roles.id is None or roles.outcomes is not None:
        return None
    return ending_of(roles.leads, {at, roles.id}, (at, form), label)


def _own_outcomes(roles: Roles, created: list[Guess], ending: Ending) -> Iterator[Guess]:
    at, form = _created(created)
    why = "the leads themselves say how and when they ended"
    yield from _source(roles.leads, "outcomes", why)
    yield from ending_guesses(roles.leads, ending, roles.id or "", (at or "", form))


def _outcome_copies(roles: Roles, created: list[Guess]) -> Iterator[Guess]:
    """Exclude the column of the leads that repeats what the file of outcomes says."""
    for guess in _label(roles, created, None):
        if guess.key == "label":
            why = f"tells the outcome, which {roles.outcomes.path.name if roles.outcomes else 'a file'} holds"
            yield Guess(section="leads", key="exclude", value=guess.value, why=why, form="item")


def _history(roles: Roles, created: list[Guess]) -> Iterator[Guess]:
    """Guess about the other tables, which only dated leads can have."""
    at, form = _created(created)
    for name in ("events", "changes", "outcomes", "accounts"):
        file: FileProfile | None = getattr(roles, name)
        if file is None:
            continue
        if at is None:
            why = f"{file.path.name} looks like {name}, but without a time of creation it cannot be used"
            yield Guess(section="leads", why=why, form="hint")
            continue
        yield from _source(file, name)
        if name != "accounts":
            yield Guess(section=name, key="lead_id", value=roles.links[name], why=roles.why[name])
        if name == "events":
            yield from event_guesses(file, roles.links[name])
        elif name == "changes":
            yield from change_guesses(file, roles.leads, roles.links[name])
        elif name == "outcomes":
            yield from outcome_guesses(file, roles, (at, form))
        else:
            yield from account_guesses(file, roles)


def _without_history(history: list[Guess]) -> Iterator[Guess]:
    """Leave events and dated outcomes out beside a label, which has no date; say so."""
    for guess in history:
        if guess.section in {"events", "outcomes", "training"}:
            if guess.key == "path":
                why = (
                    f"{guess.value} looks like {guess.section}, but beside a label without dates nobody "
                    "could tell what came after the outcome: give outcomes with their times to use it"
                )
                yield Guess(section="outcomes", why=why, form="hint")
        else:
            yield guess


def _used(content: dict[str, Any], roles: Roles) -> set[str]:
    leads, outcomes = content.get("leads", {}), content.get("outcomes", {})
    accounts = content.get("accounts", {})
    used = {roles.id, leads.get("created_at"), outcomes.get("label"), accounts.get("lead_key")}
    return {name for name in used if name}


def _unused(roles: Roles) -> Iterator[Guess]:
    for file, why in roles.unused:
        yield Guess(section="leads", why=f"{file.path.name} is not used: {why}", form="hint")
