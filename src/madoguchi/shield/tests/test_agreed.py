"""What a company agrees on and approves, both sides' duties, and the evidence with its hashes."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.customers.queries import mask
from madoguchi.infra import files
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.shield import marking, queries
from madoguchi.shield.duties import PAIRS, duties_of, partners_of, set_duty
from madoguchi.shield.evidence import fetch_evidence
from madoguchi.shield.models import Duty, Mark, Terms
from madoguchi.shield.terms import USUAL_WARNING, approve_terms, set_terms
from madoguchi.shield.tests.conftest import NINE, SAID, told
from madoguchi.voice.models import Call, Recording

pytestmark = pytest.mark.django_db(transaction=True)
Acting = Callable[..., Any]


class TestTerms:
    def agree(self, world: World, acting: Acting, by: Actor, **said: Any) -> Terms:
        values = SAID | {"warning": USUAL_WARNING, "ending": ""} | said
        acting(set_terms, world.ours.company, by=by, **values)
        return acting(queries.terms_of, world.ours.company.pk)  # type: ignore[no-any-return]

    def test_new_words_wait_until_the_company_approves_them(
        self, world: World, company: Actor, acting: Acting
    ) -> None:
        agreed = self.agree(world, acting, company)
        assert (agreed.version, agreed.approved) == (1, 0)

        acting(approve_terms, world.ours.company, version=1, by=company)

        kept = acting(queries.terms_of, world.ours.company.pk)
        assert (kept.approved, kept.approved_by_id, kept.approved_at) == (1, company.id, NINE)
        assert told(world) == ["shield_terms.changed", "shield_terms.approved"]
        # Numbers may change and the words stay approved.
        assert self.agree(world, acting, company, hold_minutes=30).version == 1
        assert self.agree(world, acting, company, hold_minutes=30, ending="終了します").version == 2

    def test_words_that_changed_meanwhile_are_not_approved_unseen(
        self, world: World, company: Actor, acting: Acting
    ) -> None:
        self.agree(world, acting, company)
        self.agree(world, acting, company, warning="別の言葉")

        with pytest.raises(Conflict):
            acting(approve_terms, world.ours.company, version=1, by=company)

        assert acting(queries.terms_of, world.ours.company.pk).approved == 0

    def test_operators_people_neither_write_nor_approve_them(
        self, world: World, company: Actor, supervisor: Actor, manager: Actor, acting: Acting
    ) -> None:
        for by in (supervisor, manager, actor_of(world.theirs.company_manager)):
            with pytest.raises(NotAllowed):
                self.agree(world, acting, by)
        self.agree(world, acting, company)
        with pytest.raises(NotAllowed):
            acting(approve_terms, world.ours.company, version=1, by=manager)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("hold_minutes", 9), ("repeats", 2), ("care_hours", 0), ("care_hours", 169), ("words", "loud: x x")],
    )
    def test_what_makes_no_sense_is_refused_and_nothing_kept(
        self, world: World, company: Actor, acting: Acting, field: str, value: Any
    ) -> None:
        with pytest.raises(Refused) as refused:
            self.agree(world, acting, company, **{field: value})

        assert refused.value.field == field
        with world.ours.scope():
            assert Terms.objects.count() == 0


class TestDuties:
    def test_both_sides_stand_side_by_side_and_each_sets_its_own(
        self, world: World, manager: Actor, company: Actor, acting: Acting
    ) -> None:
        here = (world.ours.company.pk, world.ours.operator.pk)
        day = date(2026, 12, 24)
        acting(set_duty, *here, "operator.care", who="石川", due_on=day, done=False, by=manager)
        acting(
            set_duty,
            *here,
            "company.policy",
            who="小林",
            due_on=None,
            done=True,
            note="サイトに掲示",
            by=company,
        )

        for reader, own in ((manager, 0), (company, 1)):
            rows = acting(duties_of, *here, actor=reader)
            assert [pair[own].mine for pair in rows] == [True] * len(PAIRS)
            assert [pair[1 - own].mine for pair in rows] == [False] * len(PAIRS)
            stands = {one.key: one.row for pair in rows for one in pair}
            assert (stands["operator.care"].who, stands["operator.care"].due_on) == ("石川", day)
            assert stands["company.policy"].done_on == NINE.date()
            assert acting(partners_of, reader) == [(world.ours.company, world.ours.operator)]
        assert told(world) == ["duty.changed"] * 2

    def test_who_sees_to_it_is_never_cut(self, world: World, manager: Actor, acting: Acting) -> None:
        here = (world.ours.company.pk, world.ours.operator.pk)
        for who in ("長" * 100, "長" * 101):
            with nullcontext() if len(who) == 100 else pytest.raises(Refused, match="101"):
                acting(set_duty, *here, "operator.care", who=who, due_on=None, done=False, by=manager)
        with world.ours.scope():
            assert [row.who for row in Duty.objects.all()] == ["長" * 100]

    def test_late_is_what_is_not_done_after_its_day(
        self, world: World, manager: Actor, acting: Acting
    ) -> None:
        here = (world.ours.company.pk, world.ours.operator.pk)
        acting(
            set_duty, *here, "operator.care", who="石川", due_on=date(2026, 11, 30), done=False, by=manager
        )
        acting(set_duty, *here, "operator.line", who="石川", due_on=date(2026, 11, 30), done=True, by=manager)
        acting(set_duty, *here, "operator.counsel", who="石川", due_on=NINE.date(), done=False, by=manager)

        rows = acting(duties_of, *here, actor=manager)

        assert [pair[0].key for pair in rows if pair[0].late] == ["operator.care"]

    def test_the_other_side_and_strangers_set_nothing(
        self, world: World, manager: Actor, company: Actor, agent: Actor, acting: Acting
    ) -> None:
        here = (world.ours.company.pk, world.ours.operator.pk)
        said = {"who": "x", "due_on": None, "done": True}
        with pytest.raises(NotAllowed):
            acting(set_duty, *here, "company.policy", by=manager, **said)
        with pytest.raises(NotAllowed):
            acting(set_duty, *here, "operator.policy", by=company, **said)
        for nobody in (agent, actor_of(world.theirs.manager)):
            with pytest.raises(NotFound):
                acting(set_duty, *here, "operator.policy", by=nobody, **said)
            assert acting(partners_of, nobody) in ([], [(world.theirs.company, world.theirs.operator)])
        with pytest.raises(NotFound):
            acting(set_duty, *here, "operator.nothing", by=manager, **said)
        with pytest.raises(Refused):
            acting(set_duty, *here, "operator.policy", who=" ", due_on=None, done=True, by=manager)
        with world.ours.scope():
            assert Duty.objects.count() == 0


class TestEvidence:
    @pytest.fixture
    def case(self, world: World) -> Case:
        return make_case(
            world.ours.entry_point, text="死ね", files=(File("写真/1.png", "image/png", b"\x89PNG"),)
        )

    @pytest.fixture
    def call(self, world: World, case: Case) -> Recording:
        side = world.ours
        with side.scope():
            message = Message.objects.get(case=case)
            call = Call.objects.create(
                company=side.company,
                uid="c1",
                entry_point=side.entry_point,
                desk=side.desk,
                called="+81312345678",
                offered_at=NINE,
                alive_at=NINE,
                message_id=message.pk,
            )
            sound = files.put(b"RIFF sound", company=side.company.pk)
            return Recording.objects.create(
                company=side.company, call=call, sha256=sound, size=10, milliseconds=1, at=NINE
            )

    def test_every_part_is_there_with_its_hash_and_the_fetching_is_told(
        self,
        world: World,
        case: Case,
        marked: Mark,
        call: Recording,
        supervisor: Actor,
        agent: Actor,
        acting: Acting,
    ) -> None:
        acting(marking.call_help, case, by=agent)

        with zipfile.ZipFile(acting(fetch_evidence, marked, by=supervisor)) as archive:
            contents = {name: archive.read(name) for name in archive.namelist()}

        manifest = json.loads(contents.pop("manifest.json"))
        assert {part["name"]: part["sha256"] for part in manifest["parts"]} == {
            name: hashlib.sha256(content).hexdigest() for name, content in contents.items()
        }
        names = [name.split("/")[0] for name in contents]
        assert names == ["messages.json", "events.json", "mark.json", "files", "recordings"]
        assert contents[f"recordings/{call.pk}.wav"] == b"RIFF sound"
        assert b"\x89PNG" in contents.values()
        assert [said["text"] for said in json.loads(contents["messages.json"])] == ["死ね"]
        kinds = [event["kind"] for event in json.loads(contents["events.json"])]
        # Who was called is among colleagues, and does not leave the house.
        assert "harassment.marked" in kinds
        assert "help.called" not in kinds
        with world.ours.scope():
            data = Event.objects.get(kind="harassment.evidence").data
        told_by = hashlib.sha256(json.dumps(manifest, ensure_ascii=False, indent=1).encode()).hexdigest()
        assert data == {"mark": marked.pk, "count": 5, "sha256": told_by}

    def test_what_the_contract_withholds_stays_withheld_and_is_named(
        self, world: World, case: Case, marked: Mark, supervisor: Actor, acting: Acting
    ) -> None:
        """Given a contract that masks addresses and hides names, then the file shows them no more than the console."""
        with world.ours.scope():
            name, address = Message.objects.values_list("sender_name", "sender_address").get(case=case)
            world.ours.engagement.masked, world.ours.engagement.hidden = ["email", "phone"], ["name"]
            world.ours.engagement.save()
            third = "店長(tencho@other.example、０９０－１２３４－５６７８)を出せ。注文 1234-5678-9013"
            Message.objects.filter(case=case).update(text=third)
            returned = {
                "message": 1,
                "recipient": address,
                "status": "5.1.1",
                "words": f"<{address}> unknown",
            }
            where = {"company": world.ours.company, "case_id": case.pk, "desk_id": case.desk_id}
            said = {"kind": "case.opened", "at": NINE, "actor_kind": "system", "actor_name": "intake"}
            Event.objects.create(**where, **said, data={"returned": [returned]})

        narrowed = actor_of(world.ours.supervisor)
        with world.ours.scope():
            [attached] = Attachment.objects.filter(message__case=case)
        with zipfile.ZipFile(acting(fetch_evidence, marked, by=narrowed)) as archive:
            contents = {part: archive.read(part).decode() for part in archive.namelist()}

        assert list(contents) == ["messages.json", "events.json", "mark.json", "manifest.json"]
        [said] = json.loads(contents["messages.json"])
        assert (said["sender_name"], said["sender_address"]) == ("", mask(address))
        assert [part for part, text in contents.items() if address in text or (name and name in text)] == []
        manifest = json.loads(contents["manifest.json"])
        assert (manifest["masked"], manifest["hidden"]) == (["email", "phone"], ["name"])
        assert said["text"] == "店長(te••••@••••.example、０９０••••••７８)を出せ。注文 1234-5678-9013"
        assert manifest["not_masked"] == ["メッセージと出来事の文中にある氏名と住所"]
        assert manifest["left_out"] == [
            {"name": f"files/{attached.pk}", "size": attached.size, "sha256": attached.sha256}
        ]
        assert "マスキングできない" in manifest["left_out_because"]
        assert attached.filename not in contents["manifest.json"]
        with zipfile.ZipFile(acting(fetch_evidence, marked, by=supervisor)) as archive:
            [whole] = json.loads(archive.read("messages.json"))
            told = json.loads(archive.read("manifest.json"))
            assert (told["left_out"], told["left_out_because"]) == ([], "")
            assert f"files/{attached.pk}-{attached.filename.replace('/', '_')}" in archive.namelist()
        assert (whole["sender_name"], whole["sender_address"], whole["text"]) == (name, address, third)

    def test_a_file_that_is_gone_is_named_as_missing(
        self, world: World, marked: Mark, call: Recording, supervisor: Actor, acting: Acting
    ) -> None:
        files.drop(call.sha256, company=world.ours.company.pk)

        with zipfile.ZipFile(acting(fetch_evidence, marked, by=supervisor)) as archive:
            manifest = json.loads(archive.read("manifest.json"))

        assert manifest["missing"] == [f"recordings/{call.pk}.wav"]
        assert len(manifest["parts"]) == 4

    def test_too_large_is_refused_and_nobody_but_seniors_fetches(
        self,
        world: World,
        marked: Mark,
        call: Recording,
        agent: Actor,
        company: Actor,
        supervisor: Actor,
        acting: Acting,
    ) -> None:
        for nobody in (agent, company, actor_of(world.theirs.supervisor)):
            with pytest.raises(NotAllowed):
                acting(fetch_evidence, marked, by=nobody)
        with world.ours.scope():
            Recording.objects.update(size=600 << 20)
        with pytest.raises(Refused):
            acting(fetch_evidence, marked, by=supervisor)
        assert "harassment.evidence" not in told(world)
