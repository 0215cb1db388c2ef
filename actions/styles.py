"""Styles: what there is in a server, and its own, which those who manage it add and take away."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from actions.person import Person
from actions.prompt_filter import check_words
from actions.rights import Verb, server_where
from actions.studio import Studio
from core.errors import BadOption, NotFound
from core.prompt_filter import check_prompt
from core.styles import Style, palette, read_style
from core.words import _
from db.audit import record
from db.styles import drop_style, set_style, styles_of

#: Styles of one server.
MAX_STYLES = 100


def styles_here(session: Session, guild_id: int | None) -> Mapping[str, Style]:
    """What there is to choose from, by name; in direct messages what ships."""
    return palette(styles_of(session, guild_id) if guild_id is not None else ())


def styles(studio: Studio, person: Person) -> Mapping[str, Style]:
    """What the person can choose from where they are."""
    with studio.database.read() as session:
        return styles_here(session, person.guild_id)


def add_style(studio: Studio, person: Person, name: str, prompt: str, negative: str) -> Style:
    """Give the person's server a style, in place of one of the same name.

    Raises:
        NotAllowed: they do not manage it, or its filter denies the words.
        BadOption: it will not do, or there are too many.
    """
    style = read_style(name, prompt, negative)
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        words = (style.name, style.prompt.replace("{prompt}", " "))
        check_prompt(*words)
        check_words(studio, session, [guild_id], words)
        set_style(session, guild_id, style)
        if len(styles_of(session, guild_id)) > MAX_STYLES:
            raise BadOption("name", name, _("a server has up to {most} styles.", most=MAX_STYLES))
        record(session, person.member_id, "style.add", style.name, guild_id=guild_id)
    return style


def remove_style(studio: Studio, person: Person, name: str) -> None:
    """Take a style of its own from the person's server. Raises NotAllowed, NotFound."""
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MANAGE)
        if not drop_style(session, guild_id, name):
            raise NotFound(_("This server has no style of its own by that name; `/styles` shows them."))
        record(session, person.member_id, "style.remove", name, guild_id=guild_id)
