"""Whether a mail is from whom it says: only our own server's word, only in its own place."""

import pytest

from madoguchi.channels.email.channel import as_inbound
from madoguchi.channels.email.headers import Address
from madoguchi.channels.email.parse import parse
from madoguchi.channels.email.tests.mails import mail
from madoguchi.channels.email.trust import trust_in, without_comments
from madoguchi.kernel.channel import Trust

OURS = ("mx.shop.example",)
POINTS = ("support@shop.example",)
TARO = Address("山田 太郎", "taro@home.example")


def found(results: str, sender: Address = TARO, **marks: str) -> Trust:
    judgements = {"authentication-results": results} if results else {}
    judgements |= {name.replace("_", "-"): said for name, said in marks.items()}
    return trust_in(judgements, sender, servers=OURS, ours=POINTS)


class TestAuthentication:
    @pytest.mark.parametrize(
        ("results", "verdict"),
        [
            ("dmarc=pass (p=reject) header.from=home.example", "pass"),
            ("DMARC=Pass", "pass"),
            ("dmarc=pass header.from=evil.example; dkim=pass header.d=home.example", "fail"),
            ("dmarc=pass header.from=HOME.example", "pass"),
            ("dmarc=fail header.from=home.example; spf=pass smtp.mailfrom=x@home.example", "fail"),
            ("dkim=pass header.d=home.example", "pass"),
            ("dkim=pass header.i=@mail.home.example", "pass"),
            ("dkim=pass header.d=evil.example", "none"),
            ("dkim=pass header.d=ome.example", "none"),
            ("spf=pass smtp.mailfrom=taro@home.example", "pass"),
            ("spf=pass smtp.mailfrom=bounce@evil.example; dmarc=none", "none"),
            ("spf=fail smtp.mailfrom=taro@home.example; dkim=none", "fail"),
            ("spf=softfail; dkim=none", "none"),
            (
                "dkim=fail (bad; comment with ; in (it)) header.d=home.example; spf=pass smtp.mailfrom=home.example",
                "pass",
            ),
            ("(dmarc=fail; (a) (b (c)) ) dmarc=pass", "pass"),
            ("dmarc=pass ) header.from=home.example", "pass"),
            ("(dmarc=fail; dmarc=pass", "none"),
            ('spf=pass smtp.mailfrom="a; dkim=pass header.d=home.example"@x.example', "none"),
            ('spf=pass smtp.mailfrom="a\\"; dkim=pass header.d=home.example"@x.example', "none"),
            ('spf=pass smtp.mailfrom="a header.d=home.example"@x.example', "none"),
            ('spf=pass smtp.mailfrom="(; dkim=pass header.d=home.example"@x.example', "none"),
            ("spf=pass (a \\) ; dkim=pass header.d=home.example) smtp.mailfrom=x.example", "none"),
            ('spf=pass ( " ) smtp.mailfrom=x.example; dkim=pass header.d=home.example', "pass"),
            ("spf=pass smtp.helo=header.d=home.example smtp.mailfrom=x.example", "none"),
            ('spf=pass smtp.mailfrom="a; dkim=pass header.d=home.example', "none"),
            ('dkim=pass reason="good; signature" header.d="home.example"', "pass"),
            ('spf=pass smtp.mailfrom="taro"@home.example', "pass"),
            ("none", "none"),
        ],
    )
    def test_is_what_our_server_found(self, results: str, verdict: str) -> None:
        assert found(f"mx.shop.example; {results}").authentication == verdict

    @pytest.mark.parametrize(
        "server", ["mx.shop.example", "MX.Shop.Example", "mx.shop.example 1", '"mx.shop.example"']
    )
    def test_the_server_is_known_by_its_name(self, server: str) -> None:
        assert found(f"{server}; dmarc=pass").authentication == "pass"

    @pytest.mark.parametrize(
        "header",
        ["", "mx.evil.example; dmarc=pass", "dmarc=pass", ";dmarc=pass", "(mx.shop.example) x; dmarc=pass"],
    )
    def test_nobody_elses_word_is_taken(self, header: str) -> None:
        assert found(header) == Trust(authentication="none")

    def test_without_a_server_that_is_trusted_nothing_is_said(self) -> None:
        header = {"authentication-results": "mx.shop.example; dmarc=pass", "x-spam-flag": "YES"}

        assert trust_in(header, TARO, servers=(), ours=POINTS) == Trust()

    def test_comments_as_deep_as_a_header_is_long_hide_what_they_hold(self) -> None:
        deep, shut = "(" * 4_000, ")" * 4_000

        assert found(f"mx.shop.example; {deep} dmarc=fail; {shut} dmarc=pass").authentication == "pass"
        assert without_comments(f"a {deep}b; {shut} c {deep}d; e") == "a   c  "

    @pytest.mark.parametrize("results", ["dmarc=pass", "dkim=pass header.d=home.example", "spf=none"])
    def test_of_several_senders_none_is_proven(self, results: str) -> None:
        raw = mail(
            "From: X <x@evil.example>", f"Authentication-Results: mx.shop.example; {results}", body=b"x"
        )

        inbound = as_inbound(parse(raw), own_addresses=("taro@example.com",), servers=OURS)

        assert inbound.sender.address == "taro@example.com"
        assert (inbound.trust.authentication, inbound.trust.poses_as_us) == ("fail", True)
        assert "several-from" in inbound.warnings

    def test_of_several_mailboxes_in_one_from_none_is_proven(self) -> None:
        results = "Authentication-Results: mx.shop.example; dkim=pass header.d=home.example"
        raw = mail(results, body=b"x", sender="Taro <taro@home.example>, X <x@evil.example>")

        inbound = as_inbound(parse(raw), own_addresses=POINTS, servers=OURS)

        assert inbound.sender.address == "taro@home.example"
        assert inbound.trust.authentication == "fail"
        assert "several-from" in inbound.warnings

    @pytest.mark.parametrize("sender", ["T <taro@home.example>, T <Taro@home.example>", "taro@home.example"])
    def test_one_sender_named_twice_is_one(self, sender: str) -> None:
        assert "several-from" not in parse(mail(body=b"x", sender=sender)).warnings

    @pytest.mark.parametrize(
        ("domain", "told"),
        [
            ("\u0455hop.example", "xn--hop-ehd.example"),
            ("xn--hop-ehd.example", "xn--hop-ehd.example"),
            ("shop.example", ""),
            ("日本.example", ""),
            ("müller.example", ""),
        ],
    )
    def test_a_domain_in_letters_that_look_like_others_is_told(self, domain: str, told: str) -> None:
        sender = Address("Support", f"support@{domain}")

        assert trust_in({}, sender, servers=(), ours=POINTS).lookalike == told

    def test_the_results_are_kept(self) -> None:
        trust = found("mx.shop.example; spf=pass smtp.mailfrom=a.example; dkim=fail; dmarc=fail")

        assert (trust.spf, trust.dkim, trust.dmarc) == ("pass", "fail", "fail")

    def test_a_forged_header_below_is_not_read(self) -> None:
        raw = mail(
            "Authentication-Results: mx.shop.example; dmarc=fail",
            "Received: from evil.example",
            "Authentication-Results: mx.shop.example; dmarc=pass",
            sender="taro@home.example",
        )
        assert as_inbound(parse(raw), servers=OURS).trust.authentication == "fail"

    def test_a_forged_header_below_anothers_is_not_read_either(self) -> None:
        raw = mail(
            "Authentication-Results: mx.evil.example; dmarc=pass",
            "Authentication-Results: mx.shop.example;\r\n dmarc=pass",
            sender="taro@home.example",
        )
        assert as_inbound(parse(raw), servers=OURS).trust.authentication == "none"

    def test_hostile_headers_end(self) -> None:
        for header in (
            "(" * 100_000,
            "mx.shop.example;" + ";spf=" * 50_000,
            "mx.shop.example" + "()" * 9_000,
        ):
            assert found(header).authentication == "none"


class TestOurOwnAddress:
    @pytest.mark.parametrize(
        ("address", "results", "poses"),
        [
            ("support@shop.example", "dmarc=fail", True),
            ("support@shop.example", "dmarc=none", True),
            ("SUPPORT@shop.example", "dmarc=pass", False),
            ("ceo@shop.example", "dmarc=fail", True),
            ("ceo@shop.example", "dmarc=pass", False),
            ("ceo@other.example", "dmarc=fail", False),
        ],
    )
    def test_from_outside_without_passing_is_flagged(self, address: str, results: str, poses: bool) -> None:
        assert found(f"mx.shop.example; {results}", Address("", address)).poses_as_us is poses

    def test_where_no_server_tells_only_the_very_address_is_flagged(self) -> None:
        for address, poses in (("support@shop.example", True), ("ceo@shop.example", False)):
            assert trust_in({}, Address("", address), servers=(), ours=POINTS).poses_as_us is poses


class TestTheName:
    @pytest.mark.parametrize(
        ("name", "claims"),
        [
            ("info@mybank.example", "info@mybank.example"),
            ("銀行 <info@mybank.example>", "info@mybank.example"),
            ("ｉｎｆｏ＠ｍｙｂａｎｋ．ｅｘａｍｐｌｅ", "info@mybank.example"),
            ("taro@home.example", ""),
            ("Taro@Home.example", ""),
            ("山田 @太郎", ""),
            ("", ""),
        ],
    )
    def test_that_holds_another_address_is_flagged(self, name: str, claims: str) -> None:
        assert trust_in({}, Address(name, "taro@home.example"), servers=(), ours=()).name_claims == claims


class TestSpam:
    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("x-spam-flag", "YES"),
            ("x-spam-status", "Yes, score=9.1 required=5.0"),
            ("x-spam", "yes"),
            ("x-rspamd-action", "add header"),
            ("x-ms-exchange-organization-scl", "5"),
            ("x-ms-exchange-organization-scl", "9"),
        ],
    )
    def test_is_what_our_server_marks(self, name: str, said: str) -> None:
        assert found("", **{name: said}).spam == f"{name}: {said}"

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("x-spam-flag", "NO"),
            ("x-spam-flag", ","),
            ("x-spam-flag", ""),
            ("x-spam-status", "No, score=1 yes"),
            ("x-rspamd-action", "no action"),
            ("x-rspamd-action", "greylist"),
            ("x-ms-exchange-organization-scl", "-1"),
            ("x-ms-exchange-organization-scl", "4"),
            ("x-ms-exchange-organization-scl", "high"),
        ],
    )
    def test_anything_else_is_none(self, name: str, said: str) -> None:
        assert found("", **{name: said}).spam == ""

    def test_the_score_is_told(self) -> None:
        assert found("", x_spam_flag="YES", x_spam_score="9.1").spam == "x-spam-flag: YES (9.1)"
