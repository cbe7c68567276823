"""In which language a mail is written: by what is said first, and not by who signs it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.email.language import language_of
from madoguchi.kernel.languages import ABROAD, LANGUAGES, Language, ours_for

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
        ("您好，请问我的订单什么时候发货？", "zh-Hans"),
        ("鮮の味 我要退貨請問什麼時候可以收到款項呢謝謝", "zh-Hant"),
        ("주문한 상품이 아직 도착하지 않았습니다. 야마다", "ko"),
        ("Guten Tag, wo bleibt meine Bestellung? Viele Grüße, Jürgen Müller", "de"),
        ("Bonjour, où est ma commande ? ヤマダ", "fr"),
        ("Здравствуйте! Где мой заказ? さくら", "ru"),
        ("สวัสดีครับ สินค้าของฉันอยู่ที่ไหน", "th"),
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
        ("您好，请问我的订单什么时候发货？", "Re: お問い合わせありがとうございます", "zh-Hans"),
        ("", "", "ja"),
        ("12345", "", "ja"),
    ],
)
def test_the_subject_counts_after_the_words(text: str, subject: str, language: Language) -> None:
    assert language_of(text, subject, "utf-8") == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("订单取消", "zh-Hans"),
        ("请问有中文客服吗", "zh-Hans"),
        ("我的訂單還沒有收到，麻煩幫我查一下", "zh-Hant"),
        ("想問一下,件貨幾時到?", "zh-Hant"),
        ("商品退貨申請", "zh-Hant"),
        ("Order 1234 안녕하세요 배송 언제 되나요", "ko"),
        ("Xin chào, tôi đặt hàng tuần trước nhưng chưa nhận được.", "vi"),
        ("ขอบคุณ Sony WH-1000XM5 ครับ", "th"),
        ("Halo, pesanan saya belum sampai. Terima kasih", "id"),
        ("Hindi ko pa po natatanggap ang order ko. Salamat po", "tl"),
        ("Olá, meu pedido ainda não chegou. Obrigado", "pt"),
        ("Buenos días, no he recibido el producto que compré", "es"),
        ("Je n'ai pas reçu ma commande, merci de votre aide", "fr"),
        ("ok thanks", "en"),
        ("The die is cast: I am in Berlin and my order has not come with the mail", "en"),
        ("Привіт, де моє замовлення? Воно ще не прийшло", "en"),
        ("Hello, I bought 商品 at your shop. 謝謝", "en"),
    ],
)
def test_it_is_told_by_letters_and_small_words(text: str, language: Language) -> None:
    assert language_of(text, "", "utf-8") == language


@pytest.mark.parametrize(
    "text",
    [
        "至急連絡希望",
        "東京都内配送可否",
        "他社製品交換希望 被害届提出済",
        "返金手続未完了 目的地変更",
        "山田太郎 090-1234-5678",
    ],
)
def test_ideographs_that_only_japanese_puts_so_are_japanese(text: str) -> None:
    assert language_of(text, "", "utf-8") == "ja"


@pytest.mark.parametrize(("charset", "language"), [("gb18030", "zh-Hans"), ("big5hkscs", "zh-Hant")])
def test_a_charset_of_china_decides_for_letters_that_both_have(charset: str, language: Language) -> None:
    assert language_of("我要退款", "", charset) == language
    assert language_of("大小不合", "", charset) == language


def test_whoever_is_not_japanese_is_spoken_to_in_english_where_we_have_no_words_of_theirs() -> None:
    assert {ours_for(language) for language in ABROAD} == {"en"}
    assert (ours_for("ja"), ours_for(""), ours_for("en"), ours_for("xx")) == ("ja", "ja", "en", "en")


def test_a_short_english_mail_from_japanese_software_is_english() -> None:
    assert language_of("Where is it? Thanks, 田中 太郎", "", "iso-2022-jp") == "en"
    assert language_of("至急連絡希望", "", "iso-2022-jp") == "ja"


@given(st.text(max_size=300), st.text(max_size=60), st.sampled_from(["utf-8", "iso-2022-jp", "", "cp932"]))
def test_whatever_is_written(text: str, subject: str, charset: str) -> None:
    found = language_of(text, subject, charset)

    assert found in LANGUAGES
    assert (ours_for(found) == "ja") is (found == "ja")
