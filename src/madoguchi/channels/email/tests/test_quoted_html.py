"""Where the text of a mail does not tell what came along, its HTML does."""

import pytest

from madoguchi.channels.email.html import to_text
from madoguchi.channels.email.reply_text import split_reply
from madoguchi.kernel.pieces import Kind

OLD = "<p>Besok Anda di rumah?</p><p>Salam, toko Aozora</p>"
SAID = "<p>Ya, saya di rumah.</p>"
ANSWERS = {
    "Gmail": f'{SAID}<div class="gmail_quote"><div class="gmail_attr">Tanggal 1</div>{OLD}</div>',
    "Yahoo!": f'{SAID}<div id="yahoo_quoted_1" class="yahoo_quoted">{OLD}</div>',
    "Outlook": f'{SAID}<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Oleh: toko</div>{OLD}',
    "Outlook for Windows": f'{SAID}<div style="border:none;border-top:solid #E1E1E1 1.0pt">'
    f"<p>Oleh: toko</p></div>{OLD}",
    "Windows mail": f'{SAID}<div style="border-top-color: rgb(229, 229, 229); border-top-width: 1px">'
    f"Oleh: toko</div>{OLD}",
    "Hotmail": f'{SAID}<hr id="stopSpelling">Oleh: toko<br>{OLD}',
}


@pytest.mark.parametrize("program", ANSWERS)
def test_the_block_a_program_names_is_a_quotation(program: str) -> None:
    html = ANSWERS[program]

    assert split_reply(to_text(html), html=html).new == "Ya, saya di rumah."


@pytest.mark.parametrize("program", ANSWERS)
def test_a_plain_text_beside_it_is_cut_at_the_same_words(program: str) -> None:
    html = ANSWERS[program]
    text = "Ya, saya\ndi rumah.\n\n" + to_text(html).split("rumah.", 1)[1].lstrip().replace("> ", "")

    assert split_reply(text, html=html).new == "Ya, saya\ndi rumah."


def test_words_below_the_block_are_new() -> None:
    html = f'<div class="gmail_quote">{OLD}</div><div>Ya, saya di rumah.</div>'
    text = "Besok Anda di rumah?\n\nSalam, toko Aozora\n\nYa, saya di rumah."

    reply = split_reply(text, html=html)

    assert reply.new == "Ya, saya di rumah."
    assert [piece.kind for piece in reply.pieces] == [Kind.QUOTE, Kind.NEW]


def test_a_named_signature() -> None:
    html = '<div>届きました。</div><div class="gmail_signature">佐藤 花子<br>みどり工業<br>hanako@midori.example</div>'

    reply = split_reply("届きました。\n\n佐藤 花子\nみどり工業\nhanako@midori.example", html=html)

    assert [(piece.kind, piece.text) for piece in reply.pieces] == [
        (Kind.NEW, "届きました。\n\n"),
        (Kind.SIGNATURE, "佐藤 花子\nみどり工業\nhanako@midori.example"),
    ]


def test_a_forward_in_a_quotation_block_is_a_forward() -> None:
    html = (
        '<div>ご確認ください。</div><div class="gmail_quote">---------- Forwarded message ---------<br>'
        "発送しました。ご確認をお願いします。</div>"
    )

    reply = split_reply(to_text(html), html=html)

    assert [piece.kind for piece in reply.pieces] == [Kind.NEW, Kind.FORWARD]


def test_a_block_that_the_text_does_not_hold_hides_nothing() -> None:
    html = f'<div class="gmail_quote">{OLD}</div>'

    assert split_reply("届きました。\n写真を送ります。", html=html).new == "届きました。\n写真を送ります。"


def test_a_mail_that_is_one_block_stays_whole() -> None:
    html = f'<div class="gmail_quote">{OLD}</div>'

    assert split_reply(to_text(html), html=html).new == to_text(html)


@pytest.mark.parametrize(
    "html", ["<div class='gmail_quote'>" * 50_000, "<" * 500_000, '<div id="Signature">' + "x" * 400_000]
)
def test_hostile_html_is_read(html: str) -> None:
    assert split_reply("届きました。", html=html).new == "届きました。"
