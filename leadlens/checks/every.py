"""All checks, in the order in which one would look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from features.errors import InputError
from leadlens.checks import champion, home, machine, own_files, program, registry, running, store
from leadlens.checks.finding import Finding, of_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadlens.checks.finding import Check, Installation

CHECKS: tuple[Check, ...] = (
    program.python,
    program.libraries,
    program.compiled_functions,
    machine.cores,
    machine.open_files,
    machine.clock,
    home.folder,
    home.space,
    home.locks,
    own_files.overruled,
    own_files.secrets,
    own_files.policy,
    own_files.words,
    own_files.certificate,
    own_files.proxy,
    store.database,
    store.keys,
    champion.copy,
    registry.alias,
    running.server,
    running.worker,
    running.conditions,
)


def examine(at: Installation) -> Iterator[Finding]:
    """Look at everything. A check that fails itself is a finding, and keeps no other from being made."""
    for check in CHECKS:
        try:
            yield from check(at)
        except InputError as problem:
            yield from of_faults(_name(check), problem)
        except Exception as problem:  # noqa: BLE001 - a broken installation breaks in ways that nobody foresaw
            found = f"it could not be looked at ({type(problem).__name__})."
            yield Finding(_name(check), "failed", found, "Repair what the other lines say, and look again.")


def _name(check: Check) -> str:
    return check.__name__.replace("_", " ")
