"""Whether a customer may be turned to who has not asked: by purpose and by way, from what they said last.

Mail, SMS and LINE that advertise need consent beforehand (特定電子メール法3条1項; 特定商取引法12条の3・12条の4); so do
surveys and guidance here, which readers cannot tell from advertising. A call or a letter needs none, but whoever has
refused is not called again (特定商取引法17条). About their own matters customers are turned to unless they refused.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from madoguchi.customers.models import Consent, ConsentWords, Customer, Purpose, Way
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel import clock

_WITHOUT_ASKING = frozenset({Way.PHONE.value, Way.LETTER.value})


@dataclass(frozen=True, slots=True)
class Stand:
    """How it stands with one purpose and way: what was said last (None: nothing), whether the use of the customer's
    data is `stopped`, and whether one may turn to them.
    """

    purpose: str
    way: str
    said: Consent | None
    stopped: bool = False

    @property
    def allowed(self) -> bool:
        """Whether the customer may be turned to: whatever they said, not while the use of their data is stopped."""
        return not self.stopped and is_allowed(self.purpose, self.way, self.said.given if self.said else None)

    @property
    def called(self) -> tuple[str, str]:
        """The purpose and the way in words."""
        return str(Purpose(self.purpose).label), str(Way(self.way).label)


def is_allowed(purpose: str, way: str, said: bool | None) -> bool:
    """Whether one may turn to somebody who said this last (None: nothing). Pure."""
    if said is not None:
        return said
    return purpose == Purpose.MATTER or way in _WITHOUT_ASKING


def may_approach(customer: int, purpose: str, way: str) -> bool:
    """Whether a customer may be turned to for a purpose on a way. Two queries."""
    return customer in approachable([customer], purpose, way)


def approachable(customers: Collection[int], purpose: str, way: str) -> set[int]:
    """Which of these customers may be turned to: none whose data is used no more. Two queries."""
    stopped = Customer.objects.filter(pk__in=list(customers), use_stopped_at__isnull=False)
    gone = set(stopped.values_list("pk", flat=True))
    said = Consent.objects.filter(customer__in=list(customers), purpose=purpose, channel=way)
    last = dict(_last_at_end(said).values_list("customer", "given"))
    return {pk for pk in customers if pk not in gone and is_allowed(purpose, way, last.get(pk))}


def refused_since(customer: int, purpose: str, way: str, *, since: datetime) -> bool:
    """Whether a customer who had asked for it has refused after that. One query."""
    said = Consent.objects.filter(customer=customer, purpose=purpose, channel=way)
    last = _last_at_end(said).last()
    return last is not None and not last.given and last.at > since


def stands_of(customer: int) -> list[Stand]:
    """How it stands with every purpose and way of a customer. Two queries."""
    stopped = Customer.objects.filter(pk=customer, use_stopped_at__isnull=False).exists()
    last = {(one.purpose, one.channel): one for one in reversed(history_of(customer))}
    return [Stand(p, w, last.get((p, w)), stopped) for p in Purpose.values for w in Way.values]


def history_of(customer: int) -> list[Consent]:
    """All that a customer said, the last first. One query."""
    said = Consent.objects.filter(customer=customer).select_related("words", "user")
    return list(_last_at_end(said).reverse())


def ways_refused(customer: int) -> frozenset[str]:
    """The ways by which a customer wants no word even about their own matters. One query."""
    last = {one.channel: one.given for one in _OF_MATTERS.rows({"customer": customer})}
    return frozenset(way for way, given in last.items() if not given)


def bounds_of(stopped: bool, refused: Collection[str]) -> str:
    """What whoever answers has to keep to, in words: as the use of the customer's data is stopped, or else as they
    refused these ways about their own matters; empty where neither holds. Pure.
    """
    if stopped:
        said = _("The use of this customer's data is stopped.")
    elif refused:
        ways = _("、").join(str(way.label) for way in Way if way in refused)
        said = _("This customer refuses to be turned to even about their own matters by: %(ways)s.") % {
            "ways": ways
        }
    else:
        return ""
    return _("%(said)s Matters under way may be finished, nothing else.") % {"said": said}


def words_in_force(company: int) -> dict[str, ConsentWords]:
    """The words of a company by purpose, each in its last version. One query."""
    rows = ConsentWords.objects.filter(company=company).select_related("user").order_by("purpose", "version")
    return {one.purpose: one for one in rows}


def last_of_each(said: QuerySet[Consent]) -> dict[tuple[str, str], Consent]:
    """What was said last of each purpose and way. One query."""
    return {(one.purpose, one.channel): one for one in _last_at_end(said)}


def _last_at_end(said: QuerySet[Consent]) -> QuerySet[Consent]:
    """In the order in which it was said, whenever it was typed. Of days before, the day alone is known: of what was
    said on one day a refusal comes last, so that nobody is turned to who may have withdrawn.
    """
    return said.order_by(TruncDate("at", tzinfo=clock.TOKYO), "-given", "at", "pk")


_OF_MATTERS = PreparedQuery(
    lambda: _last_at_end(Consent.objects.filter(customer=Slot("customer"), purpose=Purpose.MATTER))
)
