"""What a member writes: messages with files, and replies."""

from typing import Any

from aiohttp import web

from ..guilds import User
from ..keys import DISCORD
from ..permissions import Permission, in_channel
from ..server import Discord
from ..state import Channel, World
from ..threads import check_open
from ..uploads import Upload
from .errors import Refused
from .people import find_channel, find_user, may_see
from .views import seen_message

Body = dict[str, Any]


def say(discord: Discord, body: Body) -> Body:
    """Post a message as a member: `content`, `attachments` by the ids that uploading gave, `reply_to`."""
    user, channel = find_user(discord.world, body["member"]), find_channel(discord.world, body["channel"])
    if not may_see(discord.world, user, channel):
        raise Refused(f"{user.name} does not see this channel")
    _check_may_write(discord.world, user, channel, files=bool(body.get("attachments")))
    files = {n: _file(discord.world, int(i)) for n, i in enumerate(body.get("attachments") or ())}
    sent: Body = {"content": body.get("content") or ""}
    if files:
        sent["attachments"] = [{"id": number} for number in files]
    if body.get("reply_to"):
        sent["message_reference"] = {"message_id": body["reply_to"]}
    return seen_message(discord, discord.chat.post(channel, user.id, sent, files))


async def upload(request: web.Request) -> Body:
    """POST /local/upload?channel=&filename=: put a member's file on the CDN, for a message or an option."""
    discord, query = request.app[DISCORD], request.query
    channel, filename = find_channel(discord.world, query.get("channel", "")), query.get("filename") or "file"
    data, most = await request.read(), discord.chat.upload_limit(channel)
    if len(data) > most:
        raise Refused(f"{filename} has {len(data)} bytes; a file may have at most {most} here")
    return discord.payloads.attachment(discord.chat.store(channel, Upload(filename=filename, data=data), {}))


def _check_may_write(world: World, user: User, channel: Channel, *, files: bool) -> None:
    may = in_channel(world, channel, user.id)
    if not may & (Permission.SEND_MESSAGES_IN_THREADS if channel.thread else Permission.SEND_MESSAGES):
        raise Refused(f"{user.name} may not write here")
    if files and not may & Permission.ATTACH_FILES:
        raise Refused(f"{user.name} may not attach files here")
    check_open(channel.thread, moderator=bool(may & Permission.MANAGE_THREADS), sending=True)


def _file(world: World, attachment_id: int) -> Upload:
    """An uploaded file, which is no longer kept apart from the message."""
    uploaded = world.attachments.pop(attachment_id, None)
    if uploaded is None:
        raise Refused(f"there is no attachment {attachment_id}; upload it first")
    return Upload(filename=uploaded.filename, data=uploaded.data)
