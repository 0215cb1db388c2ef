"""Collections: pictures under a name of one's own, private until they are shared."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from actions.person import Person
from actions.prompt_filter import check_words
from actions.results import shown_picture
from actions.rights import Verb, seen_job, server_where, viewer_of
from actions.studio import Studio
from core.errors import BadOption, NotFound, Refusal
from core.gallery import MAX_NAME_CHARACTERS
from core.prompt_filter import check_prompt
from core.text import clean_text, is_blank
from core.words import _
from db import collections
from db.collections import Collection
from db.ids import read_job_id
from db.images import images_of
from db.jobs import Job

MAX_COLLECTIONS = 25
MAX_ITEMS = 500
PAGE_SIZE = 8


@dataclass(frozen=True, kw_only=True)
class CollectionPage:
    collection: Collection
    #: The jobs of its pictures.
    jobs: tuple[Job, ...]
    #: The job id after which the next page begins; None on the last one.
    after: str | None


def new_collection(studio: Studio, person: Person, name: str) -> str:
    """Begin a collection; its name as it is kept.

    Raises:
        BadOption: the name is taken or will not do.
        Refusal: there are too many.
    """
    words = clean_text("name", " ".join(name.split()), limit=MAX_NAME_CHARACTERS)
    if is_blank(words):
        raise BadOption("name", name, _("say in a word or two what is in it."))
    check_prompt(words)
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.TAKE_PART)
        check_words(studio, session, [guild_id], [words])
        if not collections.add_collection(session, guild_id, person.member_id, words):
            raise BadOption("name", name, _("you have a collection of that name; choose another."))
        if len(collections.collections_of(session, guild_id, person.member_id)) > MAX_COLLECTIONS:
            raise Refusal(_("You have {most} collections already.", most=MAX_COLLECTIONS))
    return words


def drop_collection(studio: Studio, person: Person, name: str) -> Collection:
    """Forget a collection; its pictures stay. Raises NotFound."""
    with studio.database.begin() as session:
        found = _own(session, person, name)
        collections.drop_collection(session, found.id)
    return found


def keep(studio: Studio, person: Person, name: str, job_id: str, index: int = 0) -> Collection:
    """Put picture `index` (0-based) of a job that they may see into a collection.

    Raises:
        NotFound, NotAllowed: there is no such collection or picture.
        Refusal: it is there already, or the collection is full.
    """
    with studio.database.begin() as session:
        found = _own(session, person, name)
        job = seen_job(session, person, job_id)
        if index not in {image.index for image in images_of(session, job.id)}:
            raise NotFound(_("There is no such picture."))
        if found.size >= MAX_ITEMS:
            raise Refusal(_("A collection has up to {most} pictures.", most=MAX_ITEMS))
        if not collections.add_item(session, found.id, job.id, index):
            raise Refusal(_("`{job}` is in that collection already.", job=job.id))
    return found


def leave_out(studio: Studio, person: Person, name: str, job_id: str) -> Collection:
    """Take a picture out of a collection. Raises NotFound."""
    with studio.database.begin() as session:
        found = _own(session, person, name)
        if not collections.remove_item(session, found.id, read_job_id(job_id)):
            raise NotFound(_("That picture is not in this collection."))
    return found


def share(studio: Studio, person: Person, name: str, *, shared: bool) -> Collection:
    """Let everybody in the server look at a collection, or nobody but oneself. Raises NotFound."""
    with studio.database.begin() as session:
        found = _own(session, person, name)
        collections.share_collection(session, found.id, shared=shared)
    return found


def collections_of(studio: Studio, person: Person, member_id: int) -> list[Collection]:
    """A member's collections that the person may look at, by name. Raises NotAllowed."""
    with studio.database.read() as session:
        found = collections.collections_of(session, server_where(session, person, Verb.TAKE_PART), member_id)
    return [one for one in found if one.shared or member_id == person.member_id]


def collection_page(
    studio: Studio, person: Person, name: str, *, member_id: int, after: str | None = None
) -> CollectionPage:
    """A page of a collection: what of it the person may see. Raises NotFound, NotAllowed."""
    with studio.database.read() as session:
        found = collections.find_collection(
            session, server_where(session, person, Verb.TAKE_PART), member_id, name
        )
        if found is None or not (found.shared or member_id == person.member_id):
            raise NotFound(_("There is no collection of that name, or it is not shared."))
        return _page(session, person, found, after)


def _page(session: Session, person: Person, found: Collection, after: str | None) -> CollectionPage:
    viewer = viewer_of(session, person)
    items = collections.items_of(session, found.id, viewer=viewer, after=after, limit=PAGE_SIZE + 1)
    pictures = [shown_picture(session, item.job_id, item.index) for item in items[:PAGE_SIZE]]
    more = items[PAGE_SIZE - 1].job_id if len(items) > PAGE_SIZE else None
    return CollectionPage(collection=found, jobs=tuple(one[0] for one in pictures if one), after=more)


def _own(session: Session, person: Person, name: str) -> Collection:
    """The person's collection of that name. Raises NotFound."""
    found = collections.find_collection(
        session, server_where(session, person, Verb.TAKE_PART), person.member_id, name.strip()
    )
    if found is None:
        raise NotFound(_("You have no collection of that name; `/collection new` begins one."))
    return found
