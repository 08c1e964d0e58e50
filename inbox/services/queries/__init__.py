"""What the window and the command line read: frozen rows, paged by key. Nothing here changes anything."""

from inbox.services.accounts import rows as accounts
from inbox.services.agents import rows as agents, teams
from inbox.services.queries.cards import customer_card, customers
from inbox.services.queries.cases import case, cases
from inbox.services.queries.details import detail
from inbox.services.queries.lists import conversation_rows, conversations, views
from inbox.services.queries.log import activity, day_numbers, search_messages
from inbox.services.queries.threads import thread

__all__ = [
    "accounts",
    "activity",
    "agents",
    "case",
    "cases",
    "conversation_rows",
    "conversations",
    "customer_card",
    "customers",
    "day_numbers",
    "detail",
    "search_messages",
    "teams",
    "thread",
    "views",
]
