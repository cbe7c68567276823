"""A model of embeddings elsewhere, asked as OpenAI describes it, against a server of our own that answers so."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import numpy as np
import pytest

from madoguchi.infra.tests.webserver import Site, website
from madoguchi.infra.web import NoAnswer
from madoguchi.knowledge.ranking import Entry, Index, Phrasing
from madoguchi.knowledge.ranking.apart import Ranker
from madoguchi.knowledge.ranking.elsewhere import Elsewhere
from madoguchi.knowledge.ranking.held import REST, REST_AFTER_ALL, Away, HeldFaq
from madoguchi.knowledge.ranking.meaning import vectors_of

ENTRIES = [
    Entry("1", "返品はできますか。", "お届けから8日以内、未使用の商品に限り承ります。"),
    Entry("2", "送料はいくらですか。", "全国一律660円です。"),
    Entry("3", "パスワードを忘れました。", "ログイン画面から再設定のメールをお送りします。"),
    Entry("4", "領収書を発行してもらえますか。", "ご購入履歴から発行いただけます。"),
]
PHRASINGS = [Phrasing("4", "090-1234-5678 の者ですがレシートがほしい")]
ASKED = "パスワードがわからずログインできません"
# All texts stand closer together there, as with some real models.
CLOSER = 1.5


class Model:
    """What the stand-in says, by the description: a vector for each text, in an order of its own."""

    def __init__(self, site: Site) -> None:
        self.name, self.breaks = "small-1", ""
        site.pages["/v1/embeddings"] = self._answer
        self._site = site

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = json.loads(self._site.asked[-1][3])
        bare = vectors_of(asked["input"])
        rows = np.hstack([bare, np.full((len(bare), 1), CLOSER)])
        data: list[dict[str, Any]] = [
            {"object": "embedding", "index": at, "embedding": [float(one) for one in row]}
            for at, row in enumerate(rows)
        ]
        said: Any = {"object": "list", "model": self.name, "data": data[::-1], "usage": {}}
        self._write(handler, self._broken(said))

    def _broken(self, said: Any) -> bytes:
        match self.breaks:
            case "few":
                said["data"].pop()
            case "none":
                said["data"][0]["embedding"] = []
            case "nan":
                said["data"][0]["embedding"][0] = float("nan")
            case "html":
                return b"<html>"
            case "list":
                said = [1]
        return json.dumps(said).encode()

    def _write(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.send_response({"down": 503, "onward": 302}.get(self.breaks, 200))
        handler.send_header("Location", "/v1/elsewhere")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def site() -> Iterator[Site]:
    with website() as made:
        yield made


@pytest.fixture
def model(site: Site) -> Model:
    return Model(site)


class Clock:
    now, step = 0.0, 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def elsewhere(site: Site) -> Elsewhere:
    return Elsewhere(site.address("/v1"), "small", "sesame")


def test_it_is_asked_as_the_description_says_and_nobodys_number_leaves(site: Site, model: Model) -> None:
    HeldFaq(ENTRIES, PHRASINGS, away=Away(elsewhere(site))).read()

    method, path, headers, body = site.asked[0]
    assert (method, path, headers["Authorization"]) == ("POST", "/v1/embeddings", "Bearer sesame")
    said = json.loads(body)
    assert (said["model"], said["encoding_format"]) == ("small", "float")
    assert said["input"][:2] == ["返品はできますか。", "送料はいくらですか。"]
    assert said["input"][4] == "… の者ですがレシートがほしい"


def test_many_texts_go_in_several_requests(site: Site, model: Model) -> None:
    assert elsewhere(site).vectors_of([f"文{at}" for at in range(130)]).shape == (130, 513)

    sizes = [len(json.loads(body)["input"]) for *_, body in site.asked]
    # The second measures how near texts are by this model that have nothing in common.
    assert sizes == [64, 12, 64, 2]


def test_a_reading_that_failed_goes_on_where_it_was(site: Site, model: Model) -> None:
    texts, clock = [f"文{at}" for at in range(130)], Clock()
    there = Elsewhere(site.address("/v1"), "small", "sesame", now=clock)
    with pytest.raises(NoAnswer):
        there.vectors_of(texts, seconds=0)

    clock.step = 1.0
    with pytest.raises(NoAnswer, match="too long"):
        there.vectors_of(texts, seconds=4)
    before, clock.step = len(site.asked), 0.0

    assert there.vectors_of(texts).shape == (130, 513)
    assert sum(len(json.loads(body)["input"]) for *_, body in site.asked[before:]) < 130


def test_it_decides_as_the_built_in_model_though_all_is_nearer_there(site: Site, model: Model) -> None:
    built_in = Index(ENTRIES, PHRASINGS).rank(ASKED)

    found = HeldFaq(ENTRIES, PHRASINGS, away=Away(elsewhere(site))).rank(ASKED)

    assert (found.ranked[0][0], found.decision, found.fits) == ("3", built_in.decision, built_in.fits)
    assert found.confidence == pytest.approx(built_in.confidence, abs=0.02)


@pytest.mark.parametrize("breaks", ["down", "onward", "few", "none", "nan", "html", "list"])
def test_while_it_says_nothing_of_use_the_built_in_one_goes_on(site: Site, model: Model, breaks: str) -> None:
    clock = Clock()
    faq = HeldFaq(ENTRIES, away=Away(elsewhere(site), now=clock))
    faq.read()
    model.breaks = breaks
    before = len(site.asked)

    assert faq.rank(ASKED) == Index(ENTRIES).rank(ASKED)
    assert faq.rank(ASKED).ranked[0][0] == "3"
    assert site.paths()[before:] == ["/v1/embeddings"]

    model.breaks, clock.now = "", REST
    assert faq.rank(ASKED).ranked[0][0] == "3"
    assert len(site.asked) == before + 2


def test_after_it_could_not_read_all_it_rests_for_longer(site: Site, model: Model) -> None:
    clock, model.breaks = Clock(), "down"
    faq = HeldFaq(ENTRIES, away=Away(elsewhere(site), now=clock))
    faq.rank(ASKED)
    model.breaks, clock.now = "", REST_AFTER_ALL - 1

    assert faq.rank(ASKED) == Index(ENTRIES).rank(ASKED)
    assert len(site.asked) == 1

    clock.now = REST_AFTER_ALL
    assert faq.rank(ASKED).ranked[0][0] == "3"
    assert len(site.asked) > 1


def test_one_that_was_never_there_costs_one_try(site: Site) -> None:
    faq = HeldFaq(ENTRIES, away=Away(elsewhere(site)))

    assert [faq.rank(ASKED).ranked[0][0] for _once in range(2)] == ["3", "3"]
    assert site.paths() == ["/v1/embeddings"]


def test_all_is_read_anew_once_another_model_answers(site: Site, model: Model) -> None:
    faq = HeldFaq(ENTRIES, away=Away(elsewhere(site)))
    faq.rank(ASKED)
    model.name = "small-2"
    before = len(site.asked)

    assert faq.rank(ASKED).ranked[0][0] == "3"

    texts = [json.loads(body)["input"] for *_, body in site.asked[before:]]
    assert sum("送料はいくらですか。" in one for one in texts) == 1


def test_addresses_that_tell_of_the_machine_are_never_asked() -> None:
    with pytest.raises(NoAnswer, match=r"169\.254\.169\.254"):
        Elsewhere("http://169.254.169.254/v1", "small").vectors_of(["a"])


def test_the_bots_process_takes_it_from_the_settings(site: Site, model: Model, monkeypatch: Any) -> None:
    monkeypatch.setenv("MADOGUCHI_EMBEDDINGS_URL", site.address("/v1"))
    monkeypatch.setenv("MADOGUCHI_EMBEDDINGS_MODEL", "small")
    ranker = Ranker()
    ranker.answer({"key": "1-a", "entries": [[one.id, one.question, one.answer] for one in ENTRIES]})

    assert ranker.answer({"key": "1-a", "text": ASKED})["ranked"][0][0] == "3"
    assert len(site.asked) == 3
