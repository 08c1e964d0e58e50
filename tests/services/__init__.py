"""Tests of the services, on both engines."""
