"""What the template tags write, to the character."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 8, 1, 14, 0, tzinfo=TOKYO)


@pytest.fixture(autouse=True)
def in_japanese():
    with timezone.override(TOKYO), translation.override("ja"):
        yield


def written(source, **context):
    return Template("{% load look %}" + source).render(Context({"now": NOW, **context}))


def test_when_reads_near_and_holds_the_exact_moment():
    moment = datetime(2026, 8, 1, 4, 5, tzinfo=ZoneInfo("UTC"))
    assert written("{% when moment now=now %}", moment=moment) == (
        '<time datetime="2026-08-01T13:05:00+09:00" title="2026年8月1日(土) 13:05">13:05</time>'
    )


def test_exact_reads_in_full():
    assert written('{% exact now css="muted" %}') == (
        '<time class="muted" datetime="2026-08-01T14:00:00+09:00" title="2026年8月1日(土) 14:00">'
        "2026年8月1日(土) 14:00</time>"
    )


@pytest.mark.parametrize("tag", ["when", "exact", "time_left"])
def test_no_moment_writes_nothing(tag):
    assert written("{% " + tag + " nothing %}", nothing=None) == ""


@pytest.mark.parametrize(
    ("minutes", "opening"),
    [
        (-1, '<time class="bad"'),
        (15, '<time class="bad"'),
        (16, '<time class="warn"'),
        (61, "<time datetime"),
    ],
)
def test_time_left_grows_louder(minutes, opening):
    due = NOW + timedelta(minutes=minutes)
    assert written("{% time_left due now=now %}", due=due).startswith(opening)


def test_filters_say_moments_without_markup():
    assert written(
        "{{ now|exact_time }}|{{ nothing|exact_time }}{{ nothing|relative_time }}", nothing=None
    ) == ("2026年8月1日(土) 14:00|")


def test_a_face_is_decoration_in_the_hue_of_its_name():
    assert written('{% face "髙橋 美咲" size="big" %}') == (
        '<span class="face big" data-hue="9" aria-hidden="true">髙</span>'
    )


def test_a_face_escapes_its_name():
    assert "<" not in written("{% face name %}", name="<b>").replace("<span", "").replace("</span>", "")


def test_an_icon_is_hidden_unless_it_is_named():
    plain, named = written('{% icon "check" %}'), written("{% icon 'check' label=words %}", words='"済み"')
    assert 'aria-hidden="true"' in plain
    assert 'width="20"' in plain
    assert 'role="img"' in named
    assert 'aria-label="&quot;済み&quot;"' in named
    assert 'aria-hidden="true"' not in named


@pytest.mark.parametrize(
    ("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("", "auto"), ('"><script>', "auto")]
)
def test_the_theme_is_one_that_exists(cookie, theme):
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie
    assert written("{% theme %}", request=request) == theme


def test_without_a_request_the_theme_is_auto():
    assert written("{% theme %}") == "auto"


def test_a_message_may_offer_undo():
    message = Message(25, "送信しました。", extra_tags="undo:/cases/7/undo/ seconds:10")
    assert (
        written("{{ message|undo_url }} {{ message|seconds_left }}", message=message) == "/cases/7/undo/ 10"
    )
    assert (
        written("{{ message|undo_url }}{{ message|seconds_left }}", message=Message(25, "保存しました。"))
        == ""
    )


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("misaki@home.example", "misaki@<wbr>home.example"),
        ("<b>@home.example", "&lt;b&gt;@<wbr>home.example"),
        ("mi••••", "mi••••"),
    ],
)
def test_an_address_breaks_after_its_at_sign(address: str, shown: str) -> None:
    assert written("{{ address|breakable }}", address=address) == shown


def test_amounts_stand_in_thousands():
    assert written(
        "{{ large|thousands }}|{{ small|thousands }}|{{ nothing|thousands }}|{{ debt|thousands }}",
        large=1_013_200,
        small=0,
        nothing=None,
        debt=-13_200,
    ) == ("1,013,200|0||-13,200")
