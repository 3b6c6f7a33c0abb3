import socket
from pathlib import Path

import pytest

from features.errors import InputError, RefusedError
from serving.listening import listen
from serving.settings import settings_from


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "::1"])
def test_this_machine_is_listened_to_without_tls(host: str) -> None:
    with listen(settings_from({}, host=host, port=0)) as listening:
        assert listening.getsockname()[1] > 0


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "::ffff:0.0.0.0", "0"])  # noqa: S104 - that it is refused
def test_others_are_refused_without_tls_with_three_ways_out(host: str) -> None:
    with pytest.raises(RefusedError, match=r"(?s)--host 127\.0\.0\.1.*tls_certificate.*--behind-proxy"):
        listen(settings_from({}, host=host, port=0))


def test_a_name_is_judged_by_the_address_that_it_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of the machine itself may be on the loopback or not: /etc/hosts says so, whatever its name."""
    for address, is_refused in (("127.0.1.1", False), ("192.0.2.7", True)):
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, found=found, **__: found)
        if is_refused:
            with pytest.raises(RefusedError, match="Listening on the-host"):
                listen(settings_from({}, host="the-host", port=0))
        else:
            listen(settings_from({}, host="the-host", port=0)).close()


def test_others_are_listened_to_behind_a_proxy_or_with_a_certificate(tmp_path: Path) -> None:
    for more in ({"behind_proxy": True}, {"tls_certificate": tmp_path, "tls_key": tmp_path}):
        listen(settings_from({}, host="0.0.0.0", port=0, **more)).close()  # noqa: S104 - for a moment


def test_a_name_that_stands_for_nothing_and_an_address_of_others_are_said() -> None:
    with pytest.raises(InputError, match=r"expected an address or a name, found 'nowhere\.invalid'"):
        listen(settings_from({}, host="nowhere.invalid"))
    with pytest.raises(InputError, match="Give an address that this machine has"):
        listen(settings_from({}, host="192.0.2.1", port=0, behind_proxy=True))
