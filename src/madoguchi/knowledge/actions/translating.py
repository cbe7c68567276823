"""Articles in other languages: which is the translation of which, and which version of the original it says."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.infra.event_log import record
from madoguchi.infra.writing import unique
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.knowledge import policies
from madoguchi.knowledge.actions.articles import Said, Settings, add_article, require_open
from madoguchi.knowledge.events import ArticleTranslated
from madoguchi.knowledge.models import Article, ArticleVersion


@transaction.atomic
def translate_article(
    article: Article, said: Said, settings: Settings, *, follows: int | None = None, by: Actor
) -> Article:
    """Begin the translation of an article, a draft like any other; of a translation that of its original is begun.
    `follows` is the version of the original that these words say (None: its newest).

    Raises NotAllowed, and Refused for a language in which it is there already, or what cannot be kept.
    """
    original = _held(article.original_id or article.pk, by)
    _require_writer(by, original)
    if original.restricted and settings.audience != Article.Audience.OPERATOR:
        words = _("Only some operators may read the original, so its translation is for operators, too.")
        raise Refused(words, field="audience")
    _require_room(original, settings.language)
    made = add_article(original.company, said, settings, by=by)
    made.restricted, made.operators = original.restricted, original.operators
    made.save(update_fields=["restricted", "operators"])
    _link(made, original, follows if article.pk == original.pk else None, by=by)
    return made


@transaction.atomic
def link_translation(article: Article, original: Article, *, by: Actor) -> None:
    """Say that an article is the translation of another that is there, and says what that says now.

    Raises NotAllowed; Refused for one of another company or the same language, one that is a translation itself, one
    that has translations, and a language in which the other is there already.
    """
    # The lower first, so that two who link crosswise do not wait for each other.
    held = {pk: _held(pk, by) for pk in sorted({article.pk, original.pk})}
    one, other = held[article.pk], held[original.pk]
    _require_life(by, one)
    _require_writer(by, other)
    if one.company_id != other.company_id or other.original_id is not None:
        raise Refused(_("Choose one of the list."), field="original")
    if one.original_id is not None or one.translations.exists():
        raise Refused(_("This article is linked with another already. Undo that first."), field="original")
    _require_room(other, one.language)
    _link(one, other, None, by=by)
    article.refresh_from_db()


@transaction.atomic
def unlink_translation(article: Article, *, by: Actor) -> None:
    """Say that an article is no translation any more. Doing so twice does nothing. Raises NotAllowed."""
    held = _held(article.pk, by)
    _require_life(by, held)
    if held.original_id is not None:
        held.versions.update(follows=None)
        held.original = None
        held.save(update_fields=["original", "updated_at"])
        record(ArticleTranslated(**_where(held), original=None, number=None), by=by)
    article.refresh_from_db()


@transaction.atomic
def follow_original(article: Article, number: int, *, by: Actor) -> None:
    """Say that the newest words of a translation say what this version of its original says. Raises NotAllowed, and
    Refused for no translation, or a version that the original never had.
    """
    held = _held(article.pk, by)
    _require_writer(by, held)
    versions = ArticleVersion.objects.filter(article=held.original_id, number=number)
    if held.original_id is None or not versions.exists():
        raise Refused(_("The original has no such version. Look again."), field="follows")
    newest = held.versions.get(number=held.newest)
    if newest.follows != number:
        newest.follows = number
        newest.save(update_fields=["follows"])
        record(ArticleTranslated(**_where(held), original=held.original_id, number=number), by=by)


def _link(article: Article, original: Article, follows: int | None, *, by: Actor) -> None:
    number = follows if follows and follows <= original.newest else original.newest
    article.original = original
    with unique(_there(article.language), field="language"):
        article.save(update_fields=["original", "updated_at"])
    article.versions.filter(number=article.newest).update(follows=number)
    record(ArticleTranslated(**_where(article), original=original.pk, number=number), by=by)


def _held(article: int, by: Actor) -> Article:
    """An article as it stands now; others wait. Raises NotFound for one that is kept from the actor."""
    rows = Article.objects.select_for_update(of=("self",)).select_related("company", "desk")
    held = rows.get(pk=article)
    require_open(held, by)
    return held


def _require_room(original: Article, language: str) -> None:
    """There is one article in each language."""
    if original.language == language or original.translations.filter(language=language).exists():
        raise Refused(_there(language), field="language")


def _there(language: str) -> str:
    named = dict(Article.Language.choices).get(language, language)
    return _("It is there in this language already: %(language)s. Write on that one.") % {"language": named}


def _require_writer(by: Actor, article: Article) -> None:
    if not policies.may_write_article(by, company=article.company_id, desk=article.desk_id):
        raise NotAllowed(Permission.ARTICLES_WRITE)


def _require_life(by: Actor, article: Article) -> None:
    """What customers may read is linked by who approves it."""
    _require_writer(by, article)
    approved = article.versions.filter(state=ArticleVersion.State.APPROVED).exists()
    if approved and not policies.may_approve_article(by, company=article.company_id, desk=article.desk_id):
        raise NotAllowed(Permission.ARTICLES_APPROVE)


def _where(article: Article) -> dict[str, Any]:
    return {"company": article.company_id, "desk": article.desk_id, "article": article.pk}
