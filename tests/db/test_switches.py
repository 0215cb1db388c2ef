"""What is switched off keeps jobs waiting: by server, by model, by worker, and everywhere."""

from __future__ import annotations

from core.switches import STUDIO, Switch
from db.queue import queue_position
from db.switches import all_off, models_off, switch_off, switch_on, why_stopped
from db.workers import live_workers, models_available
from tests.db.studio import GUILD, Studio


def off(studio: Studio, switch: Switch, name: str = "", *, guild_id: int, reason: str = "") -> bool:
    with studio.database.begin() as session:
        return switch_off(session, switch, name, guild_id=guild_id, by_id=1, reason=reason)


def on(studio: Studio, switch: Switch, name: str | None = None, *, guild_id: int) -> int:
    with studio.database.begin() as session:
        return switch_on(session, switch, name, guild_id=guild_id)


def test_a_pause_holds_its_server_s_jobs_back(studio: Studio) -> None:
    assert off(studio, Switch.PAUSE, guild_id=GUILD, reason="a new card")
    assert not off(studio, Switch.PAUSE, guild_id=GUILD), "it is paused already"
    job = studio.submit()
    assert studio.claim(models=("starter",)) is None
    with studio.database.read() as session:
        assert why_stopped(session, job.id) == "a new card"
        place = queue_position(session, job.id)
    assert place is not None and place.paused == "a new card"
    assert on(studio, Switch.PAUSE, guild_id=GUILD) == 1
    assert studio.claim() is not None
    with studio.database.read() as session:
        assert why_stopped(session, job.id) is None


def test_another_server_s_pause_is_nothing_to_this_one(studio: Studio) -> None:
    studio.submit()
    off(studio, Switch.PAUSE, guild_id=GUILD + 1)
    assert studio.claim(models=("starter",)) is not None
    off(studio, Switch.PAUSE, guild_id=STUDIO)
    studio.submit(member=2)
    assert studio.claim() is None


def test_a_drained_worker_claims_nothing_and_others_go_on(studio: Studio) -> None:
    first, second = studio.worker("first"), studio.worker("second")
    studio.submit()
    off(studio, Switch.DRAIN, first, guild_id=STUDIO)
    assert studio.claim(first) is None
    assert studio.claim(second) is not None
    with studio.database.read() as session:
        found = {worker.id: (worker.drained, worker.running) for worker in live_workers(session)}
    assert found[first] == (True, 0) and found[second] == (False, 1)


def test_a_model_that_is_off_is_not_offered_and_draws_nothing(studio: Studio) -> None:
    studio.worker()
    studio.submit()
    off(studio, Switch.MODEL, "starter", guild_id=GUILD)
    with studio.database.read() as session:
        assert models_available(session, GUILD) == []
        assert [spec.name for spec in models_available(session)] == ["starter"]
        assert models_off(session, GUILD) == {"starter"} and models_off(session) == set()
        assert [one.name for one in all_off(session, GUILD)] == ["starter"]
    assert studio.claim() is None
    assert on(studio, Switch.MODEL, "starter", guild_id=GUILD) == 1
    assert studio.claim() is not None
