"""What is found, by whom, in which order, and what is shown of it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases.actions import add_note, assign, change_status, set_priority, set_tags
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Priority, Status
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import Engagement
from madoguchi.customers.factories import make_customer, make_identity
from madoguchi.customers.models import Customer
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search import queries
from madoguchi.search.actions import index
from madoguchi.search.asked import Remark, Told
from madoguchi.search.factories import index_everything
from madoguchi.search.models import Document
from madoguchi.search.queries import Found, Order

pytestmark = pytest.mark.django_db
START = datetime.fromisoformat("2026-08-01T10:00:00+09:00")


def page(world: World, text: str, actor: Actor | None, after: str = "", size: int = 50) -> Found:
    index_everything()
    with scope.acting_for([world.ours.company.pk]):
        return queries.search(text, actor=actor, desks=[world.ours.desk], after=after, size=size)


def found(world: World, text: str, actor: Actor | None = None) -> list[int]:
    return [hit.case for hit in page(world, text, actor).hits]


class TestWords:
    @pytest.mark.parametrize(
        "typed",
        [
            *("返品", "靴", "山﨑", "山崎", "悠", "kutsu@home", "KUTSU", "返品 山﨑", "サイズ違い", "ｻｲｽﾞ"),
            *('"靴の返品"', "「靴の返品」", "返品　-領収書", "  返品  ", "返品 "),
        ],
    )
    def test_all_of_them_must_be_somewhere_in_the_case(
        self, world: World, agent: Actor, shoes: Case, receipt: Case, typed: str
    ) -> None:
        assert found(world, typed, agent) == [shoes.pk]

    @pytest.mark.parametrize("typed", ["返品 斎藤", '"返品 靴"', "-返品 靴", "ない言葉", "", " ", "''"])
    def test_else_nothing_is_found(
        self, world: World, agent: Actor, shoes: Case, receipt: Case, typed: str
    ) -> None:
        assert found(world, typed, agent) == []

    def test_a_case_is_found_by_its_number_however_it_is_typed(
        self, world: World, agent: Actor, shoes: Case, receipt: Case
    ) -> None:
        number = shoes.spoken_number(world.ours.company.prefix)
        mentioned = make_case(world.ours.entry_point, text=f"{number}の続きです")
        for typed in (number, number.lower(), number.replace("-", ""), number.replace("-", "－")):
            assert found(world, typed, agent) == [shoes.pk, mentioned.pk], typed

    def test_a_reading_finds_its_customer(self, world: World, agent: Actor, shoes: Case) -> None:
        with world.ours.scope():
            Customer.objects.filter(pk=shoes.customer_id).update(kana="やまさき ゆう")
        for typed in ("やまさき", "ヤマサキ", "ﾔﾏｻｷ", "ヤマサキユウ", '"やまさき ゆう"'):
            assert found(world, typed, agent) == [shoes.pk], typed

    def test_notes_tags_and_names_of_files_are_found(self, world: World, agent: Actor, shoes: Case) -> None:
        receipt = make_case(
            world.ours.entry_point, files=(File("見積書_09.pdf", "application/pdf", b"%PDF"),)
        )
        with world.ours.scope():
            add_note(shoes, text="在庫は倉庫にあります", by=agent)
            set_tags(shoes, to=["初期不良"], by=agent)
        assert found(world, "倉庫", agent) == found(world, "初期不良", agent) == [shoes.pk]
        assert found(world, "見積書", agent) == [receipt.pk]

    def test_words_that_begin_with_a_hyphen_and_stand_alone_are_looked_for(
        self, world: World, agent: Actor, shoes: Case
    ) -> None:
        case = make_case(world.ours.entry_point, text="型番X-返品用")
        assert found(world, "-返品", agent) == [case.pk]
        assert found(world, "-返品 型番", agent) == []


class TestEither:
    def test_one_of_the_words_is_enough_and_all_others_must_be_there(
        self, world: World, agent: Actor
    ) -> None:
        point = world.ours.entry_point
        refund, exchange, neither = (
            make_case(point, text=words) for words in ("鍋の返品の件", "鍋を取り替えたい", "鍋のふたの件")
        )

        assert sorted(found(world, "返品 OR 取り替え", agent)) == [refund.pk, exchange.pk]
        assert sorted(found(world, "鍋 返品 または 取替え", agent)) == [refund.pk, exchange.pk]
        assert found(world, "鍋 返品 OR 取り替え -件", agent) == [exchange.pk]
        assert found(world, "返品 取り替え", agent) == []
        assert sorted(found(world, "返品 OR ふた OR 取り替え", agent)) == [refund.pk, exchange.pk, neither.pk]
        hits = page(world, "返品 OR 取り替え", agent).hits
        marked = {piece.text for hit in hits if hit.snippet for piece in hit.snippet.pieces if piece.hit}
        assert marked == {"返品", "取り替え"}


class TestChosenOrder:
    """The newest of what was found, in the order that was asked for; a number that was typed is always first."""

    @pytest.fixture
    def both(self, world: World, agent: Actor, shoes: Case) -> tuple[Case, Case]:
        """An older open case that says little of 返品, and a newer solved one whose subject says it."""
        solved = make_case(world.ours.entry_point, text="ありがとう", subject="返品の件")
        with world.ours.scope():
            change_status(solved, to=Status.SOLVED, by=agent)
        return shoes, solved

    def listed(self, world: World, text: str, actor: Actor, order: Order) -> list[int]:
        index_everything()
        with scope.acting_for([world.ours.company.pk]):
            found = queries.search(text, actor=actor, desks=[world.ours.desk], order=order)
        return [hit.case for hit in found.hits]

    def test_unsolved_ones_come_before_better_ones(
        self, world: World, agent: Actor, both: tuple[Case, Case]
    ) -> None:
        shoes, solved = both
        assert self.listed(world, "返品", agent, Order.BEST) == [solved.pk, shoes.pk]
        assert self.listed(world, "返品", agent, Order.UNSOLVED) == [shoes.pk, solved.pk]

    def test_newest_ones_come_before_better_ones(self, world: World, agent: Actor, both: object) -> None:
        better = make_case(world.ours.entry_point, text="はい", subject="消しゴム")
        newer = make_case(world.ours.entry_point, text="消しゴムのこと")
        assert self.listed(world, "消しゴム", agent, Order.BEST) == [better.pk, newer.pk]
        assert self.listed(world, "消しゴム", agent, Order.NEWEST) == [newer.pk, better.pk]

    @pytest.mark.parametrize("order", list(Order))
    def test_the_case_of_a_typed_number_is_first_though_solved(
        self, world: World, agent: Actor, both: tuple[Case, Case], order: Order
    ) -> None:
        number = both[1].spoken_number(world.ours.company.prefix)
        mentioned = make_case(world.ours.entry_point, text=f"{number}の続きです")
        assert self.listed(world, number, agent, order) == [both[1].pk, mentioned.pk]


class TestFilters:
    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("from:山崎", "shoes"),
            ("差出人:kutsu@home.example", "shoes"),
            ("from:領収書", ""),
            ("件名:領収書", "receipt"),
            ("subject:山崎", ""),
            ("after:2026-08-03", "receipt"),
            ("以降:2026年8月3日", "receipt"),
            ("before:2026/8/2", "shoes"),
            ("まで:2026-08-01", "shoes"),
            ("before:2026-08-01", ""),
            ("status:solved", "receipt"),
            ("状態:解決", "receipt"),
            ("状態:未解決", "shoes"),
            ("領収書 status:new", ""),
            ("tag:初期不良", "shoes"),
            ("タグ:初期", ""),
            ("assignee:me", "shoes"),
            ("担当:なし", "receipt"),
            ("has:attachment", ""),
            ("channel:email -領収書", "shoes"),
            ("経路:メール 領収書", "receipt"),
            ("お願い after:2026-08-01 before:2026-08-02", "shoes"),
            ("優先度:高", "shoes"),
            ("priority:normal", "receipt"),
            ("優先度:緊急", ""),
        ],
    )
    def test_each_narrows(
        self, world: World, agent: Actor, shoes: Case, receipt: Case, typed: str, expected: str
    ) -> None:
        with world.ours.scope():
            set_tags(shoes, to=["初期不良"], by=agent)
            assign(shoes, to=agent.id, by=agent)
            set_priority(shoes, to=Priority.HIGH, by=agent)
            change_status(receipt, to=Status.SOLVED, by=agent)
        by_name = {"shoes": [shoes.pk], "receipt": [receipt.pk], "": []}
        assert found(world, typed, agent) == by_name[expected]

    @pytest.mark.parametrize(
        ("typed", "remarks"),
        [
            ("担当:だれもいない", [(Told.NOBODY, "担当:だれもいない")]),
            ("状態:新規 状態:解決", [(Told.LAST_COUNTS, "状態:新規", "状態:解決")]),
            ("担当:なし 担当:me", [(Told.LAST_COUNTS, "担当:なし", "担当:me")]),
            ("after:2026-08-03 before:2026-08-01", [(Told.NO_TIME,)]),
            ("after:2026-08-01 before:2026-08-03 状態:新規 状態:新規", []),
        ],
    )
    def test_filters_that_find_nothing_or_are_passed_over_are_told(
        self, world: World, agent: Actor, typed: str, remarks: list[Remark]
    ) -> None:
        assert list(page(world, typed, agent).remarks) == remarks
        assert list(page(world, f"{typed} 靴", agent).remarks) == remarks

    def test_of_two_who_are_responsible_the_last_counts(
        self, world: World, agent: Actor, shoes: Case
    ) -> None:
        assert found(world, f"担当:「{world.ours.supervisor.name}」 担当:なし", agent) == [shoes.pk]

    def test_a_desk_by_its_name_and_whom_it_was_sent_to(
        self, world: World, agent: Actor, shoes: Case
    ) -> None:
        assert found(world, f"desk:{world.ours.desk.name}", agent) == [shoes.pk]
        assert found(world, f"to:{world.ours.entry_point.address} 返品", agent) == [shoes.pk]
        assert found(world, "to:nobody@home.example 返品", agent) == []

    @pytest.mark.parametrize("written", ["状態:良好", "before:いつか", "本文:お礼", "http://a.example"])
    def test_what_means_nothing_as_a_filter_is_a_word(
        self, world: World, agent: Actor, shoes: Case, written: str
    ) -> None:
        case = make_case(world.ours.entry_point, text=f"こちらです。{written}、以上")
        assert found(world, written, agent) == [case.pk]

    def test_whether_a_person_exists_is_not_told(self, world: World, agent: Actor, shoes: Case) -> None:
        nine_words = " ".join(["返品"] * 8)
        for name in (world.theirs.supervisor.name, world.theirs.supervisor.email, "どなた"):
            assert found(world, f"{nine_words} assignee:{name}x", agent) == []
            assert found(world, f"{nine_words} assignee:{name}", agent) == []


@pytest.mark.parametrize(
    ("width", "found", "seconds", "then"),
    [
        (1, 0, 0.001, 4),
        (16, 399, 0.02, 64),
        (64, 0, 0.2, 32),
        (64, 0, 12.8, 1),
        (4, 400, 0.001, 4),
        (1, 0, 0.0, 4),
    ],
)
def test_segments_are_asked_for_as_many_at_once_as_time_allows(
    width: int, found: int, seconds: float, then: int
) -> None:
    assert queries._next_width(width, found, seconds) == then


class TestOrder:
    @pytest.fixture
    def many(self, world: World) -> list[Case]:
        cases = []
        for n in range(7):
            with clock.held_at(START + timedelta(minutes=n)):
                cases.append(make_case(world.ours.entry_point, text=f"返品です。{n}"))
        return cases

    @pytest.mark.parametrize("size", [1, 2, 3, 50])
    def test_pages_put_together_hold_every_case_once(
        self, world: World, agent: Actor, many: list[Case], size: int
    ) -> None:
        say_again(many[0], text="返品はまだですか")
        first = page(world, "返品", agent, size=size)
        assert (first.count, first.more) == (7, False)
        seen, following = [hit.case for hit in first.hits], first.next
        while following:
            later = page(world, "返品", agent, after=following, size=size)
            seen, following = seen + [hit.case for hit in later.hits], later.next
        assert sorted(seen) == [case.pk for case in many]

    def test_pages_of_a_filter_alone_hold_every_case_once(
        self, world: World, agent: Actor, many: list[Case]
    ) -> None:
        first = page(world, "status:new", agent, size=4)
        second = page(world, "status:new", agent, after=first.next, size=4)
        assert [hit.case for hit in (*first.hits, *second.hits)] == [case.pk for case in reversed(many)]
        assert second.next == ""

    def test_blocks_follow_one_another_without_a_seam(
        self, world: World, agent: Actor, many: list[Case], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "BLOCK", 3)
        seen, following = [], ""
        while True:
            part = page(world, "返品", agent, after=following, size=2)
            seen, following = seen + [hit.case for hit in part.hits], part.next
            if not following:
                break
        assert sorted(seen) == [case.pk for case in many]
        assert set(seen[:3]) == {case.pk for case in many[-3:]}

    def test_the_newest_come_first_however_the_planner_joins(
        self,
        world: World,
        agent: Actor,
        many: list[Case],
        as_owner: Callable[[], AbstractContextManager[None]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Where very many documents seemed to be there, it put the few found ones into the table of a hash join, and
        had them out of it in any order.
        """
        monkeypatch.setattr(queries, "BLOCK", 3)
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE pg_class SET reltuples = 1e6, relpages = 1 WHERE oid = 'search_document'::regclass"
            )
            cursor.execute("SET LOCAL enable_nestloop = off")
        first = page(world, "返品", agent, size=3)
        assert {hit.case for hit in first.hits} == {case.pk for case in many[-3:]}
        second = page(world, "返品", agent, after=first.next, size=3)
        assert {hit.case for hit in second.hits} == {case.pk for case in many[1:4]}

    def test_a_count_stops(
        self, world: World, agent: Actor, many: list[Case], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "COUNT_TO", 5)
        counted = page(world, "返品", agent, size=2)
        assert (counted.count, counted.more) == (5, True)

    def test_a_name_comes_before_a_word_in_passing(
        self, world: World, agent: Actor, many: list[Case]
    ) -> None:
        named = make_case(world.ours.entry_point, sender=Party("x@home.example", "返品 花子"))
        make_case(world.ours.entry_point, text="返品のこと")
        assert found(world, "返品", agent)[0] == named.pk

    @pytest.mark.parametrize("after", ["nonsense", "1.2", "-1.0.0", "9" * 30 + ".0.0"])
    def test_a_place_that_makes_no_sense_is_the_beginning(
        self, world: World, agent: Actor, many: list[Case], after: str
    ) -> None:
        assert len(page(world, "返品", agent, after=after).hits) == 7


class TestCustomersWithoutACase:
    @pytest.fixture
    def lonely(self, world: World, shoes: Case) -> Customer:
        customer = make_customer(world.ours.company, name="渡邊 花子", phone="090-1234-5678")
        with world.ours.scope():
            index(cases=[], customers=[customer.pk])
        return customer

    @pytest.mark.parametrize(
        "typed", ["渡辺", "たなか", "09012345678", "+81 90-1234-5678", "渡邉 mail.example"]
    )
    def test_they_are_found_beside_the_cases(
        self, world: World, agent: Actor, lonely: Customer, typed: str
    ) -> None:
        found = page(world, typed, agent)
        assert (found.hits, found.customers, found.count) == ([], [lonely.pk], 0)

    @pytest.mark.parametrize("typed", ["渡辺 返品", "渡辺 -花子", "渡辺 status:new", "返品", "花"])
    def test_only_by_all_words_and_where_nothing_is_asked_of_a_case(
        self, world: World, agent: Actor, lonely: Customer, typed: str
    ) -> None:
        assert page(world, typed, agent).customers == ([lonely.pk] if typed == "花" else [])

    def test_who_has_a_case_is_found_by_it(self, world: World, agent: Actor, shoes: Case) -> None:
        found = page(world, "山崎", agent)
        assert ([hit.case for hit in found.hits], found.customers) == ([shoes.pk], [])

    def test_neither_others_nor_those_who_may_not_see_it_find_them(
        self, world: World, lonely: Customer
    ) -> None:
        theirs = actor_of(world.theirs.agent)
        with scope.acting_for(theirs.companies):
            desks = [world.theirs.desk, world.ours.desk]
            assert queries.search("渡辺", actor=theirs, desks=desks).customers == []
        with world.ours.scope():
            Engagement.objects.filter(company=world.ours.company).update(masked=["phone"])
        kept_from = actor_of(world.ours.agent)
        assert page(world, "09012345678", kept_from).customers == []
        assert page(world, "渡辺", kept_from).customers == [lonely.pk]


class TestSnippets:
    def test_it_shows_the_words_where_they_stand(self, world: World, agent: Actor) -> None:
        text = (
            "いつもお世話になっております。" * 5
            + "先日の\nﾍﾝﾋﾟﾝ（返品）の件です。"
            + "よろしくお願いいたします。" * 9
        )
        make_case(world.ours.entry_point, text=text, subject="件")
        [hit] = page(world, "へんぴん 返品", agent).hits
        assert hit.match
        assert (hit.match.kind, hit.match.field) == ("message", "text")
        assert hit.snippet
        assert [piece.text for piece in hit.snippet.pieces if piece.hit] == ["ﾍﾝﾋﾟﾝ", "返品"]
        assert str(hit.snippet).startswith("…")
        assert str(hit.snippet).endswith("…")
        assert "先日の ﾍﾝﾋﾟﾝ（返品）の件です。" in str(hit.snippet)

    @pytest.mark.parametrize("between", [300, 5000])
    def test_it_shows_where_most_of_the_words_stand_together(
        self, world: World, agent: Actor, between: int
    ) -> None:
        text = "靴を買いました。" + "あ" * between + "靴を返品します。" + "い" * 200 + "返品"
        make_case(world.ours.entry_point, text=text, subject="件")
        [hit] = page(world, "靴 返品", agent).hits
        assert str(hit.snippet) == "…" + "あ" * 24 + "靴を返品します。" + "い" * 88 + "…"
        assert hit.snippet
        assert [piece.text for piece in hit.snippet.pieces if piece.hit] == ["靴", "返品"]

    @pytest.mark.parametrize(
        ("typed", "field", "shown"),
        [
            ("山崎", "name", "山﨑 悠"),
            ("kutsu", "email", "kutsu@home.example"),
            ("サイズ", "subject", "サイズ違い"),
        ],
    )
    def test_of_a_customer_or_a_subject_it_is_the_field(
        self, world: World, agent: Actor, shoes: Case, typed: str, field: str, shown: str
    ) -> None:
        [hit] = page(world, typed, agent).hits
        assert hit.match
        assert (hit.match.field, str(hit.snippet)) == (field, shown)


class TestWalls:
    def test_another_company_finds_nothing(self, world: World, shoes: Case) -> None:
        index_everything()
        theirs = actor_of(world.theirs.agent)
        with scope.acting_for(theirs.companies):
            desks = [world.theirs.desk, world.ours.desk]
            assert queries.search("返品", actor=theirs, desks=desks) == Found([], "", 0, more=False)
            assert Document.objects.count() == 0

    def test_a_desk_that_is_not_asked_for_is_not_searched(self, world: World, agent: Actor) -> None:
        with world.ours.scope():
            desk = make_desk(world.ours.company, name="修理窓口")
            point = make_entry_point(desk, address="repair@hinata.example")
        make_case(point, text="返品")
        assert found(world, "返品", agent) == []

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("name", "山崎"),
            ("email", "kutsu@home"),
            ("kana", "やまさき"),
            ("phone", "09012345678"),
            ("memo", "常連"),
        ],
    )
    @pytest.mark.parametrize("how", ["masked", "hidden"])
    def test_what_is_kept_from_a_reader_does_not_answer(
        self, world: World, shoes: Case, field: str, typed: str, how: str
    ) -> None:
        with world.ours.scope():
            Customer.objects.filter(pk=shoes.customer_id).update(kana="やまさき", memo="常連の方")
            customer = Customer.objects.get(pk=shoes.customer_id)
            customer.identities.create(
                company=world.ours.company, kind="phone", value="+819012345678", written="090-1234-5678"
            )
            assert found(world, typed, actor_of(world.ours.agent)) == [shoes.pk]
            Engagement.objects.filter(company=world.ours.company).update(**{how: [field]})
            kept_from = actor_of(world.ours.agent)
            assert found(world, typed, kept_from) == []
            assert page(world, typed, kept_from).count == 0
            assert found(world, f"返品 {typed}", kept_from) == []
            assert found(world, f'返品 -"{typed}"', kept_from) == [shoes.pk]
            assert found(world, f"from:{typed}", kept_from) == []

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, 11), st.integers(3, 12), st.sampled_from(["090-1234-5678", "+819012345678"]))
    def test_no_part_of_a_hidden_number_finds_or_counts_anything(
        self, world: World, hidden_number: Actor, start: int, length: int, written: str
    ) -> None:
        part = written[start : start + length]
        for typed in (part, f"返品 {part}", f'"{part}"', f"from:{part}", part.replace("-", "")):
            if sum(c.isdecimal() for c in part) >= 5:
                with world.ours.scope():
                    answer = queries.search(typed, actor=hidden_number, desks=[world.ours.desk])
                assert answer == Found([], "", 0, more=False), typed

    @pytest.fixture
    def hidden_number(self, world: World, shoes: Case) -> Actor:
        customers = [Customer(pk=shoes.customer_id), make_customer(world.ours.company)]
        values = ("090-1234-5678", "090-1234-56780")
        for customer, number in zip(customers, values, strict=True):
            customer.company_id = world.ours.company.pk
            make_identity(customer, IdentityKind.PHONE, number)
        with world.ours.scope():
            Engagement.objects.filter(company=world.ours.company).update(hidden=["phone", "email"])
            index(cases=[shoes.pk], customers=[customers[1].pk])
        index_everything()
        return actor_of(world.ours.agent)

    def test_the_keys_are_read_by_the_function_alone(self, world: World, shoes: Case) -> None:
        index_everything()
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            world.ours.scope(),
        ):
            connection.cursor().execute("SELECT keys FROM search_posting")
        for company, there in ((world.ours.company, True), (world.theirs.company, False)):
            with scope.acting_for([company.pk]), connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM search_candidates(0, 0, %s)", [[f"{{{ord('靴')}}}"]])
                assert (cursor.fetchone()[0] > 0) is there
