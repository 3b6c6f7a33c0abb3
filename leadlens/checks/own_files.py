"""Files that the operator writes: settings, policy, words, the certificate; and the proxies that he names."""

from __future__ import annotations

import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from leadlens.checks.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadlens.checks.finding import Installation

SECRETS = ("session-secret", "admin-key", "demo-key")
MAY_HOLD_PASSWORDS = {"store_url", "traces_endpoint"}
RENEW_DAYS = 14


def secrets(at: Installation) -> Iterator[Finding]:
    """Whether files that hold a secret are their owner's alone."""
    names = [at.home / name for name in SECRETS]
    if _holds_a_url(at.settings_file):
        names.append(at.settings_file)
    if at.settings.tls_key is not None:
        names.append(at.settings.tls_key)
    open_ones = [path for path in names if _is_open(path)]
    for path in open_ones:
        found = f"{path} can be read by others, and holds a secret."
        yield Finding("secrets", "failed", found, f"chmod 600 {path}; what it held is to be changed.")
    if not open_ones:
        yield Finding("secrets", "ok", "no file with a secret can be read by others.")


def overruled(at: Installation) -> Iterator[Finding]:
    """Which settings of the file count for nothing, because the environment says something else."""
    from serving.setting_sources import overruled_by
    from serving.settings import Settings

    names = tuple(Settings.model_fields)
    for name, variable in overruled_by(at.environment, names, at.settings_file).items():
        found = f"{name} in {at.settings_file} counts for nothing: {variable} in the environment wins."
        yield Finding("settings", "warning", found, f"Take one of the two away: {name}, or {variable}.")


def policy(at: Installation) -> Iterator[Finding]:
    """Whether the policy can be used."""
    from serving.parts import POLICY, policy_of

    policy_of(at.settings)
    path = at.settings.policy or at.home / POLICY
    found = f"{path} can be used." if path.exists() else "none is written; the default thresholds hold."
    yield Finding("policy", "ok", found)


def words(at: Installation) -> Iterator[Finding]:
    """Whether the words of the home can be used."""
    from features.words import phrasebook_of_home

    path = at.home / "words.toml"
    phrasebook_of_home(at.home)
    yield Finding("words", "ok", f"{path} can be used." if path.is_file() else "those of LeadLens are used.")


def certificate(at: Installation) -> Iterator[Finding]:
    """Whether TLS can be spoken, and for how long."""
    from serving.tls import server_context, valid_until

    own, key = at.settings.tls_certificate, at.settings.tls_key
    if own is None or key is None:
        return
    ends = valid_until(own, server_context(own, key))
    days = (ends - datetime.fromtimestamp(at.now / 1e6, UTC)).days
    said = f"{own} is valid until {ends:%Y-%m-%d}."
    if days < RENEW_DAYS:
        yield Finding("TLS", "warning", said, "Renew it, and restart the service: it is read at the start.")
    else:
        yield Finding("TLS", "ok", said)


def proxy(at: Installation) -> Iterator[Finding]:
    """Whether callers behind a proxy are told apart."""
    if not at.settings.behind_proxy:
        return
    if at.settings.trusted_proxies:
        yield Finding("proxy", "ok", f"X-Forwarded-For is believed of {at.settings.trusted_proxies}.")
    else:
        remedy = "Set trusted_proxies to the proxy's address."
        found = "behind_proxy is set and no proxy is trusted: all callers count as one address."
        yield Finding("proxy", "warning", found, remedy)


def _holds_a_url(settings_file: Path) -> bool:
    try:
        return bool(MAY_HOLD_PASSWORDS & tomllib.loads(settings_file.read_text(encoding="utf-8")).keys())
    except (OSError, ValueError):
        return False


def _is_open(path: Path) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o044)
    except OSError:
        return False
