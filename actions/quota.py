"""Look at one's credits: what there is, what is held, what was spent, and what comes when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from actions.person import Person
from actions.studio import Studio
from core.price import asks_first, image_price
from core.request import Request
from core.tiers import Tier
from db.accounts import account_for, held, spent
from db.speeds import learnt_paces
from db.tiers import quota_rules, refill_due_at, settle_tier

WEEK_S = 7 * 86_400.0


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A person's credits in the server that they are in, or in direct messages."""

    balance: int
    #: What unfinished jobs hold; it is not in the balance.
    held: int
    #: In the last seven days.
    spent: int
    tier: Tier
    #: When the next refill comes, in seconds since 1970.
    refill_at: float


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What pictures cost a person now."""

    balance: int
    pace: Mapping[str, float]
    #: The server's (`core.price.asks_first`).
    confirm_above: int | None

    def of(self, request: Request) -> int:
        """Credits for all of a request's images."""
        return image_price(request, self.pace) * request.count

    def asks_first(self, request: Request) -> bool:
        return asks_first(self.of(request), self.balance, self.confirm_above)


def quota(studio: Studio, person: Person) -> Quota:
    """The person's own; their account and tier are made where this is the first that is seen of them."""
    with studio.database.begin() as session:
        account = account_for(session, person.guild_id, person.member_id, studio.starting_credits)
        tier = settle_tier(session, account.id, account.guild_id, person.role_ids)
        return Quota(
            balance=account.balance,
            held=held(session, account.id),
            spent=spent(session, account.id, WEEK_S),
            tier=tier,
            refill_at=refill_due_at(session, account.id),
        )


def prices(studio: Studio, person: Person) -> Prices:
    """For a panel, which tells the price of what is chosen in it."""
    with studio.database.begin() as session:
        account = account_for(session, person.guild_id, person.member_id, studio.starting_credits)
        return Prices(
            balance=account.balance,
            pace=learnt_paces(session),
            confirm_above=quota_rules(session, account.guild_id).confirm_above,
        )
