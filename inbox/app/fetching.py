"""Fetching a file that the other side keeps, with a channel opened for it alone."""

from typing import cast

from inbox.channels import registry
from inbox.channels.base import FileChannel
from inbox.engine.running import as_texts, open_channel
from inbox.errors import RejectedMessageError
from inbox.keychain import Keychain
from inbox.services import distant_files
from inbox.services.distant_files import DistantFile
from inbox.store.db import Database

MOST = 100 * 2**20
"""How large a file may be, in bytes."""


def fetch(db: Database, keychain: Keychain, file: DistantFile) -> bytes:
    """Fetch a file and keep it. Raises ChannelError, KeychainError or StorageError."""
    plugin = registry.plugin(file.kind)
    if not plugin.MANIFEST.fetches_files:
        raise RejectedMessageError("The file is no longer there", "The other side has removed it.")
    settings = as_texts(file.settings)
    channel = cast(FileChannel, open_channel(keychain, plugin, file.account_id, settings))
    try:
        content = channel.fetch_file(file.remote, MOST)
    finally:
        channel.close()
    with db.writing() as s:
        distant_files.keep(s, file.row.id, content)
    return content
