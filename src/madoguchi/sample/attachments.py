"""The files of sample messages: a few real pictures and documents under many names."""

from pathlib import Path

from madoguchi.sample.content import SampleFile
from madoguchi.sample.corpus import Topic
from madoguchi.sample.facts import Facts
from madoguchi.sample.grammar import Chance, pick

FILES = Path(__file__).parent / "files"
CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}
# Words of a file's name, and the picture or document behind such a name; the first that fits.
_ASSETS = (
    ("領収書", "receipt.pdf"),
    ("ラベル.pdf", "label.pdf"),
    (".pdf", "leaflet.pdf"),
    (".png", "screen.png"),
    ("箱", "box.jpg"),
    ("梱包", "box.jpg"),
    ("ラベル", "label.jpg"),
    ("型番", "label.jpg"),
    ("払込票", "paper.jpg"),
    ("納品書", "paper.jpg"),
    ("不在票", "paper.jpg"),
    ("保証書", "paper.jpg"),
)
_PHOTOS = {"hanamoto": "appliance.jpg", "asagiri": "cloth.jpg", "tsukishiro": "bottle.jpg"}
_ENCLOSED = (
    ("返送ラベル", "返送ラベル.pdf"),
    ("着払い伝票", "着払い伝票の書き方.pdf"),
    ("成分", "全成分一覧.pdf"),
    ("冊子", "使い方の冊子.pdf"),
    ("説明書", "取扱説明書_抜粋.pdf"),
)


def first_files(
    chance: Chance, topic: Topic, facts: Facts, text: str, *, shows: bool
) -> tuple[SampleFile, ...]:
    """What comes with a first letter: always when it or our answer (`shows`) speaks of it, else at times."""
    if not topic.files or not (shows or "添付" in text or "写真" in text or chance() < topic.photo):
        return ()
    named, other = pick(chance, topic.files), pick(chance, topic.files)
    both = other != named and chance() < 0.35
    return tuple(_file(name, facts, topic) for name in ((named, other) if both else (named,)))


def further_files(chance: Chance, topic: Topic, facts: Facts, text: str) -> tuple[SampleFile, ...]:
    """What comes with a later letter: only what it speaks of."""
    if not topic.files or not ("添付" in text or "写真を送り" in text):
        return ()
    return (_file(pick(chance, topic.files), facts, topic),)


def sent_files(topic: Topic, facts: Facts, text: str) -> tuple[SampleFile, ...]:
    """What we enclose: whatever the letter says is enclosed."""
    if "添付" not in text:
        return ()
    if topic.outfiles:
        return tuple(_file(name, facts, topic) for name in topic.outfiles)
    return tuple(_file(name, facts, topic) for word, name in _ENCLOSED if word in text)[:1]


def _file(name: str, facts: Facts, topic: Topic) -> SampleFile:
    name = name.format_map(facts)
    asset = next((asset for word, asset in _ASSETS if word in name), "")
    return SampleFile(name, asset or _PHOTOS[topic.desk.partition("-")[0]])
