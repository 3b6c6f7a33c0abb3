"""`leadlens import`: a company's files into the store, with the times that the files know."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadlens.options import HOME, Config, Data, Home

if TYPE_CHECKING:
    from features.reading.rejects import Rejects


def import_history(
    config: Config = None,
    data: Data = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where to write the mapping for training from the store. Default: it is printed.",
            show_default=False,
        ),
    ] = None,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Put rows that cannot be read into a rejects file.")
    ] = False,
    home: Home = HOME,
) -> None:
    """Bring a company's history into the store.

    The files of the mapping keep their times. What is there already is not written twice, so an import that
    broke off is run again. From then on the store is the record: learn from it with the mapping that this
    writes, and let every later change come over the API.

    \b
    Examples:
      leadlens import --out store.toml                 # leadlens.toml in this folder
      leadlens import --config crm.toml --data exports/ --out store.toml
      leadlens train --config store.toml               # then learn from the store
    """
    from features.mapping import read_mapping
    from leadlens.stored import open_home
    from leadlens.terminal import say, working
    from serving.access.audit_log import COMMAND_LINE, note_act
    from serving.clock import utc_now
    from serving.importing import import_files
    from serving.privacy.erased_files import IMPORT_REJECTS

    path = config or Path("leadlens.toml")
    mapping = read_mapping(path)
    _writable(out)
    rejects = home / IMPORT_REJECTS
    with open_home(home, may_be_new=True) as store, working() as report:
        rejects.unlink(missing_ok=True)
        done = import_files(
            store,
            mapping,
            data or path.parent,
            utc_now(),
            clock=utc_now,
            put_aside=_into(rejects) if skip_bad_rows else None,
            report=report,
        )
        counts = dict(done.counts)
        store.write(
            partial(note_act, now=utc_now(), actor=COMMAND_LINE, act="history imported", counts=counts)
        )
    for note in done.notes:
        say(f"note: {note}")
    for what, count in done.counts.items():
        say(f"{count:,} {what}")
    if rejects.exists():
        say(f"{rejects}: the rows that could not be read")
    text = _toml(done.mapping)
    if out is None:
        say("The mapping for training from the store; keep it in a file, such as store.toml:")
        say(text)
        return
    out.write_text(text, encoding="utf-8")
    say(f"{out}: the mapping for training from the store. Learn from it with: leadlens train --config {out}")


def _writable(out: Path | None) -> None:
    from features.errors import Fault, InputError

    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        remedy = "Name a file in a folder that is there."
        raise InputError(Fault("--out", "a file that can be written", str(out), remedy))


def _into(path: Path) -> Any:
    """Return what appends bad rows to a file that only its owner may read."""

    def put_aside(rejects: Rejects) -> None:
        if not rejects.batches:
            return
        lines = rejects.table()
        lines.insert(0, "file", rejects.said_of)
        is_new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            lines.to_csv(file, header=is_new, index=False)

    return put_aside


def _toml(content: Any) -> str:
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Made by leadlens import: what the files meant, read from the store."))
    if (content.get("training") or {}).get("extract_at"):
        said = (
            "training.extract_at is that of the files: take it out once newer history is to be learned from."
        )
        document.add(tomlkit.comment(said))
    document.update(content)
    return tomlkit.dumps(document)
