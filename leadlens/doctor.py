"""`leadlens doctor`: checks an installation, and says what to do."""

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from leadlens.options import HOME, Home, SettingsFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadlens.checks import Finding


def doctor(
    home: Home = HOME,
    settings: SettingsFile = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="The port at which a server is looked for. Default: that of the settings.",
            show_default=False,
            min=1,
            max=65_535,
        ),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the registry.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document in place of lines.")] = False,
) -> None:
    """Check an installation, and say what to do. Nothing is changed.

    One line for each thing: ok, warning or FAILED. The exit code is 1 where something failed.

    \b
    Examples:
      leadlens doctor
      leadlens doctor --port 8080                     # the server was started with --port 8080
      leadlens doctor --offline --json
    """
    from leadlens.terminal import say

    findings = []
    for finding in _examined(home, settings, port, offline):
        findings.append(finding)
        if not as_json:
            say(str(finding))
    has_failed = any(finding.level == "failed" for finding in findings)
    if as_json:
        content = {"ok": not has_failed, "findings": [asdict(finding) for finding in findings]}
        say(json.dumps(content, ensure_ascii=False, indent=1))
    if has_failed:
        raise typer.Exit(1)


def _examined(home: "Path", file: "Path | None", port: int | None, offline: bool) -> "Iterator[Finding]":
    from features.errors import InputError
    from leadlens.checks import Finding, Installation, examine, of_faults
    from serving.clock import utc_now
    from serving.setting_sources import settings_file_of
    from serving.settings import settings_from

    path = settings_file_of(os.environ, file, home)
    try:
        chosen = settings_from(os.environ, settings_file=file, home=home, port=port)
        said = (
            f"{path} and the environment can be used." if path.exists() else "there is no file; that is fine."
        )
        yield Finding("settings", "ok", said)
    except InputError as problem:
        yield from of_faults("settings", problem)
        # the rest is looked at with the defaults, so that everything amiss is said at once
        chosen = settings_from({}, settings_file=_nothing(), home=home, port=port)
    at = Installation(
        settings=chosen, settings_file=path, environment=os.environ, now=utc_now(), offline=offline
    )
    yield from examine(at)


def _nothing() -> "Path":
    """Return a file in which nothing is set."""
    from pathlib import Path

    return Path(os.devnull)
