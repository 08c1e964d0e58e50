"""What an account's saved searches will cost, asked before they run."""

from collections.abc import Mapping
from typing import cast

from inbox.channels import registry
from inbox.channels.base import MeteredChannel
from inbox.engine.running import open_channel
from inbox.errors import ChannelError
from inbox.keychain import Keychain
from inbox.services import charges


def forecast(
    kind: str, settings: Mapping[str, str], secrets: Mapping[str, str] | None, keychain: Keychain, account_id: int = 0
) -> dict[str, float]:
    """Saved search -> US dollars a month, with the given secrets or the kept ones; none where that can't be known."""
    plugin = registry.plugin(kind)
    if not plugin.MANIFEST.metered:
        return {}
    channel = (
        open_channel(keychain, plugin, account_id, settings)
        if secrets is None
        else plugin.open_channel(settings, secrets)
    )
    try:
        found = cast(MeteredChannel, channel).forecast()
    except ChannelError:  # a plan without counts; signing in was tried before
        return {}
    finally:
        channel.close()
    return {stream: charges.forecast(kind, settings, a_day) for stream, a_day in found.items()}
