"""Django app of complaints."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Complaints of customers."""

    name = "madoguchi.complaints"
    label = "complaints"
