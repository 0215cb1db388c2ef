"""Styles that a server has of its own."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.styles import Style
from db.once import insert_once
from db.preference_tables import StyleRow
from db.tables import GuildRow


def styles_of(session: Session, guild_id: int) -> list[Style]:
    """By name."""
    rows = session.scalars(select(StyleRow).where(StyleRow.guild_id == guild_id).order_by(StyleRow.key))
    return [Style(name=row.name, prompt=row.prompt, negative_prompt=row.negative_prompt) for row in rows]


def set_style(session: Session, guild_id: int, style: Style) -> None:
    """Add a style, in place of one of the same name."""
    drop_style(session, guild_id, style.name)
    insert_once(session, GuildRow, id=guild_id)
    insert_once(
        session,
        StyleRow,
        guild_id=guild_id,
        key=style.name.casefold(),
        name=style.name,
        prompt=style.prompt,
        negative_prompt=style.negative_prompt,
    )


def drop_style(session: Session, guild_id: int, name: str) -> bool:
    """False where there is none of this name."""
    gone = session.execute(
        delete(StyleRow)
        .where(StyleRow.guild_id == guild_id, StyleRow.key == name.strip().casefold())
        .returning(StyleRow.key)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None
