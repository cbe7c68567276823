"""The Django app that carries templates, static files and template tags shared by every page."""

from django.apps import AppConfig


class LookConfig(AppConfig):
    name = "madoguchi.look"
    label = "look"
