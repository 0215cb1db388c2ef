"""A job goes to a worker that holds everything it needs, and waits where there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from core.addon_spec import AddonKind, AddonSpec
from core.guides import ControlUnit, Reference
from core.jobs import JobState
from core.needs import MODEL, Need, needs_of
from core.options.upscale import in_tiles
from core.request import Adapter, Axis, Request
from core.stages import Decode, EncodeText, MakeMask, Upscale
from db import addons, queue, workers
from db.keeping import expire_leases
from db.licences import accept_licence
from db.routing_tables import JobNeedRow
from db.worker_tables import WorkerRow
from tests.db.studio import Studio, request
from tests.model_specs import model_spec

PICTURE = "a" * 64


def test_everything_that_a_request_names_is_needed() -> None:
    plain = request()
    denoise = replace(
        plain.denoise,
        model="refiner",
        controls=(ControlUnit(model="edges", image=PICTURE, preprocessor="canny"),),
        references=(Reference(model="faces", images=(PICTURE,)),),
    )
    stages = (
        EncodeText(prompt="an Ink_Wash {fox|dull} ink"),
        MakeMask(image=PICTURE, text="hat"),
        denoise,
        Decode(),
        Upscale(upscaler="fine", scale=4),
    )
    order = replace(plain, stages=stages, vae="crisp", adapters=(Adapter(name="comic"),))
    assert needs_of(order, ["ink-wash", "dull", "absent"]) == {
        Need(kind=kind, name=name)
        for kind, name in (
            (MODEL, "starter"),
            (MODEL, "refiner"),
            ("controlnet", "edges"),
            ("preprocessor", "canny"),
            ("ip-adapter", "faces"),
            ("masker", "clipseg"),
            ("upscaler", "fine"),
            ("vae", "crisp"),
            ("lora", "comic"),
            ("embedding", "ink-wash"),
            ("embedding", "dull"),
        )
    }


def test_words_of_a_grid_are_read_too() -> None:
    order = request(count=2, axes=(Axis(name="words", values=("fox", "ink-wash")),))
    assert Need(kind=AddonKind.EMBEDDING, name="ink-wash") in needs_of(order, ["ink-wash"])


@pytest.mark.parametrize("kind", [AddonKind.LORA, AddonKind.LYCORIS])
def test_a_job_goes_to_the_worker_that_has_its_lora(studio: Studio, kind: AddonKind) -> None:
    _worker(studio, "bare")
    _worker(studio, "rich", AddonSpec(kind=kind, name="ink", title="Ink"))
    special, plain = studio.order(_with_lora("ink")), studio.submit(member=2)
    assert studio.take("bare").job.id == plain.id
    assert studio.claim("bare") is None
    assert studio.take("rich").job.id == special.id


def test_a_refiner_that_only_one_worker_has(studio: Studio) -> None:
    refined = request()
    refined = replace(refined, stages=(refined.text, replace(refined.denoise, model="refiner"), Decode()))
    job = studio.order(refined)
    assert studio.claim() is None
    assert studio.take("other", models=("starter", "refiner")).job.id == job.id


def test_a_name_of_another_kind_does_not_do(studio: Studio) -> None:
    _worker(studio, "w", AddonSpec(kind=AddonKind.VAE, name="ink", title="Ink"))
    studio.order(_with_lora("ink"))
    assert studio.claim("w") is None


def test_things_on_two_workers_are_not_on_one(studio: Studio) -> None:
    _worker(studio, "one", AddonSpec(kind=AddonKind.LORA, name="ink", title="Ink"))
    _worker(studio, "two", AddonSpec(kind=AddonKind.VAE, name="crisp", title="Crisp"))
    both = replace(_with_lora("ink"), vae="crisp")
    job = studio.order(both)
    assert studio.claim("one") is None
    assert studio.claim("two") is None
    assert _lacking(studio, job.id) == needs_of(both)


def test_the_queue_names_what_no_worker_has(studio: Studio) -> None:
    job = studio.order(_with_lora("ink"))
    assert _lacking(studio, job.id) == {Need(kind=AddonKind.LORA, name="ink")}
    _worker(studio, "rich", AddonSpec(kind=AddonKind.LORA, name="ink", title="Ink"))
    assert _lacking(studio, job.id) == frozenset()
    _gone(studio, "rich")
    assert _lacking(studio, job.id) == {Need(kind=AddonKind.LORA, name="ink")}


def test_a_job_that_nobody_can_do_holds_nobody_up(studio: Studio) -> None:
    studio.order(_with_lora("ink"), member=3)
    for _ in range(20):
        studio.submit(member=1)
    for _ in range(10):
        studio.take()
    for _ in range(5):
        studio.submit(member=2)
    assert [studio.take().job.member_id for _ in range(6)].count(2) == 3


def test_needs_are_gone_with_the_job_and_stay_through_an_attempt(studio: Studio) -> None:
    job = studio.submit()
    studio.take()
    studio.lose(job.id)
    with studio.database.begin() as session:
        expire_leases(session)
    assert _needs(studio) == [(MODEL, "starter")]
    claim = studio.take().claim
    studio.image(claim)
    studio.finish(claim)
    assert studio.job(job.id).state is JobState.DONE
    assert _needs(studio) == []


def test_a_large_picture_goes_to_the_worker_that_has_room_for_it(studio: Studio) -> None:
    _offer(studio, "worker", max_pixels=64 * 64)
    _offer(studio, "large", max_pixels=128 * 128)
    large = studio.order(request(side=128))
    assert studio.claim() is None
    assert _lacking(studio, large.id) == frozenset()
    fitting = studio.order(request(side=64), member=2)
    assert studio.take().job.id == fitting.id
    assert studio.take("large").job.id == large.id
    waits = studio.order(request(side=128))
    _gone(studio, "large")
    assert _lacking(studio, waits.id) == {Need(kind=MODEL, name="starter")}


def test_the_largest_picture_of_a_job_counts_and_of_tiles_one(studio: Studio) -> None:
    plain = request(side=64)
    hires = replace(plain, stages=(plain.text, plain.denoise, replace(plain.denoise, width=128), Decode()))
    (need,) = needs_of(hires)
    assert need.pixels == 128 * 64
    tiles = in_tiles(replace(plain.denoise, width=512, height=512), 0.3, 64)
    (need,) = needs_of(replace(plain, stages=(plain.text, tiles, Decode())))
    assert need.pixels == 64 * 64
    _offer(studio, "worker", max_pixels=64 * 64)
    studio.order(hires)
    assert studio.claim() is None


def test_what_waits_for_its_terms_is_not_held(studio: Studio) -> None:
    _offer(studio, "worker", awaits_terms=True, licence="RAIL")
    job = studio.submit()
    assert studio.claim() is None
    assert _lacking(studio, job.id) == {Need(kind=MODEL, name="starter")}
    with studio.database.begin() as session:
        accept_licence(session, "RAIL")
    assert studio.take().job.id == job.id


def test_an_add_on_that_waits_for_its_terms_is_not_held(studio: Studio) -> None:
    ink = AddonSpec(kind=AddonKind.LORA, name="ink", title="Ink", licence="RAIL", awaits_terms=True)
    _worker(studio, "waits", ink)
    job = studio.order(_with_lora("ink"))
    assert studio.claim("waits") is None
    assert _lacking(studio, job.id) == {Need(kind=AddonKind.LORA, name="ink")}
    _worker(studio, "agreed", replace(ink, awaits_terms=False))
    assert studio.take("agreed").job.id == job.id


def _offer(studio: Studio, name: str, **changes: object) -> None:
    """A worker that says other things of the starter model."""
    with studio.database.begin() as session:
        info = workers.WorkerInfo(id=name, host="h", device="cpu")
        workers.register_worker(session, info, [model_spec(**changes)])


def _with_lora(name: str) -> Request:
    return replace(request(), adapters=(Adapter(name=name),))


def _worker(studio: Studio, name: str, *specs: AddonSpec) -> None:
    studio.worker(name)
    with studio.database.begin() as session:
        addons.register_addons(session, name, specs)


def _gone(studio: Studio, name: str) -> None:
    with studio.database.begin() as session:
        session.get_one(WorkerRow, name).seen_at -= 2 * workers.OFFERED_S


def _lacking(studio: Studio, job_id: str) -> frozenset[Need]:
    with studio.database.read() as session:
        place = queue.queue_position(session, job_id)
    assert place is not None
    return place.lacking


def _needs(studio: Studio) -> list[tuple[str, str]]:
    with studio.database.read() as session:
        return list(session.execute(select(JobNeedRow.kind, JobNeedRow.name)).tuples())
