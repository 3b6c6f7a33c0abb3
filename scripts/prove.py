"""Runs the laws at full size, part by part, and writes each result into benchmarks/RESULTS.md.

A part is every test marked `@pytest.mark.proof(part="name")`. `make test` runs these tests small; here they
run with LEADLENS_PROVE=1, for which the fixture `proof_size` gives the large number. A part that has passed
is not run again until something other than the results has changed, so an interrupted proof goes on where it
stopped. A test adds figures to its part's row with pytest's `record_property`.
"""

import argparse
import ast
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent.parent
RESULTS = Path("benchmarks/RESULTS.md")
HEADING = "## Proofs\n"
HEAD = "| part | result | date | commit | minutes | figures |\n|---|---|---|---|---|---|\n"


def parts_in(source: str) -> Iterator[str]:
    """Find the parts that one test file names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.proof":
            yield from (ast.literal_eval(word.value) for word in node.keywords if word.arg == "part")


def find_parts(tests: Path) -> list[str]:
    """Find all parts, in alphabetical order."""
    return sorted({part for file in tests.rglob("test_*.py") for part in parts_in(file.read_text("utf-8"))})


def git(*words: str) -> subprocess.CompletedProcess[str]:
    """Run git in the project's folder."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def unchanged_since(commit: str) -> bool:
    """Whether nothing but the results differs between that commit and the files on disk."""
    but_the_results = ("--", ".", f":(exclude){RESULTS}")
    same = git("diff", "--quiet", commit, *but_the_results)
    new_files = git("ls-files", "--others", "--exclude-standard", *but_the_results)
    return same.returncode == 0 and not new_files.stdout.strip()


def passed_at(results: str, part: str) -> list[str]:
    """Read from the results at which commits a part has passed."""
    return re.findall(rf"^\| {re.escape(part)} \| passed \| [^|]+ \| ([0-9a-f]+) \|", results, re.MULTILINE)


def with_row(results: str, row: str) -> str:
    """Add a row to the table of proofs in the results, at its end."""
    if HEADING not in results:
        results = f"{results.rstrip()}\n\n{HEADING}\n{HEAD}".lstrip()
    before, after = results.split(HEADING)
    table = re.match(r"\n*(?:\|.*\n)*", after)
    end = table.end() if table else 0
    return f"{before}{HEADING}{after[:end]}{row}\n{after[end:]}"


def figures_in(junit: Path) -> str:
    """Read the figures that the tests recorded, as 'name value, name value'."""
    if not junit.exists():
        return ""
    properties = ET.parse(junit).iter("property")  # noqa: S314 -- pytest wrote this file a moment ago
    figures = (
        f"{item.get('name')} {item.get('value')}"
        for item in properties
        if not str(item.get("name")).startswith("hypothesis-")  # its statistics, a page of them
    )
    return ", ".join(figures).replace("|", "/")


def prove(part: str) -> bool:
    """Run one part and write its row."""
    commit = git("rev-parse", "--short=12", "HEAD").stdout.strip() or "none"
    if not unchanged_since("HEAD"):
        commit += " and changes"
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        junit = Path(folder) / "junit.xml"
        # xunit1 is the report that has room for recorded figures.
        report = [f"--junitxml={junit}", "-o", "junit_family=xunit1"]
        command = [sys.executable, "-m", "pytest", "-m", f"proof(part={part!r})", "-o", "timeout=0", *report]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | {"LEADLENS_PROVE": "1"}, check=False)
        figures = figures_in(junit)
    result = "passed" if done.returncode == 0 else "FAILED"
    minutes = (time.monotonic() - started) / 60
    row = f"| {part} | {result} | {datetime.now(UTC):%Y-%m-%d} | {commit} | {minutes:.1f} | {figures} |"
    file = ROOT / RESULTS
    file.parent.mkdir(exist_ok=True)
    file.write_text(with_row(file.read_text("utf-8") if file.exists() else "# Results\n", row), "utf-8")
    return done.returncode == 0


def main() -> int:
    """Prove the named parts, or all; exit code 1 where one failed, 2 where a name is unknown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", nargs="*", help="the parts to run (default: all)")
    parser.add_argument("--again", action="store_true", help="also what has passed on these very files")
    wanted = parser.parse_args()
    known = find_parts(ROOT / "tests")
    if unknown := sorted(set(wanted.part) - set(known)):
        print(f"expected parts among {', '.join(known) or '(none yet)'}; found {', '.join(unknown)}")
        return 2
    failed = []
    for part in wanted.part or known:
        results = (ROOT / RESULTS).read_text("utf-8") if (ROOT / RESULTS).exists() else ""
        if not wanted.again and any(map(unchanged_since, passed_at(results, part))):
            print(f"{part}: has passed on these files")
        elif not prove(part):
            failed.append(part)
    print(f"failed: {', '.join(failed)}" if failed else "all that was asked has passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
