"""What no worker has is refused; what has gone since is waited for, and the queue says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image

from actions.describe import describe
from actions.queue import place_in_queue
from actions.restore import restore
from actions.studio import Studio
from actions.submit import submit_request
from actions.upscale import upscale
from bot.text import details, place_text
from core.addon_spec import AddonKind, AddonSpec
from core.errors import BadOption, Refusal
from core.inputs import keep_input
from core.options.upscale import UpscaleOptions, Way
from core.request import Adapter, Request
from core.stages import Upscale
from core.switches import Switch
from db.addons import register_addons
from db.claiming import claim_next
from db.jobs import Job
from db.switches import switch_off
from db.workers import WorkerInfo, register_worker
from tests.actions.people import ANA, GUILD, asked
from tests.db.studio import request
from tests.model_specs import model_spec

INK = AddonSpec(kind=AddonKind.LYCORIS, name="ink", title="Ink", architecture="sd1")
CRISP = AddonSpec(kind=AddonKind.VAE, name="crisp", title="Crisp", architecture="sd1")


def _offer(studio: Studio, worker: str, *addons: AddonSpec) -> None:
    with studio.database.begin() as session:
        register_worker(session, WorkerInfo(id=worker, host="h", device="cpu"), [model_spec()])
        register_addons(session, worker, addons)


def _both() -> Request:
    return replace(request(), adapters=(Adapter(name="ink"),), vae="crisp")


def test_what_no_worker_has_is_refused(studio: Studio) -> None:
    _offer(studio, "w", CRISP)
    with pytest.raises(BadOption, match=r"LoRA.*ink"):
        submit_request(studio, ANA, asked(), _both())


def test_what_no_worker_has_at_once_is_refused(studio: Studio) -> None:
    _offer(studio, "w", CRISP)
    _offer(studio, "v", INK)
    with pytest.raises(Refusal, match="at once: LoRA ink, VAE crisp, model starter"):
        submit_request(studio, ANA, asked(), _both())


def test_what_has_gone_is_waited_for(studio: Studio) -> None:
    _offer(studio, "w", CRISP, INK)
    job = submit_request(studio, ANA, asked(), _both())
    assert "Next in line" in place_text(job, place_in_queue(studio, job.id))
    _offer(studio, "w", CRISP)
    assert place_text(job, place_in_queue(studio, job.id)).endswith("a worker that has it all: LoRA ink")


def test_an_embedding_for_other_models_leaves_its_word_to_members(studio: Studio) -> None:
    fox = AddonSpec(kind=AddonKind.EMBEDDING, name="fox", title="Fox", architecture="sdxl")
    _offer(studio, "v", fox)
    job = submit_request(studio, ANA, asked(), request())
    with studio.database.begin() as session:
        claimed = claim_next(session, "w", lease_s=60, limit=1)
    assert claimed is not None and claimed.job.id == job.id, "by the worker that lacks it, too"
    _offer(studio, "v", replace(fox, architecture="sd1"))
    submit_request(studio, ANA, asked(), request())
    with studio.database.begin() as session:
        assert claim_next(session, "w", lease_s=60, limit=2) is None


_ADDONS = (
    AddonSpec(kind=AddonKind.UPSCALER, name="fine", title="Fine", factor=2),
    AddonSpec(kind=AddonKind.FACE_RESTORER, name="faces", title="Faces"),
    AddonSpec(kind=AddonKind.CAPTIONER, name="blip", title="BLIP"),
)


@pytest.mark.parametrize("way", ["upscale", "restore", "describe"])
def test_what_draws_nothing_asks_for_no_model(studio: Studio, way: str) -> None:
    # The first model may not be used here, and lives apart from the add-ons.
    with studio.database.begin() as session:
        info = WorkerInfo(id="w", host="h", device="cpu")
        register_worker(session, info, [model_spec("aaa", "Aaa", adult=True)])
        register_worker(session, replace(info, id="v"), [model_spec("bbb", "Bbb")])
        register_addons(session, "v", _ADDONS)
    with studio.database.begin() as session:
        for name in ("aaa", "bbb"):
            switch_off(session, Switch.MODEL, name, guild_id=GUILD, by_id=1, reason="")
    picture = keep_input(studio.storage, Image.new("RGB", (8, 8)))
    ways: dict[str, Callable[[], Job]] = {
        "upscale": lambda: upscale(studio, ANA, asked(), picture, UpscaleOptions()),
        "restore": lambda: restore(studio, ANA, asked(), picture),
        "describe": lambda: describe(studio, ANA, asked(), picture),
    }
    job = ways[way]()
    with studio.database.begin() as session:
        assert claim_next(session, "w", lease_s=60, limit=1) is None
        claimed = claim_next(session, "v", lease_s=60, limit=1)
    assert claimed is not None and claimed.job.id == job.id
    assert details(job).startswith("-# 8×8" if way != "upscale" else "-# 16×16")


@pytest.mark.parametrize("beside", [True, False])
def test_detail_takes_an_upscaler_that_lies_beside_the_model(studio: Studio, beside: bool) -> None:
    far = AddonSpec(kind=AddonKind.UPSCALER, name="afar", title="Afar", factor=2)
    near = AddonSpec(kind=AddonKind.UPSCALER, name="near", title="Near", factor=2)
    with studio.database.begin() as session:
        register_worker(session, WorkerInfo(id="v", host="h", device="cpu"), [model_spec("zoo", "Zoo")])
        register_addons(session, "v", [far])
        register_addons(session, "w", [near] if beside else [])
    picture = keep_input(studio.storage, Image.new("RGB", (64, 64)))
    job = upscale(studio, ANA, asked(), picture, UpscaleOptions(way=Way.DETAIL))
    used = [stage.upscaler for stage in job.request.stages if isinstance(stage, Upscale)]
    assert used == (["near"] if beside else [])
