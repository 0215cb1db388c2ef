"""Hints over a real Redis, which is killed and comes back."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest
import redis
from kombu import Connection

from core.events import (
    DOORBELL_QUEUE,
    DOORBELL_TASK,
    Doorbell,
    Event,
    EventKind,
    broker_url,
    listen,
    open_redis,
    publish,
)
from tests.redis_server import OwnRedis


@pytest.fixture
def server() -> Iterator[OwnRedis]:
    server = OwnRedis()
    yield server
    server.close()


async def heard(events: AsyncIterator[Event], client: redis.Redis[bytes], event: Event) -> bool:
    """Publish until the listener hears it: it may still be connecting, or busy with what came before."""
    waiting = asyncio.ensure_future(anext(events))
    for _ in range(100):
        publish(client, event)
        done, _pending = await asyncio.wait([waiting], timeout=0.1)
        if done and waiting.result() == event:
            return True
        if done:
            waiting = asyncio.ensure_future(anext(events))
    waiting.cancel()
    return False


async def test_events_reach_a_listener_even_after_redis_died(server: OwnRedis) -> None:
    with open_redis(server.url) as client:
        async with aclosing(listen(server.url)) as events:
            assert await heard(events, client, Event(kind=EventKind.PROGRESS, job_id="A"))
            server.kill()
            assert not publish(client, Event(kind=EventKind.PROGRESS, job_id="lost"))
            server.start()
            assert await heard(events, client, Event(kind=EventKind.DELIVERY, job_id="B"))


async def test_what_another_version_says_is_passed_over(server: OwnRedis) -> None:
    with open_redis(server.url) as client:
        async with aclosing(listen(server.url)) as events:
            assert await heard(events, client, Event(kind=EventKind.PROGRESS, job_id="A"))
            for nonsense in ("applause A", "", "progress", b"\xff\xfe"):
                client.publish("atelier:events", nonsense)
            assert await heard(events, client, Event(kind=EventKind.DELIVERY, job_id="B"))


async def test_a_listener_ends_when_it_is_cancelled_however_far_it_has_got(server: OwnRedis) -> None:
    """Connecting and subscribing take several turns of the loop; a cancellation may come at any of them."""
    for turns in range(60):
        waiting = asyncio.ensure_future(anext(listen(server.url)))
        for _ in range(turns):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting], timeout=5)
        assert waiting.cancelled(), f"after {turns} turns"


def test_a_ring_is_a_celery_message_in_the_queue(server: OwnRedis) -> None:
    doorbell = Doorbell(server.url)
    assert doorbell.ring("ABC")
    assert doorbell.waiting() == 1
    with Connection(broker_url(server.url)) as connection:
        queue = connection.SimpleQueue(DOORBELL_QUEUE)
        message = queue.get(timeout=5)
        assert message.headers["task"] == DOORBELL_TASK
        assert message.payload[0] == ["ABC"]
        message.ack()
        queue.close()
    assert doorbell.waiting() == 0
    doorbell.close()


def test_redis_being_away_costs_a_member_next_to_nothing(
    server: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few doors are tried, and nothing waits before the next."""
    tried: list[object] = []
    naps: list[float] = []
    connect = socket.socket.connect

    def counted(door: socket.socket, address: object) -> None:
        tried.append(address)
        connect(door, address)

    doorbell = Doorbell(server.url)
    assert doorbell.ring("A")
    server.kill()
    with monkeypatch.context() as watched:
        watched.setattr(socket.socket, "connect", counted)
        watched.setattr(time, "sleep", naps.append)
        assert not doorbell.ring("B")
        assert doorbell.waiting() is None
    assert 0 < len(tried) <= 6 and not any(naps), (tried, naps)
    server.start()
    assert doorbell.ring("C")
    assert doorbell.waiting() == 1
    doorbell.close()


@pytest.mark.parametrize(
    ("redis_url", "celery_url"),
    [
        ("redis://:secret@host:6379/1", "redis://:secret@host:6379/1"),
        ("rediss://host", "rediss://host"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
    ],
)
def test_celery_has_its_own_name_for_a_socket(redis_url: str, celery_url: str) -> None:
    assert broker_url(redis_url) == celery_url
