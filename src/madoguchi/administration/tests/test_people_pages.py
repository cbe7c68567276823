"""People, in a browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from madoguchi.companies.factories import make_desk, make_engagement
from madoguchi.infra import scope
from madoguchi.kernel.actor import Role
from madoguchi.people.factories import World, make_operator_person, make_person
from madoguchi.people.models import OperatorMember, Seat, User
from madoguchi.people.queries import actor_of

Browser = Callable[[User], Client]
Facts = Callable[[], list[tuple[str, dict[str, Any]]]]
NEW = {"name": "山田 花子", "kana": "やまだ はなこ", "email": "hanako@staff.example", "language": "ja"}
PASSWORD = "asahi-no-kirei-na-machi"


def url(name: str, *args: int) -> str:
    return reverse(f"administration:{name}", args=args)


def offered(page: Any, form: str = "form") -> set[str]:
    groups = page.context[form].fields["place"].choices
    return {value for name, rows in groups if name for value, _label in rows}


def test_a_person_is_added_and_the_link_shown_once(world: World, signed_in: Browser) -> None:
    browser = signed_in(world.ours.manager)
    added = browser.post(url("person_new"), {**NEW, "place": f"operator:{world.ours.operator.pk}:agent"})
    person = User.objects.get(email="hanako@staff.example")
    assert added["Location"] == url("person", person.pk)
    session = str(dict(browser.session.items()))
    first, second = browser.get(url("person", person.pk)), browser.get(url("person", person.pk))
    link = re.search(r'value="http[^"]+(/account/password/reset/key/[^"]+)"', first.content.decode())
    assert link is not None
    assert link[1] not in second.content.decode()
    assert ("password_link_shown_once" in session, "password/reset" in session) == (True, False)
    assert "no-store" in first["Cache-Control"]
    _choose_password(link[1])
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def _choose_password(link: str) -> None:
    theirs = Client()
    form = theirs.get(link, follow=True)
    theirs.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})


def test_a_name_that_is_too_long_is_refused_and_stays_in_its_field(world: World, signed_in: Browser) -> None:
    browser, long = signed_in(world.ours.manager), "寿限無" * 100
    place = {"place": f"operator:{world.ours.operator.pk}:agent"}

    answer = browser.post(url("person_new"), {**NEW, **place, "name": long})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "100 文字以内で書いてください（いまは 300 文字です）。" in page
    assert f'value="{long}"' in page
    assert "maxlength" not in page.partition("<main")[2].partition("</main>")[0]
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_each_is_offered_only_what_they_may_give(world: World, signed_in: Browser) -> None:
    ours, theirs = world.ours, world.theirs
    page = signed_in(ours.manager).get(url("person_new"))
    assert offered(page) == {f"operator:{ours.operator.pk}:{r}" for r in ("agent", "supervisor", "manager")}
    page = signed_in(ours.company_manager).get(url("person_new"))
    assert offered(page) == {f"company:{ours.company.pk}:{r}" for r in ("company_staff", "company_manager")}
    everything = offered(signed_in(world.administrator).get(url("person_new")))
    assert {f"operator:{theirs.operator.pk}:manager", "administrator"} <= everything


@pytest.mark.parametrize("place", ["administrator", "", "operator:0:agent", "company:1:manager", "x"])
def test_a_place_that_was_not_offered_is_refused(world: World, signed_in: Browser, place: str) -> None:
    page = signed_in(world.ours.manager).post(url("person_new"), {**NEW, "place": place})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["place"])
    assert not User.objects.filter(email="hanako@staff.example").exists()


def test_an_address_that_is_taken_stands_beside_its_field(world: World, signed_in: Browser) -> None:
    sent = {**NEW, "email": world.theirs.agent.email, "place": f"operator:{world.ours.operator.pk}:agent"}
    page = signed_in(world.ours.manager).post(url("person_new"), sent)
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["email"])
    assert OperatorMember.objects.filter(user=world.theirs.agent).count() == 1


def test_a_role_and_its_desks_are_given(world: World, signed_in: Browser) -> None:
    second = make_engagement(world.ours.operator, make_desk(world.ours.company))
    browser, person = signed_in(world.ours.manager), world.ours.agent
    member = OperatorMember.objects.get(user=person)
    browser.post(url("give_place", person.pk), {"place": f"operator:{world.ours.operator.pk}:supervisor"})
    browser.post(url("seats", person.pk, member.pk), {f"seats{member.pk}-engagements": [second.pk]})
    assert OperatorMember.objects.get(pk=member.pk).role == "supervisor"
    with world.ours.scope():
        assert [s.engagement_id for s in Seat.objects.filter(member=member)] == [second.pk]
    page = browser.get(url("person", person.pk))
    ((_member, form),) = page.context["operator_places"]
    assert form["engagements"].value() == [second.pk]


def test_a_seat_elsewhere_is_refused(world: World, signed_in: Browser) -> None:
    member = OperatorMember.objects.get(user=world.ours.agent)
    address = url("seats", world.ours.agent.pk, member.pk)
    browser = signed_in(world.administrator)
    assert (
        browser.post(address, {f"seats{member.pk}-engagements": [world.theirs.engagement.pk]}).status_code
        == 200
    )
    assert {g.company for g in actor_of(world.ours.agent).grants} == {world.ours.company.pk}


def test_a_role_is_taken_away_and_the_person_leaves_the_list(world: World, signed_in: Browser) -> None:
    browser, person = signed_in(world.ours.manager), world.ours.agent
    answer = browser.post(url("take_place", person.pk), {"place": f"operator:{world.ours.operator.pk}:agent"})
    assert answer["Location"] == url("people")
    assert browser.get(url("person", person.pk)).status_code == 404
    assert actor_of(person).grants == ()


def test_an_administrator_is_appointed_and_dismissed(world: World, signed_in: Browser) -> None:
    browser, person = signed_in(world.administrator), make_person()
    browser.post(url("give_place", person.pk), {"place": "administrator"})
    assert User.objects.get(pk=person.pk).is_administrator
    browser.post(url("take_place", person.pk), {"place": "administrator"})
    assert not User.objects.get(pk=person.pk).is_administrator


@pytest.mark.parametrize("name", ["deactivate", "reset_second_step"])
def test_nobody_locks_themselves_out(world: World, signed_in: Browser, name: str) -> None:
    browser = signed_in(world.administrator)
    assert browser.post(url(name, world.administrator.pk)).status_code == 422
    page = browser.get(url("person", world.administrator.pk))
    assert page.status_code == 200
    assert url("deactivate", world.administrator.pk) not in page.content.decode()


def test_who_is_locked_out_meets_the_sign_in_at_the_next_click(world: World, signed_in: Browser) -> None:
    theirs, browser = signed_in(world.ours.supervisor), signed_in(world.ours.manager)
    assert theirs.get(url("templates")).status_code == 200
    browser.post(url("deactivate", world.ours.supervisor.pk))
    assert theirs.get(url("templates")).status_code == 302
    browser.post(url("reactivate", world.ours.supervisor.pk))
    assert User.objects.get(pk=world.ours.supervisor.pk).is_active


def test_the_second_step_is_switched_off(world: World, signed_in: Browser, facts: Facts) -> None:
    Authenticator.objects.create(user=world.ours.agent, type=Authenticator.Type.TOTP, data={})
    browser = signed_in(world.ours.manager)
    assert browser.get(url("person", world.ours.agent.pk)).context["second_step"]
    browser.post(url("reset_second_step", world.ours.agent.pk))
    assert not Authenticator.objects.exists()
    assert facts() == [("person.second_step_reset", {"person": world.ours.agent.pk})]


def test_whose_account_is_looked_after_elsewhere_shows_no_buttons(world: World, signed_in: Browser) -> None:
    person = world.ours.agent
    OperatorMember.objects.create(user=person, operator=world.theirs.operator, role=Role.AGENT)
    browser = signed_in(world.ours.manager)
    page = browser.get(url("person", person.pk)).content.decode()
    for name in ("deactivate", "password_link", "reset_second_step"):
        assert url(name, person.pk) not in page
        assert browser.post(url(name, person.pk)).status_code == 403
    assert world.theirs.operator.name not in page
    assert User.objects.get(pk=person.pk).is_active


def test_particulars_are_corrected(world: World, signed_in: Browser) -> None:
    browser, pk = signed_in(world.ours.manager), world.ours.agent.pk
    browser.post(url("person", pk), {"name": "青木 翔太", "kana": "あおき しょうた", "language": "en"})
    kept = User.objects.get(pk=pk)
    assert (kept.name, kept.kana, kept.language) == ("青木 翔太", "あおき しょうた", "en")
    assert browser.post(url("person", pk), {"name": "", "language": "ja"}).status_code == 422


def test_people_are_found_by_name(world: World, signed_in: Browser) -> None:
    browser = signed_in(world.ours.manager)
    assert [p.name for p in browser.get(url("people") + "?q=青木").context["page"]] == ["青木 翔"]
    nobody = browser.get(url("people") + "?q=いない")
    assert list(nobody.context["page"]) == []
    assert '<div class="empty"' in nobody.content.decode()


def test_a_manager_reads_no_foreign_roles_of_the_own_people(world: World, signed_in: Browser) -> None:
    person = world.ours.agent
    OperatorMember.objects.create(user=person, operator=world.theirs.operator, role=Role.AGENT)
    page = signed_in(world.ours.manager).get(url("people")).content.decode()
    assert world.ours.operator.name in page
    assert world.theirs.operator.name not in page


def test_the_list_asks_no_more_the_longer_it_is(
    world: World, signed_in: Browser, django_assert_max_num_queries: Any
) -> None:
    browser = signed_in(world.ours.manager)
    with django_assert_max_num_queries(18) as few:
        browser.get(url("people"))
    for _ in range(30):
        make_operator_person(world.ours.operator, seats=(world.ours.engagement,))
    with django_assert_max_num_queries(len(few)):
        assert len(browser.get(url("people")).context["page"].object_list) == 33


def test_a_person_seated_at_many_desks_costs_no_more(
    world: World, signed_in: Browser, django_assert_max_num_queries: Any
) -> None:
    browser, pk = signed_in(world.ours.manager), world.ours.agent.pk
    with django_assert_max_num_queries(35) as few:
        browser.get(url("person", pk))
    member = OperatorMember.objects.get(user=pk)
    with scope.everywhere(reason="a test seats somebody"):
        for _ in range(8):
            engagement = make_engagement(world.ours.operator, make_desk(world.ours.company))
            Seat.objects.create(member=member, engagement=engagement, company=world.ours.company)
    with django_assert_max_num_queries(len(few)):
        browser.get(url("person", pk))
