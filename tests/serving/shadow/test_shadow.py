"""Requests that a challenger scores too: offered without waiting, whatever becomes of who scores them."""

import json
from contextlib import suppress
from functools import partial
from pathlib import Path

import fake_shadow
import psutil
import pytest
from fake_shadow import CHALLENGER
from waiting import until

from serving.clock import utc_now
from serving.conditions import conditions_in
from serving.processes import Program, kept
from serving.shadow.figures import FILE, Compared, compared_in
from serving.shadow.offering import Offered, Shadow, received, shadow_pair

NOW = 1_795_253_400_000_000
BODY = json.dumps(
    {"lead": {"lead_id": "L-1042", "created_at": "2026-11-02T08:00:00Z", "employees": "420"}}
).encode()


def command_of(process: psutil.Process) -> str:
    """The command line; none of a process that has ended, and that nobody has asked about yet."""
    with suppress(psutil.ZombieProcess):
        return " ".join(process.cmdline())
    return ""


def told(home: Path) -> Compared:
    found = compared_in(home)
    assert found is not None
    return found


def fill(shadow: Shadow) -> None:
    """Offer until something is dropped."""
    before = shadow.dropped
    large = BODY + b" " * 50_000
    for _ in range(100_000):
        shadow.offer(large, NOW, 60, 7)
        if shadow.dropped > before:
            return
    raise AssertionError("nothing was dropped")


def count(home: Path) -> int:
    found = compared_in(home)
    return 0 if found is None else found.count


def test_what_is_offered_arrives_as_it_was() -> None:
    ours, theirs = shadow_pair()
    with ours, theirs:
        shadow = Shadow(ours, 1.0)
        shadow.offer(b"{}", NOW, 87, 7)
        shadow.offer(b"", NOW + 1, 0, None)
        assert received(theirs, 1) == Offered(b"{}", NOW, 87, 7)
        assert received(theirs, 1) == Offered(b"", NOW + 1, 0, None)
        assert received(theirs, 0.01) is None
        assert (shadow.offered, shadow.dropped) == (2, 0)


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 0), (0.25, 2), (0.5, 4), (1.0, 8)])
def test_a_share_is_offered_evenly(share: float, wanted: int) -> None:
    ours, theirs = shadow_pair()
    with ours, theirs:
        shadow = Shadow(ours, share)
        for _ in range(8):
            shadow.offer(BODY, NOW, 1, 7)
        assert shadow.offered == wanted


def test_what_nobody_takes_is_dropped_and_counted_and_nobody_waits() -> None:
    ours, theirs = shadow_pair()
    shadow = Shadow(ours, 1.0)
    fill(shadow)
    assert shadow.offered > 0
    shadow.offer(b"x" * 20_000_000, NOW, 1, 7)
    theirs.close()
    before = shadow.dropped
    shadow.offer(BODY, NOW, 1, 7)
    ours.close()
    shadow.offer(BODY, NOW, 1, 7)
    assert shadow.dropped == before + 2
    Shadow().offer(BODY, NOW, 1, 7)


def test_figures_come_of_what_was_offered_and_hold_nothing_of_a_lead(tmp_path: Path) -> None:
    shadow = fake_shadow.scoring(tmp_path)
    offered = Offered(BODY, NOW, 60, 7)
    shadow.follow(10)
    shadow.score(offered)  # there is no challenger yet
    (tmp_path / CHALLENGER).write_text("9")
    shadow.follow(20)
    for body in (BODY, BODY, b"{", b'{"lead": {"employees": "many", "created_at": "2026-11-02"}}'):
        shadow.score(Offered(body, NOW, 60, 7))
    shadow.keep(10)
    compared = told(tmp_path)
    assert (compared.champion, compared.challenger) == (7, 9)
    assert (compared.count, compared.unscored) == (2, 2)
    assert compared.mean_difference == 22.0
    assert compared.crossing_share == 1.0
    kept_bytes = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"L-1042" not in kept_bytes
    shadow.score(Offered(BODY, NOW, 60, 8))  # another champion: figures begin anew
    shadow.keep(20)
    assert (told(tmp_path).champion, told(tmp_path).count) == (8, 1)


def test_a_shadow_that_hangs_is_killed_or_has_a_broken_challenger_keeps_nobody_waiting(
    tmp_path: Path,
) -> None:
    (tmp_path / CHALLENGER).write_text("9")
    ours, theirs = shadow_pair()
    shadow = Shadow(ours, 1.0)
    with ours, theirs, kept([Program("shadow", partial(fake_shadow.run, tmp_path, theirs))]):

        def offer_until(wanted: int) -> None:
            def enough() -> bool:
                shadow.offer(BODY, NOW, 60, 7)
                return count(tmp_path) >= wanted

            until(enough, "figures of the shadow")

        offer_until(1)
        [child] = [one for one in psutil.Process().children() if "spawn_main" in command_of(one)]
        child.suspend()
        fill(shadow)
        child.resume()
        offer_until(count(tmp_path) + 1)
        child.kill()
        fill(shadow)
        (tmp_path / FILE).unlink(missing_ok=True)
        offer_until(1)
        (tmp_path / "damaged").touch()
        (tmp_path / CHALLENGER).write_text("10")

        def is_said() -> bool:
            return any(
                (one.part, one.level) == ("shadow", "degraded") and "Version 10" in one.said
                for one in conditions_in(tmp_path, utc_now())
            )

        until(is_said, "what is wrong with the challenger")
        assert not any("L-1" in one.said for one in conditions_in(tmp_path, utc_now()))
        (tmp_path / "damaged").unlink()
        (tmp_path / CHALLENGER).write_text("11")
        until(
            lambda: (shadow.offer(BODY, NOW, 60, 7), told(tmp_path).challenger == 11)[1],
            "the next challenger",
        )
