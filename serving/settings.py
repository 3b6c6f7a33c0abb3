"""What the operator of the service may choose: read once, at the edge, from options, environment and file.

An option wins over the environment, which wins over the file, which wins over the default.
"""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from features.errors import Fault, InputError
from serving.setting_sources import Found, found_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KIB = 1024
LONGEST_SESSION_HOURS = 720
JOB_DECODED_LIMIT_BYTES = KIB * KIB * KIB
HIDDEN = "a value that is not shown"


class Settings(BaseModel):
    """One value for each choice: `port` in settings.toml, LEADLENS_PORT in the environment, and so on.

    What may hold a password is a field without `repr`: no message and no log shows it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path = Field(default=Path(".leadlens"), description="Folder of all that LeadLens keeps.")
    store_url: str | None = Field(
        default=None,
        repr=False,
        description="PostgreSQL to keep the store in: postgresql://user:password@host/database. "
        "Default: SQLite, leadlens.db in the home.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(default=3000, description="Port to listen on.")
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks of proxies, with commas, whose X-Forwarded-For is believed. "
        "Default: none.",
    )
    behind_proxy: bool = Field(
        default=False,
        description="Whether a proxy in front speaks TLS. Without it and without a certificate, only the "
        "loopback is listened on.",
    )
    tls_certificate: Path | None = Field(
        default=None, description="PEM file of the certificate, with its chain, to speak TLS with."
    )
    tls_key: Path | None = Field(default=None, description="PEM file of the certificate's private key.")
    log_format: Literal["text", "json"] = Field(
        default="text", description="How log lines are written: for people, or one JSON object each."
    )
    traces_endpoint: str | None = Field(
        default=None,
        repr=False,
        description="Where to send traces: http://host:4318/v1/traces (OpenTelemetry, OTLP over HTTP). "
        "Default: nowhere.",
    )
    traces_share: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.01, description="Share of requests that are traced, 0 to 1."
    )
    follow: bool = Field(default=True, description="Whether serve follows the registry's champion.")
    follow_seconds: Annotated[float, Field(gt=0, le=3_600)] = Field(
        default=2, description="Seconds after which the registry is asked again which version is champion."
    )
    shadow_share: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0,
        description="Share of requests that the challenger scores too, beside the champion, 0 to 1.",
    )
    key_memory_hours: Annotated[float, Field(ge=0, le=168)] = Field(
        default=24,
        description="Hours for which a key that was right goes on scoring while the store is away.",
    )
    policy: Path | None = Field(
        default=None, description="Policy file. Default: policy.toml in the home, or a threshold of 70."
    )
    leads: Path | None = Field(
        default=None,
        description="Mapping of files whose leads the pages show before the store's. "
        "Default: data/leadlens.toml in the home, which the demo makes; without files the store's alone.",
    )
    score_body_limit_bytes: Annotated[int, Field(ge=KIB)] = Field(
        default=KIB * KIB, description="Largest body of one score, in bytes."
    )
    batch_body_limit_bytes: Annotated[int, Field(ge=KIB)] = Field(
        default=32 * KIB * KIB, description="Largest body of a batch, in bytes."
    )
    batch_limit_leads: Annotated[int, Field(ge=1)] = Field(
        default=1_000, description="Most leads in a batch."
    )
    upload_limit_bytes: Annotated[int, Field(ge=KIB)] = Field(
        default=KIB * KIB * KIB, description="Largest file that may be sent to be scored, in bytes."
    )
    event_batch_limit: Annotated[int, Field(ge=1)] = Field(
        default=1_000, description="Most events, and most outcomes, in one request."
    )
    event_limit: Annotated[int, Field(ge=0)] = Field(default=10_000, description="Most events of one lead.")
    key_limit_per_minute: Annotated[int, Field(ge=0)] = Field(
        default=6_000,
        description="Most requests a minute of a key without its own limit; 0: any number.",
    )
    wrong_key_limit_per_minute: Annotated[int, Field(ge=0)] = Field(
        default=60, description="Most wrong keys a minute from one address; 0: any number."
    )
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        default=1, description="Processes that answer requests."
    )
    worker: bool = Field(
        default=True, description="Whether serve starts a worker, which does the work that waits."
    )
    rescore_after_hours: Annotated[float, Field(gt=0)] = Field(
        default=24, description="Hours after which an open lead is scored again though nothing came in."
    )
    jobs_folder: Path | None = Field(
        default=None,
        description="Folder of files that may be scored by their paths. Default: none; files are sent.",
    )
    waiting_jobs_limit: Annotated[int, Field(ge=1)] = Field(
        default=20, description="Most score jobs of one key that may wait at a time."
    )
    job_retention_hours: Annotated[float, Field(gt=0)] = Field(
        default=72, description="Hours for which the files of a finished score job are kept."
    )
    job_decoded_limit_bytes: Annotated[int, Field(ge=KIB)] = Field(
        default=JOB_DECODED_LIMIT_BYTES,
        description="Most that the files of a score job may hold decoded, in bytes.",
    )
    answer_limit_seconds: Annotated[float, Field(gt=0, le=3_600)] = Field(
        default=60, description="Seconds after which a request without an answer is given up."
    )
    ledger_retention_days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        default=730, description="Days after which what was recorded of a score is erased; its header stays."
    )
    session_hours: Annotated[int, Field(ge=1, le=LONGEST_SESSION_HOURS)] = Field(
        default=12, description="Hours after which a browser has to sign in again."
    )
    secure_cookies: bool = Field(
        default=False,
        description="Whether the session's cookie is sent over TLS only. "
        "It is anyway with a certificate or behind_proxy.",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        networks = [part.strip() for part in text.split(",") if part.strip()]
        for network in networks:
            ip_network(network)
        return ",".join(networks)

    @model_validator(mode="after")
    def _has_both_parts_of_tls(self) -> Settings:
        if (self.tls_certificate is None) != (self.tls_key is None):
            lacking = "tls_key" if self.tls_key is None else "tls_certificate"
            raise ValueError(f"tls_certificate and tls_key are given together, and {lacking} is missing")
        return self

    @property
    def is_over_tls(self) -> bool:
        """Whether callers speak TLS, with this service or with the proxy in front of it."""
        return self.behind_proxy or self.tls_certificate is not None


def settings_from(
    environment: Mapping[str, str], *, settings_file: Path | None = None, **arguments: Any
) -> Settings:
    """Return the settings: an argument that is not None wins over the environment, and that over the file.

    The file is `settings_file`, else the one that LEADLENS_SETTINGS names, else settings.toml in the home.
    Raises InputError naming each setting that cannot be used, and each name that is not one of a setting.
    """
    found = found_in(environment, tuple(Settings.model_fields), settings_file, arguments)
    try:
        return Settings.model_validate({name: one.value for name, one in found.items()})
    except ValidationError as problem:
        raise InputError(*_faults(problem, found)) from problem


def _faults(problem: ValidationError, found: Mapping[str, Found]) -> Iterator[Fault]:
    for error in problem.errors():
        name = str(error["loc"][0]) if error["loc"] else ""
        if name not in found:  # of settings that do not go together
            said = error["msg"].removeprefix("Value error, ")
            yield Fault("settings", "values that go together", said, "Give both, or neither.")
            continue
        value = repr(error["input"])[:80] if Settings.model_fields[name].repr else HIDDEN
        yield Fault(found[name].where, error["msg"].lower(), value, found[name].remedy)
