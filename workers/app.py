"""The Celery end of the doorbell: one thin task, which wakes the thread that claims jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable

from celery import Celery
from celery.signals import setup_logging, worker_shutting_down

from core.events import DOORBELL_TASK, celery_app
from core.logs import about_job

logger = logging.getLogger(__name__)


def worker_app(redis_url: str, ring: Callable[[], None]) -> Celery:
    """The app whose messages call `ring`."""
    app = celery_app(redis_url)

    @app.task(name=DOORBELL_TASK)
    def work(job_id: str) -> None:
        with about_job(job_id):
            logger.debug("the doorbell rang")
        ring()

    return app


def serve(app: Celery, node_name: str, on_stop: Callable[[], None]) -> None:
    """Run the Celery worker until SIGTERM, SIGINT or SIGQUIT; `on_stop` is called as soon as one comes.

    It is `celery worker --pool=threads` without the command line. `node_name` is `name@host`, unique among
    workers.
    """

    def leave_logging_alone(**_: object) -> None:
        """Being connected is what keeps Celery from configuring the logs its own way."""

    def stop(**_: object) -> None:
        on_stop()

    # Two lines for every ring say nothing.
    logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)
    logging.getLogger("celery.app.trace").setLevel(logging.WARNING)
    setup_logging.connect(leave_logging_alone)
    worker_shutting_down.connect(stop)
    app.Worker(
        pool="threads",
        concurrency=1,
        hostname=node_name,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    ).start()
