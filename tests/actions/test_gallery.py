"""Publishing, votes and the gallery's pages, on both kinds of database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import update

from actions.delete import delete
from actions.favourite import favourite
from actions.gallery import browse, published_picture, set_account_age, set_channel, set_threshold
from actions.info import info
from actions.person import Person
from actions.prompt_filter import add
from actions.publish import Sure, WhichOne, publish, unpublish
from actions.sanction import sanction
from actions.studio import Studio
from actions.takedown import take_down
from core.errors import BadOption, NotAllowed, NotFound, Refusal
from core.gallery import Order
from core.jobs import JobState
from core.moderation import SanctionKind
from core.pictures import encode_input
from core.storage import image_key
from core.wordlist import Effect, Rule, RuleKind
from db.clock import now
from db.gallery import Entry, entry_of
from db.jobs import Job
from db.tables import ImageRow, JobRow
from tests.actions.hands import store
from tests.actions.people import ADMIN, ANA, BEN, ELSEWHERE, GUILD, MODERATOR, make


def picture(studio: Studio, person: Person = ANA, *, count: int = 1, **options: object) -> Job:
    job = make(studio, person, count=count, **options)
    store(studio, job, count)
    with studio.database.begin() as session:
        # It is done: a member has few jobs at a time.
        done = {"state": JobState.DONE, "finished_at": now(), "lease_until": None, "worker_id": None}
        session.execute(update(JobRow).where(JobRow.id == job.id).values(done))
    return job


def published(studio: Studio, person: Person = ANA, **options: object) -> Entry:
    return publish(studio, person, picture(studio, person, **options).id).entry


def test_a_picture_is_published_found_and_taken_back(studio: Studio) -> None:
    job = picture(studio, prompt="A Red_fox, on snow")
    entry = publish(studio, ANA, job.id.lower(), tags="#Night, winter").entry
    assert (entry.job_id, entry.index, entry.member_id, entry.votes) == (job.id, 0, ANA.member_id, 0)
    for search in ("", "fox", "RED", "snow fox", "#night", "#winter ｆｏｘ"):
        (found,) = browse(studio, BEN, search=search).pictures
        assert found.entry == entry and found.job.id == job.id
    for search in ("cat", "night", "fo", "fox cat"):
        assert browse(studio, BEN, search=search).pictures == ()
    assert published_picture(studio, BEN, entry.id).entry == entry
    assert browse(studio, replace(BEN, guild_id=11)).pictures == ()
    with pytest.raises(Refusal, match="already"):
        publish(studio, ANA, job.id)
    unpublish(studio, ANA, job.id)
    assert browse(studio, BEN).pictures == () and browse(studio, BEN, search="fox").pictures == ()
    with pytest.raises(NotFound):
        published_picture(studio, BEN, entry.id)
    with pytest.raises(NotFound):
        unpublish(studio, ANA, job.id)
    assert publish(studio, ANA, job.id).entry.id > entry.id


@pytest.mark.parametrize("person", [BEN, MODERATOR, ADMIN])
def test_only_its_member_publishes_and_moderators_take_out(studio: Studio, person: Person) -> None:
    job = picture(studio)
    with pytest.raises(NotAllowed, match="only they"):
        publish(studio, person, job.id)
    publish(studio, ANA, job.id)
    if person is BEN:
        with pytest.raises(NotAllowed):
            unpublish(studio, person, job.id)
    else:
        unpublish(studio, person, job.id)


def test_who_is_elsewhere_or_banned_does_not_publish(studio: Studio) -> None:
    job = picture(studio)
    with pytest.raises(NotFound):
        publish(studio, ELSEWHERE, job.id)
    for away in (replace(ANA, guild_id=11), replace(ANA, guild_id=None)):
        with pytest.raises(Refusal, match="in the server that it was made in"):
            publish(studio, away, job.id)
    sanction(studio, MODERATOR, ANA, SanctionKind.BAN, reason="spam", lasts_s=None)
    with pytest.raises(NotAllowed, match="banned"):
        publish(studio, ANA, job.id)
    with pytest.raises(NotAllowed, match="banned"):
        browse(studio, ANA)


def test_a_private_picture_is_asked_about_and_then_seen_by_others(studio: Studio) -> None:
    job = picture(studio, ephemeral=True)
    with pytest.raises(Sure):
        publish(studio, ANA, job.id)
    with pytest.raises(NotFound):
        info(studio, BEN, job.id)
    publish(studio, ANA, job.id, sure=True)
    assert info(studio, BEN, job.id).job.id == job.id
    unpublish(studio, ANA, job.id)
    with pytest.raises(NotFound):
        info(studio, BEN, job.id)
    several = picture(studio, ephemeral=True, count=2)
    with pytest.raises(Refusal, match="On its own"):
        publish(studio, ANA, several.id, 1, sure=True)


def test_of_several_pictures_one_is_chosen(studio: Studio) -> None:
    job = picture(studio, count=3)
    with pytest.raises(WhichOne) as asked:
        publish(studio, ANA, job.id)
    assert asked.value.made == (0, 1, 2)
    with pytest.raises(NotFound):
        publish(studio, ANA, job.id, 3)
    assert publish(studio, ANA, job.id, 2).entry.index == 2


def test_what_may_not_be_shown_is_refused(studio: Studio) -> None:
    job = picture(studio)
    with studio.database.begin() as session:
        session.execute(update(ImageRow).where(ImageRow.job_id == job.id).values(held=True))
    with pytest.raises(NotFound, match="moderator has to look"):
        publish(studio, ANA, job.id)
    other = picture(studio)
    studio.storage.delete(image_key(other.id, 0))
    with pytest.raises(NotFound, match="not there"):
        publish(studio, ANA, other.id)
    add(studio, MODERATOR, [Rule(effect=Effect.DENY, kind=RuleKind.WORDS, text="rude")])
    with pytest.raises(NotAllowed, match="rude"):
        publish(studio, ANA, picture(studio).id, tags="rude")
    with pytest.raises(BadOption, match="8 tags"):
        publish(studio, ANA, picture(studio).id, tags="a b c d e f g h i")
    with pytest.raises(NotFound):
        publish(studio, ANA, make(studio).id)


def test_a_picture_that_is_deleted_meanwhile_is_not_published(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = picture(studio)
    read = studio.storage.get

    def slow(key: str) -> bytes:
        data = read(key)
        delete(studio, ANA, job.id)
        return data

    monkeypatch.setattr(studio.storage, "get", slow)
    with pytest.raises(NotFound):
        publish(studio, ANA, job.id)
    with studio.database.read() as session:
        assert entry_of(session, job.id) is None


def test_what_looks_like_a_picture_that_was_taken_down_is_not_published(studio: Studio) -> None:
    down, same = picture(studio, BEN), picture(studio)
    scene = encode_input(Image.effect_mandelbrot((64, 64), (-2.0, -1.5, 1.0, 1.5), 60).convert("RGB"))
    for number, job in enumerate((down, same)):
        studio.storage.put(image_key(job.id, 0), scene, "image/png")
        with studio.database.begin() as session:
            session.execute(update(ImageRow).where(ImageRow.job_id == job.id).values(sha256=str(number) * 64))
    take_down(studio, MODERATOR, down.id, "not here")
    with pytest.raises(NotAllowed, match="taken down"):
        publish(studio, ANA, same.id)


def test_what_is_for_adults_is_seen_where_only_they_are(studio: Studio) -> None:
    adults = replace(ANA, age_restricted=True)
    job = picture(studio)
    with studio.database.begin() as session:
        session.execute(update(JobRow).where(JobRow.id == job.id).values(age_restricted=True))
    with pytest.raises(NotAllowed, match="age-restricted"):
        publish(studio, ANA, job.id)
    entry = publish(studio, adults, job.id).entry
    flagged = picture(studio)
    with studio.database.begin() as session:
        session.execute(update(ImageRow).where(ImageRow.job_id == flagged.id).values(flagged=True))
    assert publish(studio, ANA, flagged.id).entry.age_restricted
    assert browse(studio, BEN).pictures == () and browse(studio, BEN, search="fox").pictures == ()
    assert len(browse(studio, replace(BEN, age_restricted=True), search="fox").pictures) == 2
    with pytest.raises(NotAllowed, match="age-restricted"):
        published_picture(studio, BEN, entry.id)


def test_pages_follow_each_other_without_gaps(studio: Studio) -> None:
    made = [published(studio, seed=number) for number in range(10)]
    for count, entry in enumerate(made[:4]):
        for number in range(count):
            favourite(studio, replace(BEN, member_id=50 + number), entry.job_id)
    newest = [entry.id for entry in reversed(made)]
    best = [made[3].id, made[2].id, made[1].id, *(entry.id for entry in reversed(made[4:])), made[0].id]
    for search in ("", "fox", "red fox"):
        for order, expected in ((Order.NEWEST, newest), (Order.TOP, best)):
            assert walked(studio, order=order, search=search) == expected
    assert walked(studio, member_id=BEN.member_id) == []


def walked(studio: Studio, **options: object) -> list[int]:
    seen: list[int] = []
    page = browse(studio, BEN, **options)  # type: ignore[arg-type]
    while True:
        seen += [shown.entry.id for shown in page.pictures]
        if page.after is None:
            return seen
        page = browse(studio, BEN, after=page.after, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("person", [BEN, MODERATOR, replace(ADMIN, guild_id=None, is_admin=False)])
def test_only_managers_set_the_gallery_up(studio: Studio, person: Person) -> None:
    for change, value in ((set_channel, 77), (set_threshold, 2), (set_account_age, 1)):
        with pytest.raises(NotAllowed):
            change(studio, person, value)


def test_settings_are_within_their_ranges(studio: Studio) -> None:
    for change, value in (
        (set_threshold, 0),
        (set_threshold, 1001),
        (set_account_age, -1),
        (set_account_age, 367),
    ):
        with pytest.raises(BadOption):
            change(studio, ADMIN, value)
    with pytest.raises(BadOption, match="4 words"):
        browse(studio, BEN, search="a b c d e")
    with pytest.raises(BadOption, match="no letters"):
        browse(studio, BEN, search="!?")
    assert ANA.guild_id == GUILD
