"""Fixtures for the services."""

from tests.services.arriving import account

__all__ = ["account"]
