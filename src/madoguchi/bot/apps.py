"""Django app of the bot."""

from django.apps import AppConfig


class BotConfig(AppConfig):
    """Answers from approved articles alone."""

    name = "madoguchi.bot"
    label = "bot"
