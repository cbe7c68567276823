"""Django app of companies and desks."""

from django.apps import AppConfig


class CompaniesConfig(AppConfig):
    """Companies, the operators who answer for them, their desks and where customers turn to."""

    name = "madoguchi.companies"
    label = "companies"
