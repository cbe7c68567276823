"""Django app: the REST API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The REST API for programs of companies and operators."""

    name = "madoguchi.api"
    label = "api"
