"""Asks whether the pinned dependencies have known holes, and says how many were really looked up.

pip-audit ends well when no package could be looked up (offline, or behind a package mirror), so its own
verdict proves nothing: this script counts the answers. It informs and never fails a build: neither a hole
that becomes known nor a missing answer may stop an unrelated change.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent.parent / "requirements" / "dev.txt"
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Advisory:
    """One known hole in one pinned package."""

    package: str
    version: str
    name: str
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        remedy = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "no fixed version yet"
        return f"{self.package} {self.version}: {self.name}, {remedy}"


@dataclass(frozen=True, slots=True)
class Report:
    """What the advisory service answered: packages looked up, packages asked for, holes."""

    looked_up: int
    asked: int
    advisories: tuple[Advisory, ...]

    def __str__(self) -> str:
        answered = f"{self.looked_up} of {self.asked} packages were looked up"
        if self.looked_up == 0:
            return f"warning: {answered}: no answer from the advisory service"
        if self.looked_up < self.asked:
            answered = f"warning: {answered}: no answer for the others"
        holes = [f"warning: {advisory}" for advisory in self.advisories]
        return "\n".join([f"{answered}, {len(holes) or 'no'} known hole{'s'[: len(holes) != 1]}", *holes])


def read_report(text: str) -> Report:
    """Read pip-audit's JSON. Raises ValueError where it is not of the expected shape."""
    try:
        packages: list[dict[str, Any]] = json.loads(text)["dependencies"]
        answered = [package for package in packages if "skip_reason" not in package]
        advisories = tuple(
            Advisory(package["name"], package["version"], hole["id"], tuple(hole["fix_versions"]))
            for package in answered
            for hole in package["vulns"]
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"expected pip-audit's JSON, found {text[:200]!r}") from error
    return Report(len(answered), len(packages), advisories)


def ask(command: list[str], *, timeout_s: float) -> str:
    """Run pip-audit and say in a line or more what came of it, whatever came of it."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
        return str(read_report(done.stdout))
    except subprocess.TimeoutExpired:
        return f"warning: no package was looked up: no answer within {timeout_s:g} s"
    except OSError as error:
        return f"warning: no package was looked up: {error}"
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return f"warning: no package was looked up: {last}"


def main() -> None:
    """Audit the lock file of the development environment, which holds all the others."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--disable-pip"]
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    print("dependency audit:", ask(command + options, timeout_s=TIMEOUT_S))


if __name__ == "__main__":
    main()
