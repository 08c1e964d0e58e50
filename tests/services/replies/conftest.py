"""The same desk as the cases have."""

from tests.services.cases.conftest import account, desk

__all__ = ["account", "desk"]
