"""`leadlens keys`: API keys for those who call the service."""

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import Fault, InputError, RefusedError
from leadlens.options import HOME, Home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving.access.key import Key
    from serving.access.key_ring import KeyRing

SHORTEST_LIFE_US = 60_000_000
"""A key that ends sooner would have ended before anybody has put it where it is used."""

KeyId = Annotated[str, typer.Argument(help="The id that 'list' shows.")]

keys = typer.Typer(no_args_is_help=True, help="Make, list, rotate and revoke API keys.")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Who it is for, such as 'crm'.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What it may do: score, ingest, read, metrics, admin. Repeat for several. Default: score."
        ),
    ] = None,
    expires_in: Annotated[
        str | None, typer.Option(help="After how long it ends, such as '90 days'. Default: never.")
    ] = None,
    limit_per_minute: Annotated[
        int | None,
        typer.Option(help="Most requests a minute; 0: any number. Default: what the service is set to."),
    ] = None,
    home: Home = HOME,
) -> None:
    """Make a key. It is shown once; only its hash is kept.

    \b
    Examples:
      leadlens keys create crm
      leadlens keys create dashboard --scope read --scope score
      leadlens keys create partner --expires-in "90 days" --limit-per-minute 600
    """
    from serving.clock import utc_now

    expires_at = None if expires_in is None else utc_now() + _life(expires_in)
    with _ring(home, may_be_new=True) as ring:
        made = ring.create(name, scope or ["score"], expires_at=expires_at, limit_per_minute=limit_per_minute)
    _show_once(*made)


@keys.command("list")
def list_keys(home: Home = HOME) -> None:
    """List the keys, without their texts: what each may do, whether it is valid, its last use, its limit.

    \b
    Example:
      leadlens keys list
    """
    from leadlens.terminal import say
    from serving.clock import utc_now

    now = utc_now()
    with _ring(home) as ring:
        known = ring.all()
    for key in known:
        say("  ".join((key.id, key.name, ",".join(sorted(key.scopes)), key.state(now), *_facts(key))))


@keys.command()
def rotate(
    key_id: KeyId,
    overlap: Annotated[str, typer.Option(help="For how long the old key stays valid.")] = "7 days",
    home: Home = HOME,
) -> None:
    """Make a key that takes the place of another: same name, scopes, limit and length of life.

    The old key goes on for the overlap, so that callers can change over without a gap.

    \b
    Examples:
      leadlens keys rotate 1f0c2a9e                  # the id that 'leadlens keys list' shows
      leadlens keys rotate 1f0c2a9e --overlap "1 day"
    """
    with _ring(home) as ring:
        made = ring.rotate(key_id, _length("--overlap", overlap))
    if made is None:
        raise _no_such_key(key_id)
    _show_once(*made)
    typer.echo(f"Key {key_id} stays valid for {overlap} at most. Change its callers over.", err=True)


@keys.command()
def revoke(key_id: KeyId, home: Home = HOME) -> None:
    """Revoke a key, and end every session that was opened with it, within a second.

    \b
    Example:
      leadlens keys revoke 1f0c2a9e                  # the id that 'leadlens keys list' shows
    """
    from leadlens.terminal import say

    with _ring(home) as ring:
        was_revoked = ring.revoke(key_id)
    if not was_revoked:
        raise _no_such_key(key_id)
    say(f"Key {key_id} is revoked.")


@contextmanager
def _ring(home: Path, *, may_be_new: bool = False) -> "Iterator[KeyRing]":
    from leadlens.stored import open_home
    from serving.access.key_ring import KeyRing
    from serving.clock import utc_now

    with open_home(home, may_be_new=may_be_new) as store, closing(KeyRing(store, utc_now)) as ring:
        yield ring


def _life(text: str) -> int:
    length = _length("--expires-in", text)
    if length < SHORTEST_LIFE_US:
        fault = Fault("--expires-in", "at least a minute, such as '90 days'", repr(text)[:80])
        raise InputError(fault)
    return length


def _length(option: str, text: str) -> int:
    from features.durations import microseconds

    try:
        return microseconds(text)
    except ValueError as problem:
        fault = Fault(option, "a length of time such as '90 days'", repr(text)[:80])
        raise InputError(fault) from problem


def _show_once(key: "Key", text: str) -> None:
    from leadlens.terminal import say

    say(text)
    may = ", ".join(sorted(key.scopes))
    ends = "does not expire" if key.expires_at is None else f"is valid until {_to_the_second(key.expires_at)}"
    typer.echo(f"Key {key.id} for '{key.name}' may: {may}. It {ends}. It is not shown again.", err=True)


def _facts(key: "Key") -> tuple[str, str, str]:
    ends = "no expiry" if key.expires_at is None else f"expires {_to_the_second(key.expires_at)}"
    used = "never used" if key.last_used_at is None else f"used {_to_the_second(key.last_used_at)}"
    limits = {None: "usual limit", 0: "no limit"}
    return ends, used, limits.get(key.limit_per_minute, f"{key.limit_per_minute} a minute")


def _to_the_second(moment: int) -> str:
    from serving.wire.encoding import rfc_3339

    return rfc_3339(moment // 1_000_000 * 1_000_000)


def _no_such_key(key_id: str) -> RefusedError:
    return RefusedError(f"No valid key has the id '{key_id}'. See: leadlens keys list")
