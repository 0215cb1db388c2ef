"""Serves the page's files, and tells the browser to run and load nothing else."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",  # blob: shows a file before it is sent
    "media-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # The files change with the repository: the browser asks each time, and mostly hears 304.
    "Cache-Control": "no-cache",
}


def routes() -> list[web.RouteDef]:
    """/ and every file of the page under /page/."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    named = [web.get(f"/page/{path.relative_to(STATIC).as_posix()}", _serve(path)) for path in files]
    return [web.get("/", _serve(STATIC / "index.html")), *named]


def _serve(path: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(path, headers=HEADERS)

    return handle
