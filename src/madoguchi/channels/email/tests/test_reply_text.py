"""Folding away what a reply repeats, and leaving everything that might be new."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.email.reply_text import Reply, split_reply

NEW = "ありがとうございます。\n無事に届きました。\n"
QUOTE = "> お世話になっております。\n> 青空商店です。\n> 発送いたしました。"

ATTRIBUTIONS = [
    "2024年3月1日(金) 10:15 青空商店 <support@shop.example>:",
    "2024/03/01 10:15、青空商店 <support@shop.example>のメール:",
    "On Fri, Mar 1, 2024 at 10:15 AM Aozora <support@shop.example> wrote:",
    "On Fri, Mar 1, 2024 at 10:15 AM Aozora Shoten Customer Care\n<support@shop.example> wrote:",
    "On Mar 1, 2024, at 10:15, Aozora\n<support@shop.example>\nwrote:",
    "2024年3月1日(金) 10:15 青空商店お客様窓口\n<support@shop.example>:",
    "On 2024/03/01 10:15, Aozora wrote:",
    "(2024/03/01 10:15), Aozora wrote:",
    "青空商店さんは書きました:",
    "Aozora wrote:",
]

OUTLOOK = (
    "差出人: 青空商店 <support@shop.example>\n送信日時: 2024年3月1日 10:15\n宛先: 山田太郎\n件名: 発送のお知らせ\n\n"
    "お世話になっております。\n発送いたしました。"
)
OUTLOOK_ENGLISH = (
    "From: Aozora <support@shop.example>\nSent: Friday, March 1, 2024 10:15\n"
    "To: Taro\nSubject: Shipped\n\nWe have shipped."
)


class TestQuotations:
    @pytest.mark.parametrize("attribution", ATTRIBUTIONS)
    def test_an_attributed_quotation_is_folded_with_its_attribution(self, attribution: str) -> None:
        assert split_reply(f"{NEW}\n{attribution}\n{QUOTE}\n") == Reply(
            f"{NEW}\n", f"{attribution}\n{QUOTE}\n"
        )

    @pytest.mark.parametrize("attribution", ATTRIBUTIONS)
    def test_a_blank_line_may_stand_between(self, attribution: str) -> None:
        assert split_reply(f"{NEW}\n{attribution}\n\n{QUOTE}").new == f"{NEW}\n"

    def test_a_bare_quotation_of_several_lines(self) -> None:
        assert split_reply(f"{NEW}\n{QUOTE}") == Reply(f"{NEW}\n", QUOTE)

    def test_full_width_marks(self) -> None:
        assert split_reply(f"{NEW}\n＞お世話に\n＞なります").hidden == "＞お世話に\n＞なります"

    def test_the_sentence_before_an_attribution_stays(self) -> None:
        text = "On Monday I will call.\nAozora wrote:\n> one\n> two"

        assert split_reply(text).new == "On Monday I will call.\n"


class TestOutlook:
    @pytest.mark.parametrize("history", [OUTLOOK, OUTLOOK_ENGLISH])
    @pytest.mark.parametrize(
        "rule", ["", "________________________________\n", "-----Original Message-----\n"]
    )
    def test_the_header_block_begins_the_history(self, history: str, rule: str) -> None:
        assert split_reply(f"{NEW}\n{rule}{history}") == Reply(f"{NEW}\n", rule + history)

    @pytest.mark.parametrize(
        "rule", ["-----Original Message-----", "----- 元のメッセージ -----", "-----Original Appointment-----"]
    )
    def test_the_rule_alone_suffices(self, rule: str) -> None:
        assert split_reply(f"{NEW}{rule}\nwords without marks").hidden == f"{rule}\nwords without marks"

    def test_one_field_is_no_header_block(self) -> None:
        text = "差出人: 私の名前が違います。\n直してください。"

        assert split_reply(text) == Reply(text, "")

    def test_a_quoted_history_under_an_outlook_block(self) -> None:
        assert split_reply(f"{NEW}\n{OUTLOOK}\n{QUOTE}").new == f"{NEW}\n"


class TestSignatures:
    def test_dashes(self) -> None:
        assert split_reply(f"{NEW}-- \n山田太郎\n03-1234-5678\n") == Reply(
            NEW, "-- \n山田太郎\n03-1234-5678\n"
        )

    @pytest.mark.parametrize(
        "line",
        [
            "iPhoneから送信",
            "私のiPhoneから送信",
            "Sent from my iPhone",
            "Androidから送信",
            "Get Outlook for iOS<https://aka.ms/o0ukef>",
            "Outlook for iOS を入手",
            "iOS 版 Outlook を入手",
        ],
    )
    def test_what_a_device_adds(self, line: str) -> None:
        assert split_reply(f"{NEW}\n{line}\n").hidden == f"{line}\n"

    @pytest.mark.parametrize(
        "ruler", ["--------------------", "━━━━━━━━━━", "＊＊＊＊＊＊＊＊", "□■□■□■□■", "=*=*=*=*=*="]
    )
    def test_a_card_between_rulers(self, ruler: str) -> None:
        card = f"{ruler}\n山田太郎\n〒100-0001 東京都千代田区\nTEL 03-1234-5678\n{ruler}\n"

        assert split_reply(f"{NEW}\n{card}") == Reply(f"{NEW}\n", card)

    def test_a_signature_above_the_quotation(self) -> None:
        tail = f"-- \n山田\n\n{ATTRIBUTIONS[0]}\n{QUOTE}"

        assert split_reply(f"{NEW}{tail}") == Reply(NEW, tail)

    def test_a_device_line_above_the_quotation(self) -> None:
        tail = f"iPhoneから送信\n\n{ATTRIBUTIONS[1]}\n\n{QUOTE}"

        assert split_reply(f"{NEW}\n{tail}") == Reply(f"{NEW}\n", tail)

    def test_a_signature_below_the_quotation(self) -> None:
        tail = f"{ATTRIBUTIONS[0]}\n{QUOTE}\n\n-- \n山田"

        assert split_reply(f"{NEW}{tail}") == Reply(NEW, tail)

    def test_a_table_between_rulers_is_no_card(self) -> None:
        text = f"{NEW}----------\n品番 12\n数量 3\n----------\n"

        assert split_reply(text) == Reply(text, "")


class TestDoubt:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "\n\n",
            NEW,
            QUOTE,
            f"{ATTRIBUTIONS[0]}\n{QUOTE}",
            f"{NEW}\n> 一行だけの引用",
            f"{NEW}{QUOTE}\nこの点はいかがでしょうか。\n> 発送日\n未定とのことですが。",
            f"{ATTRIBUTIONS[0]}\n{QUOTE}\n\n承知しました。",
            f"ご確認ください。\n---------- Forwarded message ---------\n{OUTLOOK}",
            f"Begin forwarded message:\n\n{QUOTE}",
            OUTLOOK,
            "-- \n山田",
            "東京 -> 大阪\nA > B\n",
        ],
    )
    def test_nothing_is_hidden(self, text: str) -> None:
        assert split_reply(text) == Reply(text, "")

    def test_answers_between_the_lines_stay_and_the_signature_goes(self) -> None:
        text = f"{QUOTE}\n届きました。\n-- \n山田"

        assert split_reply(text) == Reply(f"{QUOTE}\n届きました。\n", "-- \n山田")


PIECES = st.sampled_from(
    [
        *ATTRIBUTIONS,
        OUTLOOK,
        QUOTE,
        "> x",
        "-- ",
        "--",
        "iPhoneから送信",
        "----------",
        "TEL 03-1234-5678",
        "",
        " ",
        "本文です。",
        "From: x",
        "Sent: x",
        "To: x",
        "Subject: x",
        "\u3000",
        "\x85",
        "\u2028",
        "-----Original Message-----",
    ]
)


class TestNothingIsLost:
    @given(st.lists(PIECES, max_size=30))
    def test_in_mail_like_text(self, pieces: list[str]) -> None:
        text = "\n".join(pieces)
        reply = split_reply(text)

        assert reply.new + reply.hidden == text
        assert not reply.hidden or reply.new.strip()

    @given(st.text(max_size=200))
    def test_in_any_text(self, text: str) -> None:
        reply = split_reply(text)

        assert reply.new + reply.hidden == text

    def test_hostile_lengths_cost_one_pass(self) -> None:
        for piece in (
            "-- \n",
            "> \n",
            "On 1 ",
            "iPhoneから送信\n",
            "----------\n",
            "From: x\n",
            " ",
            "2024/1/1 ",
        ):
            text = piece * 50_000
            reply = split_reply(text)

            assert reply.new + reply.hidden == text
