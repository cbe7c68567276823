"""Who looks over a disclosure before it leaves: somebody else than who had it made last, while there is anybody."""

from madoguchi.kernel.actor import Actor, ActorKind, Role
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.people.second import was_anybody_shut_out
from madoguchi.rights import policies
from madoguchi.rights.models import Request

State = Request.State


def is_first(request: Request, actor: Actor) -> bool:
    """Whether this is who last started it, kept parts of it back, or had it made again; or nobody in particular."""
    return actor.id in (None, request.started_by_id)


def may_alone(request: Request, actor: Actor) -> bool:
    """Whether one person may do both: the company's own, where nobody else of it may, nor lately might have, and the
    shell of the machine. No administrator of the installation: it is the company's duty. Some queries.
    """
    if actor.kind == ActorKind.SYSTEM:
        return True
    lead = {
        "company_memberships__company": request.company_id,
        "company_memberships__role": Role.COMPANY_MANAGER.value,
        "is_active": True,
    }
    company = request.company_id
    may = [
        one.pk for one in User.objects.filter(**lead) if policies.may_see_to(actor_of(one), company=company)
    ]
    alone = may == [actor.id] and not actor.runs_installation
    return alone and not was_anybody_shut_out(company)


def may_open(request: Request, actor: Actor) -> bool:
    """Whether the actor may have the file: anybody who sees to demands once it was looked over, before that who looks
    over it, and nobody while it is made anew.
    """
    if request.state == State.MADE:
        return not is_first(request, actor) or may_alone(request, actor)
    return request.state in (State.RELEASED, State.HANDED_OVER)
