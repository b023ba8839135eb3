"""What a programme returns to the state by kind of tax, told by what a run has beyond its twin without the programme.

Each run adds up what is taxed; the taxes that follow are linear in it, so that the difference between a run and its
twin is the return on what the twin does not have.  Nothing is attributed inside a run.

Evidence: Gunji and Miyazaki (2011) for average marginal rates on labour and capital income in Japan.
"""

from __future__ import annotations

from dataclasses import dataclass

from itcho.agents.views import ParameterValues


@dataclass
class TaxBases:
    """Sums since the start, trillion yen.

    Attributes
    ----------
    wages : of the whole economy.
    profits : of all firms before tax.
    consumption_tax : as it was posted.
    interest : paid on the bonds of the AI special account.
    """

    wages: float = 0.0
    profits: float = 0.0
    consumption_tax: float = 0.0
    interest: float = 0.0

    def add(self, wages: float, profits: float, consumption_tax: float, interest: float) -> None:
        """Add a month."""
        self.wages += wages
        self.profits += profits
        self.consumption_tax += consumption_tax
        self.interest += interest

    def receipts_trn_yen(self, returned: float, p: ParameterValues) -> float:
        """Taxes on these bases at marginal rates, with what the programme itself returned, less interest.

        Parameters
        ----------
        returned : royalties, fees, dividends, sales of stakes and money called back, since the start.

        Examples
        --------
        Wages higher by 10, profits by 5 and consumption by 8, taxed at 10%: 3.3 + 2.25 + 0.8 = 6.35.
        """
        labour, capital = p.return_labour_tax_share * self.wages, p.return_capital_tax_share * self.profits
        return float(labour + capital + self.consumption_tax + returned - self.interest)
