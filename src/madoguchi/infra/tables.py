"""A migration operation that makes all tables of an app at once.

Django renders the models of the whole project anew for every table that a migration makes. With over a hundred
tables that is nearly all the time a fresh database takes; one operation for all of an app renders each model once.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState


class CreateTables(Operation):
    """Makes the tables of `models`, which may refer to each other in any direction.

    Foreign keys are added when the migration ends, so tables need no order among themselves.
    """

    category = OperationCategory.ADDITION
    serialization_expand_args = ["models"]

    def __init__(self, models: list[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Adds the models, and renders them and no others: nothing that is there already is changed by them."""
        apps = state.__dict__.pop(
            "apps", None
        )  # while it is set, each model that is added has all others rendered
        for model in self.models:
            model.state_forwards(app_label, state)
        if apps is not None:
            with apps.bulk_update():
                apps.render_multiple([state.models[app_label, model.name_lower] for model in self.models])
            state.apps = apps

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Makes the tables."""
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drops them, last first."""
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def references_model(self, name: str, app_label: str) -> bool:
        """Whether one of the models is that one or refers to it."""
        return any(model.references_model(name, app_label) for model in self.models)

    def describe(self) -> str:
        """What `migrate --plan` says of it."""
        return "Create tables " + ", ".join(str(model.name) for model in self.models)

    @property
    def migration_name_fragment(self) -> Any:
        """What `makemigrations` would call a migration after it."""
        return "tables"
