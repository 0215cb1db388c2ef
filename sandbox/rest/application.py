"""The bot itself: who it is, and where its gateway is."""

from ..server import gateway_url
from .call import Answer, Call, Route


def gateway_bot(call: Call) -> Answer:
    """Where to connect, and how many sessions may begin."""
    limit = call.discord.gateway.starts.limit()
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


ROUTES = (
    Route(method="GET", path="/gateway", handler=gateway, by_bot=False),
    Route(method="GET", path="/gateway/bot", handler=gateway_bot),
    Route(method="GET", path="/users/@me", handler=myself),
    Route(method="GET", path="/applications/@me", handler=application),
    Route(method="GET", path="/oauth2/applications/@me", handler=application),
)
