"""Look back at one's own jobs and favourites, page by page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import Verb, may, viewer_of
from actions.studio import Studio
from core.errors import BadOption
from core.gallery import searched_words
from core.text import clean_text
from core.words import _
from db.deliveries import undelivered
from db.history import Cursor, FoundJobs, favourite_jobs, models_drawn_with, own_jobs
from db.jobs import Job

PAGE_SIZE = 8
#: Characters of a search, and of a model's name that tell it from others: buttons carry them.
MAX_SEARCH_CHARACTERS = 30
MODEL_CHARACTERS = 36
_MOST_MODELS = 500


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for."""

    #: Words that the prompts hold, all of them.
    search: str = ""
    #: A model's name, or its first `MODEL_CHARACTERS`; "" is any.
    model: str = ""
    #: Favourites, others' pictures among them, instead of one's own jobs.
    favourites: bool = False


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    wanted: Wanted
    #: The newest first.
    jobs: tuple[Job, ...]
    #: By job id: why Discord did not take the result.
    undelivered: dict[str, str]
    #: Where the next, older page begins; None on the last one.
    older: Cursor | None


def history(
    studio: Studio, person: Person, wanted: Wanted | None = None, *, after: Cursor | None = None
) -> HistoryPage:
    """A page of what the person made, in all servers, or of their favourites: only they see the answer.

    Raises:
        BadOption: the search holds too many words, or none; or they have drawn nothing with that model.
        NotAllowed: favourites, and they are banned here.
    """
    wanted = _clean(wanted or Wanted())
    words = searched_words(wanted.search)
    with studio.database.read() as session:
        if wanted.favourites:
            may(session, person, Verb.TAKE_PART)
            viewer, model = viewer_of(session, person), wanted.model
            found = favourite_jobs(session, viewer, words=words, model=model, after=after, limit=PAGE_SIZE)
        else:
            found = _own(session, person, words, wanted.model, after)
        told = undelivered(session, [job.id for job in found.jobs])
    return HistoryPage(wanted=wanted, jobs=found.jobs, undelivered=told, older=found.older)


def models_used(studio: Studio, person: Person) -> list[str]:
    """Names of the models that the person has drawn with."""
    with studio.database.read() as session:
        return models_drawn_with(session, person.member_id, limit=_MOST_MODELS)


def _clean(wanted: Wanted) -> Wanted:
    return replace(
        wanted,
        search=clean_text("search", wanted.search, limit=MAX_SEARCH_CHARACTERS),
        model=clean_text("model", wanted.model, limit=MODEL_CHARACTERS),
    )


def _own(
    session: Session, person: Person, words: tuple[str, ...], model: str, after: Cursor | None
) -> FoundJobs:
    name = _model_named(session, person, model) if model else None
    return own_jobs(session, person.member_id, words=words, model=name, after=after, limit=PAGE_SIZE)


def _model_named(session: Session, person: Person, typed: str) -> str:
    """The model that the person has drawn with whose name is this, or begins so."""
    names = models_drawn_with(session, person.member_id, limit=_MOST_MODELS)
    meant = typed.casefold()
    beginning = (name for name in names if name.casefold().startswith(meant))
    found = next((name for name in names if name.casefold() == meant), None) or next(beginning, None)
    if found is None:
        offer = ", ".join(names[:10]) or "-"
        raise BadOption("model", typed, _("you have drawn with these: {models}.", models=offer))
    return found
