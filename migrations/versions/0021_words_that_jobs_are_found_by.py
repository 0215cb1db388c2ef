"""Words that jobs are found by, and indexes for pages of history

Revision ID: 0021
Revises: 0024
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from core.gallery import MAX_WORD_CHARACTERS, prompt_words

revision = "0021"
down_revision = "0024"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    words = op.create_table(
        "job_words",
        sa.Column("member_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("word", sa.String(MAX_WORD_CHARACTERS), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("job_id", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_words_job_id")),
        sa.PrimaryKeyConstraint("member_id", "word", "created_at", "job_id", name=op.f("pk_job_words")),
        sqlite_with_rowid=False,
    )
    _index_what_is_there(words)
    op.create_index(op.f("ix_job_words_job_id"), "job_words", ["job_id"])
    op.drop_index(op.f("ix_jobs_member_id_created_at"), "jobs")
    op.create_index("ix_jobs_member_id_created_at_id", "jobs", ["member_id", "created_at", "id"])
    op.create_index(
        "ix_jobs_member_id_model_created_at_id", "jobs", ["member_id", "model", "created_at", "id"]
    )
    op.create_index("ix_jobs_placeholder_message_id", "jobs", ["placeholder_message_id"])


def downgrade() -> None:
    op.drop_index("ix_jobs_placeholder_message_id", "jobs")
    op.drop_index("ix_jobs_member_id_model_created_at_id", "jobs")
    op.drop_index("ix_jobs_member_id_created_at_id", "jobs")
    op.create_index(op.f("ix_jobs_member_id_created_at"), "jobs", ["member_id", "created_at"])
    op.drop_table("job_words")


def _index_what_is_there(words: sa.Table) -> None:
    jobs = sa.table(
        "jobs",
        sa.column("id"),
        sa.column("member_id"),
        sa.column("created_at"),
        sa.column("deleted_at"),
        sa.column("request", sa.JSON()),
    )
    connection = op.get_bind()
    query = sa.select(jobs.c.id, jobs.c.member_id, jobs.c.created_at, jobs.c.request)
    found = connection.execute(query.where(jobs.c.deleted_at.is_(None)).execution_options(yield_per=500))
    for some in found.partitions():
        rows = [row for job in some for row in _rows(job)]
        if rows:
            connection.execute(sa.insert(words), rows)


def _rows(job: Any) -> list[dict[str, object]]:
    shared = {"member_id": job.member_id, "created_at": job.created_at, "job_id": job.id}
    return [{"word": word, **shared} for word in prompt_words(str(job.request.get("typed_prompt", "")))]
