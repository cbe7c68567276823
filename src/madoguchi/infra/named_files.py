"""Whether anything still names a file of the store, in whatever app it stands."""

from functools import cache

from django.apps import apps
from django.db import models


def is_named(sha256: str) -> bool:
    """Whether a row in scope has this file under its name. One query for each table of files, until one has."""
    return any(model._default_manager.filter(sha256=sha256).exists() for model in _tables())


@cache
def _tables() -> tuple[type[models.Model], ...]:
    """The tables of files that people have put somewhere."""
    wanted = {"sha256", "filename"}
    found = (model for model in apps.get_models() if wanted <= {f.name for f in model._meta.concrete_fields})
    return tuple(sorted(found, key=lambda model: model._meta.label))
