"""When a certificate expires is told of those that have expired too, and of none that cannot be read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from serving.telemetry.certificate import expires_at


def made(folder: Path, ends: datetime) -> tuple[Path, Path]:
    """A certificate that ends at a moment, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "leads.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=90))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@pytest.mark.parametrize("days", [-10, 5, 400])
def test_the_end_of_a_certificate_is_told_whether_or_not_it_has_come(tmp_path: Path, days: int) -> None:
    ends = (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
    assert expires_at(*made(tmp_path, ends)) == ends.timestamp()


def test_files_that_are_none_are_not_told_of(tmp_path: Path) -> None:
    certificate, key = made(tmp_path, datetime.now(UTC))
    assert expires_at(tmp_path / "nowhere", key) is None
    certificate.write_text("no certificate")
    assert expires_at(certificate, key) is None
