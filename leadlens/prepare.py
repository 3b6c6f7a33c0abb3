"""`leadlens prepare`: a history larger than memory, in buckets of whole leads."""

from pathlib import Path
from typing import Annotated

import typer

from features.counted import counted
from leadlens.options import Config, Data


def prepare(
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    config: Config = None,
    data: Data = None,
    buckets: Annotated[
        int | None,
        typer.Option(
            help="How many buckets. Default: as many as hold about a million events each.",
            min=1,
            max=9_999,
            show_default=False,
        ),
    ] = None,
    memory_limit: Annotated[
        str, typer.Option(help="The memory that sorting may take; a bucket comes on top.")
    ] = "2GB",
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Put rows that cannot be read into a rejects file.")
    ] = False,
) -> None:
    """Prepare a history that is larger than memory.

    The files of the mapping become Parquet in buckets of whole leads, sorted by lead and time.

    \b
    Examples:
      leadlens prepare --out prepared
      leadlens prepare --config crm.toml --data exports/ --out prepared --memory-limit 500MB
    """
    from features.mapping import read_mapping
    from features.prepared.layout import REJECTS
    from features.prepared.write import prepare as write
    from leadlens.terminal import say, working

    path = config or Path("leadlens.toml")
    mapping = read_mapping(path)
    with working() as report:
        prepared = write(
            mapping,
            data or path.parent,
            out,
            buckets=buckets,
            memory_limit=memory_limit,
            skip_bad_rows=skip_bad_rows,
            report=report,
        )
    for note in prepared.manifest.notes:
        say(f"note: {note}")
    for name, table in prepared.manifest.tables.items():
        say(f"{out / name}: {counted(sum(table.rows), 'row')} in {counted(len(prepared), 'bucket')}")
    if (out / REJECTS).exists():
        say(f"{out / REJECTS}: the rows that could not be read")
