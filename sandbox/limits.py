"""Discord's limits on what a message may hold."""

from collections.abc import Iterable
from typing import Any

from .components import walk
from .errors import DiscordError, invalid_form, too_large
from .uploads import REQUEST_LIMIT_BYTES, Upload

CONTENT_LENGTH = 2000
EMBEDS, EMBED_LENGTH = 10, 6000
ATTACHMENTS = 10
ROWS, COMPONENTS = 5, 40
COMPONENTS_V2 = 1 << 15


def check_message(body: dict[str, Any]) -> None:
    """Refuse a create or edit body that is above a limit."""
    if len(body.get("content") or "") > CONTENT_LENGTH:
        raise invalid_form("content", f"Must be {CONTENT_LENGTH} or fewer in length.")
    embeds = body.get("embeds") or []
    if len(embeds) > EMBEDS:
        raise invalid_form("embeds", f"Must be {EMBEDS} or fewer in length.")
    if sum(map(_embed_length, embeds)) > EMBED_LENGTH:
        raise invalid_form("embeds", f"Embed size exceeds maximum size of {EMBED_LENGTH}")
    if len(body.get("attachments") or []) > ATTACHMENTS:
        raise DiscordError(400, 30015, f"Maximum number of attachments in a message reached ({ATTACHMENTS})")
    check_components(body.get("components") or [], v2=bool((body.get("flags") or 0) & COMPONENTS_V2))


def check_components(components: list[dict[str, Any]], *, v2: bool) -> None:
    """Refuse too many components, or two with the same custom_id."""
    if not v2 and len(components) > ROWS:
        raise invalid_form("components", f"Must be {ROWS} or fewer in length.")
    every = list(walk(components))
    if len(every) > COMPONENTS:
        raise invalid_form("components", f"The total number of components exceeds {COMPONENTS}.")
    ids = [component["custom_id"] for component in every if component.get("custom_id")]
    if len(ids) != len(set(ids)):
        raise invalid_form("components", "Component custom id cannot be duplicated")


def check_files(files: Iterable[Upload], *, file_limit: int) -> None:
    """Refuse files above the server's limit, or a request above Discord's."""
    sizes = [len(upload.data) for upload in files]
    if any(size > file_limit for size in sizes) or sum(sizes) > max(REQUEST_LIMIT_BYTES, file_limit):
        raise too_large()


def _embed_length(embed: dict[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    texts += [text for item in embed.get("fields") or [] for text in (item.get("name"), item.get("value"))]
    return sum(len(text or "") for text in texts)
