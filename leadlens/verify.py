"""`leadlens verify`: whether the ledger of scores still says what it said."""

from typing import Annotated

import typer

from features.counted import counted
from leadlens.options import HOME, Home


def verify(
    seal: Annotated[
        str | None,
        typer.Option(
            help="The digest of a seal that was noted elsewhere, which has to be in the chain.",
            show_default=False,
        ),
    ] = None,
    home: Home = HOME,
) -> None:
    """Check the ledger: the chain of seals, every header, every payload that is kept.

    \b
    Examples:
      leadlens verify
      leadlens verify --seal 5f0c…          # what an earlier run named as the newest seal
    """
    from leadlens.stored import open_home
    from leadlens.terminal import counting, say
    from serving.ledger.check import verify as check

    with open_home(home) as store, counting("seals") as told:
        found = check(store, known_seal=seal, told=told)
    say(
        f"{counted(found.headers, 'record')} under {counted(found.seals, 'seal')}; "
        f"{found.unsealed:,} of them wait for one; "
        f"the payloads of {found.erased:,} were erased."
    )
    for fault in found.faults:
        say(fault)
    if found.wrong:
        say(f"The ledger is not as it was written: {counted(found.wrong, 'fault')}.")
        raise typer.Exit(1)
    if found.newest is not None:
        say(f"The newest seal is {found.newest}. Noted elsewhere, it proves that nothing before it changed.")
    say("The ledger is whole.")
