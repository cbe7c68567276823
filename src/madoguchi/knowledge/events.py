"""What can happen to what operators say. `changes` is `{field: [before, after]}`."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class TemplateAdded(Fact):
    """A reply template was added."""

    kind: ClassVar[str] = "template.added"
    template: int
    name: str


@fact
class TemplateChanged(Fact):
    """A reply template was changed."""

    kind: ClassVar[str] = "template.changed"
    template: int
    changes: dict[str, list[Any]]


@fact
class TemplateProposed(Fact):
    """The company was asked to approve the words of a template, which are version `number`."""

    kind: ClassVar[str] = "template.proposed"
    template: int
    number: int


@fact
class TemplateApproved(Fact):
    """The company approved a version of a template: it is what is offered."""

    kind: ClassVar[str] = "template.approved"
    template: int
    number: int


@fact
class TemplateReturned(Fact):
    """The company gave a version of a template back to be written on."""

    kind: ClassVar[str] = "template.returned"
    template: int
    number: int
    comment: str


@fact
class TemplateDropped(Fact):
    """What was proposed of a template, version `number` by `writer`, was thrown away: so it would have read."""

    kind: ClassVar[str] = "template.dropped"
    template: int
    number: int
    writer: int | None
    name: str
    body: str


@fact
class TemplateDue(Fact):
    """A template is to be looked at again, or ends, on a `day` or until it; `sort` as of articles."""

    kind: ClassVar[str] = "template.due"
    template: int
    sort: str
    day: str


@fact
class ArticleAdded(Fact):
    """An article was begun."""

    kind: ClassVar[str] = "article.added"
    article: int
    title: str


@fact
class ArticleWritten(Fact):
    """Words of an article were written: a new version, or a draft that goes on."""

    kind: ClassVar[str] = "article.written"
    article: int
    number: int
    title: str


@fact
class ArticleFileAdded(Fact):
    """A picture or a file was added for an article, of so many bytes (`size`)."""

    kind: ClassVar[str] = "article.file_added"
    name: str
    size: int


@fact
class ArticleArranged(Fact):
    """It was changed for whom an article is, where it stands, or who looks after it."""

    kind: ClassVar[str] = "article.arranged"
    article: int
    changes: dict[str, list[Any]]


@fact
class ArticlesRead(Fact):
    """Somebody said that they have read what changed in so many `articles`."""

    kind: ClassVar[str] = "articles.read"
    articles: int


@fact
class ArticleSubmitted(Fact):
    """The company was asked to approve a version."""

    kind: ClassVar[str] = "article.submitted"
    article: int
    number: int


@fact
class ArticleTakenBack(Fact):
    """A version that waited is a draft again: its writer wished so, or the article was arranged otherwise."""

    kind: ClassVar[str] = "article.taken_back"
    article: int
    number: int


@fact
class ArticleReturned(Fact):
    """The company gave a version back to be written on."""

    kind: ClassVar[str] = "article.returned"
    article: int
    number: int
    comment: str


@fact
class ArticleApproved(Fact):
    """The company approved a version; `corrects` says that what stood before was wrong."""

    kind: ClassVar[str] = "article.approved"
    article: int
    number: int
    valid_from: str
    valid_until: str | None
    corrects: bool


@fact
class ArticleFoundWrong(Fact):
    """Approved versions, by their numbers, were found wrong: they are in force nowhere, and who was told is to hear."""

    kind: ClassVar[str] = "article.wrong"
    article: int
    numbers: list[int]


@fact
class ArticleDue(Fact):
    """An article is to be looked at again, or ends, on a `day` or until it; `sort` is review_soon, review, ends_soon or
    ended.
    """

    kind: ClassVar[str] = "article.due"
    article: int
    sort: str
    day: str


@fact
class ArticleTermChanged(Fact):
    """An approved version is in force at other times."""

    kind: ClassVar[str] = "article.term"
    article: int
    number: int
    changes: dict[str, list[Any]]


@fact
class ArticleRestricted(Fact):
    """It was said which `operators` read an article besides the company's own people (None: all of them)."""

    kind: ClassVar[str] = "article.restricted"
    article: int
    operators: list[int] | None


@fact
class ArticleTranslated(Fact):
    """It was said of which article (`original`; None: of none any more) another is the translation, and which version
    of it (`number`) the newest words say.
    """

    kind: ClassVar[str] = "article.translated"
    article: int
    original: int | None
    number: int | None


@fact
class ArticleRetired(Fact):
    """An article was taken out of use."""

    kind: ClassVar[str] = "article.retired"
    article: int


@fact
class ArticleRevived(Fact):
    """An article that was taken out of use is back."""

    kind: ClassVar[str] = "article.revived"
    article: int


@fact
class ArticlePolicyChanged(Fact):
    """A company wants its articles approved in another way."""

    kind: ClassVar[str] = "article.policy"
    changes: dict[str, list[Any]]


@fact
class ArticlesTakenAlong(Fact):
    """Somebody took all articles of the company along as files."""

    kind: ClassVar[str] = "articles.taken_along"
    articles: int


@fact
class ArticlesBroughtIn(Fact):
    """Articles of an archive were brought in: so many, with so many versions (`number`)."""

    kind: ClassVar[str] = "articles.brought_in"
    articles: int
    number: int


@fact
class ContradictionsFound(Fact):
    """So many places (`found`) were found at which articles seem to contradict each other."""

    kind: ClassVar[str] = "articles.contradicting"
    found: int


@fact
class ContradictionSettled(Fact):
    """Somebody said of two `versions` whether they contradict each other (`state`)."""

    kind: ClassVar[str] = "article.contradiction"
    versions: list[int]
    state: str
