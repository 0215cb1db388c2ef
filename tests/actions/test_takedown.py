"""A picture that is taken down is gone everywhere, and does not come back in another form."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import update

from actions import takedown
from actions.audit import audit
from actions.draw import draw
from actions.info import info
from actions.person import Person
from actions.rerun import rerun
from actions.studio import Studio
from actions.takedown import let_back, take_down
from core.errors import BadOption, NotAllowed, NotFound, StorageError
from core.inputs import keep_input
from core.options.img2img import Img2ImgOptions
from core.phash import looks_same, phash
from core.pictures import encode_input
from core.storage import DirectoryStorage, image_key, preview_key
from db.jobs import Job
from db.tables import ImageRow
from tests.actions.hands import store
from tests.actions.people import ANA, BEN, ELSEWHERE, MODERATOR, asked, make


def scene(seed: int) -> Image.Image:
    """Shapes on a ground, 128 pixels a side."""
    rng = Random(seed)
    image = Image.new("RGB", (128, 128), tuple(rng.choices(range(256), k=3)))  # type: ignore[arg-type]
    pen = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = rng.randrange(110), rng.randrange(110)
        box = (x, y, x + rng.randrange(20, 80), y + rng.randrange(20, 80))
        pen.ellipse(box, fill=tuple(rng.choices(range(256), k=3)))  # type: ignore[arg-type]
    return image


def drawn(studio: Studio, person: Person = ANA, *, seed: int = 1, sha256: str = "a") -> Job:
    """A job whose picture is a scene."""
    job = make(studio, person)
    store(studio, job)
    studio.storage.put(image_key(job.id, 0), encode_input(scene(seed)), "image/png")
    with studio.database.begin() as session:
        session.execute(update(ImageRow).where(ImageRow.job_id == job.id).values(sha256=sha256 * 64))
    return job


def use(studio: Studio, image: Image.Image, person: Person = BEN) -> Job:
    given = keep_input(studio.storage, image.convert("RGB"))
    return draw(studio, person, asked(), Img2ImgOptions(prompt="a fox", image=given))


def again(image: Image.Image, form: str, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, form, quality=quality)
    return Image.open(buffer)


def test_it_is_gone_with_its_reruns_and_stays_away(studio: Studio) -> None:
    job = drawn(studio)
    same, other = drawn(studio, BEN), drawn(studio, BEN, seed=2, sha256="b")
    studio.storage.put(preview_key(job.id), b"preview", "image/webp")
    use(studio, scene(1))
    gone = take_down(studio, MODERATOR, job.id, "not here")
    assert [one.id for one in gone.jobs] == [same.id, job.id] and gone.blocked == 1
    for one in gone.jobs:
        with pytest.raises(NotFound):
            info(studio, ANA, one.id)
        with pytest.raises(NotFound):
            rerun(studio, ANA, asked(), one.id)
        assert not studio.storage.exists(image_key(one.id, 0))
    assert not studio.storage.exists(preview_key(job.id)) and info(studio, BEN, other.id)
    for copy in (
        scene(1),
        scene(1).resize((200, 200)),
        scene(1).resize((64, 64)),
        again(scene(1), "JPEG", 30),
        again(scene(1), "WEBP", 50),
    ):
        with pytest.raises(NotAllowed, match="taken down"):
            use(studio, copy)
    use(studio, scene(2))
    use(studio, Image.new("RGB", (64, 64), "red"))
    use(studio, scene(1), replace(BEN, guild_id=11))
    (entry,) = audit(studio, MODERATOR, words="takedown").entries
    assert entry.subject == job.id and entry.detail is not None and entry.detail["reason"] == "not here"
    let_back(studio, MODERATOR, job.id.lower())
    use(studio, scene(1))
    with pytest.raises(NotFound):
        let_back(studio, MODERATOR, job.id)


def test_what_waits_for_a_moderator_is_known_again_too(studio: Studio) -> None:
    job = drawn(studio)
    with studio.database.begin() as session:
        session.execute(update(ImageRow).where(ImageRow.job_id == job.id).values(held=True))
    take_down(studio, MODERATOR, job.id, "not here")
    with pytest.raises(NotAllowed, match="taken down"):
        use(studio, scene(1))


class FailingStorage(DirectoryStorage):
    """Answers no question for an object."""

    def get(self, key: str) -> bytes:
        raise StorageError(f"{key}: the storage does not answer")


def test_while_the_storage_fails_nothing_is_taken_down_and_nothing_gets_by(
    studio: Studio, tmp_path: Path
) -> None:
    failing = replace(studio, storage=FailingStorage(tmp_path))
    job = drawn(studio)
    with pytest.raises(StorageError):
        take_down(failing, MODERATOR, job.id, "not here")
    assert info(studio, ANA, job.id) and audit(studio, MODERATOR, words="takedown").entries == ()
    take_down(studio, MODERATOR, job.id, "not here")
    with pytest.raises(StorageError):
        use(failing, scene(1))


def test_a_picture_that_is_gone_or_of_one_colour_is_taken_down_but_not_known_again(studio: Studio) -> None:
    lost, plain = drawn(studio, sha256="b"), make(studio)
    store(studio, plain)
    studio.storage.delete(image_key(lost.id, 0))
    for job in (plain, lost):
        assert take_down(studio, MODERATOR, job.id, "not here").blocked == 0
        with pytest.raises(NotFound):
            info(studio, ANA, job.id)


@pytest.mark.parametrize("person", [ANA, BEN, ELSEWHERE, replace(ANA, guild_id=None)])
def test_only_moderators_of_its_server_take_down(studio: Studio, person: Person) -> None:
    job = drawn(studio)
    with pytest.raises((NotAllowed, NotFound)):
        take_down(studio, person, job.id, "mine")
    with pytest.raises((NotAllowed, NotFound)):
        let_back(studio, person, job.id)
    with pytest.raises(BadOption, match="reason"):
        take_down(studio, MODERATOR, job.id, " ")
    assert info(studio, ANA, job.id) and use(studio, scene(1))


def test_hashes_tell_pictures_apart() -> None:
    hashes = [phash(scene(seed)) for seed in range(40)]
    assert None not in hashes and all(0 <= found < 2**63 for found in hashes if found is not None)
    for index, one in enumerate(hashes):
        for other in hashes[:index]:
            assert one is not None and other is not None and not looks_same(one, other)
    assert phash(Image.new("RGB", (64, 64), "white")) is None


def test_two_takedowns_of_the_same_picture_at_once_both_end(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = drawn(studio), drawn(studio, BEN)
    original = takedown.delete

    def slower(studio: Studio, person: Person, job_id: str) -> Job:
        """Somebody else is quicker with the job itself."""
        if job_id == first.id:
            original(studio, MODERATOR, job_id)
        return original(studio, person, job_id)

    monkeypatch.setattr(takedown, "delete", slower)
    assert {job.id for job in take_down(studio, MODERATOR, first.id, "ours").jobs} == {first.id, second.id}
