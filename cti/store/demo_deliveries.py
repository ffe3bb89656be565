"""Where the demo's customers live, what they share, and where their orders are. Pure, and the same every time."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cti.store.demo_people import DemoCustomer

DAY_S: Final = 86_400
SHARED: Final[Mapping[str, tuple[int, ...]]] = {"+862260000111": (11, 12, 13)}
"""A number of several people, by their places in `CUSTOMERS`: one home, three of a family."""
EXTRA: Final[Mapping[int, Mapping[str, str]]] = {
    1: {"member_id": "M100001", "birthday": "1986-05-12", "contact_by": "phone", "invoice": "yes"},
    2: {"member_id": "M100002", "contact_by": "wechat", "invoice": "no"},
    11: {"member_id": "M100011", "contact_by": "wechat"},
}
_STREETS: Final = ("人民路", "中山路", "解放大道", "建设街", "和平路", "长江路", "文化路")
_STREETS_EN: Final = ("High Street", "Station Road", "Church Lane", "Mill Road")
_CARRIERS: Final = (("顺丰速运", "SF"), ("京东物流", "JD"), ("中通快递", "ZTO"), ("DHL", "DHL"))
_WARRANTY_DAYS: Final = (365, 730, 1095)
_SCANS: Final = {
    "in_transit": ("快件已到达 {city} 转运中心", "Arrived at the hub of {city}"),
    "out_for_delivery": ("快递员正在派送", "With the courier"),
    "delivered": ("已签收，签收人：本人", "Delivered, signed for by the customer"),
    "returned": ("退件已签收", "Return received"),
}


def addresses_of(n: int, customer: DemoCustomer) -> Iterator[tuple[str, str]]:
    """(label, text) of the customer at place `n`; companies have a warehouse as well."""
    if customer.language == "en":
        yield "Home", f"{3 + n} {_STREETS_EN[n % len(_STREETS_EN)]}, {customer.city}"
    else:
        yield (
            "家",
            f"{customer.city}市{_STREETS[n % len(_STREETS)]} {8 * n} 号 {1 + n % 6} 单元 {100 * (1 + n % 9) + 2}",
        )
    if customer.company:
        label, words = ("Office", "Unit 4, Trade Park") if customer.language == "en" else ("公司", "物流园 A 区 4 号库")
        yield label, f"{customer.company}, {customer.city} {words}"


def delivery_of(number: int, customer: DemoCustomer, *, at: float, state: str) -> dict[str, Any]:
    """The columns of an order that say where it is, and how long its warranty lasts: from the day it was delivered."""
    carrier, prefix = _CARRIERS[number % len(_CARRIERS)]
    shipped = state != "paid"
    delivery = {"paid": "preparing", "shipped": ("in_transit", "out_for_delivery")[number % 2], "returned": "returned"}
    where = delivery.get(state, "delivered")
    scan = _SCANS.get(where, ("", ""))[customer.language == "en"].format(city=customer.city)
    days = {"in_transit": 0.7, "out_for_delivery": 0.9, "delivered": 3.2, "returned": 9.0}
    delivered = where == "delivered"
    return {
        "carrier": carrier if shipped else "",
        "tracking": f"{prefix}{number * 7919:011d}" if shipped else "",
        "delivery": where,
        "scan": scan,
        "scanned_at": at + days[where] * DAY_S if shipped else None,
        "warranty_until": at + (4 + _WARRANTY_DAYS[number % 3]) * DAY_S if delivered else None,
    }
