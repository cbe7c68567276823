"""Emoji as Japanese phones wrote them before Unicode had any: places of Shift_JIS and JIS that no standard fills, and
SoftBank's escape sequences.

The commonest are shown as what they are; any other is 〓, as the phone companies showed one another's.
"""

import re
from typing import Final

UNKNOWN: Final = "〓"
# Each run holds the emoji of consecutive places, as docomo counts them from U+E63E (F89F in Shift_JIS).
_DOCOMO: Final = {
    0xE63E: "☀ ☁ ☔ ⛄ ⚡ 🌀 🌁 🌂 ♈ ♉ ♊ ♋ ♌ ♍ ♎ ♏ ♐ ♑ ♒ ♓ 🎽 ⚾ ⛳ 🎾 ⚽ 🎿 🏀 🏁 📟 🚃 Ⓜ 🚄 🚗"
    " 🚙 🚌 🚢 ✈ 🏠 🏢 🏣 🏥 🏦 🏧 🏨 🏪 ⛽ 🅿 🚥 🚻 🍴 ☕ 🍸 🍺 🍔 👠 ✂ 🎤 🎥 ↗ 🎠 🎧 🎨 🎩 🎪 🎫 🚬"
    " 🚭 📷 👜 📖 🎀 🎁 🎂 ☎ 📱 📝 📺 🎮 💿 ♥ ♠ ♦ ♣ 👀 👂 ✊ ✌ ✋ ↘ ↖ 👣 👟 👓 ♿ 🌑 🌔 🌓 🌙 🌕 🐶 🐱"
    " ⛵ 🎄 ↙",
    0xE6AC: "🎬 👝 ✒ 〓 〓 👤 💺 🌃 〓 〓 〓 🔜 🔛 🔚 ⏰",
    0xE6CE: "📲 📩 📠 〓 〓 ✉ 〓 〓 💴 🆓 🆔 🔑 ↩ 🆑 🔍 🆕 🚩 〓 #\u20e3 〓 1\u20e3 2\u20e3 3\u20e3 4\u20e3"
    " 5\u20e3 6\u20e3 7\u20e3 8\u20e3 9\u20e3 0\u20e3 ❤ 💓 💔 💕 😃 😠 😞 😖 😵 ⤴ 🎵 ♨ 💠 💋 ✨ 💡 💢"
    " 👊 💣 🎶 ⤵ 💤 ❗ ⁉ ‼ 💥 💦 💧 💨 〰 ➰ 🆗 〓 〓 👕 👛 💄 👖 🏂 🔔 🚪 💰 💻 💌 🔧 ✏ 👑 💍 ⏳ 🚲"
    " 🍵 ⌚ 😔 😌 😅 😓 😡 😒 😍 👍 😜 😉 😆 😣 😏 😭 😢 🆖 📎 © ™ 🏃 ㊙ ♻ ® ⚠ 🈲 🈳 🈴 🈵 ↔ ↕ 🏫 🌊"
    " 🗻 🍀 🍒 🌷 🍌 🍎 🌱 🍁 🌸 🍙 🍰 🍶 🍜 🍞 🐌 🐤 🐧 🐟 😋 😁 🐴 🐷 🍷 😱",
}
# au's commonest by their places in Shift_JIS.
_AU: Final = (
    "F378♥ F37E✨ F394😞 F396😣 F397😖 F399😌 F641🌀 F643🏃 F649😃 F64A😠 F64B😭 F64D💤 F64E💡 F64F💔 F650💕"
    " F652💣 F659⚠ F65A❗ F65D⛄ F65E🌙 F65F⚡ F660☀ F664☔ F665☁ F667♈ F668♉ F669♊ F66A♋ F66B♌ F66C♍"
    " F66D♎ F66E♏ F66F♐ F670♑ F671♒ F672♓ F684🏠 F68A🚗 F68C✈ F68E🚃 F695♨ F69C🍺 F6A2🎄 F6A3🌸 F6A8🎁"
    " F6B4🐱 F6BA🐶 F6BE💢 F6BF💧 F6C0😜 F6C4💋 F6CC👊 F6CD💨 F6D2👍 F6DC🎤 F6DE🎶 F6EC🍀 F6EE📷 F6FA✉"
    " F6FB1\u20e3 F6FC2\u20e3 F7403\u20e3 F7414\u20e3 F7425\u20e3 F7436\u20e3 F7447\u20e3 F7458\u20e3"
    " F7469\u20e3 F7A5📱 F7B2❤ F7B3☎ F7B4☕ F7BD🎂 F7C1👀 F7C3✌ F7C4✋ F7C90\u20e3 F7CA🆗 F7CE💦 F7EE🎵 F7F3😉"
    " F7F4😍 F7F5😱 F7F6😓"
)
# SoftBank's by the letter of their page and the sign that stands for the first of them there.
_SOFTBANK: Final = {
    "G!": "👦 👧 💋 👨 👩 👕 👟 📷 ☎ 📱 📠 💻 👊 👍 ☝ ✊ ✌ 🙋 🎿 ⛳ 🎾 ⚾ 🏄 ⚽ 🐟 🐴 🚗 ⛵ ✈ 🚃 🚅 ❓ ❗ ❤"
    " 💔 🕐 🕑 🕒 🕓 🕔 🕕 🕖 🕗 🕘 🕙 🕚 🕛 🌸 🔱 🌹 🎄 💍 💎 🏠 ⛪ 🏢 🚉 ⛽ 🗻 🎤 🎥 🎵 🔑 🎷 🎸 🎺"
    " 🍴 🍸 ☕ 🍰 🍺 ⛄ ☁ ☀ ☔ 🌙 🌄 👼 🐱 🐯 🐻 🐶 🐭 🐳 🐧 😊 😃 😞 😠 💩",
    "E%": "😜 😍 😱 😓 🐵 🐙 🐷 👽 〓 👑 💡 🍀 💏 🎁 🔫 🔍 🏃 〓 〓 🍁 〓 👿 👻 💀 🔥",
    "E\\": "💤 ⚡",
    "El": "💪",
    "O2": "🎉",
    "OF": "🎶 💓 💗 💘 💙 💚 💛 💜 ✨ 🌟 💨 💦 〓 〓 💢",
    "P!": "😥 😏 😔 😁 😉 😣 😖 😪 😝 😌 😨 😷 😳 😒 😰 😲 😭 😂 😢 ☺ 😄 😡 😚 😘 👀 👃 👂 👄 🙏 👋 👏 👌 👎",
}
_CODES: Final = re.compile(r"\x1b\$([EFGOPQ])(?:([!-z]+)\x0f|([!-z]))")
_PLACES: Final = re.compile("[\ue234-\ue3ab\ue468-\ue5df\ue63e-\ue757]")
_BY_PLACE: Final = {
    **{chr(start + at): emoji for start, run in _DOCOMO.items() for at, emoji in enumerate(run.split(" "))},
    **{bytes.fromhex(one[:4]).decode("cp932"): one[4:] for one in _AU.split(" ")},
}
_OF_AU: Final = re.compile(r"@(?:[\w.-]+\.)?(?:ezweb\.ne\.jp|au\.com|uqmobile\.jp)\b", re.IGNORECASE)
# What is F3 in au's Shift_JIS is in JIS where Windows has the kanji of ED.
_KANJI_OF_AU: Final = str.maketrans(
    {
        bytes((0xED, int(one[2:4], 16))).decode("cp932"): one[4:]
        for one in _AU.split(" ")
        if one.startswith("F3")
    }
)
_BY_CODE: Final = {
    start[0] + chr(ord(start[1]) + at): emoji
    for start, run in _SOFTBANK.items()
    for at, emoji in enumerate(run.split(" "))
}


def readable(text: str) -> tuple[str, bool]:
    """Text with the emoji of phones as such, and whether there was one among them that is not known here.

    They stand where Shift_JIS has its places for characters of one's own (docomo, au), or in escape sequences.
    """
    shown = _CODES.sub(_of_codes, text) if "\x1b$" in text else text
    shown = _PLACES.sub(lambda found: _BY_PLACE.get(found[0], UNKNOWN), shown)
    return shown, shown.count(UNKNOWN) > text.count(UNKNOWN)


def is_of_au(address: str) -> bool:
    """Whether a mail comes from one of au's addresses, raw as its header has it."""
    return _OF_AU.search(address) is not None


def in_jis_of_au(text: str) -> str:
    """ISO-2022-JP from an au phone: those of its emoji that stand where Windows has rare kanji, as such.

    Others in those places stay kanji, since people with such names write from au's addresses as well.
    """
    return text.translate(_KANJI_OF_AU)


def without_codes(text: str) -> str:
    """Text without SoftBank's escape sequences."""
    return _CODES.sub("", text)


def _of_codes(found: re.Match[str]) -> str:
    return "".join(_BY_CODE.get(found[1] + sign, UNKNOWN) for sign in found[2] or found[3])
