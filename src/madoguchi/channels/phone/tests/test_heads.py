"""SIP heads as they come: what each leads to, which answer it gets, and where that goes."""

import pytest
from aiosipua.dialog import Dialog
from aiosipua.message import SipRequest

from madoguchi.channels.phone import numbers
from madoguchi.channels.phone.pace import Pace
from madoguchi.channels.phone.sip import LONGEST_MESSAGE, next_hop, own_address
from madoguchi.channels.phone.tests.wire import ANSWER, OFFER, PHONE, Door, pass_time, request

WAY = ("Record-Route: <sip:203.0.113.9:5070;lr>", "Record-Route: <sip:203.0.113.8;lr>")


def at_a_door(scenario: "object") -> None:
    """Run something that needs a running loop; nothing in it takes time."""

    async def meeting() -> None:
        scenario()  # type: ignore[operator]

    pass_time(meeting())


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("OPTIONS", ["200"]),
        ("INVITE", ["100"]),
        ("ACK", []),
        ("BYE", ["481"]),
        ("UPDATE", ["481"]),
        ("CANCEL", ["481"]),
        ("REGISTER", ["405"]),
        ("MESSAGE", ["405"]),
        ("invite", ["405"]),  # methods are told apart by case
        ("NONSENSE", ["405"]),
    ],
)
def test_what_is_said_to_whom_has_no_call(method: str, said: list[str]) -> None:
    def scenario() -> None:
        door = Door()
        assert door.hear(request(method)) == said
        assert len(door.came) == (method == "INVITE")
        assert door.door.strange == 0
        if said in (["200"], ["405"]):
            assert door.wire.last.headers.get("allow") == [
                "INVITE",
                "ACK",
                "BYE",
                "CANCEL",
                "OPTIONS",
                "UPDATE",
            ]

    at_a_door(scenario)


@pytest.mark.parametrize(
    "raw",
    [
        request("INVITE", via=""),
        request("INVITE", sender=""),
        request("INVITE", to=""),
        request("INVITE", call_id=""),
        request("INVITE", cseq=""),
        request("INVITE", cseq="CSeq: one INVITE"),
        request("INVITE", via="Via: SIP/2.0/UDP 192.0.2.7:5062"),  # without a branch (RFC 2543)
        request("INVITE", via="Via: nonsense"),
        request("INVITE", *[f"X-Filler: {n}" for n in range(300)]),
        b"INVITE sip:05000000001@192.0.2.1\r\n\r\n",
        b"INVITE\r\n\r\n",
        b"SIP/2.0\r\n\r\n",
        b"SIP/2.0 two hundred\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"\xff\xfe\xfd\xfc",
        request("INVITE").ljust(LONGEST_MESSAGE + 1, b" "),
    ],
)
def test_a_head_that_cannot_be_understood_is_counted_and_not_answered(raw: bytes) -> None:
    def scenario() -> None:
        door = Door()
        assert door.hear(raw) == []
        assert (door.came, door.door.strange) == ([], 1)

    at_a_door(scenario)


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\r\n", b"\x00", b"   "])
def test_what_keeps_a_way_open_is_passed_over(raw: bytes) -> None:
    def scenario() -> None:
        door = Door()
        assert door.hear(raw) == []
        assert door.door.strange == (raw == b"\x00")

    at_a_door(scenario)


@pytest.mark.parametrize(
    ("peers", "source", "heard"),
    [
        (("192.0.2.0/24",), "192.0.2.255", True),
        (("192.0.2.0/24",), "192.0.3.0", False),
        (("192.0.2.7/32",), "192.0.2.7", True),
        (("192.0.2.7/32",), "192.0.2.8", False),
        (("198.51.100.0/24", "192.0.2.0/24"), "192.0.2.1", True),
        (("2001:db8::/32",), "2001:db8::7", True),
        (("2001:db8::/32",), "2001:db9::7", False),
        (("0.0.0.0/0",), "2001:db8::7", False),
        (("0.0.0.0/0",), "no address", False),
        ((), "192.0.2.7", False),
    ],
)
def test_only_peers_are_answered(peers: tuple[str, ...], source: str, heard: bool) -> None:
    def scenario() -> None:
        door = Door(peers=peers)
        assert door.hear(request("OPTIONS"), (source, 5062)) == (["200"] if heard else [])

    at_a_door(scenario)


@pytest.mark.parametrize(
    ("via", "goes_to", "stamped"),
    [
        ("192.0.2.7:5062;branch=z9hG4bK1;rport", ("192.0.2.7", 9000), "rport=9000"),
        ("192.0.2.7:5062;branch=z9hG4bK1", ("192.0.2.7", 5062), "received=192.0.2.7"),
        ("192.0.2.7;branch=z9hG4bK1", ("192.0.2.7", 5060), "received=192.0.2.7"),
        ("10.0.0.5:5080;branch=z9hG4bK1", ("192.0.2.7", 5080), "received=192.0.2.7"),
        ("phone.example:5080;branch=z9hG4bK1;rport", ("192.0.2.7", 9000), "rport=9000"),
        ("10.0.0.5;branch=z9hG4bK1;received=198.51.100.1", ("192.0.2.7", 5060), "received=192.0.2.7"),
    ],
)
def test_an_answer_goes_back_where_the_request_came_from(
    via: str, goes_to: tuple[str, int], stamped: str
) -> None:
    def scenario() -> None:
        door = Door()
        door.hear(request("OPTIONS", via=f"Via: SIP/2.0/UDP {via}"), ("192.0.2.7", 9000))
        assert door.wire.sent[-1][2] == goes_to
        assert stamped in door.wire.last.get_header("Via")

    at_a_door(scenario)


def test_an_answer_bears_every_via_in_its_order() -> None:
    def scenario() -> None:
        door = Door()
        door.hear(
            request(
                "OPTIONS",
                "Via: SIP/2.0/UDP 203.0.113.8;branch=z9hG4bK2, SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK3",
            )
        )
        hosts = [via.host for via in door.wire.last.via]
        assert hosts == ["192.0.2.7", "203.0.113.8", "10.0.0.1"]
        assert [via.params.get("received") for via in door.wire.last.via] == ["192.0.2.7", None, None]

    at_a_door(scenario)


@pytest.mark.parametrize(
    "way",
    [
        WAY,
        ("Record-Route: <sip:203.0.113.9:5070;lr>, <sip:203.0.113.8;lr>",),
        ("record-route: <sip:203.0.113.9:5070;lr>", "RECORD-ROUTE: <sip:203.0.113.8;lr>"),
    ],
    ids=["two lines", "one line", "any case"],
)
def test_a_way_is_told_as_it_came_and_gone_backwards(way: tuple[str, ...]) -> None:
    def scenario() -> None:
        door = Door(peers=("192.0.2.0/24", "203.0.113.0/24"))
        door.hear(request("INVITE", *way, sdp=OFFER))
        call = door.came[0]
        assert door.wire.last.headers.get("record-route") == []  # 100 Trying makes no dialog
        call.ring()
        told = ["<sip:203.0.113.9:5070;lr>", "<sip:203.0.113.8;lr>"]
        assert door.wire.last.headers.get("record-route") == told
        call.accept(ANSWER)
        assert door.wire.last.headers.get("record-route") == told
        call.hang_up()
        assert door.wire.said[-1] == "BYE"
        assert door.wire.last.headers.get("route") == told[::-1]
        assert door.wire.sent[-1][2] == ("203.0.113.8", 5060)
        assert door.wire.last.uri == "sip:phone@192.0.2.7:5062"

    at_a_door(scenario)


@pytest.mark.parametrize(
    ("given", "more", "goes_to"),
    [
        ({}, (), PHONE),
        ({"contact": "Contact: <sip:phone@192.0.2.8:5070>"}, (), ("192.0.2.8", 5070)),
        ({"contact": "Contact: <sip:phone@198.51.100.1:53>"}, (), PHONE),
        ({}, ("Record-Route: <sip:198.51.100.1;lr>",), PHONE),
    ],
    ids=["the phone", "another peer", "a stranger", "by way of a stranger"],
)
def test_a_goodbye_goes_to_peers_and_to_nobody_whom_a_caller_names(
    given: dict[str, str], more: tuple[str, ...], goes_to: tuple[str, int]
) -> None:
    def scenario() -> None:
        door = Door()
        door.hear(request("INVITE", *more, sdp=OFFER, **given))
        door.came[0].accept(ANSWER)

        door.came[0].hang_up()

        assert door.wire.said[-1] == "BYE"
        assert door.wire.sent[-1][2] == goes_to

    at_a_door(scenario)


def test_a_refusal_tells_no_way() -> None:
    def scenario() -> None:
        door = Door()
        door.hear(request("INVITE", *WAY, sdp=OFFER))
        door.came[0].refuse(486)
        assert door.wire.last.headers.get("record-route") == []
        assert door.wire.last.reason_phrase == "Busy Here"

    at_a_door(scenario)


@pytest.mark.parametrize(
    ("route", "contact", "goes_to"),
    [
        ([], "sip:phone@192.0.2.7:5070", ("192.0.2.7", 5070)),
        ([], "sip:phone@192.0.2.7", ("192.0.2.7", 5060)),
        ([], "sip:phone@[2001:db8::7]:5070", ("2001:db8::7", 5070)),
        ([], "sip:phone@phone.example:5070", PHONE),  # nothing is looked up
        ([], "tel:+819012345678", PHONE),
        ([], "", PHONE),
        (["<sip:203.0.113.8;lr>"], "sip:phone@10.0.0.1", ("203.0.113.8", 5060)),
        (["<sip:203.0.113.8:5070;lr>", "<sip:203.0.113.9;lr>"], "sip:phone@10.0.0.1", ("203.0.113.8", 5070)),
        (['"Proxy" <sip:203.0.113.8;lr>;x=y'], "sip:phone@10.0.0.1", ("203.0.113.8", 5060)),
        (["<sip:proxy.example;lr>"], "sip:phone@10.0.0.1", PHONE),
        (["nonsense"], "sip:phone@10.0.0.1", PHONE),
    ],
)
def test_where_a_goodbye_goes(route: list[str], contact: str, goes_to: tuple[str, int]) -> None:
    assert next_hop(Dialog(route_set=route, remote_target=contact), PHONE) == goes_to


@pytest.mark.parametrize(
    ("listens", "to", "shown"),
    [
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::7", "2001:db8::1"),
        ("0.0.0.0", "127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.9", "127.0.0.1"),
    ],
)
def test_under_which_address_we_are_reached(listens: str, to: str, shown: str) -> None:
    assert own_address(listens, (to, 5060)) == shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ["200"]),
        ({"to_tag": "guessed"}, ["481"]),
        ({"to_tag": ""}, ["481"]),
        ({"sender": "From: <sip:09012345678@192.0.2.7>;tag=other"}, ["481"]),
        ({"call_id": "Call-ID: call-2"}, ["481"]),
        ({"count": 1}, ["500"]),  # a number that was used before (RFC 3261 12.2.2)
        ({"count": 4_000_000}, ["200"]),
    ],
)
def test_a_call_is_hung_up_by_who_holds_it(change: dict[str, object], said: list[str]) -> None:
    def scenario() -> None:
        door = Door()
        call = door.taken()
        given = {"branch": "bye", "count": 2, "to_tag": call.dialog.local_tag} | change
        assert door.hear(request("BYE", **given)) == said  # type: ignore[arg-type]
        assert (call.over, door.ended) == ((True, ["caller"]) if said == ["200"] else (False, []))

    at_a_door(scenario)


def test_a_call_that_rings_is_not_hung_up_but_cancelled() -> None:
    def scenario() -> None:
        door = Door()
        door.hear(request("INVITE", sdp=OFFER))
        tag = door.came[0].dialog.local_tag
        assert door.hear(request("BYE", branch="bye", count=2, to_tag=tag)) == ["481"]
        assert door.ended == []
        assert door.hear(request("CANCEL", branch="other")) == ["481"]
        assert door.ended == []
        assert door.hear(request("CANCEL")) == ["200", "487"]
        assert door.ended == ["caller"]

    at_a_door(scenario)


def test_who_cancels_what_has_been_taken_changes_nothing() -> None:
    def scenario() -> None:
        door = Door()
        call = door.taken()
        assert door.hear(request("CANCEL")) == ["200"]
        assert (call.over, door.ended) == (False, [])

    at_a_door(scenario)


def test_a_call_that_is_over_does_nothing_more() -> None:
    def scenario() -> None:
        door = Door()
        call = door.taken()
        call.hang_up()
        said = len(door.wire.said)
        call.hang_up()
        call.refuse(486)
        call.accept(ANSWER)
        call.ended(by=None)  # type: ignore[arg-type]
        assert (len(door.wire.said), door.ended) == (said, [])

    at_a_door(scenario)


def test_a_call_is_taken_once_and_then_no_more_refused() -> None:
    def scenario() -> None:
        door = Door()
        call = door.taken()
        said = len(door.wire.said)
        call.accept(ANSWER)
        call.refuse(486)
        assert (len(door.wire.said), call.over) == (said, False)

    at_a_door(scenario)


def test_hanging_up_on_who_was_not_taken_refuses() -> None:
    def scenario() -> None:
        door = Door()
        door.hear(request("INVITE", sdp=OFFER))
        door.came[0].hang_up()
        assert door.wire.said == ["100", "503"]
        assert door.hear(request("INVITE", branch="again", count=2, sdp=OFFER)) == ["100"]

    at_a_door(scenario)


def test_a_second_call_under_the_name_of_one_that_goes_on_is_refused() -> None:
    def scenario() -> None:
        door = Door()
        call = door.taken()
        assert door.hear(request("INVITE", branch="other", sdp=OFFER)) == ["500"]
        assert (len(door.came), call.over) == (1, False)

    at_a_door(scenario)


def test_a_call_whose_taking_fails_is_refused_and_the_door_goes_on() -> None:
    def scenario() -> None:
        door = Door()
        door.door.on_call = lambda _call: 1 / 0  # type: ignore[assignment,return-value]
        assert door.hear(request("INVITE", sdp=OFFER)) == ["100", "500"]
        assert door.door.strange == 1
        assert door.hear(request("OPTIONS", branch="next")) == ["200"]

    at_a_door(scenario)


@pytest.mark.parametrize("answer", ["v=0\r\nm=audio 4010 RTP/AVP 0\r\n", None])
def test_a_new_offer_within_a_call_is_answered_or_refused_and_the_call_goes_on(answer: str | None) -> None:
    def scenario() -> None:
        door = Door()
        call = door.taken()
        call.on_new_offer = lambda _request: answer
        again = request("INVITE", branch="again", count=2, to_tag=call.dialog.local_tag, sdp=OFFER)
        assert door.hear(again) == (["200"] if answer else ["488"])
        assert door.wire.last.text == (answer or "")
        assert (len(door.came), call.over) == (1, False)
        assert door.hear(request("BYE", branch="bye", count=3, to_tag=call.dialog.local_tag)) == ["200"]

    at_a_door(scenario)


@pytest.mark.parametrize(
    ("contact", "goes_to"),
    [
        ("Contact: <sip:phone@192.0.2.9:5070>", ("192.0.2.9", 5070)),
        ("Contact: <sip:phone@192.0.2.7:5062>", PHONE),
        ("", PHONE),  # where nothing is said, it stays as it was
    ],
)
def test_who_moves_within_a_call_is_said_goodbye_to_where_they_are(
    contact: str, goes_to: tuple[str, int]
) -> None:
    def scenario() -> None:
        door = Door()
        call = door.taken()
        call.on_new_offer = lambda _request: ANSWER
        tag = call.dialog.local_tag
        door.hear(request("INVITE", branch="again", count=2, to_tag=tag, sdp=OFFER, contact=contact))
        call.hang_up()
        assert (door.wire.said[-1], door.wire.sent[-1][2]) == ("BYE", goes_to)
        assert door.wire.last.uri == f"sip:phone@{goes_to[0]}:{goes_to[1]}"

    at_a_door(scenario)


@pytest.mark.parametrize(
    ("method", "taken"),
    [("INVITE", ["100", "100", "503"]), ("OPTIONS", ["200"] * 4 + ["503"])],
)
def test_too_much_is_refused_with_a_time_to_come_back(method: str, taken: list[str]) -> None:
    def scenario() -> None:
        door = Door(pace=Pace(calls=1, requests=2, clock=lambda: 0.0))
        said = []
        for number in range(len(taken)):
            said += door.hear(request(method, branch=f"b{number}", call_id=f"Call-ID: {number}"))
        assert said == taken
        assert door.wire.last.get_header("Retry-After") == "5"
        assert door.wire.last.reason_phrase == "Service Unavailable"

    at_a_door(scenario)


def invite(uri: str = "sip:05000000001@192.0.2.1", **heads: str | list[str]) -> SipRequest:
    made = SipRequest(method="INVITE", uri=uri)
    for name, values in heads.items():
        for value in [values] if isinstance(values, str) else values:
            made.headers.append(name.replace("_", "-"), value)
    return made


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:05000000001@192.0.2.1", "+815000000001"),
        ("sip:+815000000001@192.0.2.1", "+815000000001"),
        ("sip:+81-50-0000-0001@192.0.2.1", "+815000000001"),
        ("sip:+815000000001;npdi@192.0.2.1:5060;user=phone", "+815000000001"),
        ("sips:05000000001@192.0.2.1", "+815000000001"),
        ("sip:%2B815000000001@192.0.2.1", "+815000000001"),
        ("sip:+815000000001;rn=+81312345678;npdi@192.0.2.1", "+815000000001"),
        ("SIP:05000000001@192.0.2.1", "+815000000001"),
        ("tel:+815000000001", "+815000000001"),
        ("TEL:+815000000001", "+815000000001"),
        ("tel:050-0000-0001;phone-context=+81", "+815000000001"),
        ("sip:0120000000@192.0.2.1", "+81120000000"),
        ("sip:110@192.0.2.1", ""),
        ("sip:desk@192.0.2.1", ""),
        ("sip:192.0.2.1", ""),
        ("mailto:desk@shop.example", ""),
        ("", ""),
        ("sip:" + "9" * 200 + "@192.0.2.1", ""),
    ],
)
def test_which_number_is_called(uri: str, number: str) -> None:
    assert numbers.called(invite(uri)) == number


SHOWN = "<sip:+819012345678@carrier.example>"


@pytest.mark.parametrize(
    ("heads", "number"),
    [
        ({"from": f"{SHOWN};tag=1"}, "+819012345678"),
        ({"from": '"山田 <太郎>" ' + SHOWN + ";tag=1"}, "+819012345678"),
        ({"from": "sip:09012345678@carrier.example;tag=1"}, "+819012345678"),
        ({"from": "tel:+819012345678;tag=1"}, "+819012345678"),
        ({"from": "<sip:+819012345678;npdi@carrier.example;user=phone>;tag=1"}, "+819012345678"),
        ({"from": "<sip:anonymous@anonymous.invalid>;tag=1"}, ""),
        ({"from": ""}, ""),
        ({}, ""),
        # What the network asserts comes before what the caller says.
        ({"p_asserted_identity": "<sip:+81312345678@carrier.example>", "from": SHOWN}, "+81312345678"),
        ({"p_asserted_identity": "<tel:+81312345678>", "from": SHOWN}, "+81312345678"),
        ({"p_asserted_identity": "<sip:desk@carrier.example>", "from": SHOWN}, "+819012345678"),
        ({"p_asserted_identity": ["<sip:desk@carrier.example>", "<tel:+81312345678>"]}, "+81312345678"),
        # Who asks for privacy is not known, whatever else is said.
        ({"privacy": "id", "from": SHOWN}, ""),
        ({"privacy": "user;id", "from": SHOWN}, ""),
        ({"privacy": "ID", "p_asserted_identity": SHOWN}, ""),
        ({"privacy": "user; id", "from": SHOWN}, ""),
        ({"privacy": "id ; critical", "from": SHOWN}, ""),
        ({"privacy": ["user", "id"], "from": SHOWN}, ""),
        ({"privacy": "none", "from": SHOWN}, "+819012345678"),
    ],
)
def test_which_number_calls(heads: dict[str, str | list[str]], number: str) -> None:
    assert numbers.caller(invite(**heads)) == number
