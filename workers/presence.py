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


_Offer = tuple[Sequence[ModelSpec], Sequence[AddonSpec]]


class Presence:
    """Used by one thread at a time: the entry point's, then the leases'; but for `models` and `offer`."""

    def __init__(
        self,
        info: workers.WorkerInfo,
        specs: Sequence[ModelSpec],
        tools: Tools,
        addon_specs: Sequence[AddonSpec] = (),
    ) -> None:
        self._info = info
        self._offer: _Offer = specs, addon_specs
        self._tools = tools
        self._sign_due = 0.0
        #: What the database knows of the offer.
        self._told_offer: _Offer | None = None
        self._told_resident: frozenset[str] | None = None

    @property
    def models(self) -> Sequence[ModelSpec]:
        """What it can load now; any thread may ask."""
        return self._offer[0]

    def begin(self) -> None:
        """Register; and give back at once what this worker's dead predecessor had claimed."""
        offer = self._offer
        with self._tools.database.begin() as session:
            lost = take_back_from(session, self._info.id)
            self._register(session, offer)
        self._told_offer = offer
        for job_id in lost:
            logger.warning("job %s was lost by this worker's predecessor and is queued again", job_id)

    def offer(self, specs: Sequence[ModelSpec], addon_specs: Sequence[AddonSpec]) -> None:
        """Tell of these models and add-ons at the next sign of life; any thread may call it."""
        self._offer = specs, addon_specs

    def refresh(self) -> None:
        """A sign of life every few seconds, and at once when models or add-ons came or went."""
        resident, offer = self._tools.engine.resident, self._offer
        news = offer is not self._told_offer or resident != self._told_resident
        if time.monotonic() < self._sign_due and not news:
            return
        with self._tools.database.begin() as session:
            if not workers.worker_alive(session, self._info.id) or offer is not self._told_offer:
                self._register(session, offer)
            workers.set_resident(session, self._info.id, resident)
        self._sign_due = time.monotonic() + _SIGN_EVERY_S
        self._told_resident, self._told_offer = resident, offer

    def _register(self, session: Session, offer: _Offer) -> None:
        specs, addon_specs = offer
        workers.register_worker(session, self._info, specs)
        # Add-ons work beside a model, even those that need none of their own.
        usable = addon_specs if any(spec.draws for spec in specs) else ()
        addons.register_addons(session, self._info.id, usable)
