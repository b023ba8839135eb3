"""Models SIM and PC of Godley and Lavoie, *Monetary Economics* (2007), run through the ledger."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from itcho.agents.population import MemberRows, Population
from itcho.agents.vocabulary import DEPOSITS, GOVERNMENT_DEPOSITS, RESERVES, Party, Sector, Settlement
from itcho.model.ledger.ledger import Ledger, MonthlyFlows

FIGURES = Path(__file__).parent / "known_answers" / "godley_lavoie.csv"
ALPHA1, ALPHA2, THETA, SPENDING = 0.6, 0.4, 0.2, 20.0
LAMBDA0, LAMBDA1, LAMBDA2 = 0.635, 5.0, 0.01
BILLS = "bills"

HOUSEHOLDS = Party("households", Sector.HOUSEHOLDS)
PRODUCTION = Party("production", Sector.FIRMS)
MONEY_ISSUING_GOVERNMENT = Party("government", Sector.GOVERNMENT, Settlement.BANK)
"""Its deposits are the book's high-powered money: whatever it pays is a new claim on it."""

CONSOLIDATED = (
    HOUSEHOLDS,
    PRODUCTION,
    Party("government", Sector.GOVERNMENT),
    Party("central_bank", Sector.BANK_OF_JAPAN, Settlement.BANK),
)
"""PC as in the book: households hold the central bank's money themselves."""
TWO_TIERS = (
    HOUSEHOLDS,
    PRODUCTION,
    Party("government", Sector.GOVERNMENT, Settlement.TREASURY_ACCOUNT),
    Party("central_bank", Sector.BANK_OF_JAPAN, Settlement.CENTRAL_BANK),
    Party("bank", Sector.BANKS, Settlement.BANK),
)
"""PC with a bank that passes reserves on as deposits, so that all of the domestic settlement is at work."""

Figures = dict[int, dict[str, float]]


def known(model: str) -> Figures:
    """The published figures by period."""
    lines = [line for line in FIGURES.read_text().splitlines() if not line.startswith("#")]
    path: Figures = {}
    for row in csv.DictReader(lines):
        if row["model"] == model:
            path.setdefault(int(row["period"]), {})[row["variable"]] = float(row["value"])
    return path


def flow(ledger: Ledger, closed: MonthlyFlows, purpose: str, party: str) -> float:
    """Net receipts of a party under a purpose, read from the flow matrix of a closed period."""
    if purpose not in ledger.purpose_index:
        return 0.0
    return float(closed.current[ledger.purpose_index[purpose], ledger.party_index[party]])


def production_round(
    ledger: Ledger, households: str | MemberRows, share: np.ndarray | float, output: float, taxes: float
) -> None:
    """Spending, wages, taxes and consumption of a period; ``share`` splits the households' sums over members."""
    ledger.pay("government", "production", SPENDING, "government_spending")
    ledger.pay("production", households, output * share, "wages")
    ledger.pay(households, "government", taxes * share, "taxes")
    ledger.pay(households, "production", (output - SPENDING) * share, "consumption")


def sim(members: int) -> Callable[[int], dict[str, float]]:
    """A period of SIM, with one household or with unequal members of a population."""
    ledger = Ledger((HOUSEHOLDS, PRODUCTION, MONEY_ISSUING_GOVERNMENT), np.zeros((1, 3)), (DEPOSITS,))
    households: str | MemberRows = "households"
    share: np.ndarray | float = 1.0
    columns = {"money": np.zeros(members)}
    if members:
        population = Population(None, "SimHousehold", columns, 0, positions={DEPOSITS: ("money", 1)})
        ledger.register_population(population, ["households"])
        households, share = population.members.member_rows, np.arange(1.0, members + 1) / sum(range(members + 1))

    def period(_: int) -> dict[str, float]:
        money = ledger.position(DEPOSITS, "households")
        output = (SPENDING + ALPHA2 * money) / (1.0 - ALPHA1 * (1.0 - THETA))
        production_round(ledger, households, share, output, THETA * output)
        closed = ledger.close_month()
        held = ledger.position(DEPOSITS, "households")
        assert ledger.position(DEPOSITS, "production") == pytest.approx(0.0, abs=1e-11)
        if members:
            assert columns["money"].sum() == pytest.approx(held, rel=1e-12)
        return {
            "Y": flow(ledger, closed, "wages", "households"),
            "T": flow(ledger, closed, "taxes", "government"),
            "YD": float(closed.current[[ledger.purpose_index[name] for name in ("wages", "taxes")], 0].sum()),
            "C": flow(ledger, closed, "consumption", "production"),
            "H": held,
        }

    return period


def pc(parties: tuple[Party, ...]) -> Callable[[int], dict[str, float]]:
    """A period of PC: interest on the bills held, production, then the deficit is met by bills."""
    instruments = (DEPOSITS, BILLS) if parties is CONSOLIDATED else (DEPOSITS, RESERVES, GOVERNMENT_DEPOSITS, BILLS)
    treasury = DEPOSITS if parties is CONSOLIDATED else GOVERNMENT_DEPOSITS
    ledger = Ledger(parties, np.zeros((len(instruments), len(parties))), instruments)
    held = ledger.position

    def pay_interest(rate: float) -> float:
        interest = rate * held(BILLS, "households")
        ledger.pay("government", "households", interest, "interest")
        ledger.pay("government", "central_bank", rate * held(BILLS, "central_bank"), "interest")
        ledger.pay("central_bank", "government", rate * held(BILLS, "central_bank"), "central_bank_profit")
        return interest

    def issue_bills(rate: float, income: float) -> None:
        wealth = held(DEPOSITS, "households") + held(BILLS, "households")
        wanted = wealth * (LAMBDA0 + LAMBDA1 * rate) - LAMBDA2 * income
        bought = wanted - held(BILLS, "households")
        deficit = -held(treasury, "government")
        ledger.trade("households", "government", BILLS, bought, 1.0, "bill_issue")
        ledger.trade("central_bank", "government", BILLS, deficit - bought, 1.0, "bill_issue")

    def period(when: int) -> dict[str, float]:
        rate, rate_before = (0.025 if time < 300 else 0.035 for time in (when, when - 1))
        wealth = held(DEPOSITS, "households") + held(BILLS, "households")
        interest = pay_interest(rate_before)
        output = (SPENDING + ALPHA1 * (1.0 - THETA) * interest + ALPHA2 * wealth) / (1.0 - ALPHA1 * (1.0 - THETA))
        taxes = THETA * (output + interest)
        production_round(ledger, "households", 1.0, output, taxes)
        issue_bills(rate, output + interest - taxes)
        closed = ledger.close_month()
        check_money(ledger, parties)
        return pc_figures(ledger, closed)

    return period


def check_money(ledger: Ledger, parties: tuple[Party, ...]) -> None:
    """The government and firms end with no money, and households' money is the central bank's debt."""
    held = ledger.position
    money = held(DEPOSITS, "households")
    issued = -held(DEPOSITS if parties is CONSOLIDATED else RESERVES, "central_bank")
    assert issued == pytest.approx(money, rel=1e-12)
    worth = dict(zip(ledger.party_index, ledger.positions.sum(axis=0), strict=True))
    assert worth["government"] == pytest.approx(-worth["households"], rel=1e-12)
    others = [value for name, value in worth.items() if name not in ("government", "households")]
    assert others == pytest.approx([0.0] * len(others), abs=1e-11)


def pc_figures(ledger: Ledger, closed: MonthlyFlows) -> dict[str, float]:
    """PC's variables, read from the flow matrix and the balance sheet."""
    income = [flow(ledger, closed, name, "households") for name in ("wages", "interest", "taxes")]
    bills, money = ledger.position(BILLS, "households"), ledger.position(DEPOSITS, "households")
    return {
        "Y": income[0],
        "YD": sum(income),
        "C": flow(ledger, closed, "consumption", "production"),
        "T": flow(ledger, closed, "taxes", "government"),
        "V": bills + money,
        "Bh": bills,
        "Hh": money,
        "Bcb": ledger.position(BILLS, "central_bank"),
        "Bs": -ledger.position(BILLS, "government"),
    }


def assert_reproduces(period: Callable[[int], dict[str, float]], path: Figures) -> None:
    for when in range(1, max(path) + 1):
        figures = period(when)
        if when in path:
            assert figures.keys() == path[when].keys()
            assert figures == pytest.approx(path[when], rel=0.0, abs=1e-6), f"period {when}"


@pytest.mark.parametrize("members", [0, 7])
def test_sim_through_the_ledger(members: int) -> None:
    path = known("SIM")
    assert set(path) == {1, 2, 3, 10, 50, 200, 400}
    assert_reproduces(sim(members), path)


@pytest.mark.parametrize("parties", [CONSOLIDATED, TWO_TIERS], ids=["as in the book", "with a bank"])
def test_pc_through_the_ledger(parties: tuple[Party, ...]) -> None:
    path = known("PC")
    assert set(path) == {299, 300, 301, 302, 305, 310, 320, 500}
    assert_reproduces(pc(parties), path)
