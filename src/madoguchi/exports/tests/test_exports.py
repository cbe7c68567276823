"""Lists written into files: which cases, what of them, for whom; once, for a day, and never in silence."""

import csv
import zipfile
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.conf import settings

from madoguchi.cases.actions import assign, rename, set_tags
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Note
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.exports import actions, lists
from madoguchi.exports.actions import KEPT, cancel, expire, export_articles, export_list, take, work
from madoguchi.exports.lists import Wanted
from madoguchi.exports.models import Export
from madoguchi.exports.queries import export_of, exports_of
from madoguchi.exports.tables import COLUMNS, rows_of
from madoguchi.fields.factories import make_field
from madoguchi.infra import scope, stopping
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge.archive import articles_in
from madoguchi.knowledge.factories import add_picture, approved, make_article
from madoguchi.people.actions import deactivate
from madoguchi.people.factories import World
from madoguchi.people.models import Seat
from madoguchi.people.queries import actor_of
from madoguchi.search.factories import index_everything
from madoguchi.views.actions import add_view
from madoguchi.views.models import SavedView

pytestmark = pytest.mark.django_db
ALL = Wanted(view="all")


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.supervisor)


@pytest.fixture
def cases(world: World) -> list[Case]:
    """Three of ours, the oldest first, and one of another company."""
    made = [
        make_case(world.ours.entry_point, subject=subject, sender=Party(f"c{n}@home.example", "髙橋 美咲"))
        for n, subject in enumerate(["返品", "=cmd|' /C calc'!A0", "領収書,「㈱」\n改行"])
    ]
    make_case(world.theirs.entry_point, subject="よその用件")
    return made


def begun(world: World, by: Actor, wanted: Wanted = ALL, columns: tuple[str, ...] = tuple(COLUMNS)) -> Export:
    with world.ours.scope():
        return export_list(wanted, company=world.ours.company.pk, called="一覧", columns=columns, by=by)


def worked(world: World, export: Export) -> Export:
    work(export.pk, company=world.ours.company.pk)
    with world.ours.scope():
        return Export.objects.get(pk=export.pk)


def all_of(file: BinaryIO) -> bytes:
    with file:
        return file.read()


def table(world: World, by: Actor, wanted: Wanted = ALL, *columns: str) -> list[list[str]]:
    """The file of a list, read as a spreadsheet does."""
    export = worked(world, begun(world, by, wanted, columns or ("subject",)))
    assert (export.state, export.reason) == ("ready", "")
    with world.ours.scope():
        content = all_of(take(export, by=by))
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def kinds(world: World) -> list[str]:
    with world.ours.scope():
        return list(
            Event.objects.filter(kind__startswith="list.").order_by("id").values_list("kind", flat=True)
        )


def kept(world: World) -> list[Path]:
    folder = Path(settings.FILES_ROOT) / str(world.ours.company.pk)
    with world.ours.scope():
        return [folder / one[:2] / one for one in Export.objects.values_list("sha256", flat=True) if one]


class TestWhatStandsInIt:
    def test_what_the_list_shows_newest_first_and_no_cell_is_a_formula(
        self, world: World, lead: Actor, cases: list[Case]
    ) -> None:
        rows = table(world, lead, ALL, "number", "subject", "customer", "status")

        prefix = world.ours.company.prefix
        assert rows == [
            ["受付番号", "件名", "お客様", "状態"],
            [cases[2].spoken_number(prefix), cases[2].subject, "髙橋 美咲", "新規"],
            [cases[1].spoken_number(prefix), "'=cmd|' /C calc'!A0", "髙橋 美咲", "新規"],
            [cases[0].spoken_number(prefix), "返品", "髙橋 美咲", "新規"],
        ]

    @pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t="])
    def test_whatever_a_customer_begins_with_stays_words(
        self, world: World, lead: Actor, cases: list[Case], begins: str
    ) -> None:
        with world.ours.scope():
            Case.objects.filter(pk=cases[0].pk).update(subject=f"{begins}1+1")
        assert table(world, lead)[-1] == [f"'{begins}1+1"]

    def test_every_column_of_every_case(self, world: World, lead: Actor, cases: list[Case]) -> None:
        with world.ours.scope():
            assign(cases[0], to=world.ours.agent.pk, by=lead)
            set_tags(cases[0], to=["急ぎ", "返品"], by=lead)
        rows = table(world, lead, ALL, *COLUMNS)
        assert [len(row) for row in rows] == [len(COLUMNS)] * 4
        found = next(dict(zip(rows[0], row, strict=True)) for row in rows if "返品" in row)
        opened = cases[0].opened_at.astimezone(clock.TOKYO)
        assert (found["担当"], found["タグ"]) == (world.ours.agent.name, "急ぎ、返品")
        assert found["受付日時（日本時間）"] == f"{opened:%Y-%m-%d %H:%M:%S}"
        assert (found["優先度"], found["チャネル"], found["メッセージ数"]) == ("通常", "メール", "1")

    def test_what_the_contract_keeps_from_the_owner_is_kept_from_the_file(
        self, world: World, cases: list[Case]
    ) -> None:
        field = make_field(world.ours.desk, label="立会い")
        with world.ours.scope():
            world.ours.engagement.masked, world.ours.engagement.hidden = ["name"], []
            world.ours.engagement.save()
            Case.objects.update(filled={field.key: "髙橋様の奥様"})
        by, company = actor_of(world.ours.supervisor), actor_of(world.ours.company_manager)
        assert {row[0] for row in table(world, by, ALL, "customer")[1:]} == {"髙••••"}
        assert {row[0] for row in table(world, company, ALL, "customer")[1:]} == {"髙橋 美咲"}
        with world.ours.scope():
            lines, _count = rows_of([cases[0].pk], ["number"], {field.pk: "立会い"}, actor=by)
        assert lines.strip().endswith(",••様の奥様")

    def test_each_kind_of_list(self, world: World, lead: Actor, cases: list[Case]) -> None:
        index_everything()
        with world.ours.scope():
            set_tags(cases[0], to=["急ぎ"], by=lead)
            assign(cases[1], to=lead.id, by=lead)
            note = Note.objects.create(
                company=cases[0].company, case=cases[0], user_id=lead.id, text="@", at=clock.now()
            )
            note.mentions.create(company=cases[0].company, case=cases[0], user_id=lead.id, at=clock.now())
            wanted = {"version": 1, "all": [{"field": "subject", "test": "contains", "value": "領収書"}]}
            view = add_view(
                world.ours.company, audience=SavedView.Audience.OWNER, name="x", filter=wanted, by=lead
            )
        subjects = {
            name: [row[0] for row in table(world, lead, wanted_)[1:]]
            for name, wanted_ in {
                "tag": Wanted(tag="急ぎ"),
                "mine": Wanted(view="mine"),
                "mentions": Wanted(view="mentions"),
                "saved": Wanted(saved=view.pk),
                "search": Wanted(text="返品"),
                "unread": Wanted(text="is:unread 領収書"),
                "none": Wanted(view="solved"),
                "desk": Wanted(view="all", desk=world.ours.desk.pk),
            }.items()
        }
        assert {name: len(found) for name, found in subjects.items()} == {
            "tag": 1,
            "mine": 1,
            "mentions": 1,
            "saved": 1,
            "search": 1,
            "unread": 1,
            "none": 0,
            "desk": 3,
        }
        assert subjects["tag"] == subjects["mentions"] == subjects["search"] == ["返品"]
        assert subjects["saved"] == subjects["unread"] == [cases[2].subject]

    def test_a_case_that_is_touched_meanwhile_is_not_left_out(
        self, world: World, lead: Actor, cases: list[Case], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Given pages of one, something happens to the oldest after the first: it goes back to the head of the list."""

        lines_of, looked = lists._lines, []

        def lines(*asked: object) -> object:
            for line in lines_of(*asked):  # type: ignore[arg-type]
                if not looked:
                    looked.append(line)
                    rename(cases[0], to="返品（急ぎ）", by=lead)
                yield line

        monkeypatch.setattr(lists, "CHUNK", 1)
        monkeypatch.setattr(lists, "_lines", lines)
        assert sorted(row[0] for row in table(world, lead)[1:]) == sorted(
            ["返品（急ぎ）", "'" + cases[1].subject, cases[2].subject]
        )

    def test_nothing_of_another_company_or_desk(self, world: World, lead: Actor, cases: list[Case]) -> None:
        elsewhere = make_case(make_entry_point(make_desk(world.ours.company)), subject="別の窓口")
        mine = {row[0] for row in table(world, lead)[1:]}
        whole = {row[0] for row in table(world, actor_of(world.ours.company_manager))[1:]}
        assert elsewhere.subject not in mine
        assert whole == mine | {elsewhere.subject}
        assert "よその用件" not in whole


class TestWhoMay:
    @pytest.mark.parametrize("who", ["agent", "company_staff"])
    def test_who_answers_for_no_data_takes_none(self, world: World, cases: list[Case], who: str) -> None:
        with pytest.raises(NotAllowed):
            begun(world, actor_of(getattr(world.ours, who)))
        with world.ours.scope():
            assert not Export.objects.exists()
        assert kinds(world) == []

    def test_another_companys_lead_neither_begins_nor_finds_nor_takes(
        self, world: World, lead: Actor, cases: list[Case]
    ) -> None:
        export, other = worked(world, begun(world, lead)), actor_of(world.theirs.supervisor)
        with pytest.raises(NotAllowed):
            begun(world, other)
        with world.ours.scope():
            for act in (take, cancel):
                with pytest.raises(NotAllowed):
                    act(export, by=other)
            with pytest.raises(NotFound):
                export_of(export.pk, actor=actor_of(world.ours.manager))
            assert exports_of(actor_of(world.ours.manager), most=5) == []
            assert [one.pk for one in exports_of(lead, most=5)] == [export.pk]
        assert kinds(world) == ["list.exported"]

    def test_who_has_left_meanwhile_gets_nothing(self, world: World, lead: Actor, cases: list[Case]) -> None:
        export = begun(world, lead)
        with world.ours.scope():
            Seat.objects.filter(member__user=world.ours.supervisor).delete()
        done = worked(world, export)
        assert (done.state, done.sha256, kept(world)) == ("failed", "", [])

    def test_a_list_without_a_column_or_with_too_many_cases_is_refused(
        self, world: World, lead: Actor, cases: list[Case], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(Refused):
            begun(world, lead, columns=("nonsense",))
        monkeypatch.setattr(actions, "MOST_CASES", 2)
        done = worked(world, begun(world, lead))
        assert (done.state, "2" in done.reason, done.sha256) == ("failed", True, "")


class TestOnce:
    def test_it_is_taken_once_told_and_gone(self, world: World, lead: Actor, cases: list[Case]) -> None:
        export = worked(world, begun(world, lead))
        (file,) = kept(world)
        assert file.exists()
        with world.ours.scope():
            take(export, by=lead).close()
            with pytest.raises(Conflict):
                take(export, by=lead)
            told = Event.objects.get(kind="list.taken")
        assert (told.actor_id, told.data["cases"], told.data["export"]) == (lead.id, 3, export.pk)
        assert (kinds(world), kept(world)) == (["list.exported", "list.taken"], [])

    @pytest.mark.django_db(transaction=True)
    def test_its_bytes_leave_the_disk(self, world: World, lead: Actor, cases: list[Case]) -> None:
        first, second = (worked(world, begun(world, lead)) for _ in range(2))
        (file, _same) = kept(world)
        with world.ours.scope():
            take(first, by=lead).close()
        there = file.exists()
        with world.ours.scope():
            taken = take(second, by=lead)
        assert (there, file.exists()) == (True, False)
        # Whoever reads it already reads it to its end.
        assert "件名" in all_of(taken).decode("utf-8-sig")

    def test_after_a_day_it_is_dropped(self, world: World, lead: Actor, cases: list[Case]) -> None:
        export = worked(world, begun(world, lead))
        with clock.held_at(clock.now() + KEPT + timedelta(minutes=1)):
            with world.ours.scope(), pytest.raises(Conflict):
                take(export, by=lead)
            assert (expire(), expire()) == (1, 0)
        with world.ours.scope():
            assert not Export.objects.exists()
        assert kinds(world) == ["list.exported"]

    def test_what_was_searched_for_is_not_in_the_log(
        self, world: World, lead: Actor, cases: list[Case]
    ) -> None:
        begun(world, lead, Wanted(text="髙橋 美咲"))
        with world.ours.scope():
            assert "美咲" not in str(Event.objects.get(kind="list.exported").data)


class TestWork:
    def test_who_stops_it_gets_no_file(self, world: World, lead: Actor, cases: list[Case]) -> None:
        export = begun(world, lead)
        with world.ours.scope():
            cancel(export, by=lead)
        done = worked(world, export)
        assert (done.state, done.sha256, kinds(world)) == (
            *("cancelled", ""),
            ["list.exported", "list.export_cancelled"],
        )

    def test_stopped_between_two_slices(
        self, world: World, lead: Actor, cases: list[Case], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export, rows_of = begun(world, lead), actions.rows_of
        monkeypatch.setattr(actions, "SLICE", 1)

        def stopped(*given: object, **more: object) -> object:
            if Export.objects.get(pk=export.pk).done == 1:
                cancel(export, by=lead)
            return rows_of(*given, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(actions, "rows_of", stopped)
        done = worked(world, export)
        assert (done.state, done.done, done.total, done.sha256) == ("cancelled", 1, 3, "")

    def test_a_worker_that_is_to_end_leaves_it_to_the_next_which_begins_anew(
        self, world: World, lead: Actor, cases: list[Case], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export = begun(world, lead)
        monkeypatch.setattr(actions, "is_stopping", lambda: True)
        assert worked(world, export).state == "running"
        monkeypatch.setattr(actions, "is_stopping", stopping.is_stopping)
        assert (worked(world, export).done, worked(world, export).state) == (3, "ready")

    def test_a_fault_of_the_program_is_said(
        self, world: World, lead: Actor, cases: list[Case], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export = begun(world, lead)

        def broken(*_given: object, **_more: object) -> None:
            raise ValueError("broken")

        monkeypatch.setattr(actions, "rows_of", broken)
        with pytest.raises(ValueError, match="broken"):
            work(export.pk, company=world.ours.company.pk)
        with world.ours.scope():
            found = Export.objects.get(pk=export.pk)
        assert (found.state, bool(found.reason), found.sha256) == ("failed", True, "")


class TestAllArticles:
    def begun(self, world: World, by: Actor) -> Export:
        with world.ours.scope():
            return export_articles(world.ours.company, by=by)

    @pytest.fixture
    def manager(self, world: World) -> Actor:
        return actor_of(world.ours.company_manager)

    @pytest.fixture
    def two(self, world: World, manager: Actor) -> None:
        with world.ours.scope():
            for title in ("返品", "領収書"):
                approved(world.ours.company, by=manager, title=title, body=f"{title}の答え")
        with world.theirs.scope():
            approved(
                world.theirs.company,
                by=actor_of(world.theirs.company_manager),
                title="よその記事",
                body="秘密",
            )

    @pytest.mark.usefixtures("two")
    def test_they_come_as_one_archive_once_and_the_log_says_so(self, world: World, manager: Actor) -> None:
        export = worked(world, self.begun(world, manager))

        assert (export.state, export.done, export.total) == ("ready", 2, 2)
        with world.ours.scope():
            content = all_of(take(export, by=manager))
        with zipfile.ZipFile(BytesIO(content)) as archive:
            articles = articles_in({name: archive.read(name) for name in archive.namelist()})
        assert [(one.versions[0].title, one.versions[0].body) for one in articles] == [
            ("返品", "返品の答え"),
            ("領収書", "領収書の答え"),
        ]
        with world.ours.scope():
            taken = Event.objects.get(kind="list.taken")
            assert (taken.data["cases"], taken.actor_id) == (0, manager.id)
            assert Event.objects.get(kind="articles.taken_along").actor_id == manager.id
            with pytest.raises(Conflict):
                take(export, by=manager)

    @pytest.mark.usefixtures("two")
    def test_stopped_meanwhile_there_is_no_file(
        self, world: World, manager: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export = self.begun(world, manager)
        gather = actions.along_of

        def stopping(*args: Any, **more: Any) -> Any:
            gathered = gather(*args, **more)
            cancel(export, by=manager)
            return gathered

        monkeypatch.setattr(actions, "along_of", stopping)

        assert (worked(world, export).state, kept(world)) == ("cancelled", [])

    @pytest.mark.usefixtures("two")
    def test_a_process_that_ends_leaves_it_and_the_log_tells_of_one_archive(
        self, world: World, manager: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export = self.begun(world, manager)
        with monkeypatch.context() as ending:
            ending.setattr(actions, "is_stopping", lambda: True)
            assert (worked(world, export).state, kept(world)) == ("running", [])
        with world.ours.scope():
            assert not Event.objects.filter(kind="articles.taken_along").exists()

        assert worked(world, export).state == "ready"
        with world.ours.scope():
            assert Event.objects.get(kind="articles.taken_along").data == {"articles": 2}

    @pytest.mark.parametrize(("bound", "most"), [("MOST_OF_AN_UPLOAD", 32), ("MOST_FILES", 3)])
    @pytest.mark.usefixtures("two")
    def test_what_could_not_be_brought_in_again_is_refused(
        self, world: World, manager: Actor, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
    ) -> None:
        with monkeypatch.context() as bounded:
            bounded.setattr(actions, bound, most)
            export = worked(world, self.begun(world, manager))
        assert (export.state, kept(world)) == ("failed", [])
        assert "コマンドライン" in export.reason

        monkeypatch.setattr(actions, bound, most + 1)
        assert worked(world, self.begun(world, manager)).state == "ready"

    @pytest.mark.usefixtures("two")
    def test_a_picture_is_read_as_it_is_written(
        self, world: World, manager: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with world.ours.scope():
            name = add_picture(world.ours.company, by=manager, filename="箱.png")
            make_article(world.ours.company, by=manager, title="箱", body=f"![箱](files/{name})")
        export = worked(world, self.begun(world, manager))

        with world.ours.scope():
            content = all_of(take(export, by=manager))
        with zipfile.ZipFile(BytesIO(content)) as archive:
            articles = articles_in({name: archive.read(name) for name in archive.namelist()})
        [file] = [one for article in articles for one in article.files]
        assert (file.name, file.filename, file.content[:4]) == (name, "箱.png", b"\x89PNG")

    @pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
    def test_only_who_approves_them_all_has_them_written(self, world: World, who: str) -> None:
        with pytest.raises(NotAllowed):
            self.begun(world, actor_of(getattr(world.ours, who)))
        with pytest.raises(NotAllowed):
            self.begun(world, actor_of(world.theirs.company_manager))
        with world.ours.scope():
            assert (Export.objects.exists(), kinds(world)) == (False, [])

    def test_who_may_no_more_gets_none(self, world: World, manager: Actor) -> None:
        export = self.begun(world, manager)
        with scope.everywhere(reason="test"):
            deactivate(world.ours.company_manager, by=actor_of(world.administrator))

        assert (worked(world, export).state, kept(world)) == ("failed", [])
