"""Django app of search."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The index over cases, what was said in them, and whom they are for."""

    name = "madoguchi.search"
    label = "search"
