"""What a person, a channel or a server prefers: look, set, reset, and heed it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import Verb, may, seen_job
from actions.studio import Studio
from actions.styles import styles_here
from core.addon_spec import AddonKind
from core.errors import BadOption, NotAllowed, NotFound
from core.options.defaults import with_defaults
from core.options.drawing import DrawOptions
from core.preferences import SETTING_WORDS, YES, Level, Preference, Setting, heeded, read_setting
from core.words import _, languages
from db.addons import addons_available
from db.audit import record
from db.settings import clear_values, set_value, values_of
from db.workers import models_available

Options = TypeVar("Options", bound=DrawOptions)


def preferences(studio: Studio, person: Person) -> dict[Setting, Preference]:
    """What is heeded for this person here."""
    with studio.database.read() as session:
        return _heeded(session, person)


def set_setting(studio: Studio, person: Person, level: Level, setting: Setting, typed: str) -> str:
    """Set one; the value as it is kept.

    Raises:
        NotAllowed: a channel's and a server's are for those who manage the server.
        BadOption: the value will not do.
    """
    with studio.database.begin() as session:
        owner_id = _owned(session, person, level)
        if setting == Setting.LANGUAGE and level == Level.CHANNEL:
            raise BadOption("setting", setting.value, _("a channel speaks its server's language."))
        models, styles = models_available(session, person.guild_id), styles_here(session, person.guild_id)
        value = read_setting(setting, typed, models, styles)
        set_value(session, level, owner_id, setting.value, value)
        _note(session, person, level, "settings.set", setting.value, value)
    return value


def reset_settings(studio: Studio, person: Person, level: Level, setting: Setting | None = None) -> int:
    """Forget one of that level, or all of them; how many there were. Raises NotAllowed, NotFound."""
    with studio.database.begin() as session:
        owner_id = _owned(session, person, level)
        name = None if setting is None else setting.value
        count = clear_values(session, level, owner_id, name)
        if not count:
            raise NotFound(_("Nothing is set there, so there is nothing to reset."))
        _note(session, person, level, "settings.reset", name or "all", None)
    return count


def settings_at(studio: Studio, person: Person, level: Level) -> dict[Setting, str]:
    """What is set at one level, for anybody who is there."""
    with studio.database.read() as session:
        owner_id = _owner(person, level)
        known = values_of(session, level, owner_id) if owner_id is not None else {}
    return {setting: known[setting] for setting in Setting if setting in known}


def fill_in(studio: Studio, person: Person, options: Options) -> tuple[Options, list[str]]:
    """The options of a command that draws with what the person prefers, and what to tell them of it."""
    with studio.database.read() as session:
        preferred = _heeded(session, person)
        models = models_available(session, person.guild_id)
        options = replace(options, styles=styles_here(session, person.guild_id), models=models)
    if not preferred:
        return options, []
    filled, passed_over = with_defaults(options, preferred, models)
    return filled, [_passed_over(setting, preferred[setting].value) for setting in passed_over]


def preferred_model(studio: Studio, person: Person, kind: AddonKind) -> str | None:
    """The model that the person prefers, where it is there now and has an add-on of this kind."""
    with studio.database.read() as session:
        chosen = _heeded(session, person).get(Setting.MODEL)
        models = {spec.name: spec for spec in models_available(session, person.guild_id) if spec.draws}
        spec = models.get(chosen.value) if chosen is not None else None
        if spec is None or not addons_available(session, kind, spec.architecture):
            return None
    return spec.name


def prefers_private(studio: Studio, person: Person, *, like: str | None = None) -> bool:
    """Whether what the person makes here is shown to them alone.

    Args:
        like: a job that it is made from; what comes of a private one is private, too.

    Raises:
        NotFound, NotAllowed: that job is not theirs to see here.
    """
    chosen = preferences(studio, person).get(Setting.PRIVATE)
    if chosen is not None and chosen.value == YES:
        return True
    if like is None:
        return False
    with studio.database.read() as session:
        return seen_job(session, person, like).ephemeral


def language_of_member(studio: Studio, member_id: int) -> str | None:
    """The member's own choice; None where they made none."""
    return _language(studio, Level.MEMBER, member_id)


def language_here(studio: Studio, guild_id: int) -> str | None:
    """The server's choice; None where it made none."""
    return _language(studio, Level.SERVER, guild_id)


def _language(studio: Studio, level: Level, owner_id: int) -> str | None:
    with studio.database.read() as session:
        chosen = values_of(session, level, owner_id).get(Setting.LANGUAGE)
    # A catalogue may have gone since.
    return chosen if chosen in languages() else None


def _heeded(session: Session, person: Person) -> dict[Setting, Preference]:
    owners = {level: _owner(person, level) for level in Level}
    return heeded(
        {
            level: values_of(session, level, owner_id)
            for level, owner_id in owners.items()
            if owner_id is not None
        }
    )


def _owner(person: Person, level: Level) -> int | None:
    """Whose settings of that level hold for the person; a thread has its channel's."""
    if level == Level.MEMBER:
        return person.member_id
    if person.guild_id is None:
        return None
    return person.guild_id if level == Level.SERVER else person.parent_id or person.channel_id


def _owned(session: Session, person: Person, level: Level) -> int:
    """Whose settings they are, where the person may change them. Raises NotAllowed."""
    owner_id = _owner(person, level)
    if owner_id is None:
        raise NotAllowed(_("This belongs to a server; use it there."))
    if level != Level.MEMBER:
        may(session, person, Verb.MANAGE)
    return owner_id


def _note(session: Session, person: Person, level: Level, action: str, name: str, value: str | None) -> None:
    """What holds for others is noted; what is one's own is nobody's business."""
    if level != Level.MEMBER:
        detail = {"level": level.value, "value": value, "channel_id": person.parent_id or person.channel_id}
        record(session, person.member_id, action, name, detail, guild_id=person.guild_id)


def _passed_over(setting: Setting, value: str) -> str:
    return _(
        "Your default {setting} `{value}` can't be used for this now, so it was passed over. `/settings me` "
        "shows your defaults.",
        setting=_(SETTING_WORDS[setting]),
        value=value.replace("`", "'"),
    )
