"""Mails in other languages than Japanese, as programs write them; the letters are those of `written`."""

MAILS = {
    # --- English
    "English Gmail": """
n|Yes please.
n|
q|On Sat, Aug 1, 2026 at 10:00 AM Aozora Support <support@shop.example>
q|wrote:
q|
q|> Shall we send it again?
""",
    "English Gmail, broken over six lines": """
n|Yes please.
n|
q|On Sat,
q|Aug 1, 2026
q|at 10:00 AM
q|Aozora Support
q|<support@shop.example>
q|wrote:
q|
q|> Shall we send it again?
q|> Aozora
""",
    "English Gmail, the words right behind": """
n|Yes please.
n|
q|On Sat, Aug 1, 2026 at 10:00 AM Aozora <support@shop.example> wrote: Shall we send it again?
q|Aozora
""",
    "English, marked words right behind, answered below": """
q|On Sat, Aug 1, 2026 at 10:00 AM, Aozora wrote: > Shall we send it
q|> again?
q|
n|Yes please.
""",
    "English, the words right behind a broken attribution": """
n|Yes please.
n|
q|On Sat, Aug 1, 2026 at 10:00 AM Aozora Support
q|<support@shop.example> wrote: Shall we send it again?
""",
    "German, the words right behind": """
n|Ja, bitte.
n|
q|Am 01.08.2026 um 10:00 schrieb Aozora <support@shop.example>: Sollen wir erneut senden?
""",
    "English Outlook": """
n|Yes please.
n|
q|From: Aozora <support@shop.example>
q|Sent: Saturday, August 1, 2026 10:00 AM
q|To: Hanako <hanako@home.example>
q|Subject: RE: Parcel
q|
q|Shall we send it again?
""",
    "English Outlook, bold fields": """
n|Yes please.
n|
q|*From:* Aozora <support@shop.example>
q|*Sent:* Saturday, August 1, 2026 10:00 AM
q|*To:* Hanako
q|*Subject:* Parcel
q|
q|Shall we send it again?
""",
    "English Apple": """
n|Yes please.
n|
q|> On Aug 1, 2026, at 10:00, Aozora <support@shop.example> wrote:
q|>
q|> Shall we send it again?
""",
    "reply above this line": """
n|Yes please.
n|
q|##- Please type your reply above this line -##
q|Aozora: shall we send it again?
""",
    # --- other languages
    "German Gmail": """
n|Ja, gern.
n|
q|Am Sa., 1. Aug. 2026 um 10:00 Uhr schrieb Aozora <support@shop.example>:
q|
q|> Sollen wir es noch einmal senden?
""",
    "German Thunderbird": """
n|Ja, gern.
n|
q|Am 01.08.26 um 10:00 schrieb Aozora:
q|> Sollen wir es noch einmal senden?
""",
    "German Outlook": """
n|Ja, gern.
n|
q|Von: Aozora <support@shop.example>
q|Gesendet: Samstag, 1. August 2026 10:00
q|An: Hanako
q|Betreff: AW: Paket
q|
q|Sollen wir es noch einmal senden?
""",
    "French Gmail": """
n|Oui, merci.
n|
q|Le sam. 1 août 2026 à 10:00, Aozora <support@shop.example> a écrit :
q|
q|> Faut-il le renvoyer ?
""",
    "French Outlook": """
n|Oui, merci.
n|
s|Envoyé de mon iPhone
s|
q|De : Aozora <support@shop.example>
q|Envoyé : samedi 1 août 2026 10:00
q|À : Hanako
q|Objet : Colis
q|
q|Faut-il le renvoyer ?
""",
    "Spanish Gmail": """
n|Sí, gracias.
n|
q|El sáb, 1 ago 2026 a las 10:00, Aozora (<support@shop.example>) escribió:
q|
q|> ¿Lo enviamos otra vez?
""",
    "Spanish original": """
n|Sí, gracias.
n|
q|-----Mensaje original-----
q|De: Aozora
q|Enviado el: sábado, 1 de agosto de 2026
q|
q|¿Lo enviamos otra vez?
""",
    "Italian Gmail": """
n|Sì, grazie.
n|
q|Il giorno sab 1 ago 2026 alle ore 10:00 Aozora <support@shop.example>
q|ha scritto:
q|
q|> Lo mandiamo di nuovo?
""",
    "Portuguese Gmail": """
n|Sim, obrigada.
n|
q|Em sáb., 1 de ago. de 2026 às 10:00, Aozora <support@shop.example> escreveu:
q|
q|> Enviamos de novo?
""",
    "Dutch Gmail": """
n|Ja, graag.
n|
q|Op za 1 aug 2026 om 10:00 schreef Aozora <support@shop.example>:
q|
q|> Zullen we het opnieuw sturen?
""",
    "Dutch Apple": """
n|Ja, graag.
n|
q|Op 1 aug 2026, om 10:00 heeft Aozora <support@shop.example> het volgende geschreven:
q|
q|Zullen we het opnieuw sturen?
""",
    "Danish Gmail": """
n|Ja tak.
n|
q|Den lør. 1. aug. 2026 kl. 10.00 skrev Aozora <support@shop.example>:
q|
q|> Skal vi sende den igen?
""",
    "Norwegian Gmail, bracket broken off": """
n|Ja takk.
n|
q|lør. 1. aug. 2026 kl. 10:00 skrev Aozora <support@shop.example
q|>:
q|
q|> Skal vi sende den på nytt?
""",
    "Polish Gmail": """
n|Tak, proszę.
n|
q|sob., 1 sie 2026 o 10:00 Aozora <support@shop.example> napisał(a):
q|
q|> Czy wysłać ponownie?
""",
    "Russian": """
n|Да, пожалуйста.
n|
q|сб, 1 авг. 2026 г. в 10:00, Aozora <support@shop.example>:
q|
q|> Отправить ещё раз?
""",
    "Simplified Chinese Gmail": """
n|好的，谢谢。
n|
q|Aozora <support@shop.example> 于2026年8月1日周六 10:00写道：
q|
q|> 需要重新发送吗？
""",
    "Simplified Chinese Apple": """
n|好的，谢谢。
n|
s|发自我的 iPhone
s|
q|在 2026年8月1日，10:00，Aozora <support@shop.example> 写道：
q|
q|需要重新发送吗？
""",
    "Simplified Chinese Outlook": """
n|好的，谢谢。
n|
q|发件人: Aozora <support@shop.example>
q|发送时间: 2026年8月1日 10:00
q|收件人: 花子
q|主题: 包裹
q|
q|需要重新发送吗？
""",
    "QQ": """
n|好的，谢谢。
n|
q|------------------ 原始邮件 ------------------
q|发件人: "Aozora" <support@shop.example>;
q|发送时间: 2026年8月1日(星期六) 上午10:00
q|收件人: "花子"<hanako@qq.example>;
q|主题: 包裹
q|
q|需要重新发送吗？
""",
    "QQ, blanks that do not break": """
n|好的，谢谢。
n|
q|------------------\xa0原始邮件\xa0------------------
q|发件人:\xa0"Aozora"<support@shop.example>;
q|发送时间:\xa02026年8月1日(星期六) 上午10:00
q|收件人:\xa0"花子"<hanako@qq.example>;
q|主题:\xa0包裹
q|
q|需要重新发送吗？
""",
    "QQ in English": """
n|Yes, please.
n|
q|------------------\xa0Original\xa0------------------
q|From:\xa0"Aozora"<support@shop.example>;
q|Date:\xa0Sat, Aug 1, 2026 10:00 AM
q|To:\xa0"Hanako"<hanako@qq.example>;
q|Subject:\xa0Parcel
q|
q|Shall we send it again?
""",
    "Traditional Chinese": """
n|好的，謝謝。
n|
q|Aozora <support@shop.example> 於 2026年8月1日 週六 上午10:00寫道：
q|
q|> 需要重新寄送嗎？
""",
    "Korean": """
n|네, 부탁드립니다.
n|
q|2026년 8월 1일 (토) 오전 10:00, Aozora <support@shop.example>님이 작성:
q|
q|> 다시 보낼까요?
""",
}
