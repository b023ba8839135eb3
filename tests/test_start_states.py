"""Start states: they close, they carry the published totals, and a state that does not close is refused by name."""

import datetime
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from itcho.agents.errors import InputError
from itcho.agents.vocabulary import CORE_PARTIES, INSTRUMENTS, JGB_BUCKETS, Sector
from itcho.model.start_states import InconsistentStartState, StartState, available, check, load, require_consistent
from itcho.model.start_states.files import read_start_state
from itcho.model.start_states.loader import PARTIES

STATES = ("2024-03-31", "2026-03-31")
EQUITY = ("softbank_equity", "ai_firm_equity", "japanese_equity", "unlisted_equity")
FOREIGN = ("world_equity", "foreign_ai_equity", "other_foreign_assets")
SECTOR_PARTIES = {
    "private": ("households", "firms", "softbank_corp"),
    "government": ("government", "ai_special_account", "local_and_social_security"),
    "investors": ("insurers_and_pensions", "investment_funds"),
    "rest_of_world": tuple(p.name for p in CORE_PARTIES if p.sector == Sector.REST_OF_WORLD),
    "bank_of_japan": ("bank_of_japan",),
    "banks": ("banks",),
    "softbank_group": ("softbank_group",),
    "ai_firms": ("ai_firms",),
}
# Net positions in trillion yen (Bank of Japan, Flow of Funds; carve-outs judged): (end-March 2024, end-March 2026).
PUBLISHED = [
    ("private", ("deposits",), 1408.5297, 1440.1914),
    ("private", ("loans",), 79.9573 - 978.1815, 90.4627 - 1057.7082),
    ("private", JGB_BUCKETS, 23.0333, 32.3844),
    ("private", EQUITY, 373.9235 - 887.703 + 492.2024 - 622.749, 435.773 - 1019.9975 + 655.6496 - 772.4166),
    ("private", FOREIGN, 271.858, 337.7874),
    ("government", JGB_BUCKETS, 2.4005 - 1081.9489, 3.818 - 1013.7559),
    ("government", ("treasury_bills",), -142.1989, 13.1 - 136.2991),
    ("government", ("government_deposits",), 15.7103, 2.1549),
    ("government", FOREIGN, 196.9774, 210.317),
    ("government", ("public_pension_claim",), 343.4423, 400.5267),
    ("bank_of_japan", JGB_BUCKETS, 576.1836, 485.428),
    ("bank_of_japan", ("reserves",), -561.182, -459.7433),
    ("banks", ("deposits",), -1573.5367, -1598.6034),
    ("investors", ("fund_units",), -279.5793, -343.0874),
    ("investors", FOREIGN, 512.2041, 606.7375),
    ("investors", EQUITY, 253.6297 - 31.848, 299.4942 - 42.3169),
    ("rest_of_world", FOREIGN, -1244.87, -1446.0673),
    ("rest_of_world", JGB_BUCKETS, 61.8676, 80.2439),
    ("rest_of_world", EQUITY, 320.7513 + 55.4925, 420.8207 + 39.677),
    ("softbank_group", FOREIGN, 28.44, 36.7),
    ("softbank_group", EQUITY, 3.73 - 13.11, 4.1 - 25.04),
    ("ai_firms", EQUITY, -1.0, -2.8),
]
NET_WORTH = {
    "private": (915.2539, 964.7351),
    "ai_firms": (-1.5, -4.5),
    "softbank_group": (14.69, 5.86),
    "government": (-578.2119, -413.7315),
    "bank_of_japan": (51.8134, 45.5413),
    "banks": (16.8608, -60.1279),
    "investors": (71.7281, 28.6909),
    "rest_of_world": (-490.6345, -566.4679),
}


@pytest.fixture(scope="module", params=STATES)
def state(request: pytest.FixtureRequest) -> StartState:
    return load(request.param)


def tampered(state: StartState, instrument: str, party: str, by: float) -> StartState:
    positions = state.positions.copy()
    positions[INSTRUMENTS.index(instrument), PARTIES.index(party)] += by
    return replace(state, positions=positions)


def test_both_dates_come_with_the_package() -> None:
    assert available() == STATES
    assert load("2026-03-31").date == datetime.date(2026, 3, 31)


def test_every_instrument_is_an_asset_of_one_and_a_liability_of_another(state: StartState) -> None:
    assert state.positions.shape == (len(INSTRUMENTS), len(PARTIES))
    for row, instrument in enumerate(INSTRUMENTS):
        cells = state.positions[row]
        assert abs(math.fsum(cells)) < 1e-12, instrument
        assert abs(cells.sum()) < 1e-12, instrument
        assert cells.max() > 0.0 > cells.min(), instrument


def test_all_identities_close(state: StartState) -> None:
    assert [str(residual) for residual in check(state) if not residual.closes] == []
    require_consistent(state)


@pytest.mark.parametrize(("sector", "instruments", "in_2024", "in_2026"), PUBLISHED)
def test_published_sector_totals_survive_the_split(
    sector: str, instruments: tuple[str, ...], in_2024: float, in_2026: float
) -> None:
    for name, published in zip(STATES, (in_2024, in_2026), strict=True):
        state = load(name)
        total = math.fsum(state.position(i, party) for i in instruments for party in SECTOR_PARTIES[sector])
        assert total == pytest.approx(published, abs=1e-9)


@pytest.mark.parametrize("sector", NET_WORTH)
def test_published_net_worth_survives_the_split(sector: str) -> None:
    for name, published in zip(STATES, NET_WORTH[sector], strict=True):
        total = math.fsum(load(name).net_worth(party) for party in SECTOR_PARTIES[sector])
        # 9.1 and 20.0 trn yen of gold have no debtor in the source; the rest of the world carries it.
        assert total == pytest.approx(published, abs=2e-4)


def test_households_have_their_published_wealth(state: StartState) -> None:
    assert state.net_worth("households") == pytest.approx(state.fact("household_net_financial_worth_trn_yen"), abs=1e-9)
    assets = sum(max(state.position(i, "households"), 0.0) for i in INSTRUMENTS)
    # Payables of about 22 are netted against receivables, and unlisted equity takes what is left.
    assert assets == pytest.approx(state.fact("household_financial_assets_trn_yen"), rel=0.012)


def test_softbank_net_asset_value_follows_from_its_cells(state: StartState) -> None:
    value_of_shares = -state.position("softbank_equity", "softbank_group")
    nav = state.net_worth("softbank_group") + value_of_shares
    assert nav == pytest.approx(state.fact("softbank_nav_trn_yen"), abs=0.05)
    holdings = sum(f.value for name, f in state.facts.items() if name.startswith("softbank_holding_"))
    cells = state.position("foreign_ai_equity", "softbank_group") + state.position("japanese_equity", "softbank_group")
    assert holdings == pytest.approx(cells, abs=0.011)
    debts = sum(f.value for name, f in state.facts.items() if name.startswith("softbank_debt_"))
    owed = -state.position("loans", "softbank_group") - state.position("other_debt_securities", "softbank_group")
    assert debts == pytest.approx(owed, abs=0.011)
    net_debt, assets_back = state.fact("softbank_net_debt_trn_yen"), state.fact("softbank_nav_trn_yen")
    assert 100 * net_debt / (net_debt + assets_back) == pytest.approx(state.fact("softbank_ltv_pct"), abs=0.05)


def test_funds_own_nothing_and_carry_traders_are_short_yen(state: StartState) -> None:
    assert state.net_worth("investment_funds") == pytest.approx(0.0, abs=1e-9)
    assert state.position("offshore_yen", "carry_traders") < 0.0 < state.position("offshore_dollars", "carry_traders")
    assert state.net_worth("carry_traders") == 0.0
    assert not state.positions[:, PARTIES.index("ai_special_account")].any()


def test_gdp_by_expenditure_is_the_published_total() -> None:
    assert load("2024-03-31").gdp_by_expenditure() == pytest.approx(620.61, abs=0.01)
    assert load("2026-03-31").gdp_by_expenditure() == pytest.approx(672.67, abs=0.01)


def test_debt_at_face_is_about_216_percent_of_gdp() -> None:
    state = load("2026-03-31")
    ratio = 100 * state.fact("gov_gross_debt_trn_yen") / state.fact("nominal_gdp_trn_yen_fy")
    assert ratio == pytest.approx(216.4, abs=0.3)
    market = sum(-state.position(i, "government") for i in (*JGB_BUCKETS, "treasury_bills"))
    # At market value the same debt is worth less: rates have risen since most of it was issued.
    assert market < state.fact("jgb_and_bills_face_trn_yen") + state.fact("jgb_fiscal_loan_fund_face_trn_yen")


def test_budget_adds_up(state: StartState) -> None:
    fact = state.fact
    revenue = fact("budget_tax_trn_yen") + fact("budget_other_revenue_trn_yen") + fact("budget_new_bonds_trn_yen")
    assert revenue == pytest.approx(fact("budget_spending_trn_yen"), abs=1e-6)
    service = fact("budget_interest_trn_yen") + fact("budget_redemption_trn_yen")
    assert service == pytest.approx(fact("budget_debt_service_trn_yen"), abs=1e-6)
    named = ("social_security", "local_allocation", "defence", "public_works", "other_spending", "debt_service")
    assert sum(fact(f"budget_{n}_trn_yen") for n in named) == pytest.approx(fact("budget_spending_trn_yen"), abs=2e-3)


def test_flows_are_summed_over_what_is_left_out(state: StartState) -> None:
    total = state.flow("wages")
    assert total == state.flow("current.wages", payer="firms") + state.flow("wages", payer="ai_firms")
    assert state.flow("wages", payer="firms", payee="banks") == 0.0
    assert state.net_lending("government") == state.fact("general_government_net_lending_trn_yen_fy")


def test_events_hold_what_was_announced() -> None:
    state = load("2026-03-31")
    payments = state.events_of("softbank_openai_payment")
    assert [(p.date.month, p.value) for p in payments] == [(4, 10.0), (7, 10.0), (10, 10.0)]
    assert [e.value for e in state.events_of("boj_jgb_purchases_monthly")] == [2.7, 2.5, 2.3, 2.1]
    # The reduction of July 2024 was not known in March 2024.
    announced = load("2024-03-31").events
    assert [(e.event, e.value) for e in announced] == [
        ("boj_inflation_target", 2.0),
        ("boj_jgb_purchases_monthly", 6.0),
    ]


@pytest.mark.parametrize(
    ("instrument", "party", "sector"),
    [("deposits", "banks", "banks"), ("jgb_5_to_10y", "government", "government"), ("loans", "banks", "banks")],
)
def test_a_cell_that_is_off_is_caught_and_named(state: StartState, instrument: str, party: str, sector: str) -> None:
    broken = tampered(state, instrument, party, -0.5)
    rows = [r for r in check(broken) if not r.closes]
    assert [r.row for r in rows] == [instrument, "net_worth"]
    assert rows[0].residual_trn_yen == pytest.approx(-0.5)
    assert (rows[0].sector, rows[0].party) == (sector, party)
    with pytest.raises(InconsistentStartState, match=f"row {instrument} leaves -0.5 trn yen; largest cell: {sector}"):
        require_consistent(broken)


def test_a_billionth_is_not_let_through(state: StartState) -> None:
    with pytest.raises(InconsistentStartState):
        require_consistent(tampered(state, "loans", "firms", 1e-9))


def test_a_position_that_is_no_number_is_caught(state: StartState) -> None:
    with pytest.raises(InconsistentStartState, match="row loans"):
        require_consistent(tampered(state, "loans", "firms", math.nan))


def test_flows_that_do_not_add_up_are_named(state: StartState) -> None:
    flows = tuple(
        replace(row, value_trn_yen=row.value_trn_yen + 1.0)
        if (row.flow, row.payer) == ("current.exports", "rest_of_world")
        else row
        for row in state.flows
    )
    rows = [r for r in check(replace(state, flows=flows)) if not r.closes]
    assert {r.sector for r in rows} == {"firms", "rest_of_world", "all"}
    assert [r.residual_trn_yen for r in rows if r.row == "nominal_gdp_trn_yen_fy"] == [pytest.approx(1.0, abs=1e-3)]


def test_a_missing_fact_is_named(state: StartState) -> None:
    facts = {name: fact for name, fact in state.facts.items() if name != "usdjpy"}
    with pytest.raises(InconsistentStartState, match="usdjpy"):
        require_consistent(replace(state, facts=facts))


def test_both_states_know_the_same_facts() -> None:
    old, new = (load(name).facts for name in STATES)
    assert list(old) == list(new)
    assert [f.unit for f in old.values()] == [f.unit for f in new.values()]


def test_unknown_names_bring_the_nearest(state: StartState) -> None:
    with pytest.raises(InputError, match="no fact 'usdjp'; nearest: usdjpy"):
        state.fact("usdjp")
    with pytest.raises(InputError, match="no flow"):
        state.flow("wage_bill_of_robots")
    with pytest.raises(InputError, match="no party 'bank'; nearest: banks"):
        state.position("deposits", "bank")
    with pytest.raises(InputError, match="2026-03-31"):
        load("2026-03-30")


def test_a_user_changes_a_state_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "strong_yen.toml"
    file.write_text('base = "2026-03-31"\n[facts]\nusdjpy = 150\n[stocks.deposits]\nhouseholds = 1030.4005\n')
    with pytest.raises(InconsistentStartState, match="row deposits leaves 5 trn yen"):
        load(file)
    file.write_text(file.read_text() + "banks = -1603.6034\n")
    state = load(str(file))
    assert state.name == "strong_yen"
    assert state.fact("usdjpy") == 150.0
    assert state.position("deposits", "banks") == -1603.6034
    assert load("2026-03-31").fact("usdjpy") == 159.84
    derived = tmp_path / "again.toml"
    derived.write_text('base = "strong_yen.toml"\n[facts]\nus_policy_rate_pct = 3.0\n')
    assert load(derived).fact("usdjpy") == 150.0
    file.write_text('base = "again.toml"\n')
    with pytest.raises(InputError, match="is built on itself"):
        load(derived)


def test_all_mistakes_of_a_file_come_at_once(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(
        'base = "2026-03-31"\nfact = 1\n[facts]\nusdjp = 150\ncpi_index_2020_100 = "high"\n'
        '[stocks.deposit]\nhousehold = 1.0\n[[flows]]\nflow = "current.exports"\npayer = "world"\nvalue_trn_yen = 1\n'
    )
    with pytest.raises(InputError) as caught:
        load(file)
    text = "\n".join(caught.value.messages)
    for expected in (
        "no entry 'fact'; nearest: facts",
        "no fact 'usdjp'; nearest: usdjpy",
        "cpi_index_2020_100 = 'high' is not a finite number",
        "no instrument 'deposit'; nearest:",
        "no party 'household'; nearest: households",
        "no payer 'world'",
    ):
        assert expected in text


def test_a_folder_of_the_user_is_read_like_ours(tmp_path: Path) -> None:
    import itcho.model.start_states

    ours = Path(itcho.model.start_states.__file__).parent / "2026-03-31"
    folder = tmp_path / "mine"
    folder.mkdir()
    for file in ours.glob("*.csv"):
        (folder / file.name).write_text(file.read_text())
    with pytest.raises(InputError, match=r"state\.toml"):
        load(folder)
    (folder / "state.toml").write_text("date = 2026-06-30\n")
    state = load(folder)
    assert state.date == datetime.date(2026, 6, 30)
    assert np.array_equal(state.positions, load("2026-03-31").positions)
    (folder / "stocks.csv").write_text("party,instrument,value_trn_yen,basis,publisher\nhouseholds,deposit,x,read,\n")
    (folder / "facts.csv").unlink()
    with pytest.raises(InputError) as caught:
        load(folder)
    assert len(caught.value.messages) == 3  # value, publisher, missing file


def test_every_cell_names_its_publisher() -> None:
    import itcho.model.start_states

    for file in Path(itcho.model.start_states.__file__).parent.glob("*/*.csv"):
        assert all(not line.endswith(",") for line in file.read_text().splitlines()), file


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("2026-03-31T10:00:00", "name the folder by its date"),
        ("2026-03-15", "last day of a month"),
        ("9999-12-31", "lies outside"),
        ("2026-03-31\nfoo = 1", "'foo' has no place"),
    ],
)
def test_the_date_of_a_folder_can_begin_a_run(tmp_path: Path, date: str, said: str) -> None:
    (tmp_path / "state.toml").write_text(f"date = {date}\n")
    with pytest.raises(InputError, match=said):
        read_start_state(str(tmp_path))


def test_a_line_of_credit_has_a_limit_and_an_end(tmp_path: Path) -> None:
    from importlib import resources

    folder = resources.files("itcho.model.start_states").joinpath("2026-03-31")
    (tmp_path / "2026-03-31").mkdir()
    for file in folder.iterdir():
        if file.name.endswith(".csv"):
            (tmp_path / "2026-03-31" / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    events = tmp_path / "2026-03-31" / "events.csv"
    kept = [line for line in events.read_text().splitlines() if "bridge_facility_end" not in line]
    events.write_text("\n".join(kept) + "\n")
    with pytest.raises(InputError, match="1 softbank_bridge_facility_limit and 0 softbank_bridge_facility_end"):
        read_start_state(str(tmp_path / "2026-03-31"))
