"""How phones and webmail of Japan, Gmail and Apple Mail in ten languages repeat a mail; letters as in `written`."""

_JAPAN = {
    "words alone on a line, fields below": """
n|承知しました。
n|
q|元のメッセージ：
q|差出人: 青空商店 <support@shop.example>
q|日時: 2026年8月1日 10:00
q|件名: 発送のお知らせ
q|
q|本日発送いたしました。
""",
    "words alone on a line, the other mail's below": """
n|はい、お願いします。
n|
q|元のメッセージ
q|本日発送いたしました。
q|青空商店
""",
    "words alone on a line, marked ones below": """
n|はい、お願いします。
n|
q|元のメッセージ:
q|> 本日発送いたしました。
q|> 青空商店
q|
n|佐藤
""",
    "words alone on a line right below one's own": """
n|はい、お願いします。
q|元のメッセージ：
q|差出人：青空商店
q|件名：発送のお知らせ
q|
q|本日発送いたしました。
""",
    "words alone on a line, in brackets": """
n|はい、お願いします。
n|
q|【元のメッセージ】
q|本日発送いたしました。
""",
    "words alone on a line, between signs": """
n|はい、お願いします。
n|
q|＜＜ 元のメッセージ ＞＞
q|本日発送いたしました。
""",
    "words alone on a line, behind a mark": """
n|はい、お願いします。
n|
q|▼元のメッセージ
q|本日発送いたしました。
""",
    "words alone on a line, announced in words": """
n|はい、お願いします。
n|
q|以下、元のメッセージ：
q|本日発送いたしました。
""",
    "Hotmail": """
n|Yes please.
n|
q|----Original Message Follows----
q|From: Aozora <support@shop.example>
q|Subject: Parcel
q|
q|Shall we send it again?
""",
    "English words alone on a line": """
n|はい。
n|
q|Original message:
q|From: Aozora <support@shop.example>
q|Date: 2026/08/01 10:00
q|
q|Shall we send it again?
""",
    "English words alone on a line, without a colon": """
n|はい。
n|
q|Original Message
q|
q|Shall we send it again?
""",
    "forwarded below words alone on a line": """
n|こちらをご確認ください。
n|
f|転送メッセージ
f|差出人: 青空商店 <support@shop.example>
f|件名: 発送のお知らせ
f|
f|本日発送いたしました。
""",
    "forwarded below words with a colon": """
n|こちらをご確認ください。
n|
f|転送メッセージ：
f|
f|本日発送いたしました。
""",
    "au mail app": """
n|届きました。ありがとう。
n|
q|----------元のメッセージ----------
q|From：青空商店<support@shop.example>
q|To：hanako@ezweb.example
q|Date：2026/08/01 10:00
q|Sub：発送のお知らせ
q|
q|本日発送いたしました。
""",
    "au phone": """
n|届きました
n|
q|-----Original Message-----
q|From: support@shop.example
q|Date: 2026/08/01 10:00
q|Sub: 発送のお知らせ
q|
q|本日発送いたしました。
""",
    "docomo mail app": """
n|午後にお願いします。
n|
s|ドコモメールから送信
s|
q|2026/08/01 10:00 青空商店 <support@shop.example>:
q|> お届けは午前と午後のどちらがよろしいですか。
""",
    "docomo mail on the web": """
n|午後にお願いします。
n|
q|----- 元のメッセージ -----
q|差出人 : 青空商店 <support@shop.example>
q|宛先 : hanako@docomo.example
q|件名 : お届けについて
q|送信日時 : 2026年08月01日 10:00
q|
q|お届けは午前と午後のどちらがよろしいですか。
""",
    "SoftBank mail": """
n|午後にお願いします。
n|
q|---------- 元のメール ----------
q|差出人： support@shop.example
q|日付： 2026/08/01 10:00
q|件名： お届けについて
q|
q|お届けは午前と午後のどちらがよろしいですか。
""",
    "Rakuten mobile mail": """
n|午後にお願いします。
n|
q|2026年8月1日(土) 10:00、青空商店 <support@shop.example> さんが書きました：
q|お届けは午前と午後のどちらがよろしいですか。
""",
    "Yahoo! mail in the browser": """
n|まだ届いていません。
n|
q|----- Original Message -----
q|From: 青空商店 <support@shop.example>
q|To: hanako@yahoo.example
q|Date: 2026/8/1, Sat 10:00
q|Subject: 発送のお知らせ
q|
q|本日発送いたしました。
""",
    "Yahoo! mail in the browser, lately": """
n|まだ届いていません。
n|
q|2026年8月1日(土) 10:00 青空商店 <support@shop.example>:
q|
q|本日発送いたしました。
""",
    "Spark": """
n|はい、お願いします。
n|
q|2026年8月1日 10:00 +0900、青空商店 <support@shop.example> のメール:
q|> 交換をご希望ですか。
""",
    "Spark, signed": """
n|はい、お願いします。
n|
s|Sent from Spark
q|2026年8月1日 10:00 +0900、青空商店 <support@shop.example>、のメール:
q|
q|交換をご希望ですか。
""",
    "Spark in English": """
n|Yes please.
n|
s|Sent with Spark
q|On 1 Aug 2026 at 10:00 +0900, Aozora <support@shop.example>, wrote:
q|
q|Shall we send it again?
""",
    "Outlook for iOS, lately": """
n|大丈夫です。
n|
s|Outlook for iOS を入手
s|
q|________________________________
q|差出人: 青空商店 <support@shop.example>
q|送信日時: 土曜日, 8月 1, 2026 10:00 午前
q|宛先: 佐藤 花子 <hanako@home.example>
q|件名: Re: 修理の件
q|
q|来週お伺いします。
""",
    "Outlook for Android": """
n|大丈夫です。
n|
s|Android 版 Outlook を入手<https://aka.ms/AAb9ysg>
s|
q|________________________________
q|From: 青空商店 <support@shop.example>
q|Sent: Saturday, August 1, 2026 10:00:00 AM
q|To: 佐藤 花子 <hanako@home.example>
q|Subject: 修理の件
q|
q|来週お伺いします。
""",
    "Outlook for Android, in the middle": """
n|大丈夫です。
n|
s|Outlook for Android<https://aka.ms/AAb9ysg> を入手
q|________________________________
q|差出人: 青空商店 <support@shop.example>
q|送信日時: 2026 年 8 月 1 日 10:00
q|宛先: 佐藤 花子
q|件名: 修理の件
q|
q|来週お伺いします。
""",
    "Outlook of Microsoft 365": """
n|大丈夫です。
n|
q|差出人: 青空商店 <support@shop.example>
q|日付: 土曜日, 2026年8月1日 10:00
q|宛先: 佐藤 花子 <hanako@home.example>
q|CC: 佐藤 太郎 <taro@home.example>
q|件名: Re: 修理の件
q|来週お伺いします。
""",
    "Windows Live Mail": """
n|大丈夫です。
n|
q|From: 青空商店
q|Sent: Saturday, August 01, 2026 10:00 AM
q|To: hanako@home.example
q|Subject: 修理の件
q|
q|来週お伺いします。
""",
    "iCloud mail": """
n|大丈夫です。
n|
q|2026年8月1日 10:00、青空商店 <support@shop.example>のメール：
q|
q|来週お伺いします。
""",
    "Apple Mail in Japanese, forwarded": """
n|ご覧ください。
n|
f|転送されたメッセージ：
f|
f|差出人: 青空商店 <support@shop.example>
f|件名: 修理の件
f|日付: 2026年8月1日 10:00:00 JST
f|宛先: hanako@home.example
f|
f|来週お伺いします。
""",
    "Nifty mail": """
n|大丈夫です。
n|
q|----- 元のメッセージ ここから -----
q|差出人: 青空商店
q|件名: 修理の件
q|
q|来週お伺いします。
""",
    "Cybozu": """
n|了解です。
n|
q|青空商店 <support@shop.example> さん wrote:
q|> 来週お伺いします。
q|> 青空商店
""",
    "Shuriken": """
n|了解です。
n|
q|青空商店 さんは書きました：
q|>来週お伺いします。
q|>青空商店
""",
    "Notes": """
n|了解です。
n|
q|差出人: "青空商店" <support@shop.example>
q|宛先: hanako@home.example
q|日付: 2026/08/01 10:00
q|件名: 修理の件
q|
q|来週お伺いします。
""",
    "Notes, its fields on lines of their own": """
n|お取り置きをお願いいたします。
n|
n|佐藤
n|
n|
q|"青空商店" <support@shop.example>
q|2026/08/01 10:00
q|
q|宛先
q|<hanako@home.example>
q|cc
q|
q|件名
q|修理の件
q|
q|
q|来週お伺いします。
""",
    "Notes in English, its fields on lines of their own": """
n|Please do.
n|
q|Aozora <support@shop.example>
q|08/01/2026 10:00 AM
q|To
q|hanako@home.example
q|cc
q|
q|Subject
q|Repair
q|
q|We come next week.
""",
    "an article of old": """
n|了解です。
n|
q|<20260801.ABC@shop.example> の記事において
q|support@shop.example さんは書きました。
q|
q|> 来週お伺いします。
q|> 青空商店
""",
    "a phone by its make": """
n|了解です。
n|
s|OPPO A5から送信
s|
q|-------- 元のメッセージ --------
q|差出人： 青空商店 <support@shop.example>
q|
q|来週お伺いします。
""",
    "Active! mail": """
n|了解です。
n|
q|----- Original Message -----
q|> From: 青空商店 <support@shop.example>
q|> Date: Sat, 1 Aug 2026 10:00:00 +0900
q|> Subject: 修理の件
q|>
q|> 来週お伺いします。
""",
    "Garoon": """
n|了解です。
n|
q|----- 返信元のメッセージ -----
q|From: 青空商店 <support@shop.example>
q|Date: 2026/08/01 10:00
q|Subject: 修理の件
q|
q|来週お伺いします。
""",
}


def _replied(new: str, said: str, repeated: str, signed: str = "", mark: str = "") -> str:
    lines = [f"n|{new}", "n|"]
    lines += [f"s|{signed}", "s|"] if signed else []
    return "\n".join([*lines, f"q|{said}", "q|", f"q|{mark}{repeated}"])


def _forwarded(new: str, said: str, fields: tuple[str, ...], repeated: str) -> str:
    return "\n".join(
        [f"n|{new}", "n|", f"f|{said}", "f|", *(f"f|{line}" for line in fields), "f|", f"f|{repeated}"]
    )


_A = "Aozora <support@shop.example>"
# By language: an answer, the line of a phone, Gmail's and Apple's way to say who wrote, and the question.
_WAYS = {
    "ja": (
        *("お願いします。", "iPhoneから送信", f"2026年8月1日(土) 10:00 {_A}:"),
        *(f"2026/08/01 10:00、{_A}のメール:", "もう一度送りますか。"),
    ),
    "en": (
        *("Yes please.", "Sent from my iPhone", f"On Sat, Aug 1, 2026 at 10:00\u202fAM {_A} wrote:"),
        *(f"On Aug 1, 2026, at 10:00\u202fAM, {_A} wrote:", "Shall we send it again?"),
    ),
    "zh-CN": (
        *("好的，谢谢。", "发自我的 iPhone", f"{_A} 于2026年8月1日周六 10:00写道："),
        *(f"2026年8月1日 10:00，{_A} 写道：", "需要重新发送吗？"),
    ),
    "zh-TW": (
        *("好的，謝謝。", "從我的 iPhone 傳送", f"{_A} 於 2026年8月1日週六 上午10:00寫道："),
        *(f"{_A} 於 2026年8月1日 上午10:00 寫道：", "需要重新寄送嗎？"),
    ),
    "ko": (
        *("네, 부탁드립니다.", "나의 iPhone에서 보냄", f"2026년 8월 1일 (토) 오전 10:00, {_A}님이 작성:"),
        *(f"2026. 8. 1. 오전 10:00, {_A} 작성:", "다시 보낼까요?"),
    ),
    "de": (
        *("Ja, gern.", "Von meinem iPhone gesendet", f"Am Sa., 1. Aug. 2026 um 10:00 Uhr schrieb {_A}:"),
        *(f"Am 01.08.2026 um 10:00 schrieb {_A}:", "Sollen wir es noch einmal senden?"),
    ),
    "fr": (
        *("Oui, merci.", "Envoyé de mon iPhone", f"Le sam. 1 août 2026 à 10:00, {_A} a écrit\xa0:"),
        *(f"Le 1 août 2026 à 10:00, {_A} a écrit :", "Faut-il le renvoyer ?"),
    ),
    "es": (
        *("Sí, gracias.", "Enviado desde mi iPhone", f"El sáb, 1 ago 2026 a las 10:00, {_A} escribió:"),
        *(f"El 1 ago 2026, a las 10:00, {_A} escribió:", "¿Lo enviamos otra vez?"),
    ),
    "it": (
        *("Sì, grazie.", "Inviato da iPhone", f"Il giorno sab 1 ago 2026 alle ore 10:00 {_A} ha scritto:"),
        *(f"Il giorno 1 ago 2026, alle ore 10:00, {_A} ha scritto:", "Lo mandiamo di nuovo?"),
    ),
    "pt": (
        *("Sim, obrigada.", "Enviado do meu iPhone", f"Em sáb., 1 de ago. de 2026 às 10:00, {_A} escreveu:"),
        *(f"Em 1 de ago. de 2026, à(s) 10:00, {_A} escreveu:", "Enviamos de novo?"),
    ),
    "pt-PT": (
        *("Sim, obrigada.", "Enviado do meu iPhone", f"{_A} escreveu (sábado, 1/08/2026 à(s) 10:00):"),
        *(f"No dia 1/08/2026, às 10:00, {_A} escreveu:", "Enviamos de novo?"),
    ),
    "nl": (
        *("Ja, graag.", "Verstuurd vanaf mijn iPhone", f"Op za 1 aug 2026 om 10:00 schreef {_A}:"),
        *(f"Op 1 aug 2026 om 10:00 heeft {_A} het volgende geschreven:", "Zullen we het opnieuw sturen?"),
    ),
}
_GMAIL = {name: _replied(new, gmail, asked, mark="> ") for name, (new, _, gmail, _, asked) in _WAYS.items()}
_GMAIL_BARE = {name: _replied(new, gmail, asked) for name, (new, _, gmail, _, asked) in _WAYS.items()}
_APPLE = {
    name: _replied(new, apple, asked, phone, "> ") for name, (new, phone, _, apple, asked) in _WAYS.items()
}
_APPLE_BARE = {
    name: _replied(new, apple, asked, phone) for name, (new, phone, _, apple, asked) in _WAYS.items()
}
_FORWARDED = {
    "en": (
        "See below.",
        "Begin forwarded message:",
        ("From: Aozora", "Subject: Parcel", "Date: Aug 1, 2026"),
        "Sent.",
    ),
    "ja": (
        "ご覧ください。",
        "転送されたメッセージ:",
        ("差出人: 青空商店", "件名: 発送", "日付: 2026年8月1日"),
        "発送済みです。",
    ),
    "de": (
        *("Siehe unten.", "Anfang der weitergeleiteten Nachricht:"),
        *(("Von: Aozora", "Betreff: Paket", "Datum: 1. August 2026"), "Versendet."),
    ),
    "fr": (
        *("Voir plus bas.", "Début du message réexpédié :"),
        *(("De: Aozora", "Objet: Colis", "Date: 1 août 2026"), "Envoyé."),
    ),
    "es": (
        *("Mira esto.", "Inicio del mensaje reenviado:"),
        *(("De: Aozora", "Asunto: Paquete", "Fecha: 1 de agosto de 2026"), "Enviado ya."),
    ),
    "it": (
        *("Vedi sotto.", "Inizio messaggio inoltrato:"),
        *(("Da: Aozora", "Oggetto: Pacco", "Data: 1 agosto 2026"), "Spedito."),
    ),
    "pt": (
        *("Veja abaixo.", "Início da mensagem encaminhada:"),
        *(("De: Aozora", "Assunto: Pacote", "Data: 1 de agosto de 2026"), "Foi enviado."),
    ),
    "nl": (
        *("Zie hieronder.", "Begin doorgestuurd bericht:"),
        *(("Van: Aozora", "Onderwerp: Pakket", "Datum: 1 augustus 2026"), "Verzonden."),
    ),
    "zh-CN": (
        "请看。",
        "开始转发的邮件：",
        ("发件人: Aozora", "主题: 包裹", "日期: 2026年8月1日"),
        "已发送。",
    ),
    "zh-TW": ("請看。", "開始轉寄郵件：", ("寄件人: Aozora", "主旨: 包裹", "日期: 2026年8月1日"), "已寄出。"),
    "ko": (
        "보세요.",
        "전달된 메시지 시작:",
        ("보낸 사람: Aozora", "제목: 소포", "날짜: 2026년 8월 1일"),
        "보냈습니다.",
    ),
}
MAILS = {
    **{f"Japan: {name}": mail for name, mail in _JAPAN.items()},
    **{f"Gmail in {name}": mail for name, mail in _GMAIL.items()},
    **{f"Gmail in {name}, without marks": mail for name, mail in _GMAIL_BARE.items()},
    **{f"Apple Mail in {name}": mail for name, mail in _APPLE.items()},
    **{f"Apple Mail in {name}, without marks": mail for name, mail in _APPLE_BARE.items()},
    **{f"Apple Mail in {name}, forwarded": _forwarded(*mail) for name, mail in _FORWARDED.items()},
}
