"""Tests of the store: every one on SQLite and, with ``--dburl postgresql``, on PostgreSQL."""
