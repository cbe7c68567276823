"""Before a disclosure leaves a second person looks over it, and keeps back what the law lets them."""

import io
import json
import zipfile

import pytest

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Note
from madoguchi.commerce.factories import order_of
from madoguchi.customers.models import Customer
from madoguchi.infra.models import Event, EventWords
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.actions import issue_password_link
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.queries import actor_of
from madoguchi.rights import kept
from madoguchi.rights.actions import hand_over, make_again, release, start_disclosure, withhold
from madoguchi.rights.actions.reviewing import open_file
from madoguchi.rights.actions.working import work
from madoguchi.rights.factories import asked_for
from madoguchi.rights.keeping_back import parts_of
from madoguchi.rights.looking_over import may_open
from madoguchi.rights.models import Request
from madoguchi.rights.paper import disclosure
from madoguchi.rights.queries import archive_of

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")
SECRET = "第三者の話"


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def second(world: World) -> Actor:
    return actor_of(make_company_person(world.ours.company, Role.COMPANY_MANAGER))


def worked(request: Request) -> Request:
    work(request.pk, company=request.company_id)
    return Request.objects.select_related("customer").get(pk=request.pk)


def made(world: World, case: Case, by: Actor) -> Request:
    asked = asked_for(case.customer_id, "disclosure", by=by)
    start_disclosure(asked, by=by)
    return worked(asked)


def in_it(request: Request) -> dict[str, bytes]:
    path = kept.path_of(request.archive, company=request.company_id)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_it_leaves_only_after_a_second_person_or_a_typed_number(
    world: World, lead: Actor, second: Actor
) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    with world.ours.scope():
        found = made(world, case, lead)
        link = (found.company_id, found.pk, found.generation)
        with pytest.raises(NotFound):
            archive_of(*link)
        with pytest.raises(Conflict):
            hand_over(found, by=lead)
        with pytest.raises(Refused) as refused:
            release(found, typed="0", by=lead)
        with pytest.raises(NotAllowed):
            release(found, by=actor_of(world.ours.manager))
        assert (refused.value.field, Request.objects.get().state) == ("typed", "made")
        # nor is it somebody whose account they have in their hands
        puppet = make_company_person(world.ours.company, Role.COMPANY_MANAGER)
        issue_password_link(puppet, by=lead)
        for act in (release, open_file):
            with pytest.raises(Refused):
                act(found, by=actor_of(puppet))
        assert Request.objects.get().state == "made"

        release(found, by=second)

        assert (found.state, found.reviewed_by_id) == ("released", second.id)
        assert archive_of(*link) == found
        with pytest.raises(Conflict):
            release(found, by=second)
        hand_over(found, by=lead)


def test_one_person_alone_lets_it_go_only_where_the_company_has_nobody_else(
    world: World, lead: Actor
) -> None:
    case, administrator = make_case(world.ours.entry_point), actor_of(world.administrator)
    with world.ours.scope():
        found = made(world, case, administrator)
        typed = str(found.customer_id)
        assert not may_open(found, administrator)
        with pytest.raises(Refused):
            release(found, typed=typed, reason="急ぎ", by=administrator)
        assert may_open(found, lead)

        # when who would look over it keeps a part back, they are no second person any more
        withhold(found, ["memo"], item=1, reason="第三者の権利", by=lead)
        found = worked(found)
        for said in ({"typed": "0"}, {"typed": typed}, {"reason": "一人です"}):
            with pytest.raises(Refused):
                release(found, **said, by=lead)
        assert Request.objects.get().state == "made"
        release(found, typed=f" {typed} ", reason="一人です", by=lead)

        released = Event.objects.get(kind="disclosure.released")
        assert (found.state, released.data["alone"]) == ("released", True)
        assert EventWords.objects.get(event_id=released.pk).changes == {"reason": ["", "一人です"]}


def test_while_there_is_a_colleague_nobody_lets_go_what_they_had_made(
    world: World, lead: Actor, second: Actor
) -> None:
    with world.ours.scope():
        found = made(world, make_case(world.ours.entry_point), lead)
        assert (may_open(found, lead), may_open(found, second)) == (False, True)
        with pytest.raises(Refused):
            open_file(found, by=lead)
        make_again(found, by=second)
        assert not may_open(found, lead)
        found = worked(found)
        with pytest.raises(Refused):
            release(found, typed=str(found.customer_id), reason="急ぎ", by=second)
        assert Request.objects.get().state == "made"
        release(found, by=lead)
        assert (may_open(found, second), found.reviewed_by_id) == (True, lead.id)


def test_what_is_kept_back_stands_nowhere_in_it_and_the_paper_says_by_which_item(
    world: World, lead: Actor, second: Actor
) -> None:
    # given two cases, a note in each, a memo and an order
    other = make_case(world.ours.entry_point, sender=MISAKI, text="炊飯器の件です。")
    files = (File("a.txt", "text/plain", SECRET.encode()),)
    hidden = make_case(
        world.ours.entry_point, sender=MISAKI, text=SECRET, subject=f"{SECRET}の件", files=files
    )
    say_again(hidden, text=f"{SECRET}の続き")
    with world.ours.scope():
        about = {"company": world.ours.company, "user": world.ours.agent, "at": clock.now()}
        Note.objects.create(**about, case=other, text=f"{SECRET}メモ")
        Customer.objects.filter(pk=other.customer_id).update(memo=f"{SECRET}備忘")
        order_of(other.customer_id, world.ours.desk.pk)
        found = made(world, other, lead)
        assert SECRET in in_it(found)["disclosure.json"].decode()
        generation = found.generation
        keys = [one.key for one in parts_of(found)]
        assert keys[:4] == ["memo", "notes", f"case:{other.pk}", f"case:{hidden.pk}"]

        # when
        withhold(found, ["memo", "notes", f"case:{hidden.pk}"], item=1, reason="第三者の権利", by=second)
        withhold_more = worked(found)
        withhold(withhold_more, [keys[-1]], item=2, reason="取引上の秘密", by=second)
        found = worked(found)

        # then
        files_in_it = in_it(found)
        told = json.loads(files_in_it["disclosure.json"])
        assert SECRET not in files_in_it["disclosure.json"].decode()
        assert [name for name in files_in_it if name.startswith("files/")] == []
        assert [one["messages"][0]["text"] for one in told["cases"]] == ["炊飯器の件です。"]
        assert (told["orders"], "commerce.Order" in told["records"]) == ([], False)
        assert [(one["item"], one["parts"]) for one in told["withheld"]] == [(1, 3), (2, 1)]
        assert "第三者の権利" not in files_in_it["disclosure.json"].decode()
        opening = disclosure(told)["opening"]
        assert opening[2].startswith(
            "このうち3件は、個人情報の保護に関する法律第33条第2項により開示していません。"
        )
        assert (found.state, found.started_by_id, found.generation) == ("made", second.id, generation + 2)

        # and when none is kept back, all stands in it again
        withhold(found, [], item=0, reason="", by=second)
        found = worked(found)
        assert SECRET in in_it(found)["disclosure.json"].decode()
        assert json.loads(in_it(found)["disclosure.json"])["withheld"] == []


def test_a_part_an_item_and_a_reason_are_needed(world: World, lead: Actor) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI)
    elsewhere = make_case(world.ours.entry_point, sender=Party("b@home.example", "別の人"))
    with world.ours.scope():
        found = made(world, case, lead)
        wrong = [
            (["memo"], 4, "理由", "item"),
            (["memo"], 1, " ", "reason"),
            ([f"case:{elsewhere.pk}"], 1, "理由", "parts"),
        ]
        for parts, item, reason, field in wrong:
            with pytest.raises(Refused) as refused:
                withhold(found, parts, item=item, reason=reason, by=lead)
            assert refused.value.field == field
        with pytest.raises(NotAllowed):
            withhold(found, ["memo"], item=1, reason="理由", by=actor_of(world.ours.supervisor))
        after = Request.objects.get(pk=found.pk)
        assert (after.state, after.withheld, after.archive) == ("made", [], found.archive)
