"""What a carrier signs, what is kept of a call between two webhooks, and documents. Pure."""

from dataclasses import replace
from datetime import timedelta
from xml.etree.ElementTree import fromstring

import pytest
from django.utils.datastructures import MultiValueDict
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.calls import NOON
from twilio.request_validator import RequestValidator

from madoguchi.channels.phone.hooks.documents import LOOK_EVERY, Places, document
from madoguchi.channels.phone.hooks.signed import is_signed, signed
from madoguchi.channels.phone.kept import Standing, as_json, call_of, standing_of
from madoguchi.voice import logic
from madoguchi.voice.flow import read
from madoguchi.voice.ready import WITH_QUEUE

FLOW = read(WITH_QUEUE, sounds=lambda _name: True)
CALL = logic.Call(flow=FLOW, caller="+819012345678", at_work=True)
PLACES = Places(
    lambda what: f"/{what}/",
    lambda name, part: f"/{name}.wav" if part is None else f"/{name}.wav?part={part}",
    lambda _name: 8.0,
    "+815000000001",
)


class TestSignature:
    # The examples of the tests of Twilio's own library: these fields and signatures belong together.
    URL, TOKEN = "https://mycompany.com/myapp.php?foo=1&bar=2", "12345"
    CALL = {
        "CallSid": ["CA1234567890ABCDE"],
        "Digits": ["1234"],
        "From": ["+14158675309"],
        "To": ["+18005551212"],
        "Caller": ["+14158675309"],
    }
    TWICE = {"Sid": ["CA123"], "SidAccount": ["AC123"], "Digits": ["5678", "1234", "1234"]}

    @pytest.mark.parametrize(
        ("posted", "signature"),
        [(CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), (TWICE, "IK+Dwps556ElfBT0I3Rgjkr1wJU=")],
    )
    def test_of_the_library(self, posted: dict[str, list[str]], signature: str) -> None:
        assert is_signed(self.URL, posted, signature=signature, token=self.TOKEN)
        assert not is_signed(self.URL + "0", posted, signature=signature, token=self.TOKEN)
        assert not is_signed(self.URL, {**posted, "More": ["1"]}, signature=signature, token=self.TOKEN)
        assert not is_signed(self.URL, posted, signature=signature, token="12346")

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            ("https://a.example/x?y=1", "https://a.example:443/x?y=1"),
            ("http://a.example:80/", "http://a.example/"),
        ],
    )
    def test_the_usual_port_may_be_named_or_not(self, ours: str, theirs: str) -> None:
        signature = signed(theirs, self.CALL, token=self.TOKEN)
        assert is_signed(ours, self.CALL, signature=signature, token=self.TOKEN)

    def test_another_port_is_another_address(self) -> None:
        signature = signed("https://a.example:8443/", self.CALL, token=self.TOKEN)
        assert not is_signed("https://a.example/", self.CALL, signature=signature, token=self.TOKEN)

    @given(
        posted=st.dictionaries(
            st.text(max_size=8), st.lists(st.text(max_size=8), min_size=1, max_size=3), max_size=5
        ),
        port=st.sampled_from(["", ":443", ":8443"]),
        token=st.text(min_size=1, max_size=40),
    )
    def test_whatever_the_carriers_own_library_signs_is_signed_and_the_other_way(
        self, posted: dict[str, list[str]], port: str, token: str
    ) -> None:
        url, theirs = f"https://a.example{port}/calls/815000000001/?a=1", RequestValidator(token)

        said = theirs.compute_signature(url, MultiValueDict(posted))

        assert is_signed(url, posted, signature=said, token=token)
        assert theirs.validate(url, MultiValueDict(posted), signed(url, posted, token=token))
        assert not is_signed(url, {**posted, "more": ["1"], "": ["x"]}, signature=said, token=token)

    @pytest.mark.parametrize("signature", ["", "窓口", "x" * 5000])
    def test_without_a_token_or_a_signature_nothing_is_signed(self, signature: str) -> None:
        assert not is_signed(self.URL, self.CALL, signature=signature, token=self.TOKEN)
        empty = signed(self.URL, self.CALL, token="")
        assert not is_signed(self.URL, self.CALL, signature=empty, token="")


EVENTS = st.one_of(
    st.builds(lambda key: lambda at: logic.Key(at, key), st.sampled_from("123#*")),
    st.sampled_from([logic.Played, logic.TimeUp, logic.HungUp, logic.Lost, logic.Parked]),
    st.sampled_from([logic.Ringing, logic.NotAnswered, logic.Connected, logic.LeftUs, logic.Vanished]).map(
        lambda kind: lambda at: kind(at, 7)
    ),
    st.builds(lambda on: lambda at: logic.Secret(at, 7, on=on), st.booleans()),
)


class TestKept:
    @given(events=st.lists(EVENTS, max_size=12))
    @settings(max_examples=60, deadline=None)
    def test_whatever_happened_a_call_comes_back_as_it_was_and_has_a_document(self, events: list) -> None:  # type: ignore[type-arg]
        call, standing = CALL, Standing()
        for n, make in enumerate([logic.Offered, logic.Answered, *events]):
            at = NOON + timedelta(seconds=7 * n)
            call, verbs = logic.step(call, make(at))
            for verb in verbs:
                standing = standing.carry_out(verb, at)

            assert call_of(as_json(call), FLOW) == call
            assert standing_of(as_json(standing)) == standing
            root = fromstring(document(call, standing, PLACES, at))
            assert (root.tag, len(root) > 0) == ("Response", True)
            assert (root.find("Hangup") is not None) == (call.phase == logic.Phase.ENDED)


class TestDocuments:
    def shown(self, standing: Standing, **more: object) -> list[tuple[str, dict[str, str], str]]:
        call = replace(CALL, phase=logic.Phase.WAITING, step="queue", since=NOON, **more)  # type: ignore[arg-type]
        root = fromstring(document(call, standing, replace(PLACES, phone="sip:a@b.example"), NOON))
        return [(one.tag, dict(one.attrib), one.text or "") for one in root.iter() if one is not root]

    def test_music_is_cut_short_while_somebody_is_looked_for(self) -> None:
        until = NOON + timedelta(seconds=30)
        alone, seeking = (
            self.shown(Standing(("music",), loop=True, until=until, seeks=seeks)) for seeks in (0, 20)
        )
        assert [alone[1], seeking[1]] == [
            ("Play", {"loop": "4"}, "/music.wav"),
            ("Play", {"loop": "1"}, "/music.wav"),
        ]
        assert alone[2] == ("Redirect", {}, "/look/")
        assert LOOK_EVERY == 8

    def test_who_is_reached_by_sip_is_dialled_so(self) -> None:
        dial, sip = self.shown(Standing(seeks=25), ringing=7)
        assert (dial[0], dial[1]["timeout"], dial[1]["answerOnBridge"]) == ("Dial", "25", "true")
        assert sip == ("Sip", {"url": "/connected/"}, "sip:a@b.example")

    def test_a_call_that_is_not_taken_is_busy(self) -> None:
        assert self.shown(Standing(ended="reject")) == [("Reject", {"reason": "busy"}, "")]

    def test_any_key_ends_a_piece_of_a_message(self) -> None:
        record, redirect = self.shown(Standing(records=True, until=NOON + timedelta(seconds=90)))
        assert (record[1]["maxLength"], record[1]["finishOnKey"]) == ("90", "0123456789*#")
        assert redirect[2] == "/recorded/"

    def test_where_nothing_is_to_be_done_the_carrier_asks_again(self) -> None:
        assert self.shown(Standing()) == [
            ("Pause", {"length": "8"}, ""),
            ("Redirect", {}, "/look/"),
        ]
