"""Where settings come from: options of a command, the environment, a file; and who said what."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

PREFIX = "LEADLENS_"
FILE = "settings.toml"
FILE_VARIABLE = "LEADLENS_SETTINGS"
HOME = "home"
OTHER_VARIABLES = frozenset({FILE_VARIABLE, "LEADLENS_DATA", "LEADLENS_PROVE"})
"""Variables with the prefix that are no settings: where the file is, and two of the project's tests."""

_TESTS = "LEADLENS_TEST_"
PATHS = frozenset({"policy", "leads", "jobs_folder", "tls_certificate", "tls_key"})
"""Settings that are paths: those of a file start from its folder."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value as it was given, who gave it, and what to do where it cannot be used."""

    value: Any
    where: str
    remedy: str


def found_in(
    environment: Mapping[str, str],
    names: Collection[str],
    file: Path | None = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Found]:
    """Return what was chosen of the settings called `names`, each from the source that wins.

    An empty variable and an option that is None choose nothing. Raises InputError where the file cannot be
    read, and for each name in the file or the environment that no setting has.
    """
    given = {name: value for name, value in (options or {}).items() if value is not None}
    path = settings_file_of(environment, file, given.get(HOME))
    from_file, faults = _from_file(path, names, is_named=path != _usual(environment, given.get(HOME)))
    faults += list(_unknown_variables(environment, names))
    if faults:
        raise InputError(*faults)
    return {**from_file, **_from_environment(environment, names), **_from_options(given)}


def overruled_by(environment: Mapping[str, str], names: Collection[str], path: Path) -> dict[str, str]:
    """Return the settings that a file chooses in vain, each with the variable that says something else.

    What cannot be read chooses nothing. `true` and `TRUE` say the same.
    """
    try:
        chosen, _ = _from_file(path, names, is_named=False)
    except InputError:
        return {}
    winning = _from_environment(environment, names)
    return {
        name: PREFIX + name.upper()
        for name, one in chosen.items()
        if name in winning and str(winning[name].value).lower() != str(one.value).lower()
    }


def settings_file_of(
    environment: Mapping[str, str], file: Path | None = None, home: Path | str | None = None
) -> Path:
    """Return where the settings file is, or would be: as an option, a variable or the home says."""
    if file is not None:
        return file
    named = environment.get(FILE_VARIABLE)
    return Path(named) if named else _usual(environment, home)


def _usual(environment: Mapping[str, str], home: Path | str | None) -> Path:
    return Path(home or environment.get("LEADLENS_HOME") or ".leadlens") / FILE


def _from_options(given: Mapping[str, Any]) -> dict[str, Found]:
    return {
        name: Found(value, f"option --{name.replace('_', '-')}", "Correct the option.")
        for name, value in given.items()
    }


def _from_environment(environment: Mapping[str, str], names: Collection[str]) -> dict[str, Found]:
    variables = {name: PREFIX + name.upper() for name in names}
    return {
        name: Found(environment[variable], f"variable {variable}", f"Correct {variable}, or unset it.")
        for name, variable in variables.items()
        if environment.get(variable)
    }


def _unknown_variables(environment: Mapping[str, str], names: Collection[str]) -> Iterator[Fault]:
    known = {PREFIX + name.upper() for name in names} | OTHER_VARIABLES
    for variable, value in environment.items():
        if value and variable.startswith(PREFIX) and not (variable in known or variable.startswith(_TESTS)):
            remedy = f"{_meant(variable, known)}Unset it, or correct its name."
            yield Fault(f"variable {variable}", "the name of a setting", "another", remedy)


def _from_file(path: Path, names: Collection[str], *, is_named: bool) -> tuple[dict[str, Found], list[Fault]]:
    """Return what a file chooses and what is wrong with it. The home's own may be missing."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as problem:
        if not is_named:
            return {}, []
        remedy = f"Correct --settings or {FILE_VARIABLE}, or make the file."
        raise InputError(Fault(str(path), "a file of settings", "none", remedy)) from problem
    except OSError as problem:
        remedy = "Let the user that runs LeadLens read it."
        found = problem.strerror or "one that cannot be read"
        raise InputError(Fault(str(path), "a file of settings", found, remedy)) from problem
    except UnicodeDecodeError as problem:
        raise InputError(Fault(str(path), "text in UTF-8", "other bytes", "Save it as UTF-8.")) from problem
    except tomllib.TOMLDecodeError as problem:
        # the message holds no more of the text than a character, so no password either
        raise InputError(
            Fault(str(path), "TOML", str(problem), "Write lines such as: port = 3000")
        ) from problem
    faults = [_unknown_key(path, key, value, names) for key, value in content.items() if key not in names]
    if HOME in content:
        remedy = "Take it out; name the home with --home or LEADLENS_HOME."
        faults.append(Fault(f"{path}, {HOME}", "no home, for the file is looked for there", "one", remedy))
    chosen = {
        key: Found(_from_its_folder(path, key, value), f"{path}, {key}", "Correct it in the file.")
        for key, value in content.items()
    }
    return chosen, faults


def _from_its_folder(path: Path, name: str, value: Any) -> Any:
    return path.parent / value if name in PATHS and isinstance(value, str) else value


def _unknown_key(path: Path, key: str, value: Any, names: Collection[str]) -> Fault:
    found = "a table" if isinstance(value, dict) else "another"
    remedy = f"{_meant(key, names)}Take it out, or correct its name."
    return Fault(f"{path}, {key[:80]}", "the name of a setting", found, remedy)


def _meant(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"Is {near[0]} meant? " if near else ""
