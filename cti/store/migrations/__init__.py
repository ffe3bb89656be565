"""Alembic's scripts, run by `cti.store.database.upgrade` inside its connection; there is no alembic.ini."""
