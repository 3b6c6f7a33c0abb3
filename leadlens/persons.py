"""`leadlens export` and `leadlens erase`: everything of one person, handed out or taken away."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from features.counted import counted
from features.errors import Fault, InputError, RefusedError
from leadlens.options import HOME, Home

LeadArgument = Annotated[str, typer.Argument(help="The id of the lead, or one that it had before.")]


def export(
    lead_id: LeadArgument,
    out: Annotated[Path, typer.Option(help="The file to write, JSON. Only you can read it.")],
    home: Home = HOME,
) -> None:
    """Write everything that the store holds of one person.

    \b
    Examples:
      leadlens export L-1042 --out L-1042.json
    """
    from functools import partial

    from leadlens.stored import open_home
    from leadlens.terminal import say
    from serving.access.audit_log import COMMAND_LINE, note_act
    from serving.clock import utc_now
    from serving.privacy.exporting import export_lead

    with open_home(home) as store:
        with store.snapshot() as connection:
            told = export_lead(connection, lead_id)
        if told is None:
            raise _nobody(lead_id)
        _write(out, json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        leads = len(told["leads"])
        store.write(partial(note_act, now=utc_now(), actor=COMMAND_LINE, act="lead exported", leads=leads))
    listed = {name: rows for name, rows in told.items() if isinstance(rows, list)}
    parts = ", ".join(counted(len(rows), name.removesuffix("s"), name) for name, rows in listed.items())
    say(f"{out}: {parts}")


def erase(
    lead_id: LeadArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Without it nothing is erased.")] = False,
    home: Home = HOME,
) -> None:
    """Erase one person, for good.

    Every row of the lead and of those merged into it, what was recorded of their scores, and the files of the
    home in which they stand. The ledger stays whole. Backups that were taken before still hold the person.

    \b
    Examples:
      leadlens erase L-1042 --yes
    """
    from leadlens.stored import open_whole_home
    from leadlens.terminal import say
    from serving.access.audit_log import COMMAND_LINE
    from serving.clock import utc_now
    from serving.privacy.erasure import erase_lead
    from serving.settings import settings_from

    if not yes:
        raise RefusedError(f"Nothing was erased. If {lead_id!r} is to be erased for good, add --yes.")
    with open_whole_home(home) as store:
        settings = settings_from(os.environ, home=home)
        limit = settings.job_decoded_limit_bytes
        done = erase_lead(
            store, home, lead_id, utc_now(), COMMAND_LINE, settings.jobs_folder, decoded_limit_bytes=limit
        )
        is_sqlite = store.is_sqlite
    if done.leads:
        parts = ((done.leads, "lead"), (done.payloads, "recorded score"), (done.jobs, "score job"))
        say(f"Erased: {', '.join(counted(count, one) for count, one in parts)}.")
    if not done.is_gone_from_home:
        say("A file that came into the home meanwhile may still hold them: look through it.")
    if is_sqlite and not done.is_gone_from_files:
        say("The store's log is being read and could not be cut off: erase again, or stop the service.")
    elif is_sqlite and not done.leads:
        say("The store's log was cut off: nothing of whom was erased before is in it.")
    elif done.leads and not is_sqlite:
        say("PostgreSQL frees the rows' places with its next VACUUM.")
    if not done.leads:
        raise _nobody(lead_id)
    say("Backups that were taken before still hold the person.")


def _nobody(lead_id: str) -> InputError:
    return InputError(Fault("ID", "the id of a lead in the store", repr(lead_id)[:80], "Correct it."))


def _write(out: Path, text: str) -> None:
    out.unlink(missing_ok=True)
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
