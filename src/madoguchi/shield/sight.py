"""What of the log is between an employer and its own people."""

from django.db.models import BigIntegerField, Exists, OuterRef, Q
from django.db.models.functions import Cast

from madoguchi.kernel.actor import Actor
from madoguchi.people.models import OperatorMember
from madoguchi.shield.events import (
    CareOverdue,
    CareSet,
    CareSettled,
    ConsultationAnswered,
    ConsultationMade,
    ConsultationOverdue,
)
from madoguchi.shield.models import Care, Consultation
from madoguchi.shield.policies import desks_as_client

_COUNSEL = (ConsultationMade.kind, ConsultationAnswered.kind, ConsultationOverdue.kind)
_CARE = (CareSet.kind, CareSettled.kind, CareOverdue.kind)


def of_other_employers(actor: Actor) -> Q:
    """Events of counsel asked of, and of care for people of, another employer than the actor's; a company that directs
    people does not employ them, but knows of counsel that they asked it for, too. To be left out of what the actor is
    told.
    """
    own = [grant.operator for grant in actor.grants if grant.operator]
    people = OperatorMember.objects.filter(operator__in=own).values("user")
    directed = Q(to_client=True, case__desk__in=desks_as_client(actor))
    asked = Consultation.objects.filter(Q(operator__in=own) | directed, pk=_told("consultation"))
    cared_for = Care.objects.filter(person__in=people, pk=_told("care"))
    counsel, care = Q(kind__in=_COUNSEL) & ~Exists(asked), Q(kind__in=_CARE) & ~Exists(cared_for)
    return counsel | care


def _told(name: str) -> Cast:
    """The row that an event names, of a query in which events are the outer one."""
    return Cast(OuterRef(f"data__{name}"), BigIntegerField())
