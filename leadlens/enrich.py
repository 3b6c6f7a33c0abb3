"""`leadlens enrich`: ask a provider about the leads' companies, ahead of training and scoring."""

from pathlib import Path
from typing import Annotated

import typer

from features.counted import counted
from features.errors import Fault, InputError
from leadlens.options import Config, Data


def enrich(
    provider: Annotated[str, typer.Option(help="Whom to ask: the NAME of an [enrichment.NAME].")],
    out: Annotated[Path, typer.Option(help="The file of accounts to add to, Parquet.")],
    config: Config = None,
    data: Data = None,
    refresh: Annotated[
        str | None,
        typer.Option(help="Ask again about what is as old as that, such as 90d.", show_default=False),
    ] = None,
) -> None:
    """Ask a provider about the companies of the leads, and add what it knows to a file of accounts.

    Companies that stand in the file are not asked about again. A run that breaks off goes on where it was.
    Of an e-mail address the domain alone is sent; free providers and universities are no companies.

    \b
    Examples:
      leadlens enrich --provider register --out accounts.parquet
      leadlens enrich --provider register --out accounts.parquet --refresh 90d
    """
    import time

    from features.durations import microseconds
    from features.enrichment.enrich import enrich as ask
    from features.enrichment.enrich import keys_of_leads
    from features.enrichment.provider import provider_of
    from features.mapping import read_mapping
    from leadlens.terminal import counting, say

    if out.suffix != ".parquet":
        remedy = "Accounts are kept as Parquet."
        raise InputError(Fault("--out", "a name that ends in .parquet", str(out), remedy))
    path = config or Path("leadlens.toml")
    mapping, folder = read_mapping(path), data or path.parent
    settings = mapping.enrichment.get(provider)
    if settings is None:
        have = ", ".join(mapping.enrichment) or "none"
        raise InputError(
            Fault(
                f"{path.name}, enrichment", f"a provider {provider!r}", have, "Correct --provider, or add it."
            )
        )
    try:
        age = None if refresh is None else microseconds(refresh)
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint="--refresh") from problem
    keys = keys_of_leads(mapping, settings.lead_key, folder)
    asked = provider_of(provider, settings, folder)
    with counting("companies") as progress:
        done = ask(keys, asked, out, asked_at=time.time_ns() // 1_000, refresh=age, progress=progress)
    asked_about = counted(done.asked, "company", "companies")
    verb = "is" if done.found == 1 else "are"
    say(f"{out}: asked about {asked_about}, of which {done.found:,} {verb} known")
    say(f"{counted(done.kept, 'company', 'companies')} stood there before")
