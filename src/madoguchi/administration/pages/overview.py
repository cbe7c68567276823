"""The first page: what there is to set up."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from madoguchi.administration.pages.frame import show
from madoguchi.cases.reading import alarms_unseen
from madoguchi.kernel.actor import Permission
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.SELF)
def overview(request: StaffRequest) -> HttpResponse:
    """The sections this person may open: everybody has tokens of their own."""
    return show(request, "overview", section="overview", read_many=alarms_unseen(request.actor))
