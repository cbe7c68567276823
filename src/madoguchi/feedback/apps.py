"""Django app of feedback among colleagues."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """What colleagues tell one another of their work."""

    name = "madoguchi.feedback"
    label = "feedback"
