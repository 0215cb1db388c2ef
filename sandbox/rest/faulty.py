"""What goes wrong with a request on its way to Discord and back, where a fault says so."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from ..faults import Fault, FaultKind
from ..ratelimits import RateLimits
from .call import Route
from .rendering import failed_gateway, rate_limited, rendered

AFTER = (FaultKind.BAD_GATEWAY_AFTER, FaultKind.DROP_AFTER, FaultKind.DELAY_AFTER)
DELAYS = (FaultKind.DELAY_BEFORE, FaultKind.DELAY_AFTER)
DROPS = (FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER)


async def faulty(
    fault: Fault,
    limits: RateLimits,
    route: Route,
    request: web.Request,
    respond: Callable[[], Awaitable[web.Response]],
) -> web.Response | None:
    """The answer that the caller gets of `respond`; None where the connection was cut."""
    if fault.kind in AFTER:
        answer = await respond()
    else:
        await request.read()  # a proxy fails after it has taken the request, not while it is being sent
    if fault.kind in DELAYS:
        await asyncio.sleep(fault.seconds)
        return answer if fault.kind in AFTER else await respond()
    if fault.kind in DROPS:
        if request.transport is not None:
            request.transport.abort()
        return None
    if fault.kind is FaultKind.RATE_LIMITED:
        verdict = limits.refusal(route.method, route.path, retry_after_s=fault.seconds, scope=fault.scope)
        return rendered(rate_limited(fault.seconds, scope=fault.scope), verdict.headers())
    return failed_gateway(fault.status)
