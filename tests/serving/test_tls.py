import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import put_certificate

from features.errors import InputError
from serving.tls import server_context, valid_until


def test_a_certificate_that_can_be_used_gives_tls_1_2_or_newer_and_says_when_it_ends(tmp_path: Path) -> None:
    certificate, key = put_certificate(tmp_path, days=30)
    context = server_context(certificate, key)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    left = valid_until(certificate, context) - datetime.now(UTC)
    assert timedelta(days=29.9) < left <= timedelta(days=30)


@pytest.mark.parametrize(
    ("days", "begins", "found"),
    [(-1, -5, "has expired"), (30, 1, "is not valid yet")],
    ids=["ended", "to begin"],
)
def test_a_certificate_is_refused_outside_its_time(
    tmp_path: Path, days: int, begins: int, found: str
) -> None:
    with pytest.raises(
        InputError, match=rf"own\.pem: expected a certificate that is valid now, found .*{found}"
    ):
        server_context(*put_certificate(tmp_path, days=days, begins=begins))


def test_the_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    certificate, _ = put_certificate(tmp_path, "ours")
    _, key = put_certificate(tmp_path, "theirs")
    with pytest.raises(InputError, match=r"theirs\.key: .*the key of another than .*ours\.pem"):
        server_context(certificate, key)


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(tmp_path: Path) -> None:
    certificate, key = put_certificate(tmp_path, password=b"secret")
    with pytest.raises(InputError, match=r"a key without a password, .* openssl pkey"):
        server_context(certificate, key)


def test_files_that_are_missing_or_no_pem_are_named(tmp_path: Path) -> None:
    certificate, key = put_certificate(tmp_path)
    nothing = tmp_path / "none.pem"
    with pytest.raises(InputError, match=r"none\.pem: expected a file that can be read"):
        server_context(nothing, key)
    with pytest.raises(InputError, match=r"none\.pem: expected a file that can be read"):
        server_context(certificate, nothing)
    nothing.write_text("nonsense")
    with pytest.raises(InputError, match=r"none\.pem: expected a certificate in PEM"):
        server_context(nothing, key)
    with pytest.raises(InputError, match=r"none\.pem: expected a private key in PEM"):
        server_context(certificate, nothing)
