"""Rows of templates."""

from inbox.lazy_dataclass import dataclass
from inbox.services.rows.messages import AttachmentRow


@dataclass(frozen=True, slots=True)
class TemplateVariantRow:
    """A template's text in one language, for one channel or all (empty)."""

    language: str
    channel: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A reply prepared beforehand."""

    id: int
    key: str
    name: str  # in the person's language
    name_en: str
    name_es: str
    case_type_id: int | None
    solution: bool
    agent_id: int | None
    team_id: int | None
    active: bool
    used_count: int
    variants: tuple[TemplateVariantRow, ...]
    attachments: tuple[AttachmentRow, ...] = ()


@dataclass(frozen=True, slots=True)
class RenderedTemplate:
    """A template filled for a conversation. ``missing`` names placeholders without a value: never send them."""

    template_id: int
    subject: str
    text: str  # a missing value stands as ⟨name⟩
    missing: tuple[str, ...]
    solution: bool
    attachments: tuple[AttachmentRow, ...] = ()
