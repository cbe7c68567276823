"""Forms of a shop, read without a database: fees by prefecture, prices, days, stock."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from madoguchi.administration.forms.shop import (
    REASONS,
    ProductForm,
    ProductTableForm,
    ReturnPolicyForm,
    ShippingForm,
    StockForm,
    read_regions,
)
from madoguchi.commerce.products import MOST_MONTHS, MOST_PRICE, MOST_STOCK, STOCK_REASONS
from madoguchi.kernel.errors import Refused

PRODUCT = {"code": "NB-1", "name": "南部鉄瓶", "price": "13200", "tax_rate": "10"}
PROBLEM = "“%(line)s” names no prefecture and fee."
STOCK = {"place": "本店", "quantity": "5", "reason": "received"}


@pytest.mark.parametrize(
    ("written", "regions"),
    [
        ("", {}),
        (" \n\n　\n", {}),
        ("沖縄県 1500", {"沖縄県": 1_500}),
        ("沖縄県　１，５００円", {"沖縄県": 1_500}),
        ("沖縄県=1,500円\n北海道=1100", {"沖縄県": 1_500, "北海道": 1_100}),
        ("  沖縄県   0  ", {"沖縄県": 0}),
        ("沖縄県：３", {"沖縄県": 3}),
        ("沖縄県 1500\r\n北海道 1100\r\n", {"沖縄県": 1_500, "北海道": 1_100}),
        ("沖縄県 999999999", {"沖縄県": 999_999_999}),  # what is too much the shop itself refuses
    ],
)
def test_fees_by_prefecture_are_read_one_a_line(written: str, regions: dict[str, int]) -> None:
    assert read_regions(written, problem=PROBLEM) == regions


def test_a_prefecture_that_stands_there_twice_is_told() -> None:
    with override("en"), pytest.raises(Refused, match="北海道 stands there twice"):
        read_regions("北海道 3\n沖縄県 4\n北海道 9", problem=PROBLEM)


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("沖縄県", "沖縄県"),
        ("沖縄県1500", "沖縄県1500"),
        ("1500 沖縄県", "1500 沖縄県"),
        ("沖縄県 -1", "沖縄県 -1"),
        ("沖縄県 千五百円", "沖縄県 千五百円"),
        ("沖縄県 1500 円税込", "沖縄県 1500 円税込"),
        ("沖縄県 9999999999", "沖縄県 9999999999"),
        ("北海道 1100\n沖縄県 要見積", "沖縄県 要見積"),
        ("あ" * 60, "あ" * 40),
    ],
)
def test_a_line_without_prefecture_and_fee_is_told(written: str, line: str) -> None:
    with override("en"), pytest.raises(Refused) as caught:
        read_regions(written, problem=PROBLEM)
    assert (caught.value.field, str(caught.value)) == ("regions", f"“{line}” names no prefecture and fee.")


@pytest.mark.parametrize(
    ("form", "said", "wrong"),
    [
        (ShippingForm, {"fee": "660"}, []),
        (ShippingForm, {"fee": "６６０", "free_from": "5500", "regions": "沖縄県 1500"}, []),
        (ShippingForm, {"fee": "", "days": "2"}, []),
        (ShippingForm, {"fee": "-1"}, ["fee"]),
        (ShippingForm, {"fee": "1.5"}, ["fee"]),
        (ShippingForm, {"fee": "660", "free_from": "0"}, ["free_from"]),  # free for all is a fee of 0
        (ShippingForm, {"fee": "x", "free_from": "y", "regions": "z"}, ["fee", "free_from", "regions"]),
        (ReturnPolicyForm, {"days": "0", "words": "返品不可"}, []),
        (ReturnPolicyForm, {"days": "3650", "words": "十年"}, []),
        (ReturnPolicyForm, {"days": "3651", "words": "十年"}, ["days"]),
        (ReturnPolicyForm, {"days": "-1", "words": ""}, ["days", "words"]),
        (ReturnPolicyForm, {"days": "8", "words": "あ" * 4_001}, ["words"]),
        (StockForm, STOCK, []),
        (StockForm, STOCK | {"place": "", "quantity": "0"}, []),
        (StockForm, STOCK | {"quantity": str(MOST_STOCK)}, []),
        (StockForm, STOCK | {"quantity": str(MOST_STOCK + 1)}, ["quantity"]),
        (StockForm, STOCK | {"quantity": "-1", "reason": "sold"}, ["quantity", "reason"]),
        (StockForm, STOCK | {"reason": ""}, ["reason"]),
        (ProductForm, PRODUCT, []),
        (ProductForm, PRODUCT | {"price": "0", "warranty_months": "0"}, []),
        (ProductForm, PRODUCT | {"price": str(MOST_PRICE)}, []),
        (ProductForm, PRODUCT | {"price": str(MOST_PRICE + 1)}, ["price"]),
        (ProductForm, PRODUCT | {"tax_rate": "5"}, ["tax_rate"]),
        (ProductForm, PRODUCT | {"warranty_months": str(MOST_MONTHS + 1)}, ["warranty_months"]),
        (ProductForm, PRODUCT | {"code": "", "name": " "}, ["code", "name"]),
        (ProductForm, PRODUCT | {"code": "N" * 61}, ["code"]),
    ],
)
def test_what_a_form_takes_and_which_fields_it_refuses(
    form: Any, said: dict[str, str], wrong: list[str]
) -> None:
    assert sorted(form(said).errors) == wrong


def test_a_product_is_read_as_it_is_meant() -> None:
    form = ProductForm(PRODUCT | {"tax_rate": "8", "active": "on", "warranty_months": "12"})

    assert form.is_valid()
    assert form.cleaned_data == {
        "code": "NB-1",
        "name": "南部鉄瓶",
        "kana": "",
        "variant": "",
        "price": 13_200,
        "tax_rate": 8,
        "tax_included": False,
        "warranty_months": 12,
        "lead_days": None,
        "active": True,
    }


def test_the_reasons_to_choose_from_are_those_that_are_taken() -> None:
    assert [value for value, _label in REASONS] == list(STOCK_REASONS)


@pytest.mark.parametrize(("size", "wrong"), [(10_000_000, []), (10_000_001, ["table"])])
def test_a_table_has_ten_megabytes_at_most(size: int, wrong: list[str]) -> None:
    table = SimpleUploadedFile("products.csv", b"code,name,price\n")
    table.size = size

    assert list(ProductTableForm({}, {"table": table}).errors) == wrong
