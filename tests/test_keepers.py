"""Several banks and currencies: payments climb from keeper to keeper; real assets; names that cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from itcho.agents.vocabulary import INTERBANK_CLAIMS, Party, Sector
from itcho.model.ledger.ledger import Ledger, LedgerLeak

HOME = (
    Party("saver", Sector.HOUSEHOLDS, keeper="small_bank", account="deposits"),
    Party("shop", Sector.FIRMS, keeper="large_bank", account="deposits"),
    Party("small_bank", Sector.BANKS, keeper="central_bank", account="reserves"),
    Party("large_bank", Sector.BANKS, keeper="central_bank", account="reserves"),
    Party("central_bank", Sector.BANK_OF_JAPAN),
)
ABROAD = (
    Party("seller", Sector.REST_OF_WORLD, keeper="bank_abroad", account="dollars"),
    Party("bank_abroad", Sector.REST_OF_WORLD),
)
ROWS = ("deposits", "reserves", "dollars", INTERBANK_CLAIMS, "houses")


def ledger(rows: tuple[str, ...] = ROWS) -> Ledger:
    parties = HOME + ABROAD
    real = ["houses"] if "houses" in rows else []
    return Ledger(parties, np.zeros((len(rows), len(parties))), rows, real_assets=real)


def held(books: Ledger) -> dict[tuple[str, str], float]:
    return {
        (row, party.name): value
        for row in books.instruments
        for party in books.parties
        if (value := round(books.position(row, party.name), 12))
    }


def test_between_two_banks_deposits_and_reserves_move() -> None:
    books = ledger()
    books.pay("saver", "shop", 5.0, "consumption")
    assert held(books) == {
        ("deposits", "saver"): -5.0,
        ("deposits", "small_bank"): 5.0,
        ("deposits", "shop"): 5.0,
        ("deposits", "large_bank"): -5.0,
        ("reserves", "small_bank"): -5.0,
        ("reserves", "large_bank"): 5.0,
    }
    assert books.close_month().max_relative_residual < 1e-15


def test_between_currencies_the_topmost_keepers_owe_each_other() -> None:
    books = ledger()
    books.pay("saver", "seller", 2.0, "imports")
    assert held(books) == {
        ("deposits", "saver"): -2.0,
        ("deposits", "small_bank"): 2.0,
        ("reserves", "small_bank"): -2.0,
        ("reserves", "central_bank"): 2.0,
        (INTERBANK_CLAIMS, "central_bank"): -2.0,
        (INTERBANK_CLAIMS, "bank_abroad"): 2.0,
        ("dollars", "bank_abroad"): -2.0,
        ("dollars", "seller"): 2.0,
    }
    books.close_month()
    books.revalue("dollars", 0.1)
    assert books.position("dollars", "seller") == pytest.approx(2.2)
    assert books.position("dollars", "bank_abroad") == pytest.approx(-2.2)
    books.close_month()


def test_a_bank_pays_its_own_customer_by_its_deposits_alone() -> None:
    books = ledger()
    books.pay("small_bank", "saver", 1.0, "interest")
    assert held(books) == {("deposits", "saver"): 1.0, ("deposits", "small_bank"): -1.0}
    books.close_month()


def test_without_a_row_for_it_a_payment_between_currencies_is_refused_and_nothing_is_posted() -> None:
    books = ledger(("deposits", "reserves", "dollars"))
    with pytest.raises(ValueError, match=INTERBANK_CLAIMS):
        books.pay("saver", "seller", 2.0, "imports")
    assert held(books) == {}
    books.pay("saver", "shop", 5.0, "consumption")
    books.close_month()


def test_a_real_asset_is_owed_by_nobody_and_a_claim_cannot_be_produced() -> None:
    books = ledger()
    books.pay("saver", "shop", 3.0, "building")
    books.produce("saver", "houses", 3.0)
    books.close_month()
    books.produce("saver", "houses", -0.5)
    books.trade("shop", "saver", "houses", 1.0, 1.0, "sale")
    books.close_month()
    assert (books.position("houses", "saver"), books.position("houses", "shop")) == (1.5, 1.0)
    with pytest.raises(ValueError, match="deposits is a claim"):
        books.produce("saver", "deposits", 1.0)


def test_a_claim_that_somebody_made_up_is_still_a_leak() -> None:
    books = ledger()
    books.positions[books.instrument_index["dollars"], books.party_index["seller"]] += 1.0
    with pytest.raises(LedgerLeak, match="dollars"):
        books.close_month()


@pytest.mark.parametrize(
    ("parties", "rows", "real", "why"),
    [
        ((HOME[4], HOME[4]), ("deposits",), (), "party 'central_bank' is there 2 times"),
        ((HOME[4],), ("deposits", "deposits"), (), "instrument 'deposits' is there 2 times"),
        ((HOME[4],), ("deposits",), ("houses",), "real asset 'houses' is no instrument"),
        (HOME[:1], ("deposits",), (), "saver: keeper 'small_bank' is no party"),
        (HOME, ("deposits",), (), "account 'reserves' is no instrument"),
        ((*HOME, Party("idle", Sector.FIRMS)), ("deposits", "reserves"), (), "idle names no keeper"),
        (
            (
                Party("a", Sector.BANKS, keeper="b", account="deposits"),
                Party("b", Sector.BANKS, keeper="a", account="deposits"),
            ),
            ("deposits",),
            (),
            "go round in a circle",
        ),
    ],
)
def test_books_that_cannot_be_are_refused(
    parties: tuple[Party, ...], rows: tuple[str, ...], real: tuple[str, ...], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        Ledger(parties, np.zeros((len(rows), len(parties))), rows, real_assets=real)


def test_an_opening_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the opening has shape \(2, 2\)"):
        Ledger(HOME[4:], np.zeros((2, 2)), ("deposits",))
