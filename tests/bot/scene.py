"""A server with everybody who is told apart by their rights, and what their commands are about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PIL import Image

from actions.contest import cancel_contest, start_contest
from actions.person import Person
from actions.prompt_filter import add
from actions.publish import publish
from actions.sanction import sanction
from actions.studio import Studio
from actions.styles import add_style
from actions.takedown import take_down
from bot.client import Atelier
from core.addon_spec import AddonKind, AddonSpec
from core.jobs import JobState
from core.moderation import SanctionKind
from core.wordlist import Effect, Rule, RuleKind
from db.addons import register_addons
from db.contests import open_contest
from db.gallery import entry_of
from db.jobs import Job
from sandbox.seen import SeenInteraction
from tests.actions.people import make
from tests.bot.studio import Town
from tests.core.test_pictures import encoded

_MANAGE_MESSAGES, _MANAGE_GUILD = 1 << 13, 1 << 5

ADDONS = [
    AddonSpec(kind=AddonKind.CONTROLNET, name="edges", title="Edges", architecture="sd1"),
    AddonSpec(kind=AddonKind.IP_ADAPTER, name="likeness", title="Likeness", architecture="sd1"),
    AddonSpec(kind=AddonKind.UPSCALER, name="twice", title="Twice", factor=2),
    AddonSpec(kind=AddonKind.FACE_RESTORER, name="faces", title="Faces"),
    AddonSpec(kind=AddonKind.CAPTIONER, name="words", title="Words"),
]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """ana's pictures, and who may do what with them.

    ben is another member, mira moderates, zoe manages the server and owns nothing, olive manages it and owns
    the studio (it is her bot), dora is banned, and finn moderates another server. kim is whom commands are
    about.
    """

    town: Town
    bot: Atelier
    ids: dict[str, int]
    guild_id: int
    channel_id: int
    #: Of finn's server.
    elsewhere: int
    #: One of each server, by a channel of it.
    roles: dict[int, int]

    @property
    def studio(self) -> Studio:
        return self.bot.studio

    def person(self, name: str) -> Person:
        known = Person(member_id=self.ids[name], guild_id=self.guild_id, channel_id=self.channel_id)
        return replace(known, is_moderator=name == "mira", is_admin=name == "olive")

    def channel_of(self, member: str) -> int:
        return self.elsewhere if member == "finn" else self.channel_id

    async def use(self, member: str, command: str, options: dict[str, object]) -> str:
        """What a member is told who uses a command where they are; names in braces are prepared."""
        channel = self.channel_of(member)
        filled = {name: await self.value(value, channel) for name, value in options.items()}
        members = self.town.members
        seen = await members.settled(await members.slash(member, channel, command, filled))
        return await self.said(member, seen)

    async def said(self, member: str, seen: SeenInteraction) -> str:
        """The first words of an answer that are not the waiting for it."""

        async def answer() -> str | None:
            messages = await self.town.members.messages(self.channel_of(member), member, interaction=seen.id)
            return next((one.text or "a file" for one in messages if not one.loading), None)

        told: str = await self.town.members.wait_until(answer)
        return told

    async def value(self, value: object, channel: int) -> object:
        """What stands for a value in braces: an id, or that of what is made ready for it."""
        if not isinstance(value, str) or not value.startswith("{"):
            return value
        name = value[1:-1]
        known = {**self.ids, "role": self.roles[channel], "channel": channel}
        if name in known:
            return str(known[name])
        if name in ("photo", "mask"):
            data = encoded(Image.new("RGB", (96, 64), "red" if name == "photo" else "white"))
            return await self.town.members.upload(channel, f"{name}.png", data)
        return self.prepare(name)

    def prepare(self, name: str) -> str:
        """Have something there, as it is before the command: the id of its job, if it has one."""
        match name:
            case "job":
                return self.job().id
            case "waiting":
                return make(self.studio, self.person("ana")).id
            case "published":
                return self._published()
            case "taken":
                gone = self.job()
                take_down(self.studio, self.person("mira"), gone.id, "ours")
                return gone.id
            case "contest" | "no contest":
                self._contest(runs=name == "contest")
            case "ban":
                mira, kim = self.person("mira"), self.person("kim")
                sanction(self.studio, mira, kim, SanctionKind.BAN, reason="rude", lasts_s=None)
            case "word":
                rule = Rule(effect=Effect.DENY, kind=RuleKind.WORDS, text="bear")
                add(self.studio, self.person("mira"), [rule])
            case "style":
                add_style(self.studio, self.person("olive"), "Ink", "ink of {prompt}", "")
            case _:
                raise ValueError(name)
        return ""

    def job(self) -> Job:
        """A finished job of ana's: the newest, or a new one."""
        for job in reversed(self.town.jobs()):
            if job.member_id == self.ids["ana"] and job.state == JobState.DONE:
                return job
        made = make(self.studio, self.person("ana"))
        while self.town.worker.make().job.id != made.id:
            pass
        return self.job()

    def _published(self) -> str:
        job = self.job()
        with self.town.database.read() as session:
            known = entry_of(session, job.id)
        if known is None:
            publish(self.studio, self.person("ana"), job.id)
        return job.id

    def _contest(self, *, runs: bool) -> None:
        with self.town.database.read() as session:
            open_one = open_contest(session, self.guild_id)
        if runs and open_one is None:
            start_contest(self.studio, self.person("mira"), "foxes", "2h")
        if not runs and open_one is not None:
            cancel_contest(self.studio, self.person("mira"))


async def set_scene(town: Town, bot: Atelier) -> Scene:
    members = town.members
    manager = await members.add_role("managers", permissions=_MANAGE_GUILD)
    moderator = await members.add_role("keepers", permissions=_MANAGE_MESSAGES)
    for member in ("mira", "zoe", "dora", "kim"):
        await members.add_member(member)
    await members.set_roles("mira", [str(moderator)])
    await members.set_roles("zoe", [str(manager)])
    away = str(await members.add_guild("Elsewhere"))
    keepers = await members.add_role("keepers", permissions=_MANAGE_MESSAGES, guild=away)
    await members.add_member("finn", guild=away)
    await members.set_roles("finn", [str(keepers)], guild=away)
    elsewhere = await members.add_channel("pictures", guild=away)
    known = await members.town()
    (here,) = [guild for guild in known["guilds"] if guild["id"] != away]
    everybody = [member["user"] for guild in known["guilds"] for member in guild["members"]]
    studio = next(int(one["id"]) for one in here["channels"] if one["name"] == "studio")
    scene = Scene(
        town=town,
        bot=bot,
        ids={user["username"]: int(user["id"]) for user in everybody},
        guild_id=int(here["id"]),
        channel_id=studio,
        elsewhere=elsewhere,
        roles={
            studio: await members.add_role("others"),
            elsewhere: await members.add_role("others", guild=away),
        },
    )
    dora = scene.person("dora")
    sanction(bot.studio, scene.person("mira"), dora, SanctionKind.BAN, reason="rude", lasts_s=None)
    with town.database.begin() as session:
        register_addons(session, "w", ADDONS)
    return scene
