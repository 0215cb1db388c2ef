"""Pictures that were taken down from a server: what they look like, and where else they are."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.jobs import ImageKind
from db.moderation_tables import BlockedPictureRow
from db.tables import ImageRow, JobRow


def block_pictures(session: Session, guild_id: int, job_id: str, hashes: Collection[int]) -> None:
    """Remember what a job's pictures look like."""
    session.add_all(
        BlockedPictureRow(guild_id=guild_id, phash=phash, job_id=job_id) for phash in sorted(set(hashes))
    )
    session.flush()


def blocked_hashes(session: Session, guild_id: int) -> list[int]:
    """What may not come back."""
    return list(
        session.scalars(select(BlockedPictureRow.phash).where(BlockedPictureRow.guild_id == guild_id))
    )


def unblock_pictures(session: Session, guild_id: int, job_id: str) -> bool:
    """Forget what a job's pictures looked like; False where nothing was known of it."""
    gone = session.execute(
        delete(BlockedPictureRow)
        .where(BlockedPictureRow.guild_id == guild_id, BlockedPictureRow.job_id == job_id)
        .returning(BlockedPictureRow.id)
        .execution_options(synchronize_session=False)
    )
    return bool(gone.all())


def jobs_with_the_same(session: Session, guild_id: int, job_id: str) -> list[str]:
    """Other jobs of the server that made one of this job's pictures to the byte, as reruns do."""
    files = select(ImageRow.sha256).where(ImageRow.job_id == job_id, ImageRow.kind == ImageKind.RESULT)
    query = (
        select(JobRow.id)
        .join(ImageRow, ImageRow.job_id == JobRow.id)
        .where(
            JobRow.guild_id == guild_id,
            JobRow.id != job_id,
            JobRow.deleted_at.is_(None),
            ImageRow.kind == ImageKind.RESULT,
            ImageRow.sha256.in_(files),
        )
        .distinct()
    )
    return list(session.scalars(query))
