"""Django app of following."""

from django.apps import AppConfig


class FollowingConfig(AppConfig):
    """Who follows which case, and what they are told of it."""

    name = "madoguchi.following"
    label = "following"
