"""Discord's limits on what a message may hold."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .components import walk
from .errors import DiscordError, invalid_form, too_large
from .state import Message
from .uploads import REQUEST_LIMIT_BYTES, Upload

CONTENT_LENGTH = 2000
EMBEDS, EMBED_LENGTH = 10, 6000
ATTACHMENTS = 10
ROWS, COMPONENTS = 5, 40
COMPONENTS_V2 = 1 << 15
SCHEMES = ("http", "https", "discord", "attachment")


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
    for part in ("embeds", "components"):
        _check_links(body.get(part) or [], part)
    check_components(body.get("components") or [], v2=bool((body.get("flags") or 0) & COMPONENTS_V2))


def _check_links(value: Any, where: str) -> None:
    """Refuse addresses that a browser would not open as a page or a picture, such as javascript: ones."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name in ("url", "icon_url") and item and urlsplit(item).scheme not in SCHEMES:
                known = ", ".join(SCHEMES)
                raise invalid_form(
                    f"{where}.{name}",
                    f"Scheme must be one of {known}: {item!r}",
                    code="URL_TYPE_INVALID_SCHEME",
                )
            _check_links(item, f"{where}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_links(item, f"{where}.{index}")


def check_not_empty(message: Message, body: Mapping[str, Any], files: Mapping[int, Upload]) -> None:
    """Refuse a create or edit body that would leave nothing of `message`."""
    now = {name: getattr(message, name) for name in ("content", "embeds", "components", "attachments")}
    if not files and not any({name: body.get(name, held) for name, held in now.items()}.values()):
        raise DiscordError(400, 50006, "Cannot send an empty message")


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
