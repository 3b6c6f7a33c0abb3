"""`leadlens audit-log`: who did what to the service."""

import json
import os
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
    from leadlens.terminal import say
    from serving.access.audit_log import acts_page
    from serving.settings import settings_from
    from serving.store.database import open_store
    from serving.wire.encoding import rfc_3339

    settings = settings_from(os.environ, home=home)
    store = open_store(settings.home, settings.store_url)
    with store.reading() as connection:
        acts = acts_page(connection, before, limit)
    store.close()
    for act in acts:
        about = json.dumps(act.about, ensure_ascii=False, sort_keys=True)
        say(f"{act.number}  {rfc_3339(act.at)}  {act.actor}  {act.act}  {about}")
