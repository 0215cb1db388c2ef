"""What every table is made with: names of constraints, types of columns, words with a CHECK."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Double, Enum, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase


def words(enum: type[StrEnum], name: str) -> Enum:
    """A text column with a CHECK for the enum's values; adding one is an ordinary migration."""
    return Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda words: [word.value for word in words],
    )


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger().with_variant(Integer, "sqlite"),
        float: Double(),
        str: Text(),
        dict[str, Any]: JSON(),
    }
