"""The tables, for SQL that works on whole sets of rows and not on objects."""

from inbox.store.models import Base

_tables = Base.metadata.tables

accounts = _tables["accounts"]
activity = _tables["activity"]
agents = _tables["agents"]
attachments = _tables["attachments"]
case_conversations = _tables["case_conversations"]
case_types = _tables["case_types"]
cases = _tables["cases"]
charges = _tables["charges"]
conversations = _tables["conversations"]
cursors = _tables["cursors"]
customers = _tables["customers"]
drafts = _tables["drafts"]
facts = _tables["facts"]
files = _tables["files"]
identities = _tables["identities"]
merges = _tables["merges"]
message_sources = _tables["message_sources"]
message_versions = _tables["message_versions"]
messages = _tables["messages"]
questions = _tables["questions"]
templates = _tables["templates"]
thread_keys = _tables["thread_keys"]
waivers = _tables["waivers"]
