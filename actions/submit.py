"""Submit a request as a job: filter, price and limits are checked here, once, for every door."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from actions.access import may_draw
from actions.addons import check_addons
from actions.image_policy import policy_here
from actions.person import Asked, Person
from actions.prompt_filter import check_words
from actions.rights import Verb, may
from actions.studio import Studio
from actions.takedown import check_pictures
from core.addon_spec import AddonKind
from core.errors import AsksFirst, Refusal
from core.grid import image_request
from core.model_spec import ModelSpec
from core.price import asks_first, image_price
from core.prompt.spoken import spoken
from core.prompt_filter import check_prompt
from core.request import Adapter, Request
from core.stages import EncodeText
from core.words import _, ngettext
from db.accounts import account_for
from db.addons import find_addon
from db.jobs import Job, set_placeholder
from db.queue import unfinished_jobs_of
from db.speeds import learnt_paces
from db.submitting import NewJob, submit
from db.tiers import quota_rules, settle_tier
from db.workers import models_available


def submit_request(
    studio: Studio,
    person: Person,
    asked: Asked,
    request: Request,
    *,
    parent_id: str | None = None,
    replay_of: str | None = None,
    replay_first: int | None = None,
    from_guild: int | None = None,
) -> Job:
    """Queue the request, hold its price and, after the commit, ring for a worker.

    An interaction that arrives again gets the job that it made (`created=False`), and nothing is charged.

    Args:
        from_guild: the server of the job that it is made from.

    Raises:
        Refusal: the prompt, the price or the number of open jobs forbids it; there is no job and no charge.
        AsksFirst: the price is to be agreed to; the same.
    """
    _check_words(studio, request, (person.guild_id, from_guild))
    check_pictures(studio, person.guild_id, request.images)
    with studio.database.begin() as session:
        check_addons(session, request)
        account = account_for(session, person.guild_id, person.member_id, studio.starting_credits)
        tier = settle_tier(session, account.id, account.guild_id, person.role_ids)
        job = submit(
            session,
            NewJob(
                account_id=account.id,
                member_id=person.member_id,
                guild_id=person.guild_id,
                channel_id=person.channel_id,
                interaction_id=asked.interaction_id,
                request=request,
                image_price=image_price(request, learnt_paces(session)),
                ephemeral=asked.ephemeral,
                age_restricted=person.age_restricted,
                image_policy=policy_here(session, person),
                language=asked.language,
                parent_id=parent_id,
                replay_of=replay_of,
                replay_first=replay_first,
            ),
        )
        if job.created:
            # The member is locked by now: a ban comes before this, or after it all.
            may(session, person, Verb.MAKE, guild_id=from_guild)
            may_draw(session, person, request)
            # The token is kept before the answer is given, so that a crash in between loses no answer.
            set_placeholder(
                session,
                job.id,
                channel_id=person.channel_id,
                message_id=None,
                interaction_token=asked.token,
            )
            # The member's row is locked by now, so no two submits, in whichever servers, can both be last.
            if unfinished_jobs_of(session, person.member_id) > tier.jobs:
                raise Refusal(
                    ngettext(
                        "You have {number} picture waiting already. Let one finish, or use `/cancel`.",
                        "You have {number} pictures waiting already. Let one finish, or use `/cancel`.",
                        tier.jobs,
                    )
                )
            threshold = quota_rules(session, account.guild_id).confirm_above
            if job.price > asked.agreed and asks_first(job.price, account.balance, threshold):
                raise AsksFirst(job.price, account.balance)
    if job.created:
        studio.ring(job.id)
    return job


def _check_words(studio: Studio, request: Request, guild_ids: Sequence[int | None]) -> None:
    """Raises Refusal where the prompt, or a LoRA that speaks with it, may not be drawn or can't be read."""
    images = [image_request(request, index) for index in range(request.count)]
    adapters = {adapter.name: adapter for image in images for adapter in image.adapters}
    told = [word for adapter in adapters.values() for word in _words_of(studio, adapter)]
    typed, drawn = [*told], []
    for image in images:
        for stage in image.stages:
            if isinstance(stage, EncodeText):
                check_prompt(stage.prompt, *told)
                typed.append(stage.prompt)
                drawn.append(spoken(stage, image.seed).prompt_text)
    with studio.database.read() as session:
        check_words(studio, session, guild_ids, typed, drawn)


def _words_of(studio: Studio, adapter: Adapter) -> tuple[str, ...]:
    """An adapter's name and the words that call it up."""
    with studio.database.read() as session:
        kinds = (AddonKind.LORA, AddonKind.LYCORIS)
        found = [addon for kind in kinds if (addon := find_addon(session, kind, adapter.name))]
    return (adapter.name, *(word for addon in found for word in addon.trigger_words))


def resubmit(
    studio: Studio,
    person: Person,
    asked: Asked,
    original: Job,
    request: Request,
    *,
    exact: bool,
    first: int | None = None,
) -> Job:
    """Queue a variation of a job, or (`exact`) the same again to the byte. The presser pays.

    Args:
        first: which of the original's images the first one repeats, where that is not its first.

    Raises:
        Refusal: as `submit_request`, and as `model_of`.
    """
    _check_readable(original)
    if request.model:
        with studio.database.read() as session:
            model_of(session, original)
    return submit_request(
        studio,
        person,
        asked,
        request,
        parent_id=original.id,
        replay_of=original.id if exact else None,
        replay_first=first if exact else None,
        from_guild=original.guild_id,
    )


def model_of(session: Session, original: Job) -> ModelSpec:
    """The model that draws a variation of a job.

    Raises:
        Refusal: no worker has it, or the original can't be read.
    """
    _check_readable(original)
    name = original.request.model
    spec = next((spec for spec in models_available(session) if spec.name == name), None)
    if spec is None:
        raise Refusal(
            _("The model `{name}` is not available now, so this can't be made again yet.", name=name)
        )
    return spec


def _check_readable(original: Job) -> None:
    if not original.readable:
        raise Refusal(_("That was ordered in another version of Atelier and can't be read any more."))
