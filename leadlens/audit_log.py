"""`leadlens audit-log`: who did what to the service."""

import json
from typing import Annotated

import typer

from leadlens.options import HOME, Home


def audit_log(
    limit: Annotated[int, typer.Option(help="At most so many, the newest.", min=1)] = 100,
    before: Annotated[
        int | None, typer.Option(help="Only acts before the one with this number.", show_default=False)
    ] = None,
    home: Home = HOME,
) -> None:
    """List administrative acts, the newest first: number, time, who, what, and about what.

    Who is the id of a key, 'command line', or 'service' for what it does by itself. No line names a person.

    \b
    Examples:
      leadlens audit-log
      leadlens audit-log --limit 20 --before 181
    """
    from leadlens.stored import open_home
    from leadlens.terminal import say
    from serving.access.audit_log import acts_page
    from serving.wire.encoding import rfc_3339

    with open_home(home) as store, store.reading() as connection:
        acts = acts_page(connection, before, limit)
    for act in acts:
        about = json.dumps(act.about, ensure_ascii=False, sort_keys=True)
        say(f"{act.number}  {rfc_3339(act.at)}  {act.actor}  {act.act}  {about}")
