"""What a member writes: messages with files, and replies."""

from typing import Any

from ..server import Discord
from ..state import World
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
    files = {n: _file(discord.world, int(i)) for n, i in enumerate(body.get("attachments") or ())}
    sent: Body = {"content": body.get("content") or ""}
    if files:
        sent["attachments"] = [{"id": number} for number in files]
    if body.get("reply_to"):
        sent["message_reference"] = {"message_id": body["reply_to"]}
    return seen_message(discord, discord.chat.post(channel, user.id, sent, files))


def _file(world: World, attachment_id: int) -> Upload:
    """An uploaded file, which is no longer kept apart from the message."""
    uploaded = world.attachments.pop(attachment_id, None)
    if uploaded is None:
        raise Refused(f"there is no attachment {attachment_id}; upload it first")
    return Upload(filename=uploaded.filename, data=uploaded.data)
