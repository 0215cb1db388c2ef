"""Licences, and limits of memory: what is shown, what is not offered, who can change it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.licences import accept_terms
from actions.person import Person
from bot.client import Atelier
from core.addon_spec import AddonKind, AddonSpec
from core.errors import NotAllowed
from db.addons import register_addons
from tests.bot.studio import Town

pytestmark = pytest.mark.usefixtures("bot")

_RAIL = "CreativeML OpenRAIL-M"
_URL = "https://huggingface.co/spaces/CompVis/stable-diffusion-license"


async def test_models_show_their_licences_and_the_floor(town: Town) -> None:
    town.worker.offer(licence="MIT", licence_url="https://opensource.org/license/mit")
    await town.slash("models", "ben")
    told = await town.until_told("[MIT](https://opensource.org/license/mit)", member="ben")
    assert "sexual picture of a minor" in told.text and "nude of a real person" in told.text
    assert not told.buttons
    town.worker.offer(licence="unknown")
    await town.slash("models", "ana")
    await town.until_told("licence unknown", member="ana")
    # It is offered all the same.
    assert "Next in line" in (await town.message(await town.imagine())).content


async def test_models_show_the_licences_of_what_works_beside_them(town: Town) -> None:
    masker = AddonSpec(kind=AddonKind.MASKER, name="sam", title="By a point (SAM)", weights_hash="1" * 64)
    canny = AddonSpec(kind=AddonKind.PREPROCESSOR, name="canny", title="Edges (canny)")
    with town.database.begin() as session:
        register_addons(session, "w", [replace(masker, licence="MIT"), canny])
    await town.slash("models", "ben")
    told = await town.until_told("By a point", "masker · MIT", member="ben")
    assert "canny" not in told.text


async def test_terms_wait_for_the_owner(town: Town) -> None:
    """Olive owns the bot of the local Discord."""
    town.worker.offer(licence=_RAIL, licence_url=_URL, awaits_terms=True)
    for options in ({}, {"model": "starter"}):
        await town.imagine(member="ben", **options)
        told = await town.until_told("Starter comes under CreativeML OpenRAIL-M", member="ben")
        assert "owner of this studio" in told.text and "`/models`" in told.text
    assert not town.jobs()

    await town.slash("models", "ben")
    assert not (await town.until_told("not offered until", _URL, member="ben")).buttons
    await town.slash("models", "olive")
    shown = await town.until_told("not offered until", _URL, member="olive")
    assert [button["label"] for button in shown.buttons] == [f"Accept {_RAIL}"]
    await town.press(shown, "terms", "olive")
    await town.until_told("is accepted", "Starter", member="olive")

    await town.imagine(member="ben")
    assert town.only_job().request.model == "starter"
    # Pressed again, it has nothing left to do.
    await town.press(shown, "terms", "olive")
    await town.until_told("Nothing waits for that licence", member="olive")


async def test_only_the_owner_accepts(town: Town, bot: Atelier) -> None:
    """Not even those who manage a server."""
    town.worker.offer(licence=_RAIL, awaits_terms=True)
    manager = Person(member_id=5, guild_id=1, channel_id=1, is_admin=True, is_moderator=True)
    with pytest.raises(NotAllowed, match="owner of this studio"):
        accept_terms(bot.studio, manager, _RAIL)


async def test_sizes_follow_what_fits_in_memory(town: Town) -> None:
    town.worker.offer(max_pixels=96 * 96)
    await town.imagine(size="128x128")
    told = await town.until_told("128x128", "96x96 would do")
    assert "memory" in told.text
    await town.imagine(size="128x96")
    await town.until_told("128x96", "104x80 would do")
    assert not town.jobs()
    await town.imagine("wide --ar 16:9")
    await town.imagine("typed", "ben", size="128x72")
    assert [job.request.size for job in town.jobs()] == [(88, 48), (128, 72)]


async def test_a_machine_too_small_for_the_native_size_draws_what_fits(town: Town) -> None:
    town.worker.offer(max_pixels=40 * 40)
    await town.imagine()
    assert town.only_job().request.size == (40, 40)
