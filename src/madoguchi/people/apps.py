"""Django app of staff."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Staff: who they are, what they may do where, and how they sign in."""

    name = "madoguchi.people"
    label = "people"
