"""What no worker has is refused; what has gone since is waited for, and the queue says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.queue import place_in_queue
from actions.studio import Studio
from actions.submit import submit_request
from bot.text import place_text
from core.addon_spec import AddonKind, AddonSpec
from core.errors import BadOption, Refusal
from core.request import Adapter, Request
from db.addons import register_addons
from db.claiming import claim_next
from db.workers import WorkerInfo, register_worker
from tests.actions.people import ANA, asked
from tests.db.studio import model_spec, request

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
    assert "Next in line" in place_text(place_in_queue(studio, job.id))
    _offer(studio, "w", CRISP)
    assert place_text(place_in_queue(studio, job.id)).endswith("a worker that has it all: LoRA ink")


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
