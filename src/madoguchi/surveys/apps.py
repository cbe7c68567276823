"""Django app of what customers say of how they were helped."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Asks customers how they were helped."""

    name = "madoguchi.surveys"
    label = "surveys"
