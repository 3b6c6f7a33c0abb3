"""`leadlens audit`: which columns know the answer, and how good the data are, before anything is learned."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from features.errors import Fault, InputError
from leadlens.options import HOME, Config, Data, Home, Label, LeadId, Leads

if TYPE_CHECKING:
    from features.quality import Quality
    from training.auditing.audit import Audit


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found: the verdicts on the columns, and the report on the quality of the data."""

    audit: "Audit"
    quality: "Quality | None"


def audit(
    config: Config = None,
    data: Data = None,
    leads: Leads = None,
    lead_id: LeadId = None,
    label: Label = None,
    fresh: Annotated[
        Path | None,
        typer.Option(
            help="A file of leads that are still open, with the same columns: leaks are empty in it.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write all of it as a page of HTML as well.", show_default=False)
    ] = None,
    home: Home = HOME,
) -> None:
    """Say of each column whether it was filled in after the fact, and how good the data are.

    A leak is left out by 'leadlens train', a suspect is kept. Columns that the mapping excludes are not
    looked at; with --leads, every column of the file but the id and the label is. The quality: duplicates,
    contacts, impossible dates, unknown events, drift.

    \b
    Examples:
      leadlens audit                                   # leadlens.toml in this folder
      leadlens audit --leads leads.csv --id Id --label Converted
      leadlens audit --leads closed.csv --id Id --label Won --fresh open.csv --json
      leadlens audit --html audit.html
    """
    from leadlens.audit_report import print_audit
    from leadlens.quality_pages import quality_lines
    from leadlens.terminal import say, working

    if leads is not None and config is not None:
        raise InputError(Fault("--leads and --config", "one of the two", "both", "Leave one out."))
    notes: list[str] = []
    with working() as report:
        report("reading")
        found = _of_file(leads, lead_id, label, fresh, notes) if leads is not None else None
        if found is None:
            found = _of_company({"config": config, "data": data, "leads": leads, "home": home}, fresh, notes)
    if html is not None and found.quality is not None:
        _write_page(html, found.audit, found.quality)
    if as_json:
        import json

        told = {**found.audit.to_dict(), "quality": found.quality and found.quality.to_dict(), "read": notes}
        say(json.dumps(told, indent=1, ensure_ascii=False))
        return
    for note in notes:
        say(note)
    print_audit(found.audit)
    for line in quality_lines(found.quality) if found.quality is not None else ():
        say(line)
    if html is not None:
        say(f"{html}: " + ("not written" if found.quality is None else "the same as a page"))


def _write_page(path: Path, audit: "Audit", quality: "Quality") -> None:
    from leadlens.quality_pages import VerdictRow, quality_html

    rows = [VerdictRow(column.name, column.verdict, column.evidence) for column in audit.columns]
    try:
        path.write_text(quality_html(quality, verdicts=rows), encoding="utf-8")
    except OSError as problem:
        fault = Fault(f"--html {path}", "a file that can be written", str(problem.strerror), "Name another.")
        raise InputError(fault) from problem


def _of_file(
    leads: Path, lead_id: str | None, label: str | None, fresh: Path | None, notes: list[str]
) -> _Found | None:
    """Audit every column of a file of flat leads; None where the file has no label (but may have dates)."""
    from features.reading.files import read_file
    from leadlens.company import flat_file, said_briefly
    from training.auditing.audit import audit_file

    read = flat_file(leads, lead_id, label)
    if read is None:
        return None
    mapping, raw = read
    content: dict[str, Any] = mapping.model_dump(by_alias=True, exclude_defaults=True)
    notes.append(f"No mapping was given; this one was guessed: {said_briefly(content)}")
    others = None if fresh is None else read_file(fresh, usual_encoding=mapping.leads.encoding).cells
    audited = audit_file(raw, mapping, fresh=None if others is None else {str(c): others[c] for c in others})
    return _Found(audited, _quality_of_file(leads, lead_id, label, notes))


def _quality_of_file(
    leads: Path, lead_id: str | None, label: str | None, notes: list[str]
) -> "Quality | None":
    """Report on a file as a mapping that is guessed understands it, dates and all."""
    from features.quality import quality_report
    from leadlens.company import company_data

    try:
        # What reading decided was said by whoever read the file first.
        mapping, tables = company_data(
            config=None, data=None, leads=leads, lead_id=lead_id, label=label, say=lambda _: None
        )
    except InputError as problem:
        notes.append(f"The quality of the data was not looked at: {problem}")
        return None
    return quality_report(tables, mapping)


def _of_company(given: dict[str, Any], fresh: Path | None, notes: list[str]) -> _Found:
    """Audit what a mapping names."""
    from features.quality import quality_report
    from features.reading import read_leads
    from leadlens.company import company_data
    from training.auditing.audit import audit_history
    from training.examples import cut_examples

    mapping, tables = company_data(**given, say=notes.append)
    others = None if fresh is None else read_leads(fresh, mapping).frame
    cells = None if others is None else {str(c): others[c] for c in others}
    audited = audit_history(tables, mapping, cut_examples(tables, mapping), fresh=cells)
    return _Found(audited, quality_report(tables, mapping))
