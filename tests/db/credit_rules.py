"""What managers and the keeper do to accounts, at any time in the life of jobs."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy import func, select, update

from core.errors import NotEnoughCredits
from core.jobs import JobState
from core.tiers import STANDARD
from db import accounts
from db.account_tables import AccountTierRow
from db.engine import Database
from db.refill import refill_due
from db.tables import JobRow
from db.tiers import set_tier, settle_tier
from tests.db.studio import GUILD, Studio

MEMBERS = st.integers(1, 3)


class CreditRules(RuleBasedStateMachine):
    """Model: `limits` is how many jobs of each member may run at once; `refilled` had their credits today."""

    database: Database
    studio: Studio

    def __init__(self) -> None:
        super().__init__()
        self.limits: dict[int, int] = {}
        self.refilled: set[int] = set()

    @rule(member=MEMBERS, credits=st.integers(-30, 30).filter(bool))
    def grant(self, member: int, credits: int) -> None:
        """A manager gives credits, or takes some back: never more than there are."""
        account = self.studio.account(member)
        before = self.studio.balance(member)
        try:
            with self.database.begin() as session:
                accounts.grant(session, account, credits, reason="by a manager")
        except NotEnoughCredits:
            assert before < -credits
        else:
            assert self.studio.balance(member) == before + credits

    @rule(member=MEMBERS, running=st.integers(1, 3), cap=st.integers(0, 60))
    def refill(self, member: int, running: int, cap: int) -> None:
        """A member's tier changes, and the keeper finds that a refill is due, as often as it looks."""
        account = self.studio.account(member)
        before = self.studio.balance(member)
        with self.database.begin() as session:
            tier = replace(STANDARD, refill=7, cap=cap, running=running)
            set_tier(session, GUILD, GUILD, tier)
            assert settle_tier(session, account, GUILD, ()) == tier
            due = update(AccountTierRow).where(AccountTierRow.account_id == account)
            session.execute(due.values(refill_due_at=0.0).execution_options(synchronize_session=False))
            assert refill_due(session) == 1 and refill_due(session) == 0
        self.limits[member] = running
        given = self.studio.balance(member) - before
        assert given in (0, max(0, min(7, cap - before)))
        assert member not in self.refilled or given == 0, "the same day's a second time"
        if given:
            self.refilled.add(member)

    def keeps_to_its_limit(self, member: int) -> None:
        """No more of the member's jobs run than their tier allows."""
        running = select(func.count()).where(JobRow.member_id == member, JobRow.state == JobState.RUNNING)
        with self.database.read() as session:
            assert member not in self.limits or session.scalars(running).one() <= self.limits[member]
