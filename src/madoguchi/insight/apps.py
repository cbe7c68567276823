"""Django app of insight."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """Figures of a support centre, each by a definition that has a version."""

    name = "madoguchi.insight"
    label = "insight"
