"""Settings and usage as the database keeps them."""

from __future__ import annotations

from sqlalchemy import update

from core.preferences import Level
from db.settings import clear_values, set_value, values_of
from db.tables import JobRow
from db.usage import usage
from tests.db.studio import IMAGE_PRICE, Studio


def test_settings_are_set_changed_and_forgotten(studio: Studio) -> None:
    with studio.database.begin() as session:
        set_value(session, Level.MEMBER, 1, "steps", "20")
        set_value(session, Level.MEMBER, 1, "steps", "30")
        set_value(session, Level.MEMBER, 1, "model", "starter")
        set_value(session, Level.SERVER, 1, "steps", "40")
        assert values_of(session, Level.MEMBER, 1) == {"steps": "30", "model": "starter"}
        assert values_of(session, Level.SERVER, 1) == {"steps": "40"}
        assert clear_values(session, Level.MEMBER, 1, "model") == 1
        assert clear_values(session, Level.MEMBER, 1, "model") == 0
        assert clear_values(session, Level.MEMBER, 1) == 1
        assert values_of(session, Level.MEMBER, 1) == {}
        assert values_of(session, Level.SERVER, 1) == {"steps": "40"}


def test_usage_counts_what_was_drawn_lately(studio: Studio) -> None:
    for member, pictures in ((1, 1), (2, 3), (3, 0)):
        job = studio.submit(member=member, count=max(1, pictures))
        claim = studio.take().claim
        for index in range(pictures):
            studio.image(claim, index)
        guild_id = studio.job(job.id).guild_id
        studio.finish(claim)
    with studio.database.begin() as session:
        found = usage(session, guild_id=guild_id, days=7, limit=10)
        assert [(used.member_id, used.jobs, used.pictures, used.credits) for used in found] == [
            (2, 1, 3, 3 * IMAGE_PRICE),
            (1, 1, 1, IMAGE_PRICE),
        ]
        assert usage(session, guild_id=None, days=7, limit=1) == found[:1]
        session.execute(update(JobRow).values(created_at=JobRow.created_at - 8 * 86_400))
        assert usage(session, guild_id=guild_id, days=7, limit=10) == []
