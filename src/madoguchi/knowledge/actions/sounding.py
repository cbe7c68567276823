"""Keeping how articles sound."""

from madoguchi.infra import scope
from madoguchi.knowledge.models import ArticleVersion


def keep_sound(company: int, version: int, sound: str) -> None:
    """Keep how a version of a company sounds, by which it is found. It says nothing new, so no event tells of it."""
    with scope.acting_for([company]):
        ArticleVersion.objects.filter(pk=version).update(reading=sound)
