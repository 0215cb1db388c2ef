"""A studio that has worked for a year, made within the database: jobs, their words, pictures and a gallery.

One member has a quarter of all jobs, the others share the rest evenly. The words of prompts are as uneven
as in a language: the first of 5,000 stands in a third of the prompts, the last in one of some thousands. All
rows follow from a job's number, so that they are the same in each database, and none passes through Python,
which would take far longer.
"""

from __future__ import annotations

import json

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Double,
    MetaData,
    Select,
    Table,
    Text,
    case,
    cast,
    insert,
    literal,
    select,
    text,
    type_coerce,
)

from core.jobs import ImageKind, JobState
from core.request import Request
from core.stages import Decode, Denoise, EncodeText
from db.engine import Database
from db.gallery_tables import GalleryEntryRow, GalleryWordRow
from db.history_tables import JobWordRow
from db.tables import (
    AccountRow,
    Base,
    DeliveryKind,
    DeliveryRow,
    DeliveryState,
    GuildRow,
    ImageRow,
    JobRow,
    MemberRow,
)

GUILD = 10
#: The member with a quarter of all jobs; the others' ids follow.
HEAVY = 1
MEMBERS = 5000
#: A job in so many is published.
PUBLISHED = 5
#: Two thirds are drawn with the first.
MODELS = ("starter", "other")

_WORDS_EACH = 8
_VOCABULARY = 5000
#: Jobs that one transaction makes.
_CHUNK = 100_000
#: Stands for the prompt in a request's JSON.
_PROMPT = "@"

_TEMPORARY = MetaData()
#: The words of each job's prompt, and what the other rows are made from.
_SPOKEN = Table("spoken", _TEMPORARY, Column("i", BigInteger), Column("word", Text), prefixes=["TEMPORARY"])
_MADE = Table(
    "made",
    _TEMPORARY,
    Column("i", BigInteger),
    Column("id", Text),
    Column("member_id", BigInteger),
    Column("at", Double),
    Column("prompt", Text),
    prefixes=["TEMPORARY"],
)


def word(rank: int) -> str:
    """The word of a rank, 0 the most frequent."""
    return f"w{rank}"


def open_studio(database: Database) -> None:
    """The server, its members and their accounts."""
    members = range(HEAVY, HEAVY + MEMBERS)
    with database.begin() as session:
        session.execute(insert(GuildRow), [{"id": GUILD}])
        session.execute(insert(MemberRow), [{"id": member} for member in members])
        accounts = [{"id": member, "guild_id": GUILD, "member_id": member} for member in members]
        session.execute(insert(AccountRow), accounts)


def add_jobs(database: Database, first: int, count: int) -> None:
    """Jobs with these numbers, each done and delivered, and every `PUBLISHED`th of them in the gallery."""
    for start in range(first, first + count, _CHUNK):
        with database.engine.begin() as connection:
            _TEMPORARY.create_all(connection)
            _speak(connection, start, min(start + _CHUNK, first + count))
            for table, query in _rows(connection):
                connection.execute(insert(table).from_select(list(query.selected_columns.keys()), query))
            _TEMPORARY.drop_all(connection)


def settle(database: Database) -> None:
    """What PostgreSQL's autovacuum does by and by. SQLite gets no statistics, as in a studio."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _speak(connection: Connection, first: int, end: int) -> None:
    """The prompts of the jobs numbered `first` up to, not including, `end`."""
    is_postgres = connection.dialect.name == "postgresql"
    joined = "string_agg(word, ' ' ORDER BY word)" if is_postgres else "group_concat(word, ' ')"
    # Squares modulo a prime spread the numbers; the third power makes small ranks frequent.
    statements = (
        f"""
        INSERT INTO spoken
        WITH RECURSIVE n(i) AS (
                SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {end - 1}
            ),
            k(place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM k WHERE place < {_WORDS_EACH - 1}),
            x(i, place, x) AS (SELECT i, place, (i * 7919 + place * 104729 + 1) % 1000003 FROM n, k),
            y(i, y) AS (SELECT i, x * x % 1000003 * (place + 3) % 1000003 FROM x),
            h(i, h) AS (SELECT i, y * y % 1000003 FROM y)
        SELECT i, 'w' || (h * h / 1000003 * h / 1000003 * {_VOCABULARY} / 1000003) FROM h
        """,
        f"""
        INSERT INTO made
        SELECT i, CAST(1000000000 + i * 2654435761 % 8999999993 AS TEXT),
            CASE WHEN i % 4 = 0 THEN {HEAVY} ELSE {HEAVY} + 1 + i * 7919 % {MEMBERS - 1} END,
            1700000000.0 + 30.0 * i, {joined}
        FROM spoken GROUP BY i
        """,
    )
    for statement in statements:
        connection.execute(text(statement))


def _rows(connection: Connection) -> list[tuple[type[Base], Select[tuple[object, ...]]]]:
    """What goes into each table."""
    made = _MADE.c
    entry_id, votes, published = made.i // PUBLISHED + 1, made.i % 23, made.i % PUBLISHED == 0
    word = _SPOKEN.c.word
    with_words = _MADE.join(_SPOKEN, _SPOKEN.c.i == made.i)
    jobs = {
        "id": made.id,
        "account_id": made.member_id,
        "member_id": made.member_id,
        "interaction_id": made.i,
        "guild_id": GUILD,
        "channel_id": 20,
        "request": _request(connection),
        "state": JobState.DONE,
        "model": _model(),
        "image_price": 1,
        "image_count": 1,
        "images_done": 1,
        "total_steps": 20,
        "turn": cast(made.i, Double),
        "share": 1.0,
        "work": 1.0,
        "created_at": made.at,
        "started_at": made.at,
        "finished_at": made.at,
    }
    deliveries = {"job_id": made.id, "kind": DeliveryKind.RESULT, "state": DeliveryState.DELIVERED}
    images = {
        "job_id": made.id,
        "index": 0,
        "kind": ImageKind.RESULT,
        "key": "jobs/" + made.id + "/0.png",
        "sha256": "0" * 64,
        "width": 512,
        "height": 512,
        "bytes": 300_000,
    }
    job_words = {"member_id": made.member_id, "word": word, "created_at": made.at, "job_id": made.id}
    entries = {
        "id": entry_id,
        "guild_id": GUILD,
        "job_id": made.id,
        "index": 0,
        "member_id": made.member_id,
        "votes": votes,
        "created_at": made.at,
    }
    entry_words = {"guild_id": GUILD, "word": word, "entry_id": entry_id, "votes": votes}
    return [
        (JobRow, _select(JobRow, jobs)),
        (DeliveryRow, _select(DeliveryRow, deliveries)),
        (ImageRow, _select(ImageRow, images)),
        (
            JobWordRow,
            _select(JobWordRow, job_words).select_from(with_words).distinct().order_by("member_id", "word"),
        ),
        (GalleryEntryRow, _select(GalleryEntryRow, entries).where(published)),
        (
            GalleryWordRow,
            _select(GalleryWordRow, entry_words).select_from(with_words).where(published).distinct(),
        ),
    ]


def _select(table: type[Base], values: dict[str, object]) -> Select[tuple[object, ...]]:
    columns = table.__table__.c
    return select(
        *(
            (value if isinstance(value, ColumnElement) else literal(value, columns[name].type)).label(name)
            for name, value in values.items()
        )
    )


def _request(connection: Connection) -> ColumnElement[object]:
    """The JSON of a request with the job's prompt."""
    denoise = Denoise(sampler="Euler", schedule="normal", steps=20, guidance_scale=7.0, width=512, height=512)
    stages = (EncodeText(prompt=_PROMPT), denoise, Decode())
    request = Request(model=MODELS[0], seed=1, stages=stages, typed_prompt=_PROMPT)
    first, *others = json.dumps(request.to_json()).split(f'"{_PROMPT}"')
    written: ColumnElement[str] = literal(first)
    for part in others:
        written = written + '"' + _MADE.c.prompt + '"' + literal(part)
    # SQLite would take the name of the type for that of a number.
    return cast(written, JSON) if connection.dialect.name == "postgresql" else type_coerce(written, Text)


def _model() -> ColumnElement[str]:
    return case((_MADE.c.i % 3 == 0, MODELS[1]), else_=MODELS[0])
