"""The CDN: files behind addresses that are signed and expire after a day, as Discord's do."""

import hashlib
import hmac
import io
import mimetypes
import secrets
from urllib.parse import quote

from aiohttp import web

from .clock import Clock
from .keys import DISCORD
from .state import Attachment

LIFE_S = 24 * 3600
# A file that somebody sent must not run scripts in the name of the page, which has the same origin here.
INERT = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}


class Cdn:
    """Signs and checks attachment addresses."""

    def __init__(self, *, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._secret = secrets.token_bytes(32)

    def url(self, attachment: Attachment) -> str:
        """An absolute address that works for a day."""
        issued = int(self._clock.now())
        expires = issued + LIFE_S
        path = f"/attachments/{attachment.channel_id}/{attachment.id}/{quote(attachment.filename)}"
        signature = self._sign(attachment.id, issued, expires)
        return f"{self._url}{path}?ex={expires:x}&is={issued:x}&hm={signature}&"

    def allows(self, attachment_id: int, *, expires: int, issued: int, signature: str) -> bool:
        """Whether an address is ours and still good."""
        expected = self._sign(attachment_id, issued, expires)
        return hmac.compare_digest(expected, signature) and self._clock.now() < expires

    def _sign(self, attachment_id: int, issued: int, expires: int) -> str:
        return hmac.new(
            self._secret, f"{attachment_id} {issued} {expires}".encode(), hashlib.sha256
        ).hexdigest()


async def serve(request: web.Request) -> web.Response:
    """GET /attachments/...: the bytes, or Discord's own short refusals."""
    discord = request.app[DISCORD]
    attachment = discord.world.attachments.get(int(request.match_info["attachment_id"]))
    try:
        expires, issued = int(request.query["ex"], 16), int(request.query["is"], 16)
        good = attachment and discord.cdn.allows(
            attachment.id, expires=expires, issued=issued, signature=request.query["hm"]
        )
    except (KeyError, ValueError):
        good = False
    if not good or attachment is None:
        return web.Response(status=404, text="This content is no longer available.")
    return web.Response(body=attachment.data, content_type=attachment.content_type, headers=INERT)


def content_type(filename: str) -> str:
    """The type that a file's name suggests."""
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, or None for what is no picture."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
            return image.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        return None
