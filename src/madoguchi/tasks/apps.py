"""Django app of tasks."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """What is to be done in a case, and plans of that."""

    name = "madoguchi.tasks"
    label = "tasks"
