"""Alembic's environment and revisions: the history of the schema, never edited afterwards."""
