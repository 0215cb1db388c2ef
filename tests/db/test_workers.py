"""Workers, their models and the audit."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select, update

from core.model_spec import ModelSpec
from db import audit, keeping, workers
from db.engine import Database
from db.moderation_tables import AuditRow
from db.worker_tables import WorkerModelRow, WorkerRow
from db.workers import WorkerInfo
from tests.model_specs import model_spec


def _register(database: Database, worker: str, *names: str) -> None:
    with database.begin() as session:
        specs = [model_spec(name, name.title()) for name in names]
        workers.register_worker(session, WorkerInfo(id=worker, host="host", device="cpu"), specs)


def _age(database: Database, worker: str, seconds: float) -> None:
    with database.begin() as session:
        session.execute(
            update(WorkerRow).where(WorkerRow.id == worker).values(seen_at=WorkerRow.seen_at - seconds)
        )


def test_models_of_living_workers_are_offered_once(database: Database) -> None:
    _register(database, "a", "zebra", "fox")
    _register(database, "b", "fox", "owl")
    _age(database, "a", 1000.0)
    with database.read() as session:
        assert workers.models_available(session) == [model_spec("fox", "Fox"), model_spec("owl", "Owl")]
    with database.begin() as session:
        assert workers.worker_alive(session, "a")
        assert [spec.name for spec in workers.models_available(session)] == ["fox", "owl", "zebra"]


def test_workers_that_disagree_have_the_widest_limits_offered_whoever_was_seen_last(
    database: Database,
) -> None:
    small, large, free = (
        model_spec(max_pixels=pixels, memory=way)
        for pixels, way in ((64**2, "tiled"), (96**2, "sliced"), (None, "plain"))
    )
    for worker, spec in (("a", large), ("b", small), ("a", large)):
        _say(database, worker, spec)
        with database.read() as session:
            assert workers.models_available(session) == [large]
    _say(database, "c", free)
    _say(database, "b", small)
    with database.read() as session:
        assert workers.models_available(session) == [free]


def test_terms_that_one_machine_accepted_are_enough_to_offer_a_model(database: Database) -> None:
    agreed = model_spec(licence="RAIL")
    waits = replace(agreed, awaits_terms=True, max_pixels=None)
    for order in ((("a", agreed), ("b", waits)), (("b", waits), ("a", agreed))):
        for worker, spec in order:
            _say(database, worker, spec)
        with database.read() as session:
            assert workers.models_available(session) == [agreed]
            assert workers.models_awaiting(session) == []
    _age(database, "a", 1000.0)
    with database.read() as session:
        assert workers.models_available(session) == []
        assert workers.models_awaiting(session) == [waits]


def _say(database: Database, worker: str, spec: ModelSpec) -> None:
    with database.begin() as session:
        workers.register_worker(session, WorkerInfo(id=worker, host="host", device="cpu"), [spec])


def test_registering_again_replaces(database: Database) -> None:
    _register(database, "a", "fox")
    _register(database, "a", "owl")
    _age(database, "a", 1000.0)
    moved = WorkerInfo(id="a", host="other host", device="NVIDIA L4")
    with database.begin() as session:
        workers.register_worker(session, moved, [model_spec("owl")])
    with database.read() as session:
        assert [spec.name for spec in workers.models_available(session)] == ["owl"]
        row = session.scalars(select(WorkerRow)).one()
        assert (row.host, row.device) == ("other host", "NVIDIA L4")


def test_search_finds_parts_of_titles(database: Database) -> None:
    _register(database, "a", "red fox", "red owl", "straße", "100%_real")
    with database.read() as session:
        assert [spec.name for spec in workers.search_models(session, " RED ")] == ["red fox", "red owl"]
        assert [spec.name for spec in workers.search_models(session, "red", limit=1)] == ["red fox"]
        assert [spec.name for spec in workers.search_models(session, "STRASSE")] == ["straße"]
        assert [spec.name for spec in workers.search_models(session, "%")] == ["100%_real"]


def test_resident_models(database: Database) -> None:
    _register(database, "a", "fox", "owl")
    for resident in (["fox"], ["owl"], []):
        with database.begin() as session:
            workers.set_resident(session, "a", resident)
            query = select(WorkerModelRow.name).where(WorkerModelRow.resident)
            assert list(session.scalars(query)) == resident


def test_a_worker_that_is_long_gone_takes_its_models_along(database: Database) -> None:
    _register(database, "a", "fox")
    _register(database, "old", "owl")
    _age(database, "old", 2 * 86400.0)
    with database.begin() as session:
        keeping.forget_stale(session)
        assert not workers.worker_alive(session, "old")
        assert list(session.scalars(select(WorkerModelRow.name))) == ["fox"]


def test_the_audit_remembers(database: Database) -> None:
    with database.begin() as session:
        audit.record(session, 2**62, "job.delete", "ABC", {"reason": "asked for"})
    with database.read() as session:
        row = session.scalars(select(AuditRow)).one()
        assert (row.actor_id, row.action, row.subject, row.detail) == (
            2**62,
            "job.delete",
            "ABC",
            {"reason": "asked for"},
        )
