"""The policy of a home, for a command: a file that was named, a version of the store, or what is in force."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from decisions.policy import Policy


@dataclass(frozen=True, slots=True)
class PolicyHere:
    """A policy: its text, and what it is called in a sentence. `version` in the store, None for any other."""

    text: str
    said_of: str
    version: int | None = None

    @property
    def policy(self) -> Policy:
        """What the text means. Raises InputError naming the line of each fault."""
        from decisions.policy import policy_of_text

        return policy_of_text(self.text, self.said_of)


def policy_named(named: str | None, home: Path) -> PolicyHere:
    """Return the policy of a file, or the version of the store where the name is a number; None: in force.

    Raises InputError where there is no such thing.
    """
    if named is None:
        return policy_in_force(home)
    return version_here(int(named), home) if named.isdecimal() else policy_file(Path(named))


def policy_file(path: Path) -> PolicyHere:
    """Return the policy of a file. Raises InputError where it cannot be read."""
    try:
        return PolicyHere(path.read_text(encoding="utf-8"), path.name)
    except FileNotFoundError:
        remedy = "Begin with the one that is in force: leadlens policy show"
        raise InputError(Fault(str(path), "a policy file", "no such file", remedy)) from None
    except ValueError as problem:
        raise InputError(Fault(str(path), "TOML in UTF-8", str(problem))) from problem


def policy_in_force(home: Path) -> PolicyHere:
    """Return what the store published last; else the file that the settings name, or that of the home.

    Where there is none of these it is the default, whose own text is empty.
    """
    from leadlens.stored import open_home
    from serving.policies.versions import in_force
    from serving.settings import settings_from

    settings = settings_from(os.environ, home=home)
    if has_store(home):
        with open_home(home) as store, store.reading() as connection:
            found = in_force(connection)
        if found is not None:
            return PolicyHere(found.text, f"version {found.version} of the policy", found.version)
    path = settings.policy or home / "policy.toml"
    if settings.policy is not None or path.exists():
        return policy_file(path)
    return PolicyHere("", "the default policy")


def version_here(version: int, home: Path) -> PolicyHere:
    """Return a version of the store. Raises InputError where there is none of this number."""
    from leadlens.stored import open_home
    from serving.policies.versions import NoSuchPolicyError, policy_version

    try:
        with open_home(home) as store, store.reading() as connection:
            found = policy_version(connection, version)
    except NoSuchPolicyError as problem:
        remedy = "See which there are: leadlens policy list"
        raise InputError(Fault("the policy", "a version of the store", f"{version}", remedy)) from problem
    return PolicyHere(found.text, f"version {version} of the policy", version)


def has_store(home: Path) -> bool:
    """Return whether a home has a store, in a file or by its settings."""
    from serving.settings import settings_from
    from serving.store.database import FILE

    settings = settings_from(os.environ, home=home)
    path = settings.home / FILE
    return settings.store_url is not None or (path.is_file() and path.stat().st_size > 0)
