"""One catalogue a language, for Django keeps those of all apps apart and looks a word up in one after the other.

It means to put together those whose plurals count alike (its ticket 30439), but compares the code of a function with a
function (`TranslationCatalog.update`, Django 5.2), so that no two ever are. With fifty apps a word took fifteen
microseconds, and a page of the console says hundreds.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation.trans_real import translation

Words = dict[str | tuple[str, int], str]


def put_together() -> None:
    """Make one of the catalogues of each language that people may read, as far as their plurals count alike."""
    for language, _ in settings.LANGUAGES:
        fold(translation(language))


def fold(translations: Any) -> None:
    """The same words of a `DjangoTranslation`; what several catalogues have, the first says, as before."""
    words = translations._catalog
    folded: list[tuple[Words, Callable[[int], int]]] = []
    for catalogue, plural in reversed(list(zip(words._catalogs, words._plurals, strict=True))):
        if folded and folded[0][1].__code__ == plural.__code__:
            folded[0][0].update(catalogue)
        else:
            folded.insert(0, (dict(catalogue), plural))
    words._catalogs = [catalogue for catalogue, _ in folded]
    words._plurals = [plural for _, plural in folded]
