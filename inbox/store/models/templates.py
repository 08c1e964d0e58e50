"""Replies prepared beforehand."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.models.base import Base, Id


class Template(Base):
    """A reply prepared beforehand. Its texts are variants by language and channel."""

    __tablename__ = "templates"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name_en: Mapped[str]
    name_es: Mapped[str]
    case_type_id: Mapped[int | None] = mapped_column(Id, ForeignKey("case_types.id", ondelete="SET NULL"))
    solution: Mapped[bool] = mapped_column(default=False)
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("agents.id"))  # scope: only this agent
    team_id: Mapped[int | None] = mapped_column(Id, ForeignKey("teams.id", ondelete="CASCADE"))  # ... or this team
    active: Mapped[bool] = mapped_column(default=True)
    used_count: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)


class TemplateVariant(Base):
    """A template's text in one language, for one channel or for all (empty)."""

    __tablename__ = "template_variants"
    template_id: Mapped[int] = mapped_column(Id, ForeignKey("templates.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    channel: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
