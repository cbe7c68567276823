"""A browser in words."""

import pytest
from django.utils import translation

from madoguchi.look.browsers import browser_name

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"{WINDOWS} {WEBKIT} Chrome/131.0.0.0 Safari/537.36", "Chrome（Windows）"),
        (f"{WINDOWS} {WEBKIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51", "Edge（Windows）"),
        (f"{IPHONE} {WEBKIT} Version/18.1 Mobile/15E148 Safari/604.1", "Safari（iPhone）"),
        (f"{IPHONE} {WEBKIT} CriOS/131.0 Mobile/15E148 Safari/604.1", "Chrome（iPhone）"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Firefox（Mac）",
        ),
        ("curl/8.10", "curl/8.10"),
        ("", "不明なブラウザー"),
    ],
)
def test_is_called_by_its_name_and_system(said: str, words: str) -> None:
    with translation.override("ja"):
        assert browser_name(said) == words


def test_what_nobody_knows_is_not_shown_at_any_length() -> None:
    assert browser_name("x" * 500) == "x" * 60
