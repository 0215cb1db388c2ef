"""What the database knows of this worker: that it lives, what it can load, what is loaded."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from sqlalchemy.orm import Session

from core.addon_spec import AddonSpec
from core.model_spec import ModelSpec
from db import addons, workers
from db.keeping import take_back_from
from workers.tools import Tools

logger = logging.getLogger(__name__)

_SIGN_EVERY_S = 5.0


class Presence:
    """Used by one thread at a time: the entry point's, then the leases'."""

    def __init__(
        self,
        info: workers.WorkerInfo,
        specs: Sequence[ModelSpec],
        tools: Tools,
        addon_specs: Sequence[AddonSpec] = (),
    ) -> None:
        self._info = info
        self._specs = specs
        self._addon_specs = addon_specs
        self._tools = tools
        self._sign_due = 0.0
        self._told_resident: frozenset[str] | None = None

    def begin(self) -> None:
        """Register; and give back at once what this worker's dead predecessor had claimed."""
        with self._tools.database.begin() as session:
            lost = take_back_from(session, self._info.id)
            self._register(session)
        for job_id in lost:
            logger.warning("job %s was lost by this worker's predecessor and is queued again", job_id)

    def refresh(self) -> None:
        """A sign of life every few seconds, and at once when a model was loaded or left."""
        resident = self._tools.engine.resident
        if time.monotonic() < self._sign_due and resident == self._told_resident:
            return
        with self._tools.database.begin() as session:
            if not workers.worker_alive(session, self._info.id):
                self._register(session)
            workers.set_resident(session, self._info.id, resident)
        self._sign_due = time.monotonic() + _SIGN_EVERY_S
        self._told_resident = resident

    def _register(self, session: Session) -> None:
        workers.register_worker(session, self._info, self._specs)
        addons.register_addons(session, self._info.id, self._addon_specs)
