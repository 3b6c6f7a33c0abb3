"""`leadlens audit`: which columns know the answer, before anything is learned from them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from features.errors import Fault, InputError
from leadlens.options import Config, Data, Leads

if TYPE_CHECKING:
    from training.auditing import Audit


def audit(
    config: Config = None,
    data: Data = None,
    leads: Leads = None,
    lead_id: Annotated[
        str | None,
        typer.Option("--id", help="With --leads: the column of the lead's id.", show_default=False),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(help="With --leads: the column that says who converted.", show_default=False),
    ] = None,
    fresh: Annotated[
        Path | None,
        typer.Option(
            help="A file of leads that are still open, with the same columns: leaks are empty in it.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say of each column whether it was filled in after the fact, with the evidence.

    A leak is left out by 'leadlens train', a suspect is kept. Columns that the mapping excludes are not
    looked at; with --leads, every column of the file but the id and the label is.

    \b
    Examples:
      leadlens audit                                   # leadlens.toml in this folder
      leadlens audit --leads leads.csv --id Id --label Converted
      leadlens audit --leads closed.csv --id Id --label Won --fresh open.csv --json
    """
    from leadlens.audit_report import print_audit
    from leadlens.terminal import say, working

    if leads is not None and config is not None:
        raise InputError(Fault("--leads and --config", "one of the two", "both", "Leave one out."))
    notes: list[str] = []
    with working() as report:
        report("reading")
        found = _of_file(leads, lead_id, label, fresh, notes) if leads is not None else None
        if found is None:
            found = _of_company(config, data, leads, fresh, notes)
    # The report on the quality of the data belongs here: one more key of the JSON, one more print below.
    if as_json:
        import json

        say(json.dumps({**found.to_dict(), "read": notes}, indent=1, ensure_ascii=False))
        return
    for note in notes:
        say(note)
    print_audit(found)


def _of_file(
    leads: Path, lead_id: str | None, label: str | None, fresh: Path | None, notes: list[str]
) -> "Audit | None":
    """Audit every column of a file of flat leads; None where the file has no label (but may have dates)."""
    from features.reading.files import read_file
    from leadlens.company import flat_file, said_briefly
    from training.auditing import audit_file

    read = flat_file(leads, lead_id, label)
    if read is None:
        return None
    mapping, raw = read
    content: dict[str, Any] = mapping.model_dump(by_alias=True, exclude_defaults=True)
    notes.append(f"No mapping was given; this one was guessed: {said_briefly(content)}")
    others = None if fresh is None else read_file(fresh, usual_encoding=mapping.leads.encoding).cells
    return audit_file(raw, mapping, fresh=None if others is None else {str(c): others[c] for c in others})


def _of_company(
    config: Path | None, data: Path | None, leads: Path | None, fresh: Path | None, notes: list[str]
) -> "Audit":
    """Audit what a mapping names."""
    from features.reading import read_leads
    from leadlens.company import company_data
    from training.auditing import audit_history
    from training.train import cut_examples

    mapping, tables = company_data(config=config, data=data, leads=leads, say=notes.append)
    others = None if fresh is None else read_leads(fresh, mapping).frame
    cells = None if others is None else {str(c): others[c] for c in others}
    return audit_history(tables, mapping, cut_examples(tables, mapping), fresh=cells)
