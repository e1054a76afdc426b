"""Alembic's entry: runs migrations on the connection or URL that `data.migrate` hands over."""

from __future__ import annotations

from alembic import context
from geoalchemy2 import alembic_helpers

from data.tables import metadata

connection = context.config.attributes["connection"]
# Tables of the task queue belong to its library.
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_object=lambda thing, name, kind, reflected, other: (
        not str(name).startswith("procrastinate")
        and alembic_helpers.include_object(thing, name, kind, reflected, other)
    ),
    render_item=alembic_helpers.render_item,
    process_revision_directives=alembic_helpers.writer,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
