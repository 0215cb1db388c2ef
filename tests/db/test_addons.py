"""Add-ons that workers can use."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from core.addon_spec import AddonKind, AddonSpec
from db import addons, workers
from db.engine import Database
from db.worker_tables import WorkerAddonRow, WorkerRow
from db.workers import WorkerInfo

CANNY = AddonSpec(
    kind=AddonKind.CONTROLNET, name="canny", title="Canny", architecture="sd1", preprocessor="canny"
)
ANY = AddonSpec(kind=AddonKind.CONTROLNET, name="any", title="For any model")
LORA = AddonSpec(kind=AddonKind.LORA, name="canny", title="Ink", trigger_words=("ink", "wash"))


def _register(database: Database, worker: str, *specs: AddonSpec) -> None:
    with database.begin() as session:
        workers.register_worker(session, WorkerInfo(id=worker, host="host", device="cpu"), [])
        addons.register_addons(session, worker, specs)


def test_add_ons_of_living_workers_are_offered_once(database: Database) -> None:
    _register(database, "a", CANNY, ANY)
    _register(database, "b", CANNY, LORA)
    with database.read() as session:
        assert addons.addons_available(session, AddonKind.CONTROLNET) == [CANNY, ANY]
        assert addons.addons_available(session, AddonKind.LORA) == [LORA]
        assert addons.search_addons(session, AddonKind.CONTROLNET, "MODEL") == [ANY]
    with database.begin() as session:
        for worker in session.scalars(select(WorkerRow)):
            worker.seen_at -= 1000.0
    with database.read() as session:
        assert addons.addons_available(session, AddonKind.LORA) == []


def test_only_what_fits_the_base_model_is_offered(database: Database) -> None:
    _register(database, "a", CANNY, ANY)
    with database.read() as session:
        assert addons.addons_available(session, AddonKind.CONTROLNET, "sdxl") == [ANY]
        assert addons.find_addon(session, AddonKind.CONTROLNET, "canny") == CANNY
        assert addons.find_addon(session, AddonKind.CONTROLNET, "../canny") is None


def test_terms_that_one_machine_accepted_are_enough_to_offer_an_add_on(database: Database) -> None:
    waits = replace(ANY, licence="RAIL", awaits_terms=True)
    for worker, spec in (("a", replace(ANY, licence="RAIL")), ("b", waits)):
        _register(database, worker, spec)
    with database.read() as session:
        assert addons.addons_available(session, AddonKind.CONTROLNET) == [replace(ANY, licence="RAIL")]
        assert addons.addons_awaiting(session) == []


def test_registering_again_replaces_and_a_forgotten_worker_takes_its_own_along(database: Database) -> None:
    _register(database, "a", CANNY)
    _register(database, "a", ANY)
    with database.begin() as session:
        assert addons.addons_available(session, AddonKind.CONTROLNET) == [ANY]
        session.delete(session.scalars(select(WorkerRow)).one())
    with database.read() as session:
        assert session.scalars(select(WorkerAddonRow)).all() == []
