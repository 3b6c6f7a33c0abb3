"""Writes docs/settings.md from the fields of the settings: their names, defaults and meanings."""

from pathlib import Path

from pydantic.fields import FieldInfo

from serving.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
COMMAND = "python -m scripts.settings_page"
SUBJECTS: dict[str, tuple[str, ...]] = {
    "Where everything is": ("home", "store_url"),
    "Where it listens": (
        "host", "port", "tls_certificate", "tls_key", "behind_proxy", "trusted_proxies", "secure_cookies",
        "session_hours",
    ),
    "Processes": ("workers", "worker", "answer_limit_seconds"),
    "Scores and models": (
        "policy", "leads", "follow", "follow_seconds", "shadow_share",
        "rescore_after_hours", "key_memory_hours",
    ),
    "Limits of requests": (
        "score_body_limit_bytes", "batch_body_limit_bytes", "batch_limit_leads", "event_batch_limit",
        "event_limit", "key_limit_per_minute", "wrong_key_limit_per_minute",
    ),
    "Score jobs": (
        "upload_limit_bytes", "jobs_folder", "waiting_jobs_limit", "job_retention_hours",
        "job_decoded_limit_bytes",
    ),
    "What is kept, and what is told": (
        "ledger_retention_days", "log_format", "traces_endpoint", "traces_share",
    ),
}  # fmt: skip
OPTIONS = {"worker": "--no-worker"} | {
    name: f"--{name.replace('_', '-')}"
    for name in ("home", "host", "port", "behind_proxy", "policy", "leads", "workers")
}
HEAD = """<!-- Written by scripts/settings_page.py from serving/settings.py: edit there, then run it. -->

# Settings

An option wins over the environment, which wins over the file, which wins over the default. Every command
reads the same, once, when it starts. [`leadlens doctor`](operating.md#leadlens-doctor) says which values
of the file count for nothing, because the environment says something else.

The file is `settings.toml` in the home, or the one that `--settings` (of `serve`, `worker` and `doctor`) or
the variable `LEADLENS_SETTINGS` (for every command) names. It holds the names below, each on a line of its
own; paths in it start from its folder:

```toml settings
port = 8443
workers = 4
tls_certificate = "tls/fullchain.pem"
tls_key = "tls/privkey.pem"
store_url = "postgresql://leadlens:secret@db.example/leadlens"
```

In the environment each has the prefix `LEADLENS_` and capital letters: `LEADLENS_PORT=8443`. An empty
variable counts as none. The home is named by `--home` or `LEADLENS_HOME` alone, for the file is looked for
there.

A value that cannot be is refused at the start, with exit code 1, and so is a name that no setting has, in the
file or in a variable that begins with `LEADLENS_`: a misspelt setting is never taken for one that was not
made. (In Kubernetes a service called `leadlens` puts such variables into every container: set
`enableServiceLinks: false`.)

`store_url` and `traces_endpoint` may hold passwords: they are shown in no message and no log. Keep a file
that holds one from others (`chmod 600 settings.toml`); [`leadlens doctor`](operating.md#leadlens-doctor) says
where it is not.
"""
TABLE = "| setting | option of `serve` | default | meaning |\n|---|---|---|---|\n"


def row(name: str, field: FieldInfo) -> str:
    """Return the line of a setting in its table."""
    default = "none" if field.default in {None, ""} else f"`{str(field.default).lower()}`"
    option = f"`{OPTIONS[name]}`" if name in OPTIONS else ""
    return f"| `{name}` | {option} | {default} | {field.description} |\n"


def page() -> str:
    """Return the whole page. Raises ValueError where a setting stands under no subject, or under two."""
    told = sorted(name for names in SUBJECTS.values() for name in names)
    if told != sorted(Settings.model_fields):
        amiss = set(told) ^ set(Settings.model_fields) or "one that stands twice"
        raise ValueError(f"SUBJECTS: expected each setting once, found amiss: {amiss}. Put it under one.")
    tables = (
        f"\n## {subject}\n\n{TABLE}" + "".join(row(name, Settings.model_fields[name]) for name in names)
        for subject, names in SUBJECTS.items()
    )
    return HEAD + "".join(tables)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE} is written.")
