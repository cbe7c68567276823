"""The words of automatic letters: a measured time as people say it, and no line about what is not known."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, ReplyTime
from madoguchi.cases.queries import reply_time as measured_time
from madoguchi.cases.reply_time import slot_of
from madoguchi.companies.models import Desk
from madoguchi.delivery import abroad
from madoguchi.delivery.actions.acknowledge import text_for
from madoguchi.delivery.wording import acknowledgement, brings_own_page, own_text, spoken_in, usual_reply_time
from madoguchi.kernel import clock
from madoguchi.kernel.languages import ABROAD
from madoguchi.people.factories import World

MONDAY = datetime.fromisoformat("2026-08-03T10:00:00+09:00")
MINUTE, HOUR, DAY = 60, 3600, 86_400
TOLD = {
    0: ("usually within 30 minutes", "通常30分以内"),
    30 * MINUTE: ("usually within 30 minutes", "通常30分以内"),
    30 * MINUTE + 1: ("usually within 1 hour", "通常1時間以内"),
    HOUR + 1: ("usually within 2 hours", "通常2時間以内"),
    4 * HOUR + 1: ("usually within 6 hours", "通常6時間以内"),
    12 * HOUR: ("usually within 12 hours", "通常12時間以内"),
    12 * HOUR + 1: ("usually by the next day", "通常、翌日まで"),
    DAY + 1: ("usually within 2 days", "通常2日以内"),
    14 * DAY: ("usually within 14 days", "通常14日以内"),
    14 * DAY + 1: ("", ""),
}


@pytest.mark.parametrize("seconds", TOLD)
def test_a_time_is_rounded_up_to_what_people_say(seconds: int) -> None:
    with translation.override("en"):
        english = usual_reply_time(seconds)
    with translation.override("ja"):
        assert (english, usual_reply_time(seconds)) == TOLD[seconds]


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert usual_reply_time(None) == ""


@given(st.integers(0, 20 * DAY))
def test_what_is_said_is_never_shorter_than_the_time(seconds: int) -> None:
    units = {"minutes": MINUTE, "hour": HOUR, "hours": HOUR, "day": DAY, "days": DAY}
    with translation.override("en"):
        said = usual_reply_time(seconds).replace("by the next day", "within 1 day")

    if not said:
        assert seconds > 14 * DAY
    else:
        *_usually, number, unit = said.split()
        assert int(number) * units[unit] >= seconds


OWN = "{{customer}} 様\n{{case}} を受け付けました。\nご返信は{{ reply_time }}にお送りします。\n{{desk}}"
VALUES = {"customer": "佐藤", "case": "H-1001", "desk": "修理センター"}


@pytest.mark.parametrize(
    ("reply_time", "expected"),
    [
        (
            "通常1時間以内",
            "佐藤 様\nH-1001 を受け付けました。\nご返信は通常1時間以内にお送りします。\n修理センター",
        ),
        ("", "佐藤 様\nH-1001 を受け付けました。\n修理センター"),
    ],
)
def test_a_line_about_the_time_stands_only_where_it_is_known(reply_time: str, expected: str) -> None:
    assert acknowledgement(OWN, {**VALUES, "reply_time": reply_time}) == expected


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("a\n{{reply_time}}", "a\n"),
        ("{{reply_time}}\nb", "b"),
        ("{{reply_time}}", ""),
        ("{{reply_times}}", "{{reply_times}}"),
    ],
)
def test_no_more_than_that_line_goes(own: str, expected: str) -> None:
    assert acknowledgement(own, {"reply_time": ""}) == expected


GREETING = "{{customer}} 様\nお問い合わせありがとうございます。受付番号 {{case}}\n{{link}}"
IN_ENGLISH = "Dear {{customer}}, we got your mail. Your number is {{case}}."


@pytest.mark.parametrize(
    ("japanese", "english", "language", "sent"),
    [
        (GREETING, "", "ja", GREETING),
        (GREETING, "", "en", ""),
        (GREETING, IN_ENGLISH, "ja", GREETING),
        (GREETING, IN_ENGLISH, "en", IN_ENGLISH),
        ("", IN_ENGLISH, "ja", ""),
        ("", IN_ENGLISH, "en", IN_ENGLISH),
        (f"{GREETING}\n{IN_ENGLISH}", "", "en", f"{GREETING}\n{IN_ENGLISH}"),
        ("受付番号 {{case}} https://shop.example/help/center/form", "", "en", ""),
    ],
)
def test_a_desk_speaks_to_each_in_their_language(
    japanese: str, english: str, language: str, sent: str
) -> None:
    desk = Desk(acknowledgement=japanese, acknowledgement_en=english)

    assert own_text(desk, language) == sent


IN_CHINESE = "{{customer}} 您好，編號 {{case}}，{{reply_time}}回覆。"
IN_VIETNAMESE = "Chào {{customer}}, mã {{case}}. Trả lời: {{reply_time}}"


@pytest.mark.parametrize(
    ("language", "sent", "speaks"),
    [
        ("ja", GREETING, ""),
        ("en", IN_ENGLISH, ""),
        ("zh-Hant", IN_CHINESE, "zh-Hant"),
        ("vi", IN_VIETNAMESE, "vi"),
        ("zh-Hans", "", "zh-Hans"),
        ("ko", "", "ko"),
        ("th", IN_ENGLISH, ""),
        ("xx", IN_ENGLISH, ""),
    ],
)
def test_and_in_further_ones_where_it_has_a_text_or_we_have(language: str, sent: str, speaks: str) -> None:
    further = {"zh-Hant": IN_CHINESE, "vi": IN_VIETNAMESE}
    desk = Desk(acknowledgement=GREETING, acknowledgement_en=IN_ENGLISH, acknowledgements=further)

    assert (own_text(desk, language), spoken_in(desk, language)) == (sent, speaks)


@pytest.mark.parametrize(("language", "brings"), [("ja", True), ("en", False), ("ko", True)])
def test_whether_it_brings_the_link_depends_on_the_language(language: str, brings: bool) -> None:
    desk = Desk(acknowledgement=GREETING, acknowledgement_en=IN_ENGLISH)

    assert brings_own_page(desk, language) is brings


TOLD_ABROAD = {
    "zh-Hans": ("通常30分钟以内", "通常1小时以内", "通常3小时以内", "通常次日之前", "通常2天以内"),
    "zh-Hant": ("通常30分鐘內", "通常1小時內", "通常3小時內", "通常隔日之前", "通常2天內"),
    "ko": ("보통 30분 이내", "보통 1시간 이내", "보통 3시간 이내", "보통 다음 날까지", "보통 2일 이내"),
}


@pytest.mark.parametrize("language", TOLD_ABROAD)
def test_a_time_is_said_abroad_as_well(language: str) -> None:
    waits = (MINUTE, HOUR, 2 * HOUR + 1, 13 * HOUR, DAY + 1)

    assert tuple(usual_reply_time(wait, language=language) for wait in waits) == TOLD_ABROAD[language]


@pytest.mark.parametrize("language", abroad.TIMES)
@given(seconds=st.integers(0, 20 * DAY))
def test_and_is_never_another_one_than_in_english(language: str, seconds: int) -> None:
    with translation.override("en"):
        english = usual_reply_time(seconds)
    said = usual_reply_time(seconds, language=language)

    assert bool(said) is bool(english)
    figure = re.findall(r"[0-9]+", said)
    assert figure in (re.findall(r"[0-9]+", english), [])
    assert figure or seconds > 12 * HOUR or "einer Stunde" in said


def test_every_language_that_may_be_written_in_has_its_times() -> None:
    assert abroad.TIMES.keys() == ABROAD.keys()


@pytest.mark.django_db
class TestOurOwnText:
    @pytest.fixture
    def case(self, world: World) -> Case:
        with clock.held_at(MONDAY):
            return make_case(world.ours.entry_point)

    def told(self, world: World, case: Case, *, language: str = "ja", link: str = "") -> str:
        with world.ours.scope(), translation.override(language), clock.held_at(MONDAY + timedelta(minutes=1)):
            found = Case.objects.select_related("company", "desk", "customer").get(pk=case.pk)
            usual = measured_time(found.desk_id, at=found.opened_at)
            return text_for(found, name="美咲", link=link, usual=usual)

    def measured(self, world: World, seconds: int) -> None:
        with world.ours.scope():
            ReplyTime.objects.create(
                company=world.ours.company,
                desk=world.ours.desk,
                slot=slot_of(MONDAY),
                seconds=seconds,
                cases=100,
                measured_at=MONDAY,
            )

    def test_it_says_how_soon_an_answer_comes_in_the_customers_language(
        self, world: World, case: Case
    ) -> None:
        self.measured(world, 2 * HOUR + 300)

        assert "ご返信の目安：通常3時間以内\n" in self.told(world, case)
        assert "Our answer comes: usually within 3 hours\n" in self.told(world, case, language="en")

    @pytest.mark.parametrize(
        ("language", "lines"),
        [
            (
                "zh-Hans",
                [
                    "美咲，您好：",
                    "受理编号：{}",
                    "主题：炊飯器について",
                    "营业时间：9–18",
                    "预计答复时间：通常3小时以内",
                ],
            ),
            (
                "zh-Hant",
                [
                    "美咲 您好：",
                    "受理編號：{}",
                    "主旨：炊飯器について",
                    "服務時間：9–18",
                    "預計回覆時間：通常3小時內",
                ],
            ),
            (
                "ko",
                [
                    "美咲 님, 안녕하세요.",
                    "접수 번호: {}",
                    "제목: 炊飯器について",
                    "상담 시간: 9–18",
                    "답변 예정: 보통 3시간 이내",
                ],
            ),
        ],
    )
    def test_there_is_one_for_whoever_writes_in_chinese_or_korean(
        self, world: World, case: Case, language: str, lines: list[str]
    ) -> None:
        self.measured(world, 2 * HOUR + 300)
        with world.ours.scope():
            Desk.objects.update(hours="9–18", signature="窓口", acknowledgement_en=IN_ENGLISH)
            Case.objects.update(language=language)
            number = case.spoken_number(world.ours.company.prefix)

        told = self.told(world, case, language="en", link="https://x.example/my/1")

        said = told.splitlines()
        assert [line.format(number) for line in lines] == [said[0], *said[4:8]]
        assert said[-1] == "窓口"
        assert "https://x.example/my/1" in said
        assert not re.search(r"[A-Za-z]{2,}", told.replace("https://x.example/my/1", "").replace(number, ""))

    @pytest.mark.parametrize("measured", [False, True])
    def test_it_says_nothing_of_it_where_nothing_is_known(
        self, world: World, case: Case, measured: bool
    ) -> None:
        if measured:
            self.measured(world, 20 * DAY)

        assert "目安" not in self.told(world, case)

    def test_the_desks_own_text_has_it_too(self, world: World, case: Case) -> None:
        self.measured(world, HOUR)
        with world.ours.scope():
            Desk.objects.update(acknowledgement="{{case}}：ご返信は{{reply_time}}です。")
            number = case.spoken_number(world.ours.company.prefix)

        assert self.told(world, case) == f"{number}：ご返信は通常1時間以内です。"
