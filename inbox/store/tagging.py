"""Finding by tag: tables beside the lists of tags, fed by triggers, so that every way of tagging counts."""

# ruff: noqa: S608 - the SQL is put together from constants of this module only

from functools import cache

from sqlalchemy import CTE, Select, func, select

from inbox.store.matching import folded
from inbox.store.models import ConversationTag, CustomerTag

Tagged = type[ConversationTag] | type[CustomerTag]

_TABLES = {"conversations": ("conversation_tags", "conversation_id"), "customers": ("customer_tags", "customer_id")}


def statements(dialect: str) -> list[str]:
    """The SQL that makes the triggers, for ``"sqlite"`` or ``"postgresql"``."""
    made = _on_sqlite if dialect == "sqlite" else _on_server
    return [statement for table, (tags, owner) in _TABLES.items() for statement in made(table, tags, owner)]


def _on_sqlite(table: str, tags: str, owner: str) -> list[str]:
    add = f"INSERT OR IGNORE INTO {tags} (tag, {owner}) SELECT value, NEW.id FROM json_each(NEW.tags);"
    remove = f"DELETE FROM {tags} WHERE {owner} = OLD.id;"
    return [
        f"CREATE TRIGGER {tags}_added AFTER INSERT ON {table} WHEN NEW.tags <> '[]' BEGIN {add} END",
        f"CREATE TRIGGER {tags}_changed AFTER UPDATE OF tags ON {table} WHEN NEW.tags <> OLD.tags "
        f"BEGIN {remove} {add} END",
        f"CREATE TRIGGER {tags}_removed AFTER DELETE ON {table} WHEN OLD.tags <> '[]' BEGIN {remove} END",
    ]


def _on_server(table: str, tags: str, owner: str) -> list[str]:
    return [
        f"CREATE FUNCTION {tags}_kept() RETURNS trigger LANGUAGE plpgsql AS $tags$ BEGIN\n"
        f"DELETE FROM {tags} WHERE {owner} = NEW.id;\n"
        f"INSERT INTO {tags} (tag, {owner}) SELECT value, NEW.id FROM json_array_elements_text(NEW.tags) "
        "ON CONFLICT DO NOTHING;\nRETURN NULL; END $tags$",
        f"CREATE TRIGGER {tags}_added AFTER INSERT ON {table} FOR EACH ROW "
        f"WHEN (CAST(NEW.tags AS TEXT) <> '[]') EXECUTE FUNCTION {tags}_kept()",
        f"CREATE TRIGGER {tags}_changed AFTER UPDATE OF tags ON {table} FOR EACH ROW "
        f"WHEN (CAST(NEW.tags AS TEXT) <> CAST(OLD.tags AS TEXT)) EXECUTE FUNCTION {tags}_kept()",
    ]


def tags_called(tagged: Tagged, value: str) -> Select[str]:
    """The tags that read so once they are folded, as they were written."""
    names = _names(tagged)
    return select(names.c.tag).where(folded(names.c.tag) == value)


@cache
def _names(tagged: Tagged) -> CTE:
    """Every tag once: from one to the next by index, for a tag may stand on very many."""
    first = select(func.min(tagged.tag).label("tag")).cte(f"names_in_{tagged.__tablename__}", recursive=True)
    following = select(func.min(tagged.tag)).where(tagged.tag > first.c.tag).scalar_subquery()
    return first.union_all(select(following).where(first.c.tag.is_not(None)))
