"""Who may draw how, with what and where: set by a server's managers, asked at every order."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import Verb, server_of, server_where
from actions.studio import Studio
from core.access import WAYS, AccessRule, Place, Subject, denied, models_of, ways_of
from core.errors import BadOption, NotAllowed, NotFound
from core.request import Request
from core.words import _, pgettext
from db.access_rules import access_rules, clear_access, set_access
from db.audit import record
from db.switches import models_off
from db.workers import models_available

#: Rules of one server.
MAX_RULES = 500


def may_draw(session: Session, person: Person, request: Request) -> None:
    """Refuse an order that the server's rules keep from this person or channel. Raises NotAllowed."""
    _adults_only(session, person, request)
    _switched_on(session, person, request)
    if person.guild_id is None:
        return
    rules = access_rules(session, person.guild_id)
    wanted = [(Subject.COMMAND, way) for way in sorted(ways_of(request))]
    wanted += [(Subject.MODEL, model) for model in sorted(models_of(request))]
    channels = [place for place in (person.channel_id, person.parent_id) if place is not None]
    for subject, name in wanted:
        place = denied(rules, subject, name, roles=person.role_ids, channels=channels)
        if place is not None:
            what = _named(subject, name)
            raise NotAllowed(
                _("You can't use {what} in this channel. `/access list` shows what would do.", what=what)
                if place == Place.CHANNEL
                else _(
                    "You can't use {what} with the roles that you have here. `/access list` shows what would "
                    "do.",
                    what=what,
                )
            )


def _named(subject: Subject, name: str) -> str:
    if subject == Subject.COMMAND:
        return f"`/{pgettext('command', name)}`"
    return _("the model `{name}`", name=name)


def _switched_on(session: Session, person: Person, request: Request) -> None:
    for model in sorted(models_of(request) & models_off(session, person.guild_id)):
        raise NotAllowed(
            _("The model `{model}` is switched off for now; `/models` shows the others.", model=model)
        )


def _adults_only(session: Session, person: Person, request: Request) -> None:
    if person.age_restricted:
        return
    adult = {spec.name for spec in models_available(session) if spec.adult}
    for model in sorted(models_of(request) & adult):
        raise NotAllowed(
            _("The model `{model}` draws for adults; use it in an age-restricted channel.", model=model)
        )


def set_rule(studio: Studio, person: Person, rule: AccessRule) -> None:
    """Set a rule of the person's server. Raises NotAllowed, BadOption."""
    if rule.subject == Subject.COMMAND and rule.name not in WAYS:
        raise BadOption("command", rule.name, _("it is one of {choices}.", choices=", ".join(WAYS)))
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        set_access(session, guild_id, rule)
        if len(access_rules(session, guild_id)) > MAX_RULES:
            raise BadOption(
                rule.subject.value, rule.name, _("a server has up to {most} rules.", most=MAX_RULES)
            )
        record(session, person.member_id, "access.set", rule.name, asdict(rule), guild_id=guild_id)


def clear_rule(studio: Studio, person: Person, rule: AccessRule) -> None:
    """Drop the rule for the same subject and place. Raises NotAllowed, NotFound."""
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        if not clear_access(session, guild_id, rule):
            raise NotFound(_("There is no such rule; `/access list` shows them."))
        record(session, person.member_id, "access.clear", rule.name, asdict(rule), guild_id=guild_id)


def rules_here(studio: Studio, person: Person) -> list[AccessRule]:
    """The rules of the server that the person is in, for anyone."""
    with studio.database.read() as session:
        return access_rules(session, server_of(person))
