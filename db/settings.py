"""What members, channels and servers prefer: texts by name, read and written whole."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.preferences import Level
from db.once import insert_once
from db.preference_tables import SettingRow


def values_of(session: Session, level: Level, owner_id: int) -> dict[str, str]:
    """The settings of a member, a channel or a server, by name."""
    rows = session.execute(
        select(SettingRow.name, SettingRow.value).where(
            SettingRow.level == level.value, SettingRow.owner_id == owner_id
        )
    )
    return dict(rows.tuples().all())


def set_value(session: Session, level: Level, owner_id: int, name: str, value: str) -> None:
    """Set one of them, whatever it was."""
    if not insert_once(session, SettingRow, level=level.value, owner_id=owner_id, name=name, value=value):
        session.execute(
            update(SettingRow)
            .where(SettingRow.level == level.value, SettingRow.owner_id == owner_id, SettingRow.name == name)
            .values(value=value)
            .execution_options(synchronize_session=False)
        )


def clear_values(session: Session, level: Level, owner_id: int, name: str | None = None) -> int:
    """Forget one of them, or all; how many there were."""
    chosen = delete(SettingRow).where(SettingRow.level == level.value, SettingRow.owner_id == owner_id)
    if name is not None:
        chosen = chosen.where(SettingRow.name == name)
    gone = session.execute(chosen.returning(SettingRow.name).execution_options(synchronize_session=False))
    return len(gone.all())
