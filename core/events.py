"""Hints between processes over Redis: the doorbell that wakes workers, and events that wake the bot.

Losing any of them is harmless: the truth is in SQL, and who waits for a hint also looks by itself now and
then. So nothing here raises when Redis is away: it says so in the log and answers False.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

import redis.asyncio
from celery import Celery
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

#: Name of the one Celery task, and of the queue that its messages lie in.
DOORBELL_TASK = "atelier.work"
DOORBELL_QUEUE = "atelier"

_CHANNEL = "atelier:events"
_RECONNECT_S = 0.5

logger = logging.getLogger(__name__)


class EventKind(StrEnum):
    #: A running job's step or preview moved.
    PROGRESS = "progress"
    #: A job ended and its delivery row waits.
    DELIVERY = "delivery"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something about a job is worth looking at."""

    kind: EventKind
    job_id: str


def open_redis(redis_url: str) -> redis.Redis[bytes]:
    """A client that gives up within seconds, since nothing that it carries is worth waiting for."""
    client: redis.Redis[bytes] = redis.Redis.from_url(
        redis_url, socket_connect_timeout=2, socket_timeout=2, retry=Retry(NoBackoff(), 1)
    )
    return client


def publish(client: redis.Redis[bytes], event: Event) -> bool:
    """Tell every listener; False where Redis did not take it."""
    try:
        client.publish(_CHANNEL, f"{event.kind} {event.job_id}")
    except RedisError as error:
        logger.warning("Redis is away, an event was not published: %s", error)
        return False
    return True


async def listen(redis_url: str) -> AsyncIterator[Event]:
    """Every event published from now on, for ever; reconnects by itself where Redis goes away."""
    while True:
        try:
            async with (
                # With a `socket_timeout` redis-py sends through `asyncio.wait_for`, which on Python 3.11 may
                # swallow a cancellation: this would then listen on, and whoever waits for its end hang.
                redis.asyncio.Redis.from_url(
                    redis_url, socket_connect_timeout=2, socket_timeout=None
                ) as client,
                client.pubsub(ignore_subscribe_messages=True) as subscription,
            ):
                await subscription.subscribe(_CHANNEL)
                async for message in subscription.listen():
                    event = _read(message["data"])
                    if event is not None:
                        yield event
        except (RedisError, OSError) as error:
            logger.warning("Redis is away, listening again in %s s: %s", _RECONNECT_S, error)
        await asyncio.sleep(_RECONNECT_S)


def broker_url(redis_url: str) -> str:
    """The same Redis in Celery's words, whose name for a Unix socket is `redis+socket`."""
    if redis_url.startswith("unix://"):
        return "redis+socket://" + redis_url.removeprefix("unix://").replace("?db=", "?virtual_host=")
    return redis_url


def celery_app(redis_url: str) -> Celery:
    """The Celery app as both ends need it: early acknowledgement, no results, no retries, no schedule."""
    app = Celery("atelier", broker=broker_url(redis_url), set_as_current=False)
    app.conf.update(
        task_default_queue=DOORBELL_QUEUE,
        task_ignore_result=True,
        task_acks_late=False,
        task_publish_retry=False,
        # A ring fails at once where Redis is away, instead of waiting for it to come back.
        broker_transport_options={
            "socket_connect_timeout": 2,
            "socket_timeout": 2,
            "max_retries": 0,
        },
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
    )
    return app


class Doorbell:
    """Sends the Celery message that says *there is work*; the job id in it is for the logs alone."""

    def __init__(self, redis_url: str) -> None:
        self._app = celery_app(redis_url)
        self._redis = open_redis(redis_url)

    def ring(self, job_id: str) -> bool:
        """Ring once; False where Redis did not take it (the keeper rings again later)."""
        try:
            self._app.send_task(DOORBELL_TASK, args=(job_id,), queue=DOORBELL_QUEUE, retry=False)
        except (OperationalError, RedisError, OSError) as error:
            logger.warning("Redis is away, the doorbell did not ring: %s", error)
            return False
        return True

    def waiting(self) -> int | None:
        """Rings that no worker has heard yet; None where Redis is away."""
        try:
            return int(self._redis.llen(DOORBELL_QUEUE))
        except RedisError:
            return None

    def close(self) -> None:
        self._app.close()
        self._redis.close()


def _read(data: bytes) -> Event | None:
    # Another version's process may publish kinds that this one does not know.
    kind, _, job_id = data.decode("utf-8", "replace").partition(" ")
    if kind not in set(EventKind) or not job_id:
        return None
    return Event(kind=EventKind(kind), job_id=job_id)
