"""The first answer to an interaction."""

from .call import NOTHING, Answer, Call, Route


def callback(call: Call) -> Answer:
    """Take the answer; with_response=1 asks what it made."""
    shown = call.discord.interactions.answer(
        call.id("interaction_id"), call.path["interaction_token"], call.body or {}, call.files
    )
    return Answer(body=shown) if call.flag("with_response") else NOTHING


CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
ROUTES = (Route(method="POST", path=CALLBACK, handler=callback, by_bot=False),)
