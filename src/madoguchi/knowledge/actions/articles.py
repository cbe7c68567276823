"""Articles: written by whoever works on cases, approved by the company, never without a trace."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Desk, Engagement
from madoguchi.infra.event_log import record
from madoguchi.infra.facts import Fact
from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.text import blot_card_numbers, clean, one_line
from madoguchi.knowledge import policies, steps
from madoguchi.knowledge.actions.files import take_up
from madoguchi.knowledge.events import (
    ArticleAdded,
    ArticleApproved,
    ArticleArranged,
    ArticleFoundWrong,
    ArticlePolicyChanged,
    ArticleRestricted,
    ArticleRetired,
    ArticleReturned,
    ArticleRevived,
    ArticleSubmitted,
    ArticleTakenBack,
    ArticleTermChanged,
    ArticleWritten,
)
from madoguchi.knowledge.models import Article, ArticlePolicy, ArticleVersion
from madoguchi.knowledge.queries.articles import needs_another, version_digest
from madoguchi.knowledge.queries.translations import is_linked

LONGEST = 50_000
State = ArticleVersion.State


@dataclass(frozen=True, slots=True)
class Said:
    """The words of an article: its title, and its text in Markdown."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Settings:
    """For whom an article is (`desk` None: all desks), where it stands, who looks after it and when again."""

    desk: Desk | None = None
    audience: str = Article.Audience.BOTH
    language: str = Article.Language.JA
    folder: str = ""
    owner: int | None = None
    review_on: date | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """From when an approved version is in force (None: now), and until when (None: for good)."""

    since: datetime | None = None
    until: datetime | None = None


@transaction.atomic
def add_article(
    company: Company, said: Said, settings: Settings, *, kind: str = Article.Kind.ARTICLE, by: Actor
) -> Article:
    """Begin an article, or a script; its first version is a draft. Raises NotAllowed, or Refused for what cannot be
    kept.
    """
    _require_writer(by, company.pk, settings.desk)
    title, body = _kept(said, kind)
    article = Article(company=company, kind=kind, title=title, **_arranged(settings, kind))
    article.save()
    take_up(article, body, by=by)
    _new_version(article, title, body, by)
    record(ArticleAdded(**_where(article), title=title), by=by)
    return article


@transaction.atomic
def write_article(article: Article, said: Said, *, seen: int | None = None, by: Actor) -> ArticleVersion:
    """Write on an article: one's own newest draft goes on, else there is a new version, a draft. What is in force
    stays so. `seen` is the revision that the writer began from.

    Raises NotAllowed; Conflict where somebody else has written since; Refused for what cannot be kept.
    """
    _hold(article, by)
    _require_writer(by, article.company_id, article.desk)
    if seen is not None and seen != article.revision:
        words = _(
            "Somebody else has written on this article since you opened it. Your words stand below. Look at theirs,"
            " then save once more: theirs stays as the version before."
        )
        raise Conflict(words)
    title, body = _kept(said, article.kind)
    newest = article.versions.get(number=article.newest)
    if (newest.title, newest.body) == (title, body):
        return newest
    take_up(article, body, by=by)
    if newest.state == State.DRAFT and newest.user_id == by.id:
        newest.title, newest.body, newest.at, newest.comment = title, body, clock.now(), ""
        newest.save()
    else:
        article.newest += 1
        newest = _new_version(article, title, body, by, follows=newest.follows)
    _told(article, ArticleWritten(**_where(article), number=newest.number, title=title), by, title=title)
    return newest


def version_again(article: Article, number: int, *, by: Actor) -> ArticleVersion:
    """Let an article say again what it once said: a new version, which is approved like any other. Raises NotFound
    for a version that it never had, else as `write_article`.
    """
    then = _version(article, number)
    version = write_article(article, Said(then.title, then.body), by=by)
    if version.state == State.DRAFT and version.follows != then.follows:
        version.follows = then.follows
        version.save(update_fields=["follows"])
    return version


@transaction.atomic
def arrange_article(article: Article, settings: Settings, *, by: Actor) -> None:
    """Change for whom an article is, where it stands and who looks after it. Once any of its versions was approved
    only who approves changes who reads it, and where. Raises NotAllowed or Refused.
    """
    _hold(article, by)
    _require_writer(by, article.company_id, article.desk)
    _require_writer(by, article.company_id, settings.desk)
    wanted = _arranged(settings, article.kind)
    changes = {name: value for name, value in wanted.items() if getattr(article, name) != value}
    public = {"desk_id", "audience", "language", "folder"} & set(changes)
    if article.restricted and wanted["audience"] != Article.Audience.OPERATOR:
        words = _(
            "Only some operators may read it. Open it to all of them first, then let customers read it."
        )
        raise Refused(words, field="audience")
    if "language" in changes and is_linked(article):
        words = _(
            "It is linked with the same article in another language. Undo that first, then change its language."
        )
        raise Refused(words, field="language")
    if public and article.versions.filter(state=State.APPROVED).exists():
        _require_approver(by, article.company_id, article.desk)
        _require_approver(by, article.company_id, settings.desk)
    changed = set_changed(article, **wanted)
    if changed:
        record(ArticleArranged(**_where(article), changes=changed), by=by)
    if public:
        _ask_anew(article, by)


def _ask_anew(article: Article, by: Actor) -> None:
    """What waits was asked for as something else: it is a draft again, lest one approves what one has not seen."""
    for version in article.versions.filter(state=State.REVIEW):
        version.state = State.DRAFT
        version.save()
        record(ArticleTakenBack(**_where(article), number=version.number), by=by)


@transaction.atomic
def ask_for_approval(article: Article, *, by: Actor) -> ArticleVersion:
    """Ask the company to approve the newest version; an older one that still waits is a draft again.

    Raises NotAllowed, or Conflict when it is no draft.
    """
    _hold(article, by)
    _require_writer(by, article.company_id, article.desk)
    version = _in_state(article, article.newest, State.DRAFT)
    article.versions.filter(state=State.REVIEW).update(state=State.DRAFT)
    version.state, version.comment = State.REVIEW, ""
    version.save()
    record(ArticleSubmitted(**_where(article), number=version.number), by=by)
    return version


@transaction.atomic
def take_version_back(article: Article, number: int, *, by: Actor) -> None:
    """Let a version that waits be a draft again, by its writer. Raises NotAllowed or Conflict."""
    _hold(article, by)
    version = _in_state(article, number, State.REVIEW)
    if by.id is None or version.user_id != by.id:
        raise NotAllowed(Permission.ARTICLES_WRITE)
    version.state = State.DRAFT
    version.save()
    record(ArticleTakenBack(**_where(article), number=number), by=by)


@transaction.atomic
def return_version(article: Article, number: int, *, comment: str, by: Actor) -> None:
    """Give a version back to be written on, saying why. Raises NotAllowed, Conflict, or Refused without a word."""
    _hold(article, by)
    _require_approver(by, article.company_id, article.desk)
    version = _in_state(article, number, State.REVIEW)
    words = one_line(comment)
    if not words:
        raise Refused(_("Say what is to be changed."), field="comment")
    version.state, version.comment = State.DRAFT, words
    version.save()
    record(ArticleReturned(**_where(article), number=number, comment=words), by=by)


@transaction.atomic
def approve_version(
    article: Article,
    number: int,
    *,
    term: Term | None = None,
    corrects: bool = False,
    wrong_since: int | None = None,
    comment: str = "",
    seen: str | None = None,
    by: Actor,
) -> ArticleVersion:
    """Put a version in force, now or from a moment on. `corrects` says that what stood before was wrong: from version
    `wrong_since` on, or (None) the last one that was approved. `seen` is the `version_digest` of what the approver
    looked at.

    Raises NotAllowed; Refused for one's own words where the company wants four eyes, and for a term that ends before
    it begins; Conflict for a version that does not wait, or says something else by now.
    """
    _hold(article, by)
    _require_approver(by, article.company_id, article.desk)
    version = _in_state(article, number, State.REVIEW)
    if seen is not None and seen != version_digest(article, version):
        raise Conflict(_("It has changed since you looked at it. Look again."))
    if needs_another(version, actor=by):
        raise Refused(_("The company wants somebody else than the writer to approve it."))
    since, until = _checked(term or Term())
    version.state, version.comment, version.approved_by_id = State.APPROVED, one_line(comment), by.id
    version.valid_from, version.valid_until, version.corrects = since, until, corrects
    version.save()
    ends = until.isoformat() if until else None
    begins = since.isoformat()
    fact = ArticleApproved(
        **_where(article), number=number, valid_from=begins, valid_until=ends, corrects=corrects
    )
    record(fact, by=by)
    if corrects:
        _find_wrong(article, wrong_since, before=number, by=by)
    return version


@transaction.atomic
def say_wrong(article: Article, since: int, *, by: Actor) -> list[int]:
    """Say that an article was wrong from a version on, and up to the newest approved one: it is in force nowhere from
    this moment, nor are the translations that say the same, and who was told is to hear. Returns the numbers that are
    newly so; once more, none. Raises NotAllowed, or Conflict for a version that is not approved.
    """
    _hold(article, by)
    _require_approver(by, article.company_id, article.desk)
    _in_state(article, since, State.APPROVED)
    return _find_wrong(article, since, before=None, by=by)


def _find_wrong(article: Article, since: int | None, *, before: int | None, by: Actor) -> list[int]:
    rows = article.versions.filter(state=State.APPROVED)
    rows = rows if before is None else rows.filter(number__lt=before)
    last = rows.aggregate(last=Max("number"))["last"]
    first = last if since is None else since
    if last is None or first is None:
        return []
    found = _mark(article, rows.filter(number__gte=first), by)
    for one in article.translations.all():
        _mark(one, one.versions.filter(state=State.APPROVED, follows__gte=first, follows__lte=last), by)
    return found


def _mark(article: Article, rows: QuerySet[ArticleVersion], by: Actor) -> list[int]:
    fresh = rows.filter(wrong_at=None)
    numbers = sorted(fresh.values_list("number", flat=True))
    if numbers:
        fresh.update(wrong_at=clock.now())
        record(ArticleFoundWrong(**_where(article), numbers=numbers), by=by)
    return numbers


@transaction.atomic
def set_term(article: Article, number: int, term: Term, *, by: Actor) -> None:
    """Let an approved version be in force at other times: sooner, later, or not any more.

    Raises NotAllowed, Refused for a term that ends before it begins, or Conflict for a version that is not approved.
    """
    _hold(article, by)
    _require_approver(by, article.company_id, article.desk)
    version = _in_state(article, number, State.APPROVED)
    since, until = _checked(term, begun=version.valid_from)
    changes = set_changed(version, valid_from=since, valid_until=until)
    if changes:
        record(ArticleTermChanged(**_where(article), number=number, changes=changes), by=by)


@transaction.atomic
def retire_article(article: Article, *, by: Actor) -> None:
    """Take an article out of use: it is offered nowhere any more, and kept. One that was never approved is taken out by
    whoever may write it. Doing so twice does nothing. Raises NotAllowed.
    """
    _hold(article, by)
    _require_for_life(by, article)
    if article.retired_at is None:
        article.retired_at = clock.now()
        article.save(update_fields=["retired_at", "updated_at"])
        record(ArticleRetired(**_where(article)), by=by)


@transaction.atomic
def revive_article(article: Article, *, by: Actor) -> None:
    """Bring an article back that was taken out of use. Doing so twice does nothing. Raises NotAllowed."""
    _hold(article, by)
    _require_for_life(by, article)
    if article.retired_at is not None:
        article.retired_at = None
        article.save(update_fields=["retired_at", "updated_at"])
        record(ArticleRevived(**_where(article)), by=by)


@transaction.atomic
def restrict_article(article: Article, operators: Iterable[int] | None, *, by: Actor) -> None:
    """Let only the company's own people read an article, and those of these operators; None opens it to all. Raises
    NotAllowed for who does not approve it; Refused for one that customers read, and for others than the company's
    operators.
    """
    _hold(article, by)
    _require_approver(by, article.company_id, article.desk)
    chosen = sorted(set(operators)) if operators is not None else None
    if chosen is not None and article.audience != Article.Audience.OPERATOR:
        raise Refused(_("Customers read it, so it is open to everybody who answers them."), field="operators")
    engaged = Engagement.objects.filter(company=article.company_id).values_list("operator", flat=True)
    if chosen and not {*chosen} <= {*engaged, *article.operators}:
        raise Refused(_("Choose one of the list."), field="operators")
    if set_changed(article, restricted=chosen is not None, operators=chosen or []):
        record(ArticleRestricted(**_where(article), operators=chosen), by=by)
        _ask_anew(article, by)


@transaction.atomic
def set_policy(
    company: Company, *, four_eyes: bool | None = None, macro_words: bool | None = None, by: Actor
) -> None:
    """Say whether somebody else than the writer must approve, and whether what macros put into answers is approved,
    too; None leaves it. Raises NotAllowed.
    """
    _require_approver(by, company.pk, None)
    with unique(_("Somebody else changed this just now. Look again."), field="four_eyes"):
        policy, _made = ArticlePolicy.objects.get_or_create(company=company)
    wanted = {"four_eyes": four_eyes, "macro_words": macro_words}
    changes = set_changed(policy, **{name: value for name, value in wanted.items() if value is not None})
    if changes:
        record(ArticlePolicyChanged(company=company.pk, changes=changes), by=by)


def _where(article: Article) -> dict[str, Any]:
    return {"company": article.company_id, "desk": article.desk_id, "article": article.pk}


def _hold(article: Article, by: Actor) -> None:
    """What stands now is what is changed; others wait. Raises NotFound for an article that is kept from the actor."""
    article.refresh_from_db(from_queryset=Article.objects.select_for_update(of=("self",)))
    require_open(article, by)


def require_open(article: Article, by: Actor) -> None:
    """Raises NotFound for an article that is kept from those for whom the actor works."""
    company, operators = article.company_id, article.operators
    if article.restricted and not policies.may_see_restricted(by, company=company, operators=operators):
        raise NotFound(article.pk)


def _told(article: Article, fact: Fact, by: Actor, *, title: str) -> None:
    article.title, article.revision = title, article.revision + 1
    article.save(update_fields=["title", "newest", "revision", "updated_at"])
    record(fact, by=by)


def _new_version(
    article: Article, title: str, body: str, by: Actor, *, follows: int | None = None
) -> ArticleVersion:
    return ArticleVersion.objects.create(
        company_id=article.company_id,
        article=article,
        number=article.newest,
        title=title,
        body=body,
        user_id=by.id,
        at=clock.now(),
        follows=follows,
    )


def _version(article: Article, number: int) -> ArticleVersion:
    found = article.versions.filter(number=number).first()
    if found is None:
        raise NotFound(number)
    return found


def _in_state(article: Article, number: int, state: State) -> ArticleVersion:
    version = _version(article, number)
    if version.state != state:
        raise Conflict(_("Somebody was faster: this version is in another state now. Look again."))
    return version


def _arranged(settings: Settings, kind: str) -> dict[str, Any]:
    _known(settings.audience, Article.Audience.values, "audience")
    if kind == Article.Kind.SCRIPT and settings.audience != Article.Audience.OPERATOR:
        raise Refused(_("A script is for operators alone: they say it."), field="audience")
    _known(settings.language, Article.Language.values, "language")
    return {
        "desk_id": settings.desk.pk if settings.desk else None,
        "audience": str(settings.audience),
        "language": str(settings.language),
        "folder": one_line(settings.folder, most=60),
        "owner_id": settings.owner,
        "review_on": settings.review_on,
    }


def _known(value: str, values: Iterable[str], field: str) -> None:
    if value not in values:
        raise Refused(_("Choose one of the list."), field=field)


def _kept(said: Said, kind: str) -> tuple[str, str]:
    title, body = (
        one_line(blot_card_numbers(said.title), most=150),
        blot_card_numbers(clean(said.body)).strip(),
    )
    if not title:
        raise Refused(_("A title is needed."), field="title")
    if not body:
        raise Refused(_("Write something first."), field="body")
    if len(body) > LONGEST:
        raise Refused(_("This is longer than 50,000 characters. Make two articles of it."), field="body")
    if kind == Article.Kind.SCRIPT:
        body = steps.written(steps.read(body))
    return title, body


def _checked(term: Term, *, begun: datetime | None = None) -> tuple[datetime, datetime | None]:
    since = term.since or begun or clock.now()
    if term.until is not None and term.until <= since:
        raise Refused(_("It would end before it begins. Choose a later end."), field="until")
    return since, term.until


def _require_writer(by: Actor, company: int, desk: Desk | None) -> None:
    if desk is not None and desk.company_id != company:
        raise Refused(_("This desk belongs to another company."), field="desk")
    if not policies.may_write_article(by, company=company, desk=desk.pk if desk else None):
        raise NotAllowed(Permission.ARTICLES_WRITE)


def _require_approver(by: Actor, company: int, desk: Desk | None) -> None:
    if not policies.may_approve_article(by, company=company, desk=desk.pk if desk else None):
        raise NotAllowed(Permission.ARTICLES_APPROVE)


def _require_for_life(by: Actor, article: Article) -> None:
    if article.versions.filter(state=State.APPROVED).exists():
        _require_approver(by, article.company_id, article.desk)
    else:
        _require_writer(by, article.company_id, article.desk)
