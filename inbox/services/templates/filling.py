"""A template filled for a conversation: the variant for its customer's language and its channel, with the values."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.services import dates, questions, settings_store, template_text
from inbox.services.rows import RenderedTemplate, TemplateVariantRow
from inbox.services.templates.choosing import one as find_row
from inbox.states import Direction
from inbox.store.models import Account, Agent, Case, CaseType, Conversation, Customer, Message


def render(
    s: Session, template_id: int, conversation_id: int, *, agent_id: int | None, language: str = ""
) -> RenderedTemplate:
    """The template's text for this conversation. What has no value stands in it as ⟨name⟩ and in ``missing``."""
    template = find_row(s, template_id)
    conversation = s.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFoundError("There is no conversation {id}", "It may have been removed.", id=conversation_id)
    kind = s.scalar(select(Account.kind).where(Account.id == conversation.account_id)) or ""
    spoken = s.scalar(select(Customer.language).where(Customer.id == conversation.customer_id)) or ""
    variant = choose(template.variants, language or spoken, kind, settings_store.text(s, "language"))
    known = values(s, conversation, agent_id=agent_id, language=variant.language)
    subject, missing_above = template_text.fill(variant.subject, known)
    text, missing = template_text.fill(variant.text, known)
    return RenderedTemplate(
        template_id=template_id,
        subject=subject,
        text=text,
        missing=tuple(dict.fromkeys((*missing_above, *missing))),
        solution=template.solution,
        attachments=template.attachments,
    )


def choose(variants: Sequence[TemplateVariantRow], language: str, channel: str, usual: str) -> TemplateVariantRow:
    """This language before the usual one before any other; for each the channel's own text before the common one."""
    if not variants:
        raise RuleError("This template has no text yet", "Write one in the settings.")
    best = {(variant.language, variant.channel): variant for variant in variants}
    for spoken in dict.fromkeys((language[:2].lower(), usual, *(variant.language for variant in variants))):
        for place in (channel, ""):
            if (spoken, place) in best:
                return best[spoken, place]
    return variants[0]


def values(s: Session, conversation: Conversation, *, agent_id: int | None, language: str) -> dict[str, str]:
    """What the placeholders stand for: plain texts, each known or absent."""
    now = datetime.now(UTC)
    customer = s.get(Customer, conversation.customer_id)
    assert customer is not None, "a conversation has a customer"
    agent = s.get(Agent, agent_id) if agent_id is not None else None
    name = "" if "@" in customer.name else customer.name
    found = {
        "customer.name": name,
        "customer.first_name": first_name(name),
        "customer.company": customer.company,
        "agent.name": agent.name if agent is not None else "",
        "agent.first_name": first_name(agent.name) if agent is not None else "",
        "agent.signature": agent.signature if agent is not None else "",
        "date.today": dates.long_date(now, language),
        "date.now": dates.long_moment(now, language),
    }
    shared = settings_store.every(s)
    found |= {name: str(value) for name, value in shared.items() if name.startswith("company.")}
    found |= _case(s, conversation, language) | _message(s, conversation.id, language)
    return found | {f"fact.{kind}": fact.value for kind, fact in questions.known_facts(s, customer.id).items()}


def _case(s: Session, conversation: Conversation, language: str) -> dict[str, str]:
    case = s.get(Case, conversation.case_id) if conversation.case_id is not None else None
    if case is None:
        return {}
    kind = s.get(CaseType, case.case_type_id)
    assert kind is not None, "a case has a type"
    return {
        "case.number": str(case.id),
        "case.type": kind.name_es if language == "es" else kind.name_en,
        "case.subject": case.subject,
        "case.due": dates.long_moment(case.due_at, language) if case.due_at is not None else "",
    }


def _message(s: Session, conversation_id: int, language: str) -> dict[str, str]:
    newest = s.execute(
        select(Message.subject, Message.sent_at)
        .where(Message.conversation_id == conversation_id, Message.direction == Direction.IN)
        .order_by(Message.id.desc())
        .limit(1)
    ).one_or_none()
    if newest is None:
        return {}
    return {"message.subject": newest.subject, "message.date": dates.long_date(newest.sent_at, language)}


_TITLES = {"sr", "sra", "srta", "d", "dª", "da", "don", "doña", "dr", "dra", "mr", "mrs", "ms", "miss", "mx"}


def first_name(name: str) -> str:
    """What a person is called: "Ana" of "Torres Vidal, Ana", of "Sra. ANA TORRES" and of "Ana Torres Vidal"."""
    family, comma, given = name.partition(",")
    words = (given if comma and given.strip() else family).split()
    while len(words) > 1 and words[0].rstrip(".").lower() in _TITLES:
        words = words[1:]
    if not words:
        return ""
    word = words[0].strip("\"'()")
    return word.capitalize() if word.isupper() or word.islower() else word
