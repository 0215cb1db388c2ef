"""Run the studio, or one's server in it: pause, resume, drain workers, switch models, see who uses how much.

What concerns one server is for those who manage it; what concerns all of them is for the studio's owner.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import Verb, may
from actions.studio import Studio
from core.errors import BadOption, NotFound
from core.model_spec import ModelSpec
from core.switches import STUDIO, Switch
from core.text import clean_text
from core.words import _
from db.audit import record
from db.switches import Off, all_off, switch_off, switch_on
from db.usage import Usage, usage
from db.workers import LiveWorker, live_workers, loadable_models

MAX_REASON_CHARACTERS = 200
#: Days that usage is looked back over.
MAX_DAYS = 90
#: Members of a usage list.
SHOWN = 10


def pause(studio: Studio, person: Person, *, whole: bool, reason: str = "") -> None:
    """Begin no new jobs; what runs goes on, and what is asked for waits.

    Args:
        whole: the studio in all servers, rather than this one.

    Raises:
        NotAllowed: as `_where`.
        NotFound: it is paused already.
    """
    words = clean_text("reason", reason, limit=MAX_REASON_CHARACTERS)
    with studio.database.begin() as session:
        guild_id = _where(session, person, whole=whole)
        if not switch_off(session, Switch.PAUSE, "", guild_id=guild_id, by_id=person.member_id, reason=words):
            raise NotFound(_("That is paused already; `/admin resume` goes on."))
        _note(session, person, guild_id, "admin.pause", reason=words)


def resume(studio: Studio, person: Person, *, whole: bool) -> None:
    """Go on after `pause`; for the whole studio, drained workers begin jobs again, too.

    Raises:
        NotAllowed: as `_where`.
        NotFound: nothing is paused or drained there.
    """
    with studio.database.begin() as session:
        guild_id = _where(session, person, whole=whole)
        count = switch_on(session, Switch.PAUSE, None, guild_id=guild_id)
        count += switch_on(session, Switch.DRAIN, None, guild_id=guild_id)
        if not count:
            raise NotFound(_("Nothing is paused there."))
        _note(session, person, guild_id, "admin.resume")


def drain(studio: Studio, person: Person, worker_id: str | None = None) -> list[str]:
    """Let a worker, or all of them, end what they have and begin nothing; ids of those that do.

    Raises:
        NotAllowed: the person does not own the studio.
        BadOption: there is no such worker.
        NotFound: there is none at all.
    """
    with studio.database.begin() as session:
        may(session, person, Verb.OWN)
        known = [worker.id for worker in live_workers(session)]
        if worker_id is not None and worker_id not in known:
            raise BadOption("worker", worker_id, _("choose one of {choices}.", choices=", ".join(known)))
        chosen = [worker_id] if worker_id is not None else known
        if not chosen:
            raise NotFound(_("No worker is running."))
        for one in chosen:
            switch_off(session, Switch.DRAIN, one, guild_id=STUDIO, by_id=person.member_id, reason="")
            _note(session, person, STUDIO, "admin.drain", worker=one)
    return chosen


def switch_model(studio: Studio, person: Person, model: str, *, on: bool, whole: bool) -> None:
    """Let a model draw, or no more; jobs that wait for it go on waiting.

    Raises:
        NotAllowed: as `_where`.
        BadOption: there is no such model, or it is so already.
    """
    with studio.database.begin() as session:
        guild_id = _where(session, person, whole=whole)
        known = [spec.name for spec in loadable_models(session)]
        if model not in known:
            raise BadOption("model", model, _("choose one of {choices}.", choices=", ".join(known[:25])))
        changed = (
            switch_on(session, Switch.MODEL, model, guild_id=guild_id)
            if on
            else switch_off(
                session, Switch.MODEL, model, guild_id=guild_id, by_id=person.member_id, reason=""
            )
        )
        if not changed:
            raise BadOption("state", "on" if on else "off", _("it is so already."))
        _note(session, person, guild_id, "admin.model", model=model, on=on)


def switchable_models(studio: Studio, person: Person) -> list[ModelSpec]:
    """Models that some worker can load, on or off, for those who may switch some. Raises NotAllowed."""
    with studio.database.read() as session:
        _may_look(session, person)
        return loadable_models(session)


def what_is_off(studio: Studio, person: Person) -> list[Off]:
    """What is off where the person is, for those who may change some of it. Raises NotAllowed."""
    with studio.database.read() as session:
        _may_look(session, person)
        return all_off(session, person.guild_id)


def who_uses(studio: Studio, person: Person, *, days: int, whole: bool) -> list[Usage]:
    """Those who used most, the first first. Raises NotAllowed, as `_where`."""
    with studio.database.read() as session:
        guild_id = _where(session, person, whole=whole)
        return usage(session, guild_id=guild_id or None, days=days, limit=SHOWN)


def workers_here(studio: Studio, person: Person) -> list[LiveWorker]:
    """The workers that were seen lately. Raises NotAllowed where the person does not own the studio."""
    with studio.database.read() as session:
        may(session, person, Verb.OWN)
        return live_workers(session)


def _where(session: Session, person: Person, *, whole: bool) -> int:
    """STUDIO or the person's server, where they may run it.

    Raises:
        NotAllowed: they do not own the studio, or do not manage this server.
    """
    if whole or person.guild_id is None:
        may(session, person, Verb.OWN)
        return STUDIO
    may(session, person, Verb.MANAGE)
    return person.guild_id


def _may_look(session: Session, person: Person) -> None:
    if not person.is_owner:
        may(session, person, Verb.MANAGE)


def _note(session: Session, person: Person, guild_id: int, action: str, **detail: object) -> None:
    subject = "studio" if guild_id == STUDIO else "server"
    # Where it was done: the owner's own server sees what they do for all.
    record(session, person.member_id, action, subject, detail, guild_id=person.guild_id)
