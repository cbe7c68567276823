"""The first page: what there is to set up."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from madoguchi.administration.menu import menu_for
from madoguchi.administration.pages.frame import show
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.SELF)
def overview(request: StaffRequest) -> HttpResponse:
    """The sections this person may open; NotAllowed for somebody who may open none."""
    if not menu_for(request.actor):
        raise NotAllowed(Permission.DESKS)
    return show(request, "overview", section="overview")
