"""Cases that belong together: one is the other's parent, duplicate or cause, or they have the same defect."""

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.events import CaseLinked, CaseUnlinked
from madoguchi.cases.links import ROLES, Kind, cases_above, role_of
from madoguchi.cases.models import Case, CaseLink
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('madoguchi links'), hashint8(%s))"


@transaction.atomic
def link(case: Case, *, role: str, other: Case, by: Actor) -> CaseLink:
    """Tie a case to another one, which becomes its parent, child, cause … (`cases.links.ROLES`). Both tell of it.

    Where one has gone on elsewhere, the case where it went on is meant. Raises NotAllowed for who may not change the
    case or read the other, Refused for a role, or a case, with which that makes no sense.
    """
    if role not in ROLES:
        raise Refused(_("Choose one of the list."), field="role")
    case, other = _gone_on(case), _gone_on(other)
    if not (policies.may_update(by, case) and policies.may_read(by, other)):
        raise NotAllowed(Permission.CASE_UPDATE)
    _lock(case.company_id)
    kind, forward = ROLES[role]
    one, two = (case, other) if forward else (other, case)
    if kind == Kind.DEFECT:
        one, two = sorted((case, other), key=lambda end: end.pk)
    _require_sense(one, two, kind)
    made = CaseLink.objects.create(
        company_id=case.company_id, case=one, other=two, kind=kind, user_id=by.id, at=clock.now()
    )
    _tell(CaseLinked, made, by=by)
    return made


@transaction.atomic
def unlink(tie: CaseLink, *, by: Actor) -> None:
    """Take a link away; twice does nothing. Raises NotAllowed for who may not change either case or not read both."""
    _require(tie, by=by)
    if CaseLink.objects.filter(pk=tie.pk, removed_at=None).update(removed_at=clock.now()):
        _tell(CaseUnlinked, tie, by=by)


@transaction.atomic
def restore_link(tie: CaseLink, *, by: Actor) -> None:
    """Put a link back that was taken away; twice does nothing.

    Raises NotAllowed, or Refused where another link since stands against it.
    """
    _require(tie, by=by)
    _lock(tie.company_id)
    tie.refresh_from_db()
    if tie.removed_at is None:
        return
    _require_sense(_gone_on(tie.case), _gone_on(tie.other), Kind(tie.kind))
    CaseLink.objects.filter(pk=tie.pk).update(removed_at=None)
    _tell(CaseLinked, tie, by=by)


def _gone_on(case: Case) -> Case:
    return case if case.continued_in_id is None else Case.objects.get(pk=case.continued_in_id)


def _lock(company: int) -> None:
    """One link of a company at a time: three at once could make a circle that none of them sees."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [company])


def _require(tie: CaseLink, *, by: Actor) -> None:
    reads = policies.may_read(by, tie.case) and policies.may_read(by, tie.other)
    if not (reads and (policies.may_update(by, tie.case) or policies.may_update(by, tie.other))):
        raise NotAllowed(Permission.CASE_UPDATE)


def _require_sense(case: Case, other: Case, kind: Kind) -> None:
    if case.pk == other.pk:
        raise Refused(_("This is the same case. Name another one."), field="other")
    if case.company_id != other.company_id:
        raise Refused(_("These are cases of two companies. They are never linked."), field="other")
    if _between(case, other, kind):
        raise Refused(_("These two are linked like this already."), field="other")
    if kind == Kind.PARENT:
        _require_tree(case, other)


def _require_tree(child: Case, parent: Case) -> None:
    if child.pk in cases_above(parent.pk):
        raise Refused(
            _("That would make a circle: the parent would be a child of its own child."), field="other"
        )
    if len(cases_above(child.pk)) > 1:
        raise Refused(_("The child has a parent already. Take that link away first."), field="other")


def _between(case: Case, other: Case, kind: Kind) -> bool:
    """Whether such a link stands already, both ways for what has no direction but once."""
    ends = Q(case__in=_same(case), other__in=_same(other))
    if kind != Kind.PARENT:
        ends |= Q(case__in=_same(other), other__in=_same(case))
    return CaseLink.objects.filter(ends, kind=kind, removed_at=None).exists()


def _same(case: Case) -> list[int]:
    """The case and those that went on in it."""
    return [case.pk, *Case.objects.filter(continued_in=case).values_list("pk", flat=True)]


def _tell(fact: type[CaseLinked] | type[CaseUnlinked], tie: CaseLink, *, by: Actor) -> None:
    ends = _gone_on(tie.case), _gone_on(tie.other)
    for (here, there), forward in ((ends, True), (ends[::-1], False)):
        role = role_of(tie.kind, forward=forward)
        record(fact(**here.where, other=there.pk, role=role, link=tie.pk), by=by)
