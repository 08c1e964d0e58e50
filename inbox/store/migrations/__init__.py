"""The scripts that bring an older database up to this program, run by alembic."""
