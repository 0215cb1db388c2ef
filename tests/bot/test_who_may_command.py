"""Who may use which command: each of them, tried by everybody (`tests.bot.scene`)."""

from __future__ import annotations

import re
from typing import NamedTuple

from discord import app_commands
from sqlalchemy import func, select

from bot.client import Atelier
from db.moderation_tables import AuditRow
from tests.bot.scene import set_scene
from tests.bot.studio import Town

PEOPLE = ("ana", "ben", "mira", "zoe", "olive", "dora", "finn")
EVERYBODY = set(PEOPLE)
MEMBERS = EVERYBODY - {"dora"}
#: Those who see ana's pictures, which are not of finn's server.
HERE = MEMBERS - {"finn"}
MODERATORS = {"mira", "zoe", "olive"}
ANA_AND_MODERATORS = {"ana"} | MODERATORS
#: What they do concerns their own server: finn's is another.
MODERATORS_ANYWHERE = MODERATORS | {"finn"}
MANAGERS = {"zoe", "olive"}
OWNER = {"olive"}

#: What whoever may not is told.
REFUSALS = (
    "^That is for moderators|^That is for those who may manage|^That is for the owner"
    "|^You are banned from making pictures|^This is another member's picture|^Only your own pictures"
    "|^There is no such picture here|^There is no collection|^Nothing of the kind|^Nothing is blocked"
    "|^You have nothing against you|: 0 strikes that count.$"
)


class Row(NamedTuple):
    command: str
    options: dict[str, object]
    #: What those who may are told, and nobody else is: a regular expression.
    told: str
    allowed: set[str]
    #: What there has to be before, where no option says it.
    given: str = ""


FOX = {"prompt": "a fox"}
PHOTO = {"image": "{photo}"}
KIM = {"member": "{kim}", "reason": "rude"}
STEPS = {"setting": "steps", "value": "7"}

ROWS = [
    Row("help", {}, "Make pictures", EVERYBODY),
    Row("models", {}, "starter", EVERYBODY),
    Row("loras", {}, "LoRAs", EVERYBODY),
    Row("styles", {}, "photo", EVERYBODY),
    Row("history", {}, "Your pictures", EVERYBODY),
    Row("queue", {}, "waiting", EVERYBODY),
    Row("quota show", {}, "to spend", EVERYBODY),
    Row("quota tiers", {}, "What roles give", EVERYBODY),
    Row("settings me", STEPS, "steps.* 7", EVERYBODY),
    Row("access list", {}, "Who may draw how", EVERYBODY),
    Row("privacy export", {}, "Your pictures", EVERYBODY),
    Row("privacy delete", {}, "This erases your pictures", EVERYBODY),
    # Of a picture of ana's.
    Row("tree", {"id": "{job}"}, "Family of", HERE),
    Row("compare", {"first": "{job}", "second": "{job}"}, "All settings are the same", HERE),
    Row("job", {"id": "{job}"}, "a red fox", HERE),
    Row("why", {"id": "{waiting}"}, "in line", HERE),
    Row("cancel", {"id": "{waiting}"}, "Cancelled", ANA_AND_MODERATORS),
    Row("gallery publish", {"id": "{job}"}, "It is in the gallery now", {"ana"}),
    Row("gallery browse", {}, "a red fox", HERE, "published"),
    Row("gallery unpublish", {"id": "{published}"}, "is out of the gallery", ANA_AND_MODERATORS),
    Row("gallery settings", {}, "This server's gallery", MEMBERS),
    Row("collection new", {"name": "Foxes"}, "is there", MEMBERS),
    Row("collection add", {"name": "Foxes", "id": "{job}"}, "It is in", HERE),
    Row("collection share", {"name": "Foxes"}, "Others see", MEMBERS),
    Row("collection show", {"name": "Foxes", "member": "{ana}"}, "a red fox", HERE),
    Row("collection remove", {"name": "Foxes"}, "is gone", MEMBERS),
    Row("contest start", {"theme": "foxes", "lasts": "2h"}, "announced", MODERATORS_ANYWHERE, "no contest"),
    Row("contest enter", {"id": "{published}"}, "is in the contest", {"ana"}, "contest"),
    Row("contest show", {}, "Contest: ", MEMBERS, "contest"),
    Row("contest cancel", {}, "is cancelled", MODERATORS_ANYWHERE, "contest"),
    # Of a server's moderators.
    Row("filter words", {"effect": "deny", "words": "bear"}, "Added", MODERATORS_ANYWHERE),
    Row("filter pattern", {"effect": "deny", "pattern": "be+r"}, "Added", MODERATORS_ANYWHERE),
    Row("filter list", {}, "on the lists", MODERATORS_ANYWHERE),
    Row("filter remove", {"text": "bear"}, "Removed", MODERATORS_ANYWHERE, "word"),
    Row("mod timeout", {**KIM, "duration": "5m"}, r"\*\*time-out\*\*", MODERATORS_ANYWHERE),
    Row("mod strike", KIM, r"\*\*strike\*\*", MODERATORS_ANYWHERE),
    Row("mod ban", KIM, r"\*\*ban\*\*", MODERATORS_ANYWHERE),
    Row("mod lift", {"member": "{kim}", "what": "ban"}, "Lifted", MODERATORS_ANYWHERE, "ban"),
    Row("mod record", {"member": "{dora}"}, "for good: rude", {"dora"} | MODERATORS),
    Row("audit", {}, "Audit", MODERATORS_ANYWHERE),
    Row("reports", {}, "Nothing waits", MODERATORS_ANYWHERE),
    Row("appeal", {"why": "it was a fox"}, "The moderators will look at it", {"dora"}),
    Row("takedown picture", {"id": "{job}", "reason": "ours"}, "is taken down", MODERATORS),
    Row("takedown undo", {"id": "{taken}"}, "may come back", MODERATORS),
    # Of a server's managers.
    Row("mod role", {"role": "{role}", "moderates": True}, "moderates here", MANAGERS),
    Row("gallery channel", {"channel": "{channel}"}, "are posted in", MANAGERS),
    Row("gallery threshold", {"stars": 5}, "has 5 ⭐", MANAGERS),
    Row("gallery age", {"days": 5}, "are 5 days old", MANAGERS),
    Row("quota grant", {"member": "{kim}", "credits": 5}, "credits now", MANAGERS),
    Row("quota tier", {"role": "{role}", "refill": 5}, "5 credits", MANAGERS),
    Row("quota server", {"refill_hours": 12}, "every 12 hours", MANAGERS),
    Row("settings server", STEPS, "steps.* 7", MANAGERS),
    Row("settings channel", STEPS, "steps.* 7", MANAGERS),
    Row("style add", {"name": "Ink", "prompt": "ink of {prompt}"}, "is here", MANAGERS),
    Row("style remove", {"name": "Ink"}, "is gone", MANAGERS, "style"),
    Row("access set", {"effect": "deny", "command": "grid", "role": "{role}"}, r"\*\*deny\*\*", MANAGERS),
    Row("access images", {"policy": "quarantine"}, "kept until a moderator", MANAGERS),
    Row("admin usage", {}, "Who uses how much", MANAGERS),
    Row("admin model", {"model": "starter", "state": "off"}, "draws no more|is so already", MANAGERS),
    Row("admin off", {}, "model `starter`", MANAGERS),
    Row("admin model", {"model": "starter", "state": "on"}, "draws again|is so already", MANAGERS),
    Row("admin pause", {"reason": "lunch"}, "Paused|is paused already", MANAGERS),
    Row("admin resume", {}, "It goes on|Nothing is paused", MANAGERS),
    # Of the studio's owner.
    Row("admin usage", {"where": "studio"}, "Who uses how much", OWNER),
    Row("admin model", {"model": "starter", "state": "off", "where": "studio"}, "draws no more", OWNER),
    Row("admin model", {"model": "starter", "state": "on", "where": "studio"}, "draws again", OWNER),
    Row("admin health", {}, "How the studio is", OWNER),
    Row("admin drain", {}, "They finish what they have", OWNER),
    Row("admin pause", {"reason": "lunch", "where": "studio"}, "Paused", OWNER),
    Row("admin resume", {"where": "studio"}, "It goes on", OWNER),
    # What draws; last, so that nothing before has to wait.
    Row("imagine", FOX, "in line", MEMBERS),
    Row("img2img", FOX | PHOTO, "in line", MEMBERS),
    Row("inpaint", FOX | PHOTO | {"mask": "{mask}"}, "in line", MEMBERS),
    Row("outpaint", FOX | PHOTO | {"left": 64}, "in line", MEMBERS),
    Row("control", FOX | PHOTO | {"preprocessor": "ready-made"}, "in line", MEMBERS),
    Row("reference", FOX | PHOTO, "in line", MEMBERS),
    Row("grid", FOX | {"x": "steps: 1, 2"}, "in line", MEMBERS),
    Row("upscale", PHOTO, "in line", MEMBERS),
    Row("restore", PHOTO, "in line", MEMBERS),
    Row("describe", PHOTO, "in line", MEMBERS),
]


async def test_every_command_has_its_row(bot: Atelier) -> None:
    commands = [one for one in bot.tree.walk_commands() if isinstance(one, app_commands.Command)]
    assert {one.qualified_name for one in commands} == {row.command for row in ROWS}


async def test_who_may_use_which_command(town: Town, bot: Atelier) -> None:
    scene = await set_scene(town, bot)
    for row in ROWS:
        for member in PEOPLE:
            if row.given:
                scene.prepare(row.given)
            told = await scene.use(member, row.command, row.options)
            right = row.told if member in row.allowed else REFUSALS
            assert re.search(right, told), (row.command, row.options, member, told)
    with town.database.read() as session:
        by_finn = select(func.count()).where(
            AuditRow.actor_id == scene.ids["finn"], AuditRow.guild_id == scene.guild_id
        )
        assert session.scalar(by_finn) == 0
