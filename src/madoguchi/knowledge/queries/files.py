"""Pictures and files of articles, for who reads them."""

from collections.abc import Callable

from django.db.models import Q

from madoguchi.infra import files
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.enclosed import Shown, names_in
from madoguchi.knowledge.models import ArticleFile, ArticleVersion
from madoguchi.knowledge.queries.articles import articles_in_sight


def file_in_sight(actor: Actor, name: str) -> ArticleFile:
    """A file of an article that the actor may read, or one that they added and have not saved. Raises NotFound."""
    theirs = Q(article=None, user=actor.id or 0) | Q(article__in=articles_in_sight(actor))
    return _found(ArticleFile.objects.filter(theirs, name=name).first(), name)


def file_of_version(version: ArticleVersion, name: str) -> ArticleFile:
    """A file that the words of a version name, and of no other version. Raises NotFound."""
    if name not in names_in(version.body):
        raise NotFound(name)
    return _found(ArticleFile.objects.filter(article=version.article_id, name=name).first(), name)


def content_of(file: ArticleFile) -> bytes:
    """Its bytes. Raises NotFound where they are gone."""
    try:
        return files.read(file.sha256, company=file.company_id)
    except FileNotFoundError as error:
        raise NotFound(file.name) from error


def shown_in(body: str, url: Callable[[str], str]) -> dict[str, Shown]:
    """What these words show, by name, each at the address that `url` makes of it. One query where they name any."""
    names = names_in(body)
    if not names:
        return {}
    rows = ArticleFile.objects.filter(name__in=names).values_list("name", "width", "height")
    return {name: Shown(url(name), width, height) for name, width, height in rows}


def _found(file: ArticleFile | None, name: str) -> ArticleFile:
    if file is None:
        raise NotFound(name)
    return file
