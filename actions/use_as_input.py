"""Hold a picture for one's next command, and take up what one holds."""

from __future__ import annotations

from PIL import Image

from actions.person import Person
from actions.results import result_image
from actions.rights import Verb, age_restricted_only, may
from actions.studio import Studio
from core.errors import Refusal
from core.inputs import Input, keep_input
from core.jobs import ImageKind
from core.words import _
from db.inputs import HeldInput, held_input, hold_input


def use_as_input(studio: Studio, person: Person, image: Image.Image) -> Input:
    """Store a decoded picture of the channel that they are in, and hold it for them. Blocks on the storage.

    Raises:
        NotAllowed: they may make no pictures here.
        StorageError: the storage failed.
    """
    return _hold(studio, person, image, age_restricted=person.age_restricted)


def use_result(
    studio: Studio, person: Person, job_id: str, index: int, *, kind: ImageKind = ImageKind.RESULT
) -> Input:
    """The same with picture `index` (0-based) of a job, or with a map that it followed. Raises NotFound."""
    job, image = result_image(studio, person, job_id, index, kind=kind)
    return _hold(studio, person, image, age_restricted=job.age_restricted)


def input_in_hand(studio: Studio, person: Person) -> Input:
    """The picture that the person holds.

    Raises:
        Refusal: there is none (any more).
        NotAllowed: it comes from an age-restricted channel, and this is none.
    """
    with studio.database.read() as session:
        held = held_input(session, person.member_id)
    if held is None:
        raise Refusal(
            _(
                "Which picture? Attach one, or right-click (on a phone: hold) a message with one and choose "
                "*Apps*, *Use as input*; then use this command again within 15 minutes."
            )
        )
    if held.age_restricted and not person.age_restricted:
        raise age_restricted_only()
    return held.picture


def _hold(studio: Studio, person: Person, image: Image.Image, *, age_restricted: bool) -> Input:
    with studio.database.read() as session:
        may(session, person, Verb.MAKE)
    kept = keep_input(studio.storage, image)
    held = HeldInput(picture=kept, age_restricted=age_restricted)
    with studio.database.begin() as session:
        hold_input(session, person.member_id, held)
    return kept
