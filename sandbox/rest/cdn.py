"""Fresh addresses for files on the CDN."""

from urllib.parse import urlsplit

from ..errors import invalid_form
from .call import Answer, Call, Route

MOST = 50


def refresh(call: Call) -> Answer:
    """A new address for each one that is the CDN's, however old; null for what is not there any more."""
    asked = (call.body or {}).get("attachment_urls") or []
    if not 1 <= len(asked) <= MOST:
        raise invalid_form("attachment_urls", f"Must be between 1 and {MOST} in length.")
    return Answer(
        body={"refreshed_urls": [{"original": url, "refreshed": _fresh(call, url)} for url in asked]}
    )


def _fresh(call: Call, url: str) -> str | None:
    parts = urlsplit(url).path.split("/")  # "", attachments, channel, attachment, name
    number = int(parts[3]) if len(parts) == 5 and parts[3].isdigit() else 0
    attachment = call.discord.world.attachments.get(number)
    return call.discord.cdn.url(attachment) if attachment else None


ROUTES = (Route(method="POST", path="/attachments/refresh-urls", handler=refresh, described=False),)
