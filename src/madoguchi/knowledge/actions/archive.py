"""All articles and templates of a company out as files, and those of files in: each once, whatever came before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Desk, OperatorCompany
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, clean, one_line, whole_number
from madoguchi.knowledge import policies
from madoguchi.knowledge.actions.archive_beside import Beside, beside_of, kept_beside
from madoguchi.knowledge.actions.archive_templates import (
    kept_templates,
    name_of,
    templates_named,
    why_not,
    write_template,
)
from madoguchi.knowledge.actions.articles import LONGEST
from madoguchi.knowledge.actions.files import drawn, keep, require_room
from madoguchi.knowledge.archive import TEMPLATE, KeptArticle, KeptFile, KeptVersion
from madoguchi.knowledge.enclosed import ending_of, is_picture, names_in
from madoguchi.knowledge.events import ArticleAdded, ArticlesBroughtIn, ArticlesTakenAlong, ArticleTranslated
from madoguchi.knowledge.models import Article, ArticleFile, ArticleVersion, ReplyTemplate
from madoguchi.knowledge.queries.articles import wants_four_eyes
from madoguchi.knowledge.queries.files import content_of
from madoguchi.knowledge.steps import read

State = ArticleVersion.State


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an article of an archive: `new`, `more` (so many versions are added), `same`, or `refused` with
    the reason. One that comes in otherwise than it was there has a reason too.
    """

    key: str
    title: str
    state: str
    versions: int = 0
    reason: str = ""


@dataclass(slots=True)
class _Known:
    """What the company has already: its desks by name, and its articles by key."""

    company: Company
    by: Actor
    desks: dict[str, Desk]
    articles: dict[str, Article]
    versions: dict[int, dict[int, ArticleVersion]] = field(default_factory=dict)
    operators: dict[str, int] = field(default_factory=dict)
    files: set[tuple[int, str]] = field(default_factory=set)
    # Pictures of the archive as they will be kept, by article and name.
    drawn: dict[tuple[str, str], KeptFile] = field(default_factory=dict)
    templates: dict[str, ReplyTemplate] = field(default_factory=dict)
    # Places of what stands beside articles that something of the archive takes already.
    taken: set[tuple[str, object]] = field(default_factory=set)
    # Whether somebody else than who brings them in has to approve: nothing comes in approved then.
    drafts: bool = False


@dataclass(frozen=True, slots=True)
class Along:
    """All articles of a company as they would be taken along, the bytes of their files left where they lie."""

    articles: list[KeptArticle]
    stored: Mapping[tuple[str, str], ArticleFile]

    @property
    def size(self) -> int:
        """How many bytes words and files have together."""
        words = sum(len(one.body.encode()) for article in self.articles for one in article.versions)
        return words + sum(file.size for file in self.stored.values())

    @property
    def files(self) -> int:
        """How many files they make."""
        return sum(len(article.versions) for article in self.articles) + len(self.stored)

    def content(self, article: KeptArticle, file: KeptFile) -> bytes:
        """The bytes of a file. Raises NotFound where they are gone. No query."""
        return content_of(self.stored[article.key, file.name])


def along_of(company: Company, *, by: Actor) -> Along:
    """All articles and reply templates of a company with all their versions, by key. Raises NotAllowed for who does not
    approve them all. Seven queries.
    """
    _require(by, company)
    rows = Article.objects.filter(company=company).select_related("desk", "company", "original__company")
    versions: dict[int, list[KeptVersion]] = {}
    kept = ArticleVersion.objects.filter(company=company).select_related("user", "approved_by")
    for one in kept.order_by("article", "number"):
        versions.setdefault(one.article_id, []).append(_kept(one))
    beside: dict[int, list[ArticleFile]] = {}
    for file in ArticleFile.objects.filter(company=company).exclude(article=None).order_by("name"):
        beside.setdefault(file.article_id or 0, []).append(file)
    articles: list[KeptArticle] = []
    stored: dict[tuple[str, str], ArticleFile] = {}
    named = dict(OperatorCompany.objects.filter(engagements__company=company).values_list("pk", "name"))
    for row in rows.order_by("pk"):
        files = [
            KeptFile(name=one.name, filename=one.filename, content=b"") for one in beside.get(row.pk, [])
        ]
        articles.append(article := _article(row, versions.get(row.pk, []), files, named))
        stored |= {(article.key, one.name): one for one in beside.get(row.pk, [])}
    return Along([*articles, *kept_templates(company), *kept_beside(company)], stored)


def note_taken_along(company: Company, articles: int, *, by: Actor) -> None:
    """Write down that so many were taken along: once they are."""
    record(ArticlesTakenAlong(company=company.pk, articles=articles), by=by)


def take_along(company: Company, *, by: Actor) -> list[KeptArticle]:
    """The same at once, with all their bytes, and the log says so. Raises as `along_of`."""
    found = along_of(company, by=by)
    note_taken_along(company, len(found.articles), by=by)
    return [
        replace(one, files=tuple(replace(file, content=found.content(one, file)) for file in one.files))
        for one in found.articles
    ]


def foresee(company: Company, articles: Sequence[KeptArticle], *, by: Actor) -> list[Fate]:
    """What bringing these in would come to; nothing is written. Raises NotAllowed."""
    _require(by, company)
    known = _known(company, articles, by=by)
    return [_fate(_numbered(article, known), known) for article in articles]


@transaction.atomic
def bring_in(company: Company, articles: Sequence[KeptArticle], *, by: Actor) -> list[Fate]:
    """Bring these in, all at once: new articles, and versions that are newer than those there. What is there is never
    changed, and what does not fit is left out with its reason. What a person brings in is in force from now at the
    soonest, and a draft where the company wants four eyes; the command line moves articles as they are. Raises
    NotAllowed, and Refused where there is no room for their pictures and files.
    """
    _require(by, company)
    # Two who bring the same in at once: the second sees what the first did.
    Company.objects.select_for_update().get(pk=company.pk)
    known = _known(company, articles, by=by)
    articles = [_numbered(article, known) for article in articles]
    fates = [_fate(article, known) for article in articles]
    for article, fate in zip(articles, fates, strict=True):
        if fate.state in ("new", "more"):
            _write_one(company, article, known, by=by)
    fates = [_linked(article, fate, known, by=by) for article, fate in zip(articles, fates, strict=True)]
    count = sum(fate.state in ("new", "more") for fate in fates)
    if count:
        added = sum(fate.versions for fate in fates)
        record(ArticlesBroughtIn(company=company.pk, articles=count, number=added), by=by)
    return fates


def key_of(article: Article) -> str:
    """By which an article is known wherever it goes."""
    return article.origin or f"{article.company.slug}-{article.pk}"


def articles_keyed(company: Company, keys: Collection[str]) -> dict[str, Article]:
    """The articles of a company that are known by these keys. One query."""
    ids = {whole_number(key.removeprefix(f"{company.slug}-")) for key in keys}
    named = Q(origin__in=keys) | Q(origin="", pk__in=ids - {None})
    rows = Article.objects.filter(named, company=company).select_related("company", "desk")
    return {key_of(article): article for article in rows}


def _known(company: Company, articles: Sequence[KeptArticle], *, by: Actor) -> _Known:
    keys = {article.key for article in articles} | {one.original for one in articles if one.original}
    known = _Known(
        company=company,
        by=by,
        desks={desk.name: desk for desk in Desk.objects.filter(company=company)},
        articles=articles_keyed(company, keys),
        drafts=by.id is not None and wants_four_eyes(company.pk),
        templates=templates_named(company, articles),
    )
    there = known.articles.values()
    for version in ArticleVersion.objects.filter(company=company, article__in=there):
        known.versions.setdefault(version.article_id, {})[version.number] = version
    if any(article.operators for article in articles):
        engaged = OperatorCompany.objects.filter(engagements__company=company)
        known.operators.update(engaged.values_list("name", "pk"))
    rows_of_files = ArticleFile.objects.filter(company=company, article__in=there)
    known.files.update(rows_of_files.values_list("article", "name"))
    return known


def _numbered(article: KeptArticle, known: _Known) -> KeptArticle:
    """With the number that its words will have here, where it has none: that of the newest if they are the same."""
    last = article.versions[-1]
    if last.number:
        return article
    there = known.articles.get(article.key)
    if there is None:
        return replace(article, versions=(replace(last, number=1),))
    newest = known.versions[there.pk][there.newest]
    number = there.newest + ((newest.title, newest.body) != _words(last))
    return replace(article, versions=(replace(last, number=number),))


def _fate(article: KeptArticle, known: _Known) -> Fate:
    title = article.versions[-1].title
    if article.kind == TEMPLATE:
        return _fate_of_template(article, known)
    if beside := beside_of(article.kind):
        state, reason = _fate_beside(beside, article, known)
        return Fate(article.key, title, state, int(state == "new"), reason)
    if reason := _why_not(article, known):
        return Fate(article.key, title, "refused", reason=reason)
    there = known.articles.get(article.key)
    more = [one for one in article.versions if there is None or one.number > there.newest]
    lowered = known.drafts and any(one.state == State.APPROVED for one in more)
    told = _("It comes in as a draft: here somebody else than the writer approves.") if lowered else ""
    state = "new" if there is None else "more" if more else "same"
    if missing := [one for one in article.operators or () if there is None and one not in known.operators]:
        told = told or _("Kept from these operators, which do not work here: %(names)s") % {
            "names": "、".join(missing)
        }
    return Fate(article.key, title, state, len(more), told)


def _fate_beside(beside: Beside, kept: KeptArticle, known: _Known) -> tuple[str, str]:
    place = (kept.kind, beside.place(kept))
    if place in known.taken:
        return "refused", _("Another one of the same place stands before it in the archive.")
    state, reason = beside.fate(known.company, kept, known.by)
    if state == "new":
        known.taken.add(place)
    return state, reason


def _fate_of_template(kept: KeptArticle, known: _Known) -> Fate:
    name = name_of(kept)
    there = known.templates.get(name)
    if reason := why_not(kept, known.desks, there):
        return Fate(kept.key, name, "refused", reason=reason)
    if there is not None:
        return Fate(kept.key, name, "same")
    lowered = known.drafts and any(one.state == State.APPROVED for one in kept.versions)
    told = _("It comes in as a draft: here somebody else than the writer approves.") if lowered else ""
    return Fate(kept.key, name, "new", len(kept.versions), told)


def _write_one(company: Company, kept: KeptArticle, known: _Known, *, by: Actor) -> None:
    if beside := beside_of(kept.kind):
        beside.write(company, kept, by)
        return
    write = _write_template if kept.kind == TEMPLATE else _write
    write(company, kept, known, by=by)


def _write_template(company: Company, kept: KeptArticle, known: _Known, *, by: Actor) -> None:
    write_template(company, kept, known.desks.get(kept.desk), drafts=known.drafts, by=by)


def _why_not(article: KeptArticle, known: _Known) -> str:
    if article.desk and article.desk not in known.desks:
        return _("There is no desk called “%s” here.") % article.desk
    if article.operators is not None and article.audience != Article.Audience.OPERATOR:
        return _("It is for customers, and yet kept from some operators.")
    choices = (Article.Audience.values, Article.Language.values)
    if article.audience not in choices[0] or article.language not in choices[1]:
        return _("Nobody here knows its readers or its language.")
    for version in article.versions:
        if version.state not in State.values or (version.state == State.APPROVED) > bool(version.valid_from):
            return _("Version %(n)s is in no state that is known here.") % {"n": version.number}
        if not version.title.strip() or not version.body.strip() or len(version.body) > LONGEST:
            return _("Version %(n)s has no words, or too many.") % {"n": version.number}
    there = known.articles.get(article.key)
    if article.kind not in Article.Kind.values or (there is not None and there.kind != article.kind):
        return _("It is of another kind here, or of one that nobody here knows.")
    if article.kind == Article.Kind.SCRIPT and (reason := _no_script(article)):
        return reason
    for file in article.files:
        if ending_of(file.name, file.content) != file.name.rpartition(".")[2]:
            return _("“%s” is not what its name says.") % file.name
        if is_picture(file.name) and (there is None or (there.pk, file.name) not in known.files):
            try:
                content = drawn(File(file.filename, "", file.content)).content
            except Refused as refused:
                return f"{file.name}: {refused}"
            known.drawn[article.key, file.name] = replace(file, content=content)
    beside = {file.name for file in article.files}
    for name in names_in("\n".join(one.body for one in article.versions)):
        if name not in beside:
            return _("“%s” is missing, which its words show.") % name
    kept = known.versions.get(there.pk, {}) if there else {}
    for version in article.versions:
        own = kept.get(version.number)
        if own is not None and (own.title, own.body) != _words(version):
            return _("Version %(n)s says something else here.") % {"n": version.number}
    return ""


def _no_script(article: KeptArticle) -> str:
    """Why nobody could walk through it."""
    if article.audience != Article.Audience.OPERATOR:
        return _("A script is for operators alone: they say it.")
    try:
        for version in article.versions:
            read(version.body)
    except Refused as refused:
        return str(refused)
    return ""


def _write(company: Company, kept: KeptArticle, known: _Known, *, by: Actor) -> None:
    article = known.articles.get(kept.key)
    newest = kept.versions[-1]
    if article is None:
        article = Article.objects.create(
            company=company,
            desk=known.desks.get(kept.desk),
            title=_words(newest)[0],
            audience=kept.audience,
            language=kept.language,
            folder=one_line(kept.folder, most=60),
            review_on=kept.review_on,
            retired_at=kept.retired_at,
            kind=kept.kind,
            restricted=kept.operators is not None,
            operators=[known.operators[one] for one in kept.operators or () if one in known.operators],
            origin=kept.key,
            newest=0,
        )
        known.articles[kept.key] = article
        where = {"company": company.pk, "desk": article.desk_id, "article": article.pk}
        record(ArticleAdded(**where, title=article.title), by=by)
    fit = [known.drawn.get((kept.key, file.name), file) for file in kept.files]
    _enclose(article, fit, by=by)
    now, own = clock.now(), bool(kept.place)
    added = [
        _version(article, _as_comes(one, known, now, by=by), by, own=own)
        for one in kept.versions
        if one.number > article.newest
    ]
    ArticleVersion.objects.bulk_create(added)
    article.title, article.newest, article.revision = added[-1].title, newest.number, article.revision + 1
    article.save(update_fields=["title", "newest", "revision", "updated_at"])


def _linked(kept: KeptArticle, fate: Fate, known: _Known, *, by: Actor) -> Fate:
    """A new article linked with what it is the translation of, where that is here and not in this language yet."""
    if fate.state != "new" or not kept.original:
        return fate
    article, named = known.articles[kept.key], known.articles.get(kept.original)
    original = Article.objects.select_for_update().filter(pk=named.pk).first() if named else None
    if (
        original is None
        or original.original_id is not None
        or original.language == article.language
        or original.translations.filter(language=article.language).exists()
        or article.translations.exists()
    ):
        return replace(
            fate, reason=fate.reason or _("It comes in by itself: what it translates is not here.")
        )
    article.original = original
    article.save(update_fields=["original", "updated_at"])
    follows = kept.versions[-1].follows
    if kept.place:  # loose files say nothing of versions: what comes in together says the same
        follows = original.newest
        article.versions.filter(number=article.newest).update(follows=follows)
    where: dict[str, Any] = {"company": article.company_id, "desk": article.desk_id, "article": article.pk}
    record(ArticleTranslated(**where, original=original.pk, number=follows), by=by)
    return fate


def _enclose(article: Article, enclosed: Sequence[KeptFile], *, by: Actor) -> None:
    """The pictures and files that are not here yet."""
    here = set(article.files.values_list("name", flat=True))
    new = [one for one in enclosed if one.name not in here]
    if new:
        require_room(article.company, sum(len(one.content) for one in new))
    for one in new:
        file = File(one.filename, "", one.content)
        keep(article.company, file, name=one.name, by=by, article=article)


def _as_comes(kept: KeptVersion, known: _Known, now: datetime, *, by: Actor) -> KeptVersion:
    """A version as it may come in: a file says nothing of the past that anybody here has read."""
    if by.id is None or kept.state != State.APPROVED:
        return kept
    if known.drafts:
        return replace(kept, state=State.DRAFT, corrects=False)
    assert kept.valid_from is not None, "what is approved begins"
    return replace(kept, valid_from=max(kept.valid_from, now))


def _version(article: Article, kept: KeptVersion, by: Actor, *, own: bool) -> ArticleVersion:
    title, body = _words(kept)
    approved = kept.state == State.APPROVED
    # What waited for somebody elsewhere waits for nobody here.
    return ArticleVersion(
        company_id=article.company_id,
        article=article,
        number=kept.number,
        title=title,
        body=body,
        state=State.APPROVED if approved else State.DRAFT,
        # Of an archive somebody else wrote what is approved; what is to be approved yet is of who brings it, who may
        # not be alone with it, and so are loose files.
        user_id=by.id if own or not approved else None,
        at=kept.at,
        comment=one_line(kept.comment),
        approved_by_id=by.id if approved else None,
        valid_from=kept.valid_from if approved else None,
        valid_until=kept.valid_until if approved else None,
        corrects=kept.corrects,
        follows=kept.follows,
    )


def _words(kept: KeptVersion) -> tuple[str, str]:
    """Title and text as they would be kept here."""
    return one_line(blot_card_numbers(kept.title), most=150), blot_card_numbers(clean(kept.body)).strip()


def _article(
    article: Article,
    versions: Sequence[KeptVersion],
    files: Sequence[KeptFile],
    named: Mapping[int, str],
) -> KeptArticle:
    return KeptArticle(
        key=key_of(article),
        versions=tuple(versions),
        folder=article.folder,
        audience=article.audience,
        language=article.language,
        desk=article.desk.name if article.desk else "",
        review_on=article.review_on,
        retired_at=article.retired_at,
        files=tuple(files),
        original=key_of(article.original) if article.original else "",
        operators=tuple(named.get(one, "") for one in article.operators) if article.restricted else None,
        kind=article.kind,
    )


def _kept(version: ArticleVersion) -> KeptVersion:
    return KeptVersion(
        number=version.number,
        state=version.state,
        title=version.title,
        body=version.body,
        at=version.at,
        writer=version.user.name if version.user else "",
        approver=version.approved_by.name if version.approved_by else "",
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        corrects=version.corrects,
        comment=version.comment,
        follows=version.follows,
    )


def _require(by: Actor, company: Company) -> None:
    if not policies.may_approve_article(by, company=company.pk, desk=None):
        raise NotAllowed(Permission.ARTICLES_APPROVE)
