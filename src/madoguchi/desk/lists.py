"""The left half of the console: which cases somebody asked for, the rows they see, and the rail beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.cases.blotted import lines_kept
from madoguchi.cases.lists import COUNT_TO, PENDING, CaseLine, CasePage, Place, View, lines_of
from madoguchi.cases.models import PendingAnswer, Priority, Status
from madoguchi.cases.policies import where_answers_wait
from madoguchi.cases.queries import PAGE, counts, page_of, page_with_tag
from madoguchi.cases.unread import unread_among
from madoguchi.commerce.models import Order as Purchase
from madoguchi.commerce.queries import orders_named
from madoguchi.companies.models import Desk
from madoguchi.customers.queries import lines_of as lines_of_customers
from madoguchi.customers.queries import show
from madoguchi.desk.due import said_first
from madoguchi.desk.stamps import moment, small_face, stamp
from madoguchi.desk.trust import automatic_name
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import articles_named
from madoguchi.look.fixed import address
from madoguchi.look.moments import ahead
from madoguchi.promises.queries import working_time_left
from madoguchi.search.asked import EITHER, Remark, Told
from madoguchi.search.queries import Order, search, still_indexing
from madoguchi.search.snippets import Snippet
from madoguchi.views.columns import Column, columns_of
from madoguchi.views.filters import All, Condition, Node, read_filter
from madoguchi.views.models import SavedView
from madoguchi.views.ordered import OrderedPage, page_ordered
from madoguchi.views.orders import NEWEST, Spot
from madoguchi.views.queries import desks_in, page_wanted
from madoguchi.views.ready import READY

MOST_AT_ONCE, MOST_TAGS, MOST_TYPED = 200, 1, 200
# Above the cases that a search finds; the list of articles has the others.
MOST_ARTICLES = 5
# Beside a case that an address opens: more than fits a screen, the rest comes when one scrolls.
BESIDE = 20

VIEW_NAMES = {
    View.MINE: gettext_lazy("Mine"),
    View.UNASSIGNED: gettext_lazy("Unassigned"),
    View.DUE: gettext_lazy("Due soon"),
    View.OPEN: gettext_lazy("To be answered"),
    View.WAITING: gettext_lazy("Waiting for an answer"),
    View.MENTIONS: gettext_lazy("Notes to me"),
    View.APPROVAL: gettext_lazy("To be approved"),
    View.BACK: gettext_lazy("Back to me"),
    View.SCHEDULED: gettext_lazy("Scheduled answers"),
    View.ACTIVE: gettext_lazy("All unsolved"),
    View.SOLVED: gettext_lazy("Solved"),
    View.ALL: gettext_lazy("All cases"),
}
_WHEN_THERE = (*PENDING, View.DUE)
ORDER_NAMES = {
    Order.UNSOLVED: gettext_lazy("Unsolved first"),
    Order.BEST: gettext_lazy("Best match first"),
    Order.NEWEST: gettext_lazy("Newest first"),
}
VIEW_ICONS = {
    View.MINE: "user",
    View.UNASSIGNED: "inbox",
    View.DUE: "bell-alert",
    View.OPEN: "chat-bubble-left-ellipsis",
    View.WAITING: "clock",
    View.MENTIONS: "at-symbol",
    View.APPROVAL: "hand-raised",
    View.BACK: "arrow-uturn-left",
    View.SCHEDULED: "calendar-days",
    View.ACTIVE: "inbox-stack",
    View.SOLVED: "check-circle",
    View.ALL: "archive-box",
}


@dataclass(frozen=True)
class Wanted:
    """Which cases an address asks for. Anything it says that makes no sense is left out."""

    view: View = View.MINE
    desk: int | None = None
    tag: str = ""
    text: str = ""
    before: Place | None = None
    size: int = PAGE
    found_after: str = ""
    saved: SavedView | None = None
    order: Order = Order.UNSOLVED
    sorted: str = NEWEST
    spot: Spot | None = None

    @classmethod
    def read(cls, asked: QueryDict, *, size: int = PAGE, otherwise: View = View.MINE) -> "Wanted":
        """What the query string of an address asks for, `otherwise` where it names no view."""
        known = {view.value: view for view in View}
        orders = {order.value: order for order in Order}
        desk, shown = asked.get("desk", ""), asked.get("shown", "")
        return cls(
            view=known.get(asked.get("view", ""), View.ACTIVE if desk.isdecimal() else otherwise),
            desk=int(desk) if desk.isdecimal() else None,
            tag=asked.get("tag", "").strip(),
            text=asked.get("q", "").strip()[:MOST_TYPED],
            found_after=asked.get("before", "")[:60] if asked.get("q", "").strip() else "",
            before=Place.read(asked.get("before", "")),
            order=orders.get(asked.get("order", ""), Order.UNSOLVED),
            size=min(max(int(shown), BESIDE), MOST_AT_ONCE) if shown.isdecimal() else size,
        )

    @property
    def later(self) -> bool:
        """Whether this asks for what comes after a page."""
        return bool(self.before or self.found_after or self.spot)

    @property
    def may_sort(self) -> bool:
        """Whether it can be shown in another order: neither what is found nor the few answers and notes that wait."""
        return not self.text and bool(self.saved or self.tag or self.view in READY)

    @property
    def usual(self) -> str:
        """The order in which it stands unless somebody chose another one."""
        return self.saved.order if self.saved else NEWEST

    @property
    def name(self) -> str:
        """What tells this list from others, in whatever order they are."""
        return self.plain_query

    @cached_property
    def query(self) -> str:
        """The query string that asks for the same again, from its beginning."""
        if self.text:
            chosen = {"order": self.order.value} if self.order != Order.UNSOLVED else {}
            return urlencode({"q": self.text} | chosen)
        chosen = {"order": self.sorted} if self.may_sort and self.sorted != self.usual else {}
        return "&".join(filter(None, [self.plain_query, urlencode(chosen)]))

    @cached_property
    def plain_query(self) -> str:
        """The query string that names a list, but for its order."""
        if self.saved:
            return urlencode({"saved": self.saved.pk})
        parts: dict[str, str | int] = {"tag": self.tag} if self.tag else {"view": self.view.value}
        return urlencode(parts | ({"desk": self.desk} if self.desk else {}))

    @property
    def url(self) -> str:
        """The address of this list."""
        return f"{address('desk:list')}?{self.query}"

    @property
    def here(self) -> str:
        """The `?…` by which the address of a case keeps the list beside it."""
        return f"?{self.query}" if self.query != Wanted().query else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list, worded beforehand: a page shows fifty, and words are dear in a template.

    Of the customer it holds what the reader's data scope lets them see.
    """

    id: str
    number: str
    url: str
    who: str
    subject: str
    time: str
    status: str
    status_name: str
    priority: str
    tags: list[str]
    desk: str
    face: str
    snippet: Snippet | None = None
    found_in_subject: bool = False
    undelivered: bool = False
    machine: str = ""
    talk: str = ""
    pending: str = ""
    pending_name: str = ""
    more_tags: str = ""
    tags_left: int = 0
    columns: Sequence[Column] = ()
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the rail; `count` is empty where nothing is counted."""

    name: str
    icon: str
    url: str
    key: str
    count: str
    urgent: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Rail:
    """Where work comes from: the ready-made views, and the desks."""

    views: list[Link]
    desks: list[Link]


@dataclass(frozen=True, slots=True)
class Searched:
    """A page of a search: the cases, where each was found, how many there are, and where the next page begins.

    `notes` say what one should know of it: filters that make no sense, and of how many cases the search knows, while it
    does not know all; `customers` have no case, `found` is who they are; `orders` are called so, and `articles` in
    force say so.
    """

    cases: list[CaseLine]
    next: str
    snippets: dict[int, Snippet]
    count: str
    notes: list[str]
    customers: list[str]
    found: list[int]
    orders: list[Purchase]
    articles: list[ArticleVersion]


def cases_searched(wanted: Wanted, *, actor: Actor, desks: Sequence[Desk]) -> Searched:
    """The page of a search that an address asks for, in its order."""
    found = search(
        wanted.text, actor=actor, desks=desks, after=wanted.found_after, size=wanted.size, order=wanted.order
    )
    lines = {line.id: line for line in lines_of([hit.case for hit in found.hits])} if found.hits else {}
    snippets = {hit.case: hit.snippet for hit in found.hits if hit.snippet}
    words = _("%(count)s cases or more") if found.more else _("%(count)s cases")
    cases = [lines[hit.case] for hit in found.hits if hit.case in lines]
    notes = [*map(_not_understood, found.unclear), *map(_remarked, found.remarks)]
    notes += [] if found.complete else _indexing()
    customers = lines_of_customers(found.customers, actor=actor) if found.customers else []
    orders = orders_named(wanted.text, actor=actor)
    count = words % {"count": found.count}
    articles = articles_named(plain_words(wanted.text), actor=actor, most=MOST_ARTICLES)
    return Searched(cases, found.next, snippets, count, notes, customers, found.customers, orders, articles)


def plain_words(text: str) -> list[str]:
    """The words of a search without its filters and what is not wanted; eight at most: an article holds all."""
    said = [word for word in text.split() if word not in EITHER]
    words = [word.strip('"「」') for word in said if ":" not in word and not word.startswith("-")]
    return [word for word in words if word][:8]


def _not_understood(written: str) -> str:
    words = _("“%(filter)s” does not say how to narrow the search: its words were looked for instead.")
    return words % {"filter": written}


def _remarked(remark: Remark) -> str:
    told, *written = remark
    match told:
        case Told.NOBODY:
            return _("“%(filter)s” is nobody here, so nothing was found.") % {"filter": written[0]}
        case Told.LAST_COUNTS:
            words = _("“%(first)s” and “%(last)s” cannot both be so: only “%(last)s” counts.")
            return words % {"first": written[0], "last": written[1]}
        case Told.UNKNOWN:
            words = _(
                "“%(filter)s” is no filter of this search: its words were looked for. There are %(known)s"
            )
            return words % {"filter": written[0], "known": known_filters()}
        case Told.NOT_TURNED:
            words = _(
                "A filter cannot be turned round with “-”: of “%(filter)s” the words were left out instead."
            )
            return words % {"filter": written[0]}
        case Told.ALONE:
            words = _("Type what you look for right behind “%(filter)s”, without a space between.")
            return words % {"filter": written[0]}
    return _("No day is left between the dates that you typed, so nothing was found.")


def known_filters() -> str:
    """The names of all filters, in the language of the reader."""
    return _(
        "from: to: subject: desk: tag: before: until: after: status: is: assignee: has: channel: priority:"
    )


def _indexing() -> list[str]:
    share = still_indexing()
    if share is None:
        return []
    said = _("The search is still being prepared: %(done)s of %(all)s cases can be found so far.")
    if share.found == share.cases:
        said = _(
            "The search is being made anew, %(done)s of %(all)s cases so far. All can be found meanwhile, as before."
        )
    done = share.done if share.found == share.cases else share.found
    return [said % {"done": f"{done:,}", "all": f"{share.cases:,}"}]


def cases_wanted(wanted: Wanted, *, actor: Actor, desks: Sequence[Desk]) -> CasePage | OrderedPage:
    """The page of cases an address asks for, in its order. Raises NotFound for a desk that is not among the actor's."""
    ids = [desk.pk for desk in desks if wanted.desk in (None, desk.pk)]
    if wanted.desk and not ids:
        raise NotFound(wanted.desk)
    if wanted.sorted != NEWEST and wanted.may_sort:
        return _ordered(wanted, ids, actor=actor, desks=desks)
    if wanted.saved:
        tree, seen = read_filter(wanted.saved.filter), desks_in(wanted.saved, desks)
        return page_wanted(tree, desks=seen, actor=actor, before=wanted.before, size=wanted.size)
    if wanted.tag:
        return page_with_tag(wanted.tag, desks=ids, before=wanted.before, size=wanted.size)
    where = where_answers_wait(actor, desks)
    return page_of(wanted.view, desks=ids, person=actor.id, **where, before=wanted.before, size=wanted.size)


def _ordered(wanted: Wanted, ids: list[int], *, actor: Actor, desks: Sequence[Desk]) -> OrderedPage:
    tree: Node = Condition("tags", "in", (wanted.tag,)) if wanted.tag else READY.get(wanted.view, All())
    if wanted.saved:
        tree, ids = read_filter(wanted.saved.filter), desks_in(wanted.saved, desks)
    return page_ordered(
        tree, order=wanted.sorted, desks=ids, actor=actor, after=wanted.spot, size=wanted.size
    )


def rows_of(
    lines: Sequence[CaseLine],
    *,
    actor: Actor,
    wanted: Wanted,
    snippets: Mapping[int, Snippet] = MappingProxyType({}),
    columns: Sequence[int] = (),
) -> list[Row]:
    """Cases as rows, each leading to its case with the same list beside it, with the columns of its view. One query
    tells which of them the actor has not read.
    """
    lines = lines_kept(lines, actor=actor)
    words = _Words(actor, wanted, lines, columns or (wanted.saved.columns if wanted.saved else ()))
    return [words.row(line, snippets.get(line.id)) for line in lines]


class _Words:
    """The words that all rows of a page share, looked up once."""

    def __init__(
        self, actor: Actor, wanted: Wanted, lines: Sequence[CaseLine], columns: Sequence[int]
    ) -> None:
        self.now, self.here = clock.now(), wanted.here
        desks = {line.desk_id: line.company_id for line in lines}
        self.several_desks = len(desks) > 1
        self.scopes = {company: actor.data_scope(company=company) for company in actor.companies}
        self.base = address("desk:case", "-").removesuffix("-/")
        self.statuses = {status.value: str(status.label) for status in Status}
        self.priorities = {p.value: str(p.label) for p in Priority if p > Priority.NORMAL}
        self.pendings = {state.value: str(state.label) for state in PendingAnswer.State}
        works = Permission.CASE_NOTE
        self.worked = {
            desk for desk, company in desks.items() if actor.may(works, company=company, desk=desk)
        }
        self.named, self.unnamed = _("%(name)s-sama"), _("Name unknown")
        self.responsible = _("Responsible: %(name)s")
        self.left = working_time_left([line.id for line in lines], at=self.now) if _by_due(wanted) else {}
        self.columns = columns_of(columns, [line.id for line in lines], actor=actor)
        self.unread = unread_among([line.id for line in lines], person=actor.id)

    def row(self, line: CaseLine, snippet: Snippet | None = None) -> Row:
        number = line.spoken_number
        name = show(line.customer, "name", self.scopes[line.company_id])
        wait = said_first(line, now=self.now, left=self.left.get(line.id))
        return Row(
            id=str(line.id),
            number=number,
            url=f"{self.base}{number}/{self.here}",
            who=self.named % {"name": name} if name else self.unnamed,
            subject=line.subject,
            time=stamp(wait.since, wait.brief or wait.words, wait.tone)
            if wait
            else moment(line.touched_at, self.now),
            status=line.status,
            status_name=self.statuses[line.status],
            priority=self.priorities.get(line.priority, ""),
            tags=line.tags[:MOST_TAGS],
            more_tags="・".join(line.tags[MOST_TAGS:]),
            tags_left=max(0, len(line.tags) - MOST_TAGS),
            desk=line.desk if self.several_desks else "",
            face=small_face(line.assignee, self.responsible) if line.assignee else "",
            snippet=snippet,
            found_in_subject=snippet is not None and str(snippet) == line.subject,
            undelivered=line.undelivered,
            talk={Channel.CHAT: _("Chat"), Channel.LINE: "LINE"}.get(Channel(line.channel), ""),
            machine=automatic_name(line.automatic) if line.automatic else "",
            pending=line.pending if line.desk_id in self.worked else "",
            pending_name=self._pending_name(line),
            columns=self.columns.get(line.id, ()),
            unread=line.id in self.unread,
        )

    def _pending_name(self, line: CaseLine) -> str:
        if line.pending == PendingAnswer.State.SCHEDULED and line.due:
            return scheduled_for(line.due, now=self.now)
        return self.pendings.get(line.pending, "")


def _by_due(wanted: Wanted) -> bool:
    return wanted.view == View.DUE and not (wanted.text or wanted.tag or wanted.saved)


def scheduled_for(due: datetime, *, now: datetime) -> str:
    """That an answer is to leave, and when, as a list and the head of a case say it in few words."""
    return _("Scheduled %(when)s") % {"when": ahead(due, now=now)}


def rail_of(*, actor: Actor, desks: Sequence[Desk], wanted: Wanted) -> Rail:
    """The rail with its counts. One query."""
    ids, where = [desk.pk for desk in desks], where_answers_wait(actor, desks)
    numbers = counts(desks=ids, person=actor.id, **where) if desks else {}
    plain = not (wanted.text or wanted.tag or wanted.desk or wanted.saved)
    links = [
        (view, _link_to_view(view, numbers, current=plain and wanted.view == view)) for view in VIEW_NAMES
    ]
    # Where no answer waits, and nothing runs out, there is nothing to look for.
    views = [link for view, link in links if view not in _WHEN_THERE or link.count or link.current]
    several = len({desk.company_id for desk in desks}) > 1
    return Rail(views, [_link_to_desk(desk, numbers, wanted, several=several) for desk in desks])


def title_of(wanted: Wanted, *, desks: Sequence[Desk]) -> str:
    """What the list is called."""
    if wanted.text:
        return _("Search: %(text)s") % {"text": wanted.text}
    if wanted.saved:
        return wanted.saved.name
    desk = next((desk.name for desk in desks if desk.pk == wanted.desk), "")
    if wanted.tag:
        return f"#{wanted.tag}"
    name = str(VIEW_NAMES[wanted.view])
    return f"{desk} · {name}" if desk else name


def _link_to_view(view: View, numbers: dict[str, int], *, current: bool) -> Link:
    count = numbers.get(view.value, 0)
    return Link(
        name=str(VIEW_NAMES[view]),
        icon=VIEW_ICONS[view],
        url=Wanted(view=view).url,
        key={
            View.MINE: "g i",
            View.UNASSIGNED: "g u",
            View.OPEN: "g o",
            View.ALL: "g a",
            View.DUE: "g e",
        }.get(view, ""),
        count=shown_count(count),
        urgent=bool(count) and view in (View.UNASSIGNED, View.MENTIONS, View.APPROVAL, View.BACK, View.DUE),
        current=current,
    )


def _link_to_desk(desk: Desk, numbers: dict[str, int], wanted: Wanted, *, several: bool) -> Link:
    return Link(
        name=f"{desk.company.name} {desk.name}" if several else desk.name,
        icon="rectangle-stack",
        url=Wanted(view=View.ACTIVE, desk=desk.pk).url,
        key="",
        count=shown_count(numbers.get(f"desk:{desk.pk}", 0)),
        urgent=False,
        current=wanted.desk == desk.pk and not wanted.text,
    )


def shown_count(count: int) -> str:
    """A number as the rail shows it: nothing for none, and no more than so many."""
    if count >= COUNT_TO:
        return f"{COUNT_TO - 1}+"
    return str(count) if count else ""
