"""What a customer sees of a case that technical support works: the desk that they know."""

from datetime import timedelta

from madoguchi.cases.actions import move_to_desk
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import signature_of
from madoguchi.delivery.queue import sending_point
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.portal.links import sign
from madoguchi.portal.tests.conftest import OPENED_AT, only_case, typed


def test_the_page_and_answers_speak_for_the_desk_that_is_known(visitor, form_url, world):
    visitor.send(form_url, typed())
    case = only_case()
    with scope.acting_for([case.company_id]):
        technical = make_desk(world.ours.company, name="技術支援")
        Desk.objects.filter(pk=technical.pk).update(kind=Desk.Kind.TECHNICAL, signature="技術支援より")
        Desk.objects.filter(pk=case.desk_id).update(hours="平日 10時〜18時")
        technical.refresh_from_db()
        make_entry_point(technical, address="technical@shop.example")
        move_to_desk(case, to=technical, by=system("test"))
        moved = Case.objects.get(pk=case.pk)
        point = sending_point(moved)
        signature = signature_of(moved, point)

    with clock.held_at(OPENED_AT + timedelta(days=1)):
        page = visitor.client.get(f"/my/{sign(case.pk, case.company_id)}/").content.decode()

    assert (world.ours.desk.public_name in page, "平日 10時〜18時" in page, "技術支援" in page) == (
        True,
        True,
        False,
    )
    assert (point.desk_id, point.shown_sender) == (world.ours.desk.pk, world.ours.desk.public_name)
    assert signature == ""
