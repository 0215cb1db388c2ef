"""Request bodies: JSON, or multipart with a payload_json part and files."""

import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from .errors import DiscordError

REQUEST_LIMIT_BYTES = 25 << 20
FILE_FIELD = re.compile(r"files\[(\d+)\]")


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as it was sent."""

    filename: str
    data: bytes


async def read_body(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    """The JSON body (None when there is none) and the files by the number in their field's name."""
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    raw = await request.read()
    if not raw:
        return None, {}
    if request.content_type != "application/json":
        raise DiscordError(400, 50035, f"Expected application/json, not {request.content_type}")
    return _parse(raw), {}


async def _read_multipart(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    body: Any = None
    files: dict[int, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise DiscordError(400, 50035, "Nested multipart bodies are not understood")
        if part.name == "payload_json":
            body = _parse(bytes(await part.read()))
        elif match := FILE_FIELD.fullmatch(part.name or ""):
            upload = Upload(filename=part.filename or "file", data=bytes(await part.read()))
            files[int(match[1])] = upload
    return body, files


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise DiscordError(400, 50109, "The request body contains invalid JSON.") from None
