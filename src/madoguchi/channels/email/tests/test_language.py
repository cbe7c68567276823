"""A mail is answered in its own language where that is Japanese, and in English where it is any other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.email.language import Language, language_of

SIGNATURE = """
--
Taro Yamada
Sales Department, Example Trading Corporation Ltd.
1-2-3 Marunouchi, Chiyoda-ku, Tokyo 100-0005 Japan
"""
DISCLAIMER = (
    "This message may hold confidential information and is meant for the people whom it names alone. "
    "Whoever received it by mistake is asked to delete it and to tell the sender. "
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (f"まだ届きません。\n{SIGNATURE}", "ja"),
        (f"請求書をお願いします\n{SIGNATURE}{DISCLAIMER * 3}", "ja"),
        (
            f"お世話になっております。\nOrder No. 123 (Super Deluxe Rice Cooker) の返品希望です。{SIGNATURE}",
            "ja",
        ),
        ("Super Deluxe Rice Cooker 5.5\nこの商品の在庫はありますか。", "ja"),
        ("キャンセル希望", "ja"),
        ("テレビ Sony Bravia 故障", "ja"),
        ("ヤマダです", "ja"),
        ("こんにちは\nMy name is John and I ordered a rice cooker last week. It has not come.", "en"),
        ("Where is it?\nヤマダ タロウ", "en"),
        ("Thank you.\nやまだ たろう", "en"),
        ("Hi, please cancel it. 田中 太郎", "en"),
        ("Dear サポートセンター,\nwhere is my order?", "en"),
        ("Your page says 「在庫がありません。」. Is this still true?", "en"),
        ("您好，请问我的订单什么时候发货？", "en"),
        ("鮮の味 我要退貨請問什麼時候可以收到款項呢謝謝", "en"),
        ("주문한 상품이 아직 도착하지 않았습니다. 야마다", "en"),
        ("Guten Tag, wo bleibt meine Bestellung? Viele Grüße, Jürgen Müller", "en"),
        ("Bonjour, où est ma commande ? ヤマダ", "en"),
        ("Здравствуйте! Где мой заказ? さくら", "en"),
        ("สวัสดีครับ สินค้าของฉันอยู่ที่ไหน", "en"),
    ],
)
def test_it_is_that_of_what_is_said_first(text: str, language: Language) -> None:
    assert language_of(text, "", "utf-8") == language


@pytest.mark.parametrize(
    ("text", "subject", "language"),
    [
        ("", "返品したいです", "ja"),
        ("", "Re: 返品したいです", "ja"),
        ("", "Where is my order", "en"),
        ("至急連絡希望", "注文のキャンセルについて", "ja"),
        ("Where is my order?", "お問い合わせについてのお願い", "en"),
        ("您好，请问我的订单什么时候发货？", "Re: お問い合わせありがとうございます", "en"),
        ("", "", "ja"),
        ("12345", "", "ja"),
    ],
)
def test_the_subject_counts_after_the_words(text: str, subject: str, language: Language) -> None:
    assert language_of(text, subject, "utf-8") == language


def test_a_short_english_mail_from_japanese_software_is_english() -> None:
    assert language_of("Where is it? Thanks, 田中 太郎", "", "iso-2022-jp") == "en"
    assert language_of("至急連絡希望", "", "iso-2022-jp") == "ja"


@given(st.text(max_size=300), st.text(max_size=60), st.sampled_from(["utf-8", "iso-2022-jp", "", "cp932"]))
def test_whatever_is_written(text: str, subject: str, charset: str) -> None:
    assert language_of(text, subject, charset) in ("ja", "en")
