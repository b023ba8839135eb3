"""Support that acts on contracts: vouchers for AI from developers in Japan, and how public bodies buy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from itcho.agents.rules.settings import amounts, choice, number, whole
from itcho.agents.rules.subsidy import ContractTerms, ProgrammeView, ScheduledRule, SubsidyRule, Support


@dataclass(frozen=True)
class ContractVouchers(ScheduledRule):
    """The state bears part of what firms and public bodies pay developers controlled in Japan for models.

    A voucher holds for a contract as long as it runs, while there is money; what is left at the end of a year is
    carried over.  Where it is for new contracts only, one that stays with its supplier gets none at renewal.

    Evidence: fewer than 1% of customers of clouds switch in a year (Competition and Markets Authority 2025), so that
    shares move through contracts that are new; the size of a voucher is judgement.

    Attributes
    ----------
    amounts_trn_yen : budget by fiscal year, from ``first_fiscal_year`` on; what is left over can be spent later.
    first_fiscal_year : of the amounts.
    dose : multiplies every amount.
    price_share : of the price that the state bears.
    contracts : those that are new to their supplier, or all that are signed.
    """

    name: ClassVar[str] = "contract-vouchers"
    amounts_trn_yen: tuple[float, ...] = amounts((0.02, 0.02, 0.02, 0.02, 0.02), 0.0, 100.0, "trn yen")
    price_share: float = number(0.3, 0.0, 0.95, "share")
    contracts: str = choice("new", ("new", "all"))

    def announced_trn_yen(self) -> float:
        """The amounts of all years, trillion yen; nothing if the state bears no part of the price."""
        return super().announced_trn_yen() if self.price_share > 0.0 else 0.0

    def support(self, view: ProgrammeView) -> Support:
        """Vouchers while the money lasts; outside the years of the programme none are given."""
        left = self.left_trn_yen(view)
        running = 0 <= view.fiscal_year - self.first_fiscal_year < len(self.amounts_trn_yen)
        terms = ContractTerms(
            voucher_share=self.price_share if running and left > 0.0 else 0.0,
            voucher_on_all=self.contracts == "all",
        )
        return Support(contract_terms=terms, contract_budget_trn_yen=left)


@dataclass(frozen=True)
class PublicProcurement(SubsidyRule):
    """How public bodies and regulated industries may buy their AI: whose is certified, who is regulated, who tenders.

    It costs the budget nothing by itself.

    Evidence: 98.9% of public bodies contracted with their IT vendor again (Japan Fair Trade Commission 2022), and 74%
    of ministries' competitive IT contracts had one bidder (Board of Audit 2021); one foreign firm has 90% of the
    government cloud (press).

    Attributes
    ----------
    certified : suppliers of models on the list that regulated buyers choose from.
    regulated_share : part of firms that are regulated, at least; no fewer than there are.
    tender_probability : that a public contract is put out to a real tender when its term ends.
    first_month, last_month : of the run, in which it holds.
    """

    name: ClassVar[str] = "public-procurement"
    certified: str = choice("controlled-in-japan", ("all", "controlled-in-japan"))
    regulated_share: float = number(0.0, 0.0, 1.0, "share")
    tender_probability: float = number(0.26, 0.0, 1.0, "probability")
    first_month: int = whole(0, 0, 600, "months")
    last_month: int = whole(600, 0, 600, "months")

    def is_due(self, month: int, fiscal_year: int) -> bool:
        """From the first to the last month."""
        return self.first_month <= month <= self.last_month

    def support(self, view: ProgrammeView) -> Support:
        """The list and the terms while the rule holds."""
        if not self.is_due(view.month, view.fiscal_year):
            return Support()
        return Support(
            contract_terms=ContractTerms(
                certified_at_home_only=self.certified != "all",
                regulated_share=self.regulated_share,
                tender_probability=self.tender_probability,
            )
        )
