"""TLS with a real client: what is spoken, by each of several processes, and what it makes of cookies."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import put_certificate
from command_line import leadlens_process
from ports import free_port
from served import fake_server, put_champion, served
from waiting import until

from serving.run import ADMIN_KEY

BODY = {"lead": {"lead_id": "L-1", "created_at": "2026-11-02T08:00:00Z"}, "as_of": "2026-11-21T09:30:00Z"}


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    """A server with two processes that speaks TLS on all addresses: its address, home and certificate."""
    folder = tmp_path_factory.mktemp("tls")
    home = folder / "home"
    put_champion(home)
    certificate, key = put_certificate(folder)
    port = free_port()
    settings = ("workers=2", "host=0.0.0.0", f"tls_certificate={certificate}", f"tls_key={key}")
    with served(fake_server(home, port, *settings), folder, port, tls=certificate) as server:
        until(lambda: f"LeadLens listens on https://0.0.0.0:{port}" in server.log, "its address")
        yield f"https://127.0.0.1:{port}", home, certificate


def asked(
    certificate: Path, request: urllib.request.Request, version: ssl.TLSVersion | None = None
) -> tuple[int, str]:
    """Ask as a client that trusts this certificate alone; return the status and all headers."""
    context = ssl.create_default_context(cafile=certificate)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, str(answer.headers).lower()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, str(refused.headers).lower()


def test_scores_are_answered_over_tls_1_2_and_1_3_and_not_in_the_clear(
    spoken: tuple[str, Path, Path],
) -> None:
    address, home, certificate = spoken
    headers = {
        "Authorization": f"Bearer {(home / ADMIN_KEY).read_text().strip()}",
        "Content-Type": "application/json",
    }
    score = urllib.request.Request(f"{address}/score", json.dumps(BODY).encode(), headers)  # noqa: S310 - the test's own
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        for _ in range(4):  # of both processes
            status, told = asked(certificate, score, version)
            assert status == 200
            assert "strict-transport-security: max-age=31536000" in told
    with pytest.raises(OSError, match=r".*"):
        urllib.request.urlopen(address.replace("https", "http") + "/livez", timeout=5)  # noqa: S310 - as above


def test_refusals_say_so_too_and_the_cookie_goes_over_tls_alone(spoken: tuple[str, Path, Path]) -> None:
    address, home, certificate = spoken
    status, told = asked(certificate, urllib.request.Request(f"{address}/nothing"))  # noqa: S310 - as above
    assert status == 404
    assert told.count("strict-transport-security") == 1
    form = f"key={(home / ADMIN_KEY).read_text().strip()}".encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": address}
    sign_in = urllib.request.Request(f"{address}/sign-in", form, kind)  # noqa: S310 - as above
    context = ssl.create_default_context(cafile=certificate)

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), Stay()
    )
    with pytest.raises(urllib.error.HTTPError) as seen:
        opener.open(sign_in, timeout=20)
    with seen.value as answer:
        assert answer.code == 303
        assert "secure" in str(answer.headers["Set-Cookie"]).lower()


def test_what_would_be_heard_by_others_is_refused_at_the_command_line(tmp_path: Path) -> None:
    refused = leadlens_process("serve", "--home", tmp_path, "--host", "0.0.0.0", "--port", 0)  # noqa: S104 - that it is refused
    assert refused.code == 3
    assert "--behind-proxy" in refused.said
    certificate, key = put_certificate(tmp_path, days=-0.5)
    tls = {"LEADLENS_TLS_CERTIFICATE": str(certificate), "LEADLENS_TLS_KEY": str(key)}
    expired = leadlens_process("serve", "--home", tmp_path, "--port", 0, **tls)
    assert expired.code == 1
    assert "has expired" in expired.said
