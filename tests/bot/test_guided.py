"""Pictures that follow others: /control, /reference, and masks found by words or by a point."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from core.addon_spec import POINT_MASKER, TEXT_MASKER, AddonKind, AddonSpec
from core.inputs import load_input
from core.stages import MADE_MASK, Composite, MakeMask
from db.addons import register_addons
from db.workers import WorkerInfo, register_worker
from sandbox.seen import SeenMessage
from tests.bot.studio import Town
from tests.bot.test_given_pictures import RED, attach, delivered
from tests.bot.worker import SPEC
from tests.core.test_pictures import encoded

pytestmark = pytest.mark.usefixtures("bot")

NET, ARCHITECTURE = AddonKind.CONTROLNET, "sd1"
ADDONS = [
    AddonSpec(kind=NET, name="edges", title="Edges", architecture=ARCHITECTURE, preprocessor="canny"),
    AddonSpec(kind=NET, name="poses", title="Poses", architecture=ARCHITECTURE, preprocessor="openpose"),
    AddonSpec(kind=NET, name="edges-xl", title="Edges XL", architecture="sdxl"),
    AddonSpec(kind=AddonKind.PREPROCESSOR, name="canny", title="Canny"),
    AddonSpec(kind=AddonKind.IP_ADAPTER, name="likeness", title="Likeness", architecture=ARCHITECTURE),
    AddonSpec(kind=AddonKind.IP_ADAPTER, name="finer", title="Z finer", architecture=ARCHITECTURE),
    AddonSpec(kind=AddonKind.MASKER, name=TEXT_MASKER, title="Words"),
    AddonSpec(kind=AddonKind.MASKER, name=POINT_MASKER, title="Point"),
    AddonSpec(kind=AddonKind.LORA, name="ink", title="Ink", trigger_words=("inked",)),
]


@pytest.fixture
def equipped(town: Town) -> None:
    """The worker has add-ons."""
    with town.database.begin() as session:
        register_addons(session, "w", ADDONS)


@pytest.mark.usefixtures("equipped")
async def test_control_draws_the_map_that_its_net_was_trained_on(town: Town) -> None:
    seen = await town.slash("control", prompt="a fox", image=await attach(town, RED), control="EDGES")
    await delivered(town, seen)
    (unit,) = town.only_job().request.denoise.controls
    assert (unit.model, unit.preprocessor, unit.scale, unit.end) == ("edges", "canny", 1.0, 1.0)
    assert unit.image in town.only_job().request.images
    denoise = town.only_job().request.denoise
    assert (denoise.width, denoise.height, denoise.strength) == (96, 64, None)


@pytest.mark.usefixtures("equipped")
async def test_each_control_has_its_own_values_in_the_panel(town: Town) -> None:
    both: dict[str, object] = {"image": await attach(town, RED), "image2": await attach(town, RED)}
    both |= {"control": "edges", "control2": "edges"}
    await town.slash("control", prompt="a fox", preprocessor="ready-made", advanced=True, **both)
    panel = await town.until_told("20 steps")
    first = {"How strongly it counts (0 to 2)": "0.5", "To which share of the steps (0 to 1)": "0.8"}
    second = {
        "Preprocessor (empty: it is a map already)": "",
        "How strongly it counts (0 to 2)": "1,5",
        "From which share of the steps (0 to 1)": "0.25",
    }
    await fill_in(town, panel, "Control 1…", first)
    await fill_in(town, panel, "Control 2…", second)
    made = await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    await delivered(town, made)
    units = town.only_job().request.denoise.controls
    assert [(unit.preprocessor, unit.scale, unit.start, unit.end) for unit in units] == [
        (None, 0.5, 0.0, 0.8),
        (None, 1.5, 0.25, 1.0),
    ]


async def fill_in(town: Town, panel: SeenMessage, button: str, lines: dict[str, str]) -> None:
    form = await town.members.press("ana", panel.id, button)
    await town.members.settled(form)
    await town.members.settled(await town.members.submit("ana", form, lines))


@pytest.mark.usefixtures("equipped")
async def test_adapter_model_and_control_of_a_reference_are_chosen_in_the_panel(town: Town) -> None:
    other = replace(SPEC, name="other", title="Z other", default_steps=9)
    with town.database.begin() as session:
        register_worker(session, WorkerInfo(id="w", host="h", device="cpu"), [SPEC, other])
        register_addons(session, "w", ADDONS)
    image = await attach(town, RED)
    await town.slash("reference", image=image, control="edges", control_image=image, advanced=True)
    panel = await town.until_told("20 steps")
    reference = {"IP-Adapter (its name)": "nothing", "Model (its name; empty: the first)": "other"}
    await fill_in(town, panel, "Reference…", reference)
    await fill_in(town, panel, "Control 1…", {"Preprocessor (empty: it is a map already)": "magic"})
    await town.until_told("**preprocessor** can't be `magic`")
    await fill_in(town, panel, "Control 1…", {"Preprocessor (empty: it is a map already)": ""})
    await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    await town.until_told("**IP-Adapter** can't be `nothing`")
    await fill_in(town, panel, "Reference…", reference | {"IP-Adapter (its name)": "finer"})
    await town.members.settled(await town.members.press("ana", panel.id, "Make it"))
    request = town.only_job().request
    assert (request.model, request.denoise.references[0].model) == ("other", "finer")
    assert [unit.preprocessor for unit in request.denoise.controls] == [None]


@pytest.mark.usefixtures("equipped")
@pytest.mark.parametrize(
    ("options", "told"),
    [({"control": "edges-xl"}, "**control** can't be `edges-xl`"),
     ({"control": "../../etc/passwd"}, "choose one of edges, poses"),
     ({"control": "poses"}, "**preprocessor** can't be `openpose`")],
)  # fmt: skip
async def test_controls_that_will_not_do(town: Town, options: dict[str, str], told: str) -> None:
    await town.slash("control", prompt="a fox", image=await attach(town, RED), **options)
    assert told in (await town.told()).content and town.jobs() == []


@pytest.mark.usefixtures("equipped")
async def test_reference_alone_with_words_and_with_control(town: Town) -> None:
    image = await attach(town, RED)
    await delivered(town, await town.slash("reference", image=image))
    request = town.only_job().request
    (reference,) = request.denoise.references
    assert (reference.model, reference.scale, request.text.prompt) == ("likeness", 0.6, "")
    seen = await town.slash(
        "reference", prompt="a fox", image=image, image2=await attach(town, RED.rotate(90)),
        likeness=0.9, control="edges", control_image=image,
    )  # fmt: skip
    await delivered(town, seen)
    denoise = town.jobs()[1].request.denoise
    assert len(denoise.references[0].images) == 2 and denoise.references[0].scale == 0.9
    assert [unit.model for unit in denoise.controls] == ["edges"]


@pytest.mark.usefixtures("equipped")
@pytest.mark.parametrize(
    ("given", "made"), [({"find": "the hat"}, ("the hat", None)), ({"point": "50 30"}, ("", (0.5, 0.3)))]
)
async def test_what_is_inpainted_can_be_found(
    town: Town, given: dict[str, str], made: tuple[str, tuple[float, float] | None]
) -> None:
    seen = await town.slash("inpaint", prompt="a cap", image=await attach(town, RED), **given)
    await delivered(town, seen)
    first, *_, composite = town.only_job().request.stages
    assert isinstance(first, MakeMask) and (first.text, first.point) == made
    assert isinstance(composite, Composite) and composite.mask == MADE_MASK
    assert town.only_job().request.denoise.mask == MADE_MASK


async def test_without_add_ons_members_are_told(town: Town) -> None:
    image = await attach(town, RED)
    await town.slash("control", prompt="a fox", image=image)
    await town.until_told("no ControlNet")
    await town.slash("reference", prompt="a fox", image=image)
    await town.until_told("no IP-Adapter")
    await town.slash("inpaint", prompt="a fox", image=image, find="the hat")
    await town.until_told("**find** does not work here yet: attach a **mask**")
    await town.slash("inpaint", prompt="a fox", image=image, point="50 30")
    await town.until_told("**point** does not work here yet")
    assert town.jobs() == []


@pytest.mark.usefixtures("equipped")
async def test_loras_are_listed_with_how_to_call_them(town: Town) -> None:
    await town.slash("loras")
    await town.until_told("<lora:ink:0.8>", "inked")
    offered = await town.members.choices("ana", "studio", "control", "control", "pos", {"prompt": "x"})
    assert [choice["value"] for choice in offered] == ["poses"]


@pytest.mark.usefixtures("equipped")
async def test_a_map_is_followed_again(town: Town) -> None:
    seen = await town.slash("control", prompt="a fox", image=await attach(town, RED), control="edges")
    claimed = town.worker.claim()
    edges = Image.new("RGB", (96, 64), "black")
    town.worker.store_map(claimed, encoded(edges))
    town.worker.finish(claimed)
    await town.press(await town.result(seen, pictures=2), "tools")
    tools = await town.until_told("What next?")
    await town.members.settled(await town.members.press("ana", tools.id, "Use its map as input"))
    await town.until_told("Held for 15 minutes")
    await town.slash("control", prompt="a hare", control="edges", preprocessor="ready-made")
    (unit,) = town.jobs()[1].request.denoise.controls
    assert unit.preprocessor is None
    assert load_input(town.storage, unit.image).tobytes() == edges.tobytes()
