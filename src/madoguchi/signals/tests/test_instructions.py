"""A company's direct instruction to people of another employer: noticed, told to its manager, settled by that one."""

import pytest
from django.test import Client

from madoguchi.cases.actions import add_note
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import Engagement
from madoguchi.following.models import Notification
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import catch_up, enrol
from madoguchi.kernel.actor import OperatingModel
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.signals.instructions import FROM_COMPANY, NOTED, look_at_mail, settle_instruction
from madoguchi.signals.lexicon import find
from madoguchi.signals.models import Instruction

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = "佐藤さんの担当を変え、この件を先に対応してください。残業して今日中に終わらせて。"


def written(world: World, text: str, *, by: str = "") -> Case:
    """A mail to the desk, by default of the company's manager, is read."""
    enrol()
    sender = Party(by or world.ours.company_manager.email.upper(), "小林")
    case = make_case(world.ours.entry_point, text=text, sender=sender)
    for name in ("signals.look", "following.notify"):
        catch_up(name)
    return case


def instructions() -> list[Instruction]:
    with scope.everywhere(reason="test"):
        return list(Instruction.objects.select_related("case").order_by("pk"))


def test_a_mail_of_the_company_that_directs_is_told_to_the_operators_manager(world: World) -> None:
    case = written(world, TOLD)

    [found] = instructions()
    assert (found.case_id, found.sorts) == (case.pk, ["業務の遂行方法", "人の配置", "労働時間"])
    with world.ours.scope():
        told_to = Notification.objects.filter(kind="instruction.noticed").values_list("user", flat=True)
        assert set(told_to) == {world.ours.manager.pk}
        assert look_at_mail(found.message_id) is None


@pytest.mark.parametrize(
    ("trust", "channel", "noticed"),
    [
        ({"authentication": "fail", "spf": "fail", "dkim": "fail", "dmarc": "fail"}, "email", False),
        ({"dkim": "fail"}, "email", False),
        ({"authentication": "none", "lookalike": "xn--hnata-q9a.example"}, "email", False),
        ({"poses_as_us": True}, "email", False),
        (None, "form", False),
        ({"authentication": "none"}, "email", True),
        ({"authentication": "pass", "spf": "fail", "dkim": "pass", "dmarc": "pass"}, "email", True),
    ],
)
def test_what_somebody_else_may_have_written_in_their_name_is_none(
    world: World, trust: dict[str, object] | None, channel: str, noticed: bool
) -> None:
    sender = Party(world.ours.company_manager.email, "小林")
    case = make_case(world.ours.entry_point, text=TOLD, sender=sender)
    with world.ours.scope():
        Message.objects.filter(case=case).update(trust=trust, channel=channel)
        found = look_at_mail(Message.objects.get(case=case).pk)

    assert (found is not None, len(instructions())) == (noticed, int(noticed))


@pytest.mark.parametrize("text", ["納品書の件、承知しました。", "残業はありません。"])
def test_what_directs_nobody_is_none(world: World, text: str) -> None:
    written(world, text)
    assert instructions() == []


def test_customers_and_those_under_its_roof_are_no_matter_of_it(world: World) -> None:
    written(world, TOLD, by="misaki@home.example")
    written(world, TOLD, by=world.theirs.company_manager.email)
    with world.ours.scope():
        Engagement.objects.filter(pk=world.ours.engagement.pk).update(model=OperatingModel.TEMP_STAFF)
    written(world, TOLD)

    assert instructions() == []


def test_what_staff_write_down_of_it_is_noticed(world: World) -> None:
    case = written(world, "返品したい", by="misaki@home.example")
    with world.ours.scope():
        add_note(case, text="委託元の中村さんから電話で直接指示あり、返金した", by=actor_of(world.ours.agent))
        add_note(case, text="委託元に管理責任者から確認済み", by=actor_of(world.ours.agent))
    catch_up("signals.look_at_notes")

    assert [one.words for one in instructions()] == [["直接指示"]]


def test_the_operators_manager_alone_settles_it_and_says_how(world: World) -> None:
    written(world, TOLD)
    [found], side = instructions(), world.ours
    with side.scope():
        for by in (side.company_manager, side.supervisor, side.agent, world.theirs.manager):
            with pytest.raises(NotAllowed):
                settle_instruction(found, outcome="none", reason="違う", by=actor_of(by))
        with pytest.raises(Refused):
            settle_instruction(found, outcome="none", reason=" ", by=actor_of(side.manager))
    assert instructions()[0].settled_at is None
    manager, company = Client(), Client()
    manager.force_login(side.manager)
    company.force_login(side.company_manager)
    assert "担当を変え" in company.get("/signals/?which=instructions").text

    said = {"outcome": "refused", "reason": "小林様に依頼の窓口を案内"}
    assert company.post(f"/signals/instructions/{found.pk}/settle/", said).status_code == 403
    assert manager.post(f"/signals/instructions/{found.pk}/settle/", said).status_code == 302

    assert (instructions()[0].outcome, instructions()[0].reason) == ("refused", "小林様に依頼の窓口を案内")
    assert "小林様に依頼の窓口を案内" in company.get("/signals/?which=instructions").text
    for others in (side.company_staff, side.agent, side.supervisor, world.theirs.manager):
        reader = Client()
        reader.force_login(others)
        page = reader.get("/signals/?which=instructions").text
        assert ("担当を変え" in page, "小林様に依頼" in page) == (False, False)
        assert ("直接指示" in page) is (others == world.theirs.manager)
    with side.scope():
        assert Event.objects.filter(kind="instruction.settled").count() == 1
        with pytest.raises(Conflict):
            settle_instruction(found, outcome="none", reason="違う", by=actor_of(side.manager))


@pytest.mark.parametrize(
    ("text", "sorts"),
    [
        ("至急対応をお願いします。", ["業務の遂行方法"]),
        ("この件は森さんに任せて", ["人の配置"]),
        ("明日は休日出勤で", ["労働時間"]),
        ("佐藤さんを指導して下さい", ["業務の遂行方法", "評価"]),
        ("Please call the customer.", ["業務の遂行方法"]),
    ],
)
def test_each_point_of_the_notice_is_named(text: str, sorts: list[str]) -> None:
    assert list(find(text, FROM_COMPANY).sorts) == sorts


@pytest.mark.parametrize(
    ("text", "noticed"),
    [
        ("クライアントから直接、電話で返金するよう話があった", True),
        ("The client told me to refund.", True),
        ("管理責任者から依頼を受けた", False),
        ("委託元に確認をお願いした", False),
    ],
)
def test_what_staff_note_of_it_is_told_from_what_goes_the_right_way(text: str, noticed: bool) -> None:
    assert bool(find(text, NOTED).words) is noticed
