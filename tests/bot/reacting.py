"""What tests of reactions wait for: nobody is answered by an interaction."""

from __future__ import annotations

from sandbox.seen import SeenMessage
from tests.bot.studio import Town


async def direct(town: Town, member: str, text: str) -> SeenMessage:
    """A direct message to a member, once it holds a text."""
    channel = await town.members.open_dm(member)
    return await town.members.wait_for(channel, lambda message: text in message.text, member=member)


async def reply(town: Town, to: SeenMessage) -> SeenMessage:
    return await town.members.wait_for("studio", lambda message: message.reply_to == to.id)


async def until_jobs(town: Town, count: int) -> None:
    async def look() -> bool:
        return len(town.jobs()) == count

    await town.members.wait_until(look)


async def id_of(town: Town, member: str) -> int:
    (guild,) = (await town.members.town())["guilds"]
    return next(int(one["user"]["id"]) for one in guild["members"] if one["user"]["username"] == member)
