"""Gateway events on their way to the bot, with what is told to go wrong with them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from .faults import Fault, FaultKind, Faults

Payload = dict[str, Any]


class Bots(Protocol):
    """The gateway, as far as events need it."""

    def push(self, event: str, data: Payload) -> None: ...
    def drop(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Held:
    """An event that waits to be overtaken."""

    event: str
    data: Payload
    timer: asyncio.TimerHandle


class Events:
    """Dispatches events: late, twice, out of order, never, beside a lost connection, as faults say."""

    def __init__(self, *, faults: Faults, bots: Bots) -> None:
        self._faults = faults
        self._bots = bots
        self._held: list[Held] = []

    def dispatch(self, event: str, data: Payload) -> None:
        """Send an event to every session."""
        fault = self._faults.take("EVENT", event)
        if fault is not None:
            self._spoil(fault, event, data)
        else:
            self._bots.push(event, data)
            self._release()

    def _spoil(self, fault: Fault, event: str, data: Payload) -> None:
        kind, push = fault.kind, self._bots.push
        if kind is FaultKind.REORDER:
            self._hold(fault.seconds, event, data)
        elif kind in (FaultKind.DELAY_BEFORE, FaultKind.DELAY_AFTER):
            _later(fault.seconds, push, event, data)
        elif kind is not FaultKind.LOSE:
            if kind is FaultKind.DROP_BEFORE:
                self._bots.drop()
            push(event, data)
            if kind is FaultKind.DUPLICATE:
                push(event, data)
            elif kind is FaultKind.DROP_AFTER:
                self._bots.drop()
            self._release()

    def _hold(self, seconds: float, event: str, data: Payload) -> None:
        """Keep an event back until the next one was sent, or for so many seconds when none comes."""
        timer = _later(seconds, self._release)
        self._held.append(Held(event=event, data=data, timer=timer))

    def _release(self) -> None:
        held, self._held = self._held, []
        for each in held:
            each.timer.cancel()
            self._bots.push(each.event, each.data)


def _later(seconds: float, act: Callable[..., None], *arguments: Any) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(seconds, act, *arguments)
