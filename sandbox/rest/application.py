"""The bot itself: who it is, where its gateway is, its commands."""

from ..server import gateway_url
from .call import Answer, Call, Route


def gateway_bot(call: Call) -> Answer:
    """Where to connect, and how many sessions may begin."""
    sessions = {"total": 1000, "remaining": 1000 - call.discord.gateway.identified, "reset_after": 0}
    limit = sessions | {"max_concurrency": 1}
    return Answer(body={"url": gateway_url(call.discord.url), "shards": 1, "session_start_limit": limit})


def gateway(call: Call) -> Answer:
    """Where to connect."""
    return Answer(body={"url": gateway_url(call.discord.url)})


def myself(call: Call) -> Answer:
    """The bot's user."""
    return Answer(body=call.discord.payloads.myself())


def application(call: Call) -> Answer:
    """The bot's application."""
    return Answer(body=call.discord.payloads.application())


def commands(call: Call) -> Answer:
    """The commands registered everywhere, or in one server."""
    return Answer(body=call.discord.commands.all(_place(call)))


def replace_commands(call: Call) -> Answer:
    """Register these commands and no others."""
    registered = call.discord.commands.replace(_place(call), call.body or [])
    # No event for the bot, but whoever waits for a command looks again.
    call.discord.announce(None)
    return Answer(body=registered)


def _place(call: Call) -> int | None:
    return call.guild().id if "guild_id" in call.path else None


EVERYWHERE = "/applications/{application_id}/commands"
IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
ROUTES = (
    Route(method="GET", path="/gateway", handler=gateway, by_bot=False),
    Route(method="GET", path="/gateway/bot", handler=gateway_bot),
    Route(method="GET", path="/users/@me", handler=myself),
    Route(method="GET", path="/applications/@me", handler=application),
    Route(method="GET", path="/oauth2/applications/@me", handler=application),
    Route(method="GET", path=EVERYWHERE, handler=commands),
    Route(method="PUT", path=EVERYWHERE, handler=replace_commands),
    Route(method="GET", path=IN_GUILD, handler=commands),
    Route(method="PUT", path=IN_GUILD, handler=replace_commands),
)
