"""Django app of knowledge."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """What operators need to know and say: reply templates, for now."""

    name = "madoguchi.knowledge"
    label = "knowledge"
