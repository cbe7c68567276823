"""How mail programs announce what they repeat: attributions, rules, blocks of header fields, forwards.

Each function answers for one line of a mail; the languages stand side by side in the expressions.
"""

import re
from itertools import takewhile
from typing import Final

_SIDE: Final = r"[-–—=_*+#~<>｜|─━ー　 \xa0]"

_FORWARDED: Final = re.compile(
    rf"(?:>\s?)?(?:{_SIDE}{{2,}}(?P<ruled>)|(?:Begin |Start of |Anfang der |Début du "
    rf"|Fin du |Inizio(?: del)? |Inicio del |Início da |开始|開始)(?P<begun>))?"
    r"(?:forwarded (?:message|e?-?mail)|転送(?:された)?(?:メッセージ|メール(?:情報)?)"
    r"|Weitergeleiteten? (?:Nachricht|E-Mail)"
    r"|message (?:transféré|réexpédié)|Mensaje reenviado|Messaggio inoltrato"
    r"|Mensagem (?:en|re)caminhada|Doorgestuurd bericht"
    r"|Videresendt (?:besked|meddelelse|melding)|Vidarebefordrat (?:meddelande|mejl)|Przekazana wiadomość"
    r"|(?:已)?[转轉][发寄發](?:的)?(?:邮件|郵件)(?:信息|訊息)?|Пересылаемое сообщение|전달된 메시지(?: 시작)?)"
    rf"(?:{_SIDE}{{2,}}(?P<closed>)|\s?[:：](?P<colon>))?\s*$",
    re.IGNORECASE,
)
_FORWARDED_BY: Final = re.compile(r"[-_=]{3,}\s?Forwarded by .{1,120}[-_=]{3,}$", re.IGNORECASE)
_SENDERS_RULE: Final = re.compile(
    r"-{3,}\s?[^-\s].{0,200}(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|送信|作成)\s?[:：]\s?-{3,}\s*$",
    re.IGNORECASE,
)
_ORIGINAL: Final = re.compile(
    rf"(?:{_SIDE}{{1,40}})(?:Original (?:Message(?: Follows)?|Appointment|E?-?Mail)|Original(?=[ \xa0]-{{6}})"
    r"|(?:返信)?元の?(?:メッセージ"
    rf"|メール)(?:\s?(?:ここから|開始))?|オリジナル\s?メッセージ"
    r"|(?:Original|Ursprüngliche|Antwort)[- ]?(?:Nachricht|Mail)|Reply Message"
    r"|Message d['’]origine|Message original|Mensaje original"
    r"|Messaggio (?:di )?origin(?:al|ari)[eo]|Mensagem original|(?:Oorspronkelijk"
    r"|Origineel) bericht|Oprindelig (?:meddelelse|besked)"
    r"|Ursprungligt meddelande|Opprinnelig melding|Alkuperäinen viesti|(?:Oryginalna wiadomość"
    r"|Wiadomość oryginalna)|Původní zpráva"
    r"|Исходное сообщение|原始(?:邮件|郵件|信件)|原[邮郵]件|回复的原邮件|원본 ?메(?:시지|일))"
    rf"{_SIDE}{{2,40}}\s*$",
    re.IGNORECASE,
)
# The same words alone on a line, without anything drawn beside them, by what they announce.
_ALONE: Final = {
    words: kind
    for kind, all_words in {
        "quote": "元のメッセージ|元メッセージ|元のメール|元メール|元ﾒｰﾙ"
        "|返信元のメッセージ|返信元メッセージ|返信元メール"
        "|オリジナルメッセージ|original message|original mail|original e-mail|original email|ursprüngliche nachricht"
        "|message d'origine|message d’origine|mensaje original|messaggio originale|mensagem original"
        "|oorspronkelijk bericht|原始邮件|原始郵件|原邮件|원본 메시지|원본 메일",
        "forward": "転送メッセージ|転送されたメッセージ|転送メール|転送されたメール|forwarded message"
        "|weitergeleitete nachricht|message transféré|mensaje reenviado|messaggio inoltrato|mensagem encaminhada"
        "|doorgestuurd bericht|转发邮件|轉寄郵件|전달된 메시지",
    }.items()
    for words in all_words.split("|")
}
_AROUND_WORDS: Final = ":： 　[]【】<>＜＞《》≪≫〈〉「」()（）*＊▼▽↓-—―=＝_~"
_LONGEST_ALONE: Final = max(map(len, _ALONE)) + 8
_REPLY_ABOVE: Final = re.compile(
    r"(?:[-#=*_–— ]*)(?:please )?(?:type |write |enter )?(?:your )?repl(?:y|ies) (?:above"
    r"|on top of) th(?:is|e) (?:line|message)"
    r"|.{0,12}(?:この|本)(?:行|線|ライン)(?:よ)?り上に.{0,30}(?:返信|記入|入力|お書き)",
    re.IGNORECASE,
)

_FIELDS: Final = {
    "sender": "From 差出人 送信者 送信元 发件人 寄件者 寄件人 보낸사람 보낸_사람 Von De Da Van Fra Från Od От"
    " Lähettäjä Mittente Expéditeur Remitente Remetente Feladó Kimden Gönderen Avsender Afsender",
    "date": "Sent Date Sent_on Message_du 送信日時 送信日 日時 日付 受信日時 发送时间 发送日期 日期 时间"
    " 傳送時間 寄件日期 날짜 보낸날짜 보낸_날짜 Gesendet Gesendet_am Datum Envoyé Envoyé_le Enviado"
    " Enviado_el Enviada Enviada_em Fecha Data Inviato Verzonden Sendt Skickat Lähetetty Wysłano"
    " Odesláno Отправлено Дата Päivämäärä Dato Elküldve",
    "to": "To 宛先 收件人 收件者 받는사람 받는_사람 An À A Para Aan Til Till Vastaanottaja Do Komu Кому"
    " Destinataire Címzett",
    "subject": "Subject 件名 題名 主题 主旨 主題 제목 Betreff Objet Sujet Asunto Oggetto Assunto Onderwerp Emne"
    " Ämne Aihe Temat Předmět Тема Tárgy Konu",
    "other": "Cc Bcc Reply-To Copie Copie_à Kopie Kopi Kopia 抄送 副本 附件 重要性 返信先 添付ファイル Attachment"
    " Attachments Importance 重要度 Priority",
}
_KIND_OF_FIELD: Final = {
    name.replace("_", " "): kind for kind, names in _FIELDS.items() for name in names.lower().split()
}
_FIELD: Final = re.compile(r"[>*_\s]{0,8}([^:：*>]{1,20}?)\s?\*{0,2}\s?[:：]")
# Fields of Japanese forms that no mail has: 「お名前：」, 「■ページ数：」.
_OTHER_FIELD: Final = re.compile(
    r"\s{0,4}[■□●○◆◇▼・*]?\s?[^:：。、\s]{0,11}[\u3041-\u30ff\u4e00-\u9fff々）)][ \u3000]{0,6}[:：]"
)
_SENT_BY_NUMBER: Final = re.compile(r"[:：]\s*\+?[\d()（） -]{8,20}\s*$")
_FIELD_IN_A_LINE: Final = re.compile(r"\b(?:From|Sent|To|Subject|Date)\s?: ")
_LONGEST_BLOCK: Final = 12
NAMES_OF_TO: Final = frozenset({"宛先", "To"})
_NAMES_OF_SUBJECT: Final = frozenset({"件名", "Subject"})
_MOST_ABOVE: Final = 4

_VERB: Final = re.compile(
    r"\bwr(?:ote|ites?)\b|\b(?:schrieb|geschrieben|schreef|geschreven|skrev|kirjoitti"
    r"|escribió|escribio|escreveu|scrisse)\b"
    r"|\b(?:a|as|avez) écrit\b|\ba ecrit\b|\bha scritto\b|\bva escriure\b|\ba scris\b"
    r"|napisał|napsal|napísal|\bírta\b|yazdı|\bsent\s?[:：]$"
    r"|написал|написав|έγραψε|כתב|đã viết|\bmenulis\b|写道|寫道|작성|のメール|のメッセージ"
    r"|書きました|が書いた|からの引用"
)
_SAID_IN_JAPANESE: Final = re.compile(
    r"[^。、]{1,80}(?:さん|様|氏)\s?(?:は|が)"
    r"(?:以下のように|\s?\d[\d/ :年月日()（）月火水木金土]{4,24}\s?に\s?)?書きました[:：]?$"
)
_MAIL_IN_JAPANESE: Final = re.compile(r"の(?:メール|メッセージ)\s?[:：]$")
_BEHIND_THE_TIME: Final = re.compile(
    r"\d[:.h時：]\s?\d{2}(?::\d{2})?分?(?:\s?[AP]\.?M\.?|\s?(?:Uhr|GMT|UTC|JST)|\s?[+-]\d{4}|[)）])*"
    r"(?:\s?[,、，]|\s(?:schrieb|schreef|skrev|wrote|heeft)\b)",
    re.IGNORECASE,
)
_REFERS: Final = re.compile(
    r"[>\"”」]\s?(?:(?:の|において|で|にて)[、,]|の記事において[、,]?)\s*$"
    r"|^\s*In (?:message|article|mail) ?<[^<>\s]{3,250}>,?\s*$"
)
_DATE: Final = re.compile(r"(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}月\s?\d{1,2}日")
_TIME: Final = re.compile(r"\d{1,2}\s?[:.h時：]\s?\d{2}|\d\s?[AP]\.?M\b", re.IGNORECASE)
_STARTS: Final = re.compile(
    r"(?:On|At|In|Le|Am|Den|El|Il|Em|No dia|Op|På|Ons|Dne|Dňa|W dniu|Dnia|Pada"
    r"|Vào|Pe|La data|Den|Tarihinde|在|于|於)\s?(?:\W|\d|\w)"
    r"|[(（\"“「<]?\s?\d{1,4}[年月./\s-]|[(（\"“「]",
    re.IGNORECASE,
)
_CLOSED_ADDRESS: Final = re.compile(r"\S@[^\s@]{1,250}[:：]$|\S@[^\s@]{1,250}[>＞)）\]]\s[:：]$")
_RUNS_ON: Final = re.compile(
    r"\S.{0,4}\bOn (?:\d|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun"
    r"|Jul|Aug|Sep|Oct|Nov|Dec))"
)
_ENDS_OF_ATTRIBUTION: Final = (":", "：", "wrote", "写道", "寫道", "書きました", "書きました。", ">")
# An attribution with the other mail's words behind it on one line: marked ones, or words in no quotation marks, as
# people put them, behind an address in brackets.
_VERBS_IN_A_LINE: Final = (
    r"wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|写道|寫道"
    r"|のメール|のメッセージ|(?:さん)?は?書きました"
)
_MARKED_BEHIND: Final = re.compile(
    rf"(?P<said>\S.{{10,250}}?(?:[>＞)）]|\s?(?:{_VERBS_IN_A_LINE}))\s?[:：])\s?[>＞]\s?\S", re.IGNORECASE
)
_WORDS_BEHIND: Final = re.compile(
    rf"(?P<said>\S.{{10,200}}?<[^<>@\s]{{1,64}}@[^<>@\s]{{1,250}}>\s?(?:さんの?)?(?:{_VERBS_IN_A_LINE})?\s?[:：])\s?[^>＞\s\"“”「『]",
    re.IGNORECASE,
)
_VERB_ALONE: Final = re.compile(rf"(?:{_VERBS_IN_A_LINE})\s?[:：]", re.IGNORECASE)
_DIGITS_AND_BRACKETS: Final = '0123456789(（"“'
_LONGEST_LINE: Final = 300
_MOST_LINES: Final = 6


def announced_alone(line: str) -> str:
    """What a line of nothing but the words "Original message" or their like announces: "quote", "forward" or nothing.

    Such a line may end in a colon, stand in brackets or behind a mark.
    """
    if len(line) > _LONGEST_ALONE:
        return ""
    words = line.strip(_AROUND_WORDS).removeprefix("以下").lstrip("は、, ")
    return _ALONE.get(words.casefold(), "")


def is_forward_marker(line: str) -> bool:
    """ "---------- Forwarded message ---------" and its like; words alone need a rule or a colon beside them."""
    found = _FORWARDED.match(line) if len(line) <= 120 else None
    if found:
        return any(found[group] is not None for group in ("ruled", "begun", "closed", "colon"))
    return bool(_FORWARDED_BY.match(line[:200]))


def is_original_marker(line: str) -> bool:
    """ "-----Original Message-----" and its like, or a help desk's "reply above this line"."""
    return len(line) <= 160 and bool(_ORIGINAL.match(line) or _REPLY_ABOVE.match(line))


def is_senders_rule(line: str) -> bool:
    """ "-----"Taro" <taro@…> wrote: -----" as Notes in a browser puts it above the fields of the other mail."""
    return len(line) <= _LONGEST_LINE and bool(_SENDERS_RULE.match(line))


def field_of(line: str) -> str:
    """Which header field a line repeats: sender, date, to, subject or other; empty for none."""
    found = _FIELD.match(line)
    return _KIND_OF_FIELD.get(found[1].lower(), "") if found else ""


def end_of_header_block(lines: list[str], start: int, *, announced: bool = False) -> int:
    """Where the block of repeated header fields ends that begins at `start`; `start` itself if none does.

    A parcel has a sender, a date and somebody it goes to as well: only a subject or an address makes it a mail. After
    a rule that announces it, two fields are enough.
    """
    kinds: set[str] = set()
    end, strangers = start, 0
    for index in range(start, min(len(lines), start + _LONGEST_BLOCK)):
        if kind := field_of(lines[index]):
            kinds.add(kind)
            end, strangers = index + 1, 0
        elif lines[index].strip() and (strangers := strangers + 1) > 1:
            break
    if announced and "sender" in kinds:
        return end
    is_mail = "subject" in kinds or any("@" in line for line in lines[start:end])
    whole = "sender" in kinds and len(kinds - {"other"}) >= 3 and is_mail
    return end if whole and not _is_form(lines, start, end) else start


def _is_form(lines: list[str], start: int, end: int) -> bool:
    """Whether the fields are a form's or a machine's: others stand among them, or a phone number has sent it."""
    above = lines[start - 1 : start] if start else []
    below = takewhile(str.strip, lines[end : end + _LONGEST_BLOCK])
    among = [line for line in lines[start:end] if not field_of(line)]
    if any(_OTHER_FIELD.match(line) and not field_of(line) for line in (*above, *among, *below)):
        return True
    senders = [line for line in lines[start:end] if len(line) <= _LONGEST_LINE and field_of(line) == "sender"]
    return any(_SENT_BY_NUMBER.search(line) for line in senders)


def spread_header_block(lines: list[str], to: int) -> tuple[int, int]:
    """From where to where a repeated mail's fields stand on lines of their own around the line `to`, as Notes spreads
    them: who and when above, "To", "cc" and "Subject" alone, each with its value below. (0, 0) for none.
    """
    behind = lines[to + 1 : to + _LONGEST_BLOCK]
    subject = next((at for at, line in enumerate(behind) if line.strip() in _NAMES_OF_SUBJECT), -1)
    above = [at for at in range(max(0, to - _MOST_ABOVE), to) if lines[at].strip()]
    dated = next((at for at in reversed(above) if _DATE.search(lines[at]) and _TIME.search(lines[at])), -1)
    if subject < 0 or dated < 0:
        return 0, 0
    who = [at for at in above if at < dated and "@" in lines[at]]
    start = who[-1] if who else dated
    value = to + 1 + subject + 1
    while value < len(lines) and not lines[value].strip():
        value += 1
    return start, min(value + 1, len(lines))


def has_fields_in_one_line(line: str) -> bool:
    """ "From: … Sent: … To: … Subject: …" run together, as some programs make it of HTML."""
    words = line[:600]
    if words.count(":") < 3:
        return False
    at = list(_FIELD_IN_A_LINE.finditer(words))
    return len({found[0] for found in at}) >= 3 and bool(at) and at[0].start() < 3


def attribution_start(lines: list[str], end: int, *, quoted: bool) -> tuple[int, bool]:
    """Where the "On …, … wrote:" begins that ends with line `end`, and whether it is sure without marked lines below.

    Mailers break it over up to six lines, and some leave the verb below a blank one.
    `quoted` says that marked lines follow. (-1, False) for none.
    """
    if not _may_end(lines[end], quoted=quoted):
        return -1, False
    likely = -1
    for start in range(end, max(-1, end - _MOST_LINES), -1):
        line = lines[start].strip()
        if not line and start == end - 1 and _VERB_ALONE.fullmatch(lines[end].strip()):
            continue
        if not line or (start < end and line[0] in ">＞") or len(line) > _LONGEST_LINE:
            break
        words = " ".join(part.strip() for part in lines[start : end + 1]).strip("-–—=* ")
        begins = bool(_STARTS.match(words)) or (start == 0 or not lines[start - 1].strip())
        if begins and _is_sure(words):
            return _with_its_reference(lines, _with_its_date(lines, start, words)), True
        if (
            quoted
            and _is_likely(words, begins=bool(_STARTS.match(words)))
            and (likely < 0 or _STARTS.match(words))
        ):
            likely = start
    return (_with_its_reference(lines, likely) if likely >= 0 else likely), False


def words_behind(lines: list[str], end: int) -> tuple[int, bool]:
    """Where the attribution begins behind which, on line `end`, the other mail's words begin; and whether these are
    marked. (-1, False) for none.
    """
    for start in range(end, max(-1, end - _MOST_LINES), -1):
        words = " ".join(part.strip() for part in lines[start : end + 1])[: 2 * _LONGEST_LINE]
        if start < end and not lines[start].strip():
            break
        for way, marked in ((_MARKED_BEHIND, True), (_WORDS_BEHIND, False)):
            found = way.match(words)
            apart = marked or not start or not lines[start - 1].strip()
            if found and apart and _STARTS.match(words) and _is_dated(found["said"]):
                return start, marked
    return -1, False


def _with_its_date(lines: list[str], start: int, words: str) -> int:
    """The line above as well, where the date stands there alone."""
    above = lines[start - 1].strip() if start else ""
    if _DATE.search(words) or not _DATE.search(above) or not _STARTS.match(above) or above[-1] in "。.!?！？":
        return start
    return start - 1


def _with_its_reference(lines: list[str], start: int) -> int:
    """The lines above as well in which old Japanese software names the message and its subject."""
    for _ in range(_MOST_LINES):
        if not start or not _REFERS.search(lines[start - 1]):
            break
        start -= 1
    return start


def _may_end(line: str, *, quoted: bool) -> bool:
    words = line.strip().strip("-–—=* ")
    if not words or len(words) > _LONGEST_LINE:
        return False
    return words.endswith(_ENDS_OF_ATTRIBUTION[:-1]) or (quoted and words.endswith(">"))


def _is_sure(words: str) -> bool:
    """A program wrote it: date and time with a verb, and an address or the verb right after them; or an address alone.

    People name a mail with its date as well ("your mail of …:"); only programs put a comma or the verb behind the time.
    """
    if "書きました" in words and _SAID_IN_JAPANESE.match(words):
        return True
    dated = _is_dated(words)
    if dated and words[0] in _DIGITS_AND_BRACKETS and "@" in words and _CLOSED_ADDRESS.search(words):
        return True
    if _VERB.search(words):
        if _MAIL_IN_JAPANESE.search(words):
            return dated and words[0].isdigit() and ("@" in words or bool(_BEHIND_THE_TIME.search(words)))
        return dated and ("@" in words or bool(_BEHIND_THE_TIME.search(words)))
    return False


def _is_dated(words: str) -> bool:
    return bool(_DATE.search(words)) and bool(_TIME.search(words))


def _is_likely(words: str, *, begins: bool) -> bool:
    """Marked lines follow: a verb will do, or a date or address before a colon in whatever language."""
    if words.endswith(">"):
        return begins and bool(_DATE.search(words))
    if not begins and _RUNS_ON.search(words):
        return False
    return bool(_VERB.search(words) or _DATE.search(words) or "@" in words)
