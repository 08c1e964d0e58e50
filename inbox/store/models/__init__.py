"""The nouns as tables. Times are aware UTC, stored as milliseconds since 1970; ids never change their meaning."""

from inbox.store.models.accounts import Account, Charge, Cursor
from inbox.store.models.activity import Activity
from inbox.store.models.agents import Agent, SavedView, Setting, Team
from inbox.store.models.base import Base, UtcTime, from_ms, to_ms
from inbox.store.models.cases import BankQuestion, Case, CaseConversation, CaseType, Question, Waiver
from inbox.store.models.conversations import Conversation, ConversationTag, ThreadKey
from inbox.store.models.customers import Customer, CustomerTag, Fact, Identity, Merge
from inbox.store.models.messages import Attachment, Draft, File, Message, MessageSource, MessageVersion
from inbox.store.models.templates import Template, TemplateVariant

__all__ = [
    "Account",
    "Activity",
    "Agent",
    "Attachment",
    "BankQuestion",
    "Base",
    "Case",
    "CaseConversation",
    "CaseType",
    "Charge",
    "Conversation",
    "ConversationTag",
    "Cursor",
    "Customer",
    "CustomerTag",
    "Draft",
    "Fact",
    "File",
    "Identity",
    "Merge",
    "Message",
    "MessageSource",
    "MessageVersion",
    "Question",
    "SavedView",
    "Setting",
    "Team",
    "Template",
    "TemplateVariant",
    "ThreadKey",
    "UtcTime",
    "Waiver",
    "from_ms",
    "to_ms",
]
