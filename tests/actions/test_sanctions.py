"""Bans, time-outs and strikes: who may, what they stop, when they end; and the audit that stays."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import delete as delete_rows
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from actions.audit import PAGE_SIZE, audit, export_audit
from actions.cancel import cancel, open_jobs
from actions.delete import delete
from actions.info import info
from actions.new_seed import new_seed
from actions.person import Person
from actions.rerun import rerun
from actions.sanction import Sanctioned, let_role_moderate, lift, member_record, sanction
from actions.studio import Studio
from actions.use_as_input import use_as_input
from core.errors import BadOption, NotAllowed, NotFound, Refusal
from core.jobs import JobState
from core.moderation import STRIKES, SanctionKind, read_duration
from core.storage import exports_of
from db.moderation_tables import AuditRow, SanctionRow
from db.tables import AccountRow
from tests.actions.people import ADMIN, ANA, BEN, ELSEWHERE, GUILD, MODERATOR, asked, make

BAN, TIME_OUT, STRIKE = SanctionKind.BAN, SanctionKind.TIME_OUT, SanctionKind.STRIKE


def punish(
    studio: Studio,
    kind: SanctionKind = BAN,
    *,
    by: Person = MODERATOR,
    other: Person = ANA,
    lasts_s: float | None = None,
) -> Sanctioned:
    return sanction(studio, by, other, kind, reason="spam", lasts_s=lasts_s)


def balance(studio: Studio, person: Person) -> int:
    with studio.database.read() as session:
        return session.scalars(
            select(AccountRow.balance).where(AccountRow.member_id == person.member_id)
        ).one()


def expire(studio: Studio) -> None:
    """The time of every sanction is over."""
    with studio.database.begin() as session:
        session.execute(update(SanctionRow).values(expires_at=1.0))


def test_a_ban_cancels_and_refunds_and_keeps_out(studio: Studio) -> None:
    shown = make(studio, BEN)
    jobs = [make(studio) for _ in range(3)]
    assert balance(studio, ANA) == 97
    assert punish(studio).cancelled == 3
    assert balance(studio, ANA) == 100 and open_jobs(studio, ANA, limit=9) == []
    for attempt in (
        lambda: make(studio),
        lambda: rerun(studio, ANA, asked(), jobs[0].id),
        lambda: new_seed(studio, ANA, asked(), jobs[0].id),
        lambda: rerun(studio, ANA, asked(), shown.id),
        lambda: info(studio, ANA, shown.id),
        lambda: use_as_input(studio, ANA, Image.new("RGB", (8, 8))),
    ):
        with pytest.raises(NotAllowed, match=r"banned from making pictures.*: spam"):
            attempt()
    assert balance(studio, ANA) == 100
    # What is one's own stays in one's hands.
    assert info(studio, ANA, jobs[0].id).job.state == JobState.CANCELLED
    delete(studio, ANA, jobs[0].id)
    make(studio, BEN)


def test_a_ban_ends_by_itself_or_is_lifted(studio: Studio) -> None:
    punish(studio, lasts_s=60)
    with pytest.raises(NotAllowed, match="until <t:"):
        make(studio)
    expire(studio)
    make(studio)
    punish(studio)
    assert lift(studio, MODERATOR, ANA, BAN) == 1
    make(studio)
    with pytest.raises(NotFound):
        lift(studio, MODERATOR, ANA, BAN)


def test_a_ban_holds_in_its_server_and_for_what_was_made_there(studio: Studio) -> None:
    job = make(studio)
    punish(studio)
    make(studio, replace(ANA, guild_id=11))
    in_private = replace(ANA, guild_id=None)
    make(studio, in_private)
    with pytest.raises(NotAllowed, match="banned"):
        rerun(studio, in_private, asked(), job.id)


def test_a_time_out_stops_new_pictures_only(studio: Studio) -> None:
    job, shown = make(studio), make(studio, BEN)
    assert punish(studio, TIME_OUT, lasts_s=60).cancelled == 0
    with pytest.raises(NotAllowed, match="timed out"):
        make(studio)
    assert info(studio, ANA, job.id).job.state == JobState.QUEUED
    info(studio, ANA, shown.id)
    expire(studio)
    make(studio)


def test_strikes_add_up_to_a_time_out(studio: Studio) -> None:
    for number in range(1, STRIKES):
        assert punish(studio, STRIKE).follows is None
        assert member_record(studio, ANA, ANA.member_id).strikes == number
        make(studio)
    follows = punish(studio, STRIKE).follows
    assert follows is not None and follows.kind == TIME_OUT
    with pytest.raises(NotAllowed, match="too many strikes"):
        make(studio)
    expire(studio)
    assert punish(studio, STRIKE).follows is None, "those that are over don't count"
    assert member_record(studio, MODERATOR, ANA.member_id).strikes == 1


@pytest.mark.parametrize(
    ("by", "other"),
    [(ANA, BEN), (MODERATOR, MODERATOR), (MODERATOR, ADMIN), (ADMIN, ADMIN), (ANA, MODERATOR),
     (replace(MODERATOR, member_id=7), MODERATOR),
     (replace(ANA, member_id=8, guild_id=None), ANA)],
)  # fmt: skip
@pytest.mark.parametrize("kind", SanctionKind)
def test_who_may_not_sanction_whom(studio: Studio, by: Person, other: Person, kind: SanctionKind) -> None:
    with pytest.raises(NotAllowed):
        punish(studio, kind, by=by, other=other, lasts_s=60)
    with pytest.raises((NotAllowed, NotFound)):
        lift(studio, by, other, kind)
    with studio.database.read() as session:
        assert session.scalars(select(SanctionRow)).all() == []


def test_moderators_of_other_servers_reach_nobody_here(studio: Studio) -> None:
    job = make(studio)
    assert punish(studio, by=ELSEWHERE, other=replace(ANA, guild_id=11)).cancelled == 0
    assert info(studio, ANA, job.id).job.state == JobState.QUEUED
    make(studio)
    with pytest.raises(NotFound):
        cancel(studio, ELSEWHERE, job.id)
    with pytest.raises(NotFound):
        lift(studio, MODERATOR, ANA, BAN)


def test_managers_name_roles_that_moderate(studio: Studio) -> None:
    helper = replace(BEN, role_ids=frozenset([77, 78]))
    job = make(studio)
    with pytest.raises(NotAllowed):
        let_role_moderate(studio, MODERATOR, 77, moderates=True)
    with pytest.raises(NotAllowed):
        cancel(studio, helper, job.id)
    let_role_moderate(studio, ADMIN, 77, moderates=True)
    let_role_moderate(studio, ADMIN, 77, moderates=True)
    assert cancel(studio, helper, job.id) == JobState.CANCELLED
    with pytest.raises(NotAllowed):
        punish(studio, by=MODERATOR, other=helper)
    let_role_moderate(studio, ADMIN, 77, moderates=False)
    with pytest.raises(NotAllowed):
        punish(studio, by=helper)
    assert punish(studio, by=MODERATOR, other=helper).sanction.member_id == BEN.member_id


def test_reasons_and_durations_that_will_not_do(studio: Studio) -> None:
    with pytest.raises(BadOption, match="duration"):
        punish(studio, TIME_OUT)
    with pytest.raises(BadOption, match="reason"):
        sanction(studio, MODERATOR, ANA, BAN, reason=" \u200b", lasts_s=None)
    for typed in ("", "1", "0m", "-1d", "1y", "367d", "1e3h", "٣h m", "9" * 30 + "d"):
        with pytest.raises(BadOption, match="30m"):
            read_duration("duration", typed)
    assert [read_duration("duration", typed) for typed in ("30m", " 2H ", "1w")] == [1800, 7200, 604800]


def test_a_ban_while_jobs_are_submitted_leaves_none_behind(studio: Studio) -> None:
    make(studio)

    def submit(_: int) -> None:
        try:
            make(studio)
        except Refusal:
            return

    with ThreadPoolExecutor(4) as pool:
        submits = pool.map(submit, range(12))
        punish(studio)
        list(submits)
    assert open_jobs(studio, ANA, limit=99) == [] and balance(studio, ANA) == 100


def test_the_audit_tells_what_was_done_and_only_grows(studio: Studio) -> None:
    job = make(studio)
    delete(studio, MODERATOR, job.id)
    punish(studio, other=BEN)
    lift(studio, MODERATOR, BEN, BAN)
    told = audit(studio, MODERATOR)
    assert [entry.action for entry in told.entries] == ["ban.lift", "ban", "job.delete"]
    assert told.older is None
    assert [entry.action for entry in audit(studio, MODERATOR, words="SPAM").entries] == ["ban"]
    assert [entry.subject for entry in audit(studio, MODERATOR, words=job.id).entries] == [job.id]
    assert audit(studio, MODERATOR, words="%").entries == ()
    assert audit(studio, MODERATOR, actor_id=ANA.member_id).entries == ()
    assert audit(studio, ELSEWHERE).entries == ()
    for refused in (ANA, replace(ANA, guild_id=None)):
        with pytest.raises(NotAllowed):
            audit(studio, refused)
        with pytest.raises(NotAllowed):
            export_audit(studio, refused, limit=10**6)
    small, large = (export_audit(studio, MODERATOR, limit=limit) for limit in (10**6, 10))
    assert small.data is not None and large.data is None and large.key is not None
    assert large.key.startswith(exports_of(MODERATOR.member_id)) and large.size == len(small.data)
    assert studio.storage.get(large.key) == small.data
    lines = [json.loads(line) for line in small.data.splitlines()]
    assert [line["action"] for line in lines] == ["ban.lift", "ban", "job.delete"]
    assert lines[1]["detail"]["reason"] == "spam" and lines[1]["guild_id"] == GUILD
    changes: list[dict[str, object]] = [{"action": "none"}, {"detail": {"reason": "none"}}, {"actor_id": 9}]
    for tampering in (delete_rows(AuditRow), *(update(AuditRow).values(**change) for change in changes)):
        with pytest.raises(DBAPIError, match="only grows"), studio.database.begin() as session:
            session.execute(tampering)
    with studio.database.begin() as session:
        session.execute(update(AuditRow).values(actor_id=0, subject="erased", detail=None))
    assert {entry.actor_id for entry in audit(studio, MODERATOR).entries} == {0}


def test_the_audit_turns_every_page_once(studio: Studio) -> None:
    for number in range(PAGE_SIZE + 3):
        sanction(studio, MODERATOR, replace(ANA, member_id=100 + number), BAN, reason="spam", lasts_s=None)
    first = audit(studio, MODERATOR)
    second = audit(studio, MODERATOR, before=first.older)
    assert len({entry.id for entry in (*first.entries, *second.entries)}) == PAGE_SIZE + 3
    assert second.older is None
