"""An answer as messages of LINE."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.line.composing import (
    MOST_PICTURE,
    MOST_PREVIEW,
    MOST_TEXT,
    Linked,
    in_batches,
    length,
    messages_of,
    parts_of,
    retry_key,
)

LINK = "https://support.example/file/1f2.abc/"
SMALL = f"{LINK}preview/"
PICTURE = Linked("箱.jpg", "image/jpeg", 44, LINK)


class TestParts:
    def test_what_fits_is_one(self) -> None:
        assert parts_of(" 本日お送りしました。\n") == ["本日お送りしました。"]

    def test_lengths_are_those_of_utf_16(self) -> None:
        assert (length("窓口"), length("😀"), length("👨‍👩‍👧")) == (2, 2, 8)
        assert [length(part) for part in parts_of("😀" * 2501)] == [5000, 2]

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("あいう。えおかき", ["あいう。", "えおかき"]),
            ("あいうえ\nおかき", ["あいうえ", "おかき"]),
            ("abc def ghi", ["abc", "def", "ghi"]),
            ("あ。いうえおかきく", ["あ。いうえお", "かきく"]),
        ],
    )
    def test_one_parts_where_one_may_pause(self, text: str, parts: list[str]) -> None:
        assert parts_of(text, most=6) == parts

    @pytest.mark.parametrize("sign", ["が", "👨‍👩‍👧", "❤️"])
    def test_a_sign_is_never_torn(self, sign: str) -> None:
        decomposed = unicodedata.normalize("NFD", sign)
        assert parts_of("x" * 9 + decomposed, most=10) == ["x" * 9, decomposed]

    @given(st.text(st.sampled_from("あ。\n 😀\u3099\u200dx"), max_size=60), st.integers(9, 20))
    def test_nothing_but_blanks_is_lost_and_nothing_is_too_long(self, text: str, most: int) -> None:
        parts = parts_of(text, most=most)
        assert "".join("".join(parts).split()) == "".join(text.split())
        assert all(0 < length(part) <= most for part in parts)


class TestFiles:
    def test_a_picture_is_shown(self) -> None:
        assert messages_of("箱です", files=[PICTURE])[1] == {
            "type": "image",
            "originalContentUrl": LINK,
            "previewImageUrl": LINK,
        }

    def test_a_large_one_is_shown_by_a_small_one(self) -> None:
        [picture] = messages_of("", files=[Linked("箱.jpg", "image/jpeg", MOST_PICTURE, LINK, SMALL)])
        assert picture == {"type": "image", "originalContentUrl": LINK, "previewImageUrl": SMALL}

    @pytest.mark.parametrize(
        "file",
        [
            Linked("箱.jpg", "image/jpeg", MOST_PREVIEW + 1, LINK),
            Linked("箱.jpg", "image/jpeg", MOST_PICTURE + 1, LINK, SMALL),
            Linked("箱.jpg", "image/webp", 44, LINK),
            Linked("見積.pdf", "application/pdf", 44, LINK),
            Linked("箱.jpg", "image/jpeg", 44, LINK.replace("https", "http")),
        ],
        ids=["large without a small one", "too large", "of another kind", "no picture", "no TLS"],
    )
    def test_anything_else_is_a_link(self, file: Linked) -> None:
        [_words, message] = messages_of("どうぞ", files=[file])
        assert message == {"type": "text", "text": f"📎 {file.filename}\n{file.link}"}


class TestChoices:
    def test_short_ones_are_buttons_on_the_last_message(self) -> None:
        [message] = messages_of("解決しましたか。", choices=["はい", "いいえ"])
        assert message["quickReply"] == {
            "items": [
                {"type": "action", "action": {"type": "message", "label": "はい", "text": "はい"}},
                {"type": "action", "action": {"type": "message", "label": "いいえ", "text": "いいえ"}},
            ]
        }

    def test_long_ones_are_lines_to_touch(self) -> None:
        long = "返品・交換の受付期間と送料のご負担について教えてください"
        [_words, flex] = messages_of("どれでしょうか。", choices=[long, "はい"])
        rows = flex["contents"]["body"]["contents"]
        assert [row["contents"][0]["text"] for row in rows] == [long, "はい"]
        assert [row["action"]["text"] for row in rows] == [long, "はい"]
        assert all(length(row["action"]["label"]) <= 20 for row in rows)
        assert flex["altText"] == f"{long} / はい"

    def test_there_are_thirteen_at_most_and_none_empty(self) -> None:
        [message] = messages_of("どれ", choices=["", " ", *map(str, range(20))])
        assert [item["action"]["text"] for item in message["quickReply"]["items"]] == list(
            map(str, range(13))
        )


def test_five_leave_at_once() -> None:
    messages = messages_of("あ" * (MOST_TEXT * 7))
    assert [len(batch) for batch in in_batches(messages)] == [5, 2]


def test_a_part_has_its_own_key_at_every_try() -> None:
    keys = {retry_key("line.a@b", 0), retry_key("line.a@b", 0), retry_key("line.a@b", 1)}
    assert len(keys) == 2
    assert all(len(key) == 36 for key in keys)
