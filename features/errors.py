"""How bad input is said: what was expected, what was found, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what somebody gave us.

    `where` locates it for a person ('leads.csv, row 812, column created') or names the field of a
    request ('lead.employees'). The other three complete the sentence.
    """

    where: str
    expected: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        said = f"{self.where}: expected {self.expected}, found {self.found}."
        return f"{said} {self.remedy}" if self.remedy else said


class InputError(ValueError):
    """Input that cannot be used, with every fault found (at least one)."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))

    def __reduce__(self) -> tuple[type[InputError], tuple[Fault, ...]]:
        # A worker's error arrives with its faults, not with their text in place of them.
        return type(self), self.faults


class RefusedError(RuntimeError):
    """Asked for rightly, and refused for a reason that the message names (exit code 3)."""
