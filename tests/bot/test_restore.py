"""`/restore`: a command in, a picture out, and what is refused."""

from __future__ import annotations

import pytest

from core.addon_spec import AddonKind, AddonSpec
from core.inputs import load_input
from core.stages import LoadImage, RestoreFaces
from db.addons import register_addons
from tests.bot.studio import Town
from tests.bot.test_given_pictures import RED, attach
from tests.bot.test_picture_buttons import verbs

pytestmark = pytest.mark.usefixtures("bot")


def _equip(town: Town, **changes: object) -> None:
    """The worker has two face restorers; of the first, other facts."""
    first = {"kind": AddonKind.FACE_RESTORER, "name": "codeformer", "title": "CodeFormer", **changes}
    other = AddonSpec(kind=AddonKind.FACE_RESTORER, name="gfpgan", title="GFPGAN")
    with town.database.begin() as session:
        register_addons(session, "w", [AddonSpec(**first), other])  # type: ignore[arg-type]


async def test_faces_of_a_given_picture(town: Town) -> None:
    _equip(town)
    offered = await town.members.choices("ana", "studio", "restore", "restorer", "gf", {})
    assert [choice["value"] for choice in offered] == ["gfpgan"]
    seen = await town.slash("restore", image=await attach(town, RED), fidelity=0.7, restorer="GFPGAN")
    town.worker.make()
    message = await town.result(seen)
    assert verbs(message)[:2] == [["rerun", "info", "delete"], ["upscale", "use"]]
    load, faces = town.only_job().request.stages
    assert isinstance(load, LoadImage)
    assert load_input(town.storage, load.image).tobytes() == RED.tobytes()
    assert faces == RestoreFaces(restorer="gfpgan", fidelity=0.7)
    assert town.only_job().price == 1
    await town.press(message, "info")
    await town.until_told("Faces", "gfpgan", "96×64")
    again = await town.press(message, "rerun")
    town.worker.make()
    await town.result(again)
    first, second = town.jobs()
    assert second.replay_of == first.id and second.request == first.request


async def test_the_picture_in_hand_by_the_first_restorer(town: Town) -> None:
    _equip(town)
    seen = await town.slash("restore", image=await attach(town, RED), restorer="gfpgan")
    town.worker.make()
    await town.press(await town.result(seen), "use")
    await town.until_told("Held for 15 minutes")
    seen = await town.slash("restore")
    town.worker.make()
    await town.result(seen)
    assert town.jobs()[1].request.stages[1] == RestoreFaces(restorer="codeformer")


async def test_without_a_restorer_members_are_told_what_the_owner_would_do(town: Town) -> None:
    await town.slash("restore", image=await attach(town, RED))
    await town.until_told("no face restorer yet", "CodeFormer or GFPGAN", "licence")
    _equip(town)
    await town.slash("restore", image=await attach(town, RED), restorer="../../etc/passwd")
    await town.until_told("choose one of codeformer, gfpgan")
    await town.slash("restore")
    await town.until_told("Which picture?")
    assert town.jobs() == []


async def test_a_restorer_whose_licence_nobody_agreed_to_is_not_offered(town: Town) -> None:
    _equip(town, awaits_terms=True, licence="S-Lab License 1.0 (non-commercial)")
    await town.slash("restore", image=await attach(town, RED), restorer="codeformer")
    await town.until_told("choose one of gfpgan")
    assert town.jobs() == []


async def test_where_all_wait_for_their_licence_it_is_named(town: Town) -> None:
    spec = AddonSpec(
        kind=AddonKind.FACE_RESTORER,
        name="codeformer",
        title="CodeFormer",
        licence="S-Lab License 1.0 (non-commercial)",
        awaits_terms=True,
    )
    with town.database.begin() as session:
        register_addons(session, "w", [spec])
    await town.slash("restore", image=await attach(town, RED))
    await town.until_told("CodeFormer", "S-Lab License 1.0", "/models")
    assert town.jobs() == []
