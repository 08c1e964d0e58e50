"""What all tables are made of: the types of columns, how references and indexes are declared."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    text as sql,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UtcTime(TypeDecorator[datetime]):
    """An aware time as milliseconds since 1970: the same arithmetic in the triggers of both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse naive times: they would be read in another zone later."""
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Back to an aware UTC time."""
        return None if value is None else from_ms(value)


def to_ms(value: datetime) -> int:
    """Milliseconds since 1970; a naive time raises ValueError."""
    if value.tzinfo is None:
        raise ValueError(f"naive time {value!r}")
    since = value - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def from_ms(value: int) -> datetime:
    """The aware UTC time of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=value)


def enum_of(kind: type[StrEnum]) -> Enum:
    """A column that holds the values of a vocabulary, and nothing else."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


Id = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way of declaring it
        datetime: UtcTime,
        dict[str, Any]: JSON,
        Mapping[str, Any]: JSON,
        list[str]: JSON,
        str: Text,
        bytes: LargeBinary,
    }


def reference(target: str, *, index: bool = False, ondelete: str | None = None) -> Any:
    """A column that names a row of another table."""
    return mapped_column(Id, ForeignKey(target, ondelete=ondelete), index=index)


def index_where(name: str, *columns: str, where: str) -> Index:
    """An index of those rows only for which a condition holds."""
    return Index(name, *columns, sqlite_where=sql(where))


def tell_postgresql() -> None:
    """Give PostgreSQL the conditions of the indexes too, before tables are made or compared.

    Said where an index is declared, they would load the whole dialect at every start: 20 ms.
    """
    for table in Base.metadata.tables.values():
        for index in table.indexes:
            where = index.dialect_kwargs.get("sqlite_where")
            if where is not None:
                index.dialect_kwargs["postgresql_where"] = where
