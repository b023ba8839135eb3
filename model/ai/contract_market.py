"""The contracts of all layers of the market for AI services: who sells, what buyers see, and what it comes to.

Layers are models, clouds and applications, in which firms hold contracts, and the models that individuals use.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.adopters import AdopterColumns
from itcho.agents.behaviours import AS_MODELLED, Behaviours
from itcho.agents.chip_importers import Importers, runway_months
from itcho.agents.contracts import (
    BOUND,
    CERTIFIED,
    Habits,
    hosting,
    introductory_discounts,
    known_places,
    new_book,
    uniforms,
)
from itcho.agents.individuals import Individuals
from itcho.agents.rules.subsidy import USUAL_TERMS, ContractTerms
from itcho.agents.supplier_codes import (
    FIRST_INTEGRATOR,
    FIRST_LABORATORY,
    FIRST_VENDOR_ABROAD,
    INTEGRATORS,
    NO_SUPPLIER,
    OPEN_WEIGHTS,
    VENDORS_ABROAD,
)
from itcho.agents.views import ParameterValues
from itcho.model.ai.capability import NATIONAL_COMPANY_ROW
from itcho.model.ai.contract_layer import ContractLayer, Suppliers
from itcho.model.ai.contract_rows import serve, value_offers

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MODEL, CLOUD, APPLICATION, PEOPLE = range(4)
"""Layers; the last are the models of individuals."""

LARGEST_BUYER = 0.015
"""Part of all demand that a single firm's choices can stand for."""
_LARGEST_PARTS = (0.0002, 0.001, 0.002)
_DRAWN = 3
_REPUTATION_MONTHS = 6
"""How often buyers take in how large clouds have become."""
PERSONS = 300
"""Who choose default tools, thirty of each group of individuals."""


class MarketView(NamedTuple):
    """What buyers see of suppliers this month.

    Attributes
    ----------
    standing : quality of developers, laboratories and the open-weight model less the frontier, s.d.
    appeal : (importers,) utility.
    prices : ln yen price over that of the start of developers, of clouds at home, of applications from home, and of
        all that comes from abroad.
    served : (importers,) part of demand that compute can serve.
    served_abroad : (laboratories,) the same.
    compute : (importers,)
    bound : part of regulated buyers that may take suppliers controlled in Japan only.
    terms : on which firms contract for models.
    """

    standing: FloatArray
    appeal: FloatArray
    prices: tuple[float, float, float, float]
    served: FloatArray
    served_abroad: FloatArray
    compute: FloatArray
    bound: float
    terms: ContractTerms


class ContractMarket:
    """Contracts for AI services.

    Parameters
    ----------
    parameters : attribute access to the parameter table.
    importers : of chips, among them developers and clouds.
    rows : of developers, of clouds controlled in Japan, and of clouds controlled abroad.
    laboratories : names and opening shares among laboratories.
    adopters : columns of firms.
    size : of firms as buyers, none above :data:`LARGEST_BUYER`, sum 1.
    peers : trading partners of firms in CSR form.
    usage : (firms,) demand at the start.
    individuals : their use and what draws them, read anew every month.
    standing : quality of developers, laboratories and the open-weight model less the frontier at the start, s.d.
    key : of tastes; 0 with the noise off.
    asleep : nobody sells yet, so that contracts have no past.

    Attributes
    ----------
    layers : by layer.
    served : part of demand that each supplier serves, by layer of firms.
    hosting : (clouds,) of what organisations pay for open-weight models, what each cloud gets; sum 1.
    blind : layers whose buyers see suppliers as these stood at the start.
    """

    def __init__(
        self,
        parameters: ParameterValues,
        importers: Importers,
        rows: tuple[IntArray, IntArray, IntArray],
        laboratories: list[tuple[str, float]],
        adopters: AdopterColumns,
        size: FloatArray,
        peers: tuple[IntArray, NDArray[np.uint32]],
        usage: FloatArray,
        individuals: Individuals,
        standing: FloatArray,
        key: int,
        asleep: bool = False,
    ) -> None:
        self.parameters = parameters
        self.behaviours = AS_MODELLED
        self.importers = importers
        self.rows = rows
        self._adopters = adopters
        self._names_of_laboratories = [name for name, _ in laboratories]
        developers, clouds, foreign_clouds = rows
        own = self._developers_shares(importers.columns["size"][developers])
        shares_abroad = np.array([share for _, share in laboratories])
        shares_abroad /= shares_abroad.sum()
        models = self._models(own, shares_abroad)
        sellers = (models, self._cloud_suppliers(clouds, foreign_clouds), self._application_suppliers(own))
        self.layers = [
            *self._layers_of_firms(sellers, size, usage, peers, key),
            self._layer_of_people(models, individuals, key),
        ]
        self._bound_draw = np.empty(size.size)
        uniforms(key, BOUND, np.arange(size.size, dtype=np.int64), self._bound_draw)
        self._opening_compute = importers.columns["compute"][self.layers[CLOUD].suppliers.codes]
        self._opening_standing = standing.copy()
        in_full = [np.ones(layer.paid.size) for layer in self.layers[:PEOPLE]]
        self.served: tuple[FloatArray, FloatArray, FloatArray] = in_full[MODEL], in_full[CLOUD], in_full[APPLICATION]
        self._worth = np.ones(self.layers[MODEL].paid.size)
        p = parameters
        self._laws = (
            p.ai_choice_quality_weight,
            abs(p.ai_own_price_elasticity),
            abs(p.ai_cloud_price_elasticity),
            abs(p.ai_application_price_elasticity),
            p.ai_cloud_capacity_elasticity,
            p.ai_foreign_cloud_offshore_share,
            p.ai_supplier_quality_in_gain,
        )
        self._codes = np.append(models.codes, NO_SUPPLIER)
        self._open_weights = models.codes.size - 1
        self.hosting = self.layers[CLOUD].shares.copy()
        self._months = 0
        self.blind: tuple[int, ...] = ()
        self._terms = USUAL_TERMS
        self._relief = np.zeros(models.codes.size)
        self._introductory = self._introductory_discounts(importers.columns["role"], shares_abroad.size)
        self._offer_introductions()
        self._open(asleep)

    def _layers_of_firms(
        self,
        sellers: tuple[Suppliers, Suppliers, Suppliers],
        size: FloatArray,
        usage: FloatArray,
        peers: tuple[IntArray, NDArray[np.uint32]],
        key: int,
    ) -> list[ContractLayer]:
        """Models, clouds and applications, which the same firms buy; no contract has a supplier yet."""
        p, regulated = self.parameters, self._adopters["regulated"]
        identity = np.arange(size.size, dtype=np.int64)
        public = min(p.ai_government_share / max(p.ai_regulated_demand_share, 1e-9), 1.0)
        locks = (p.ai_contract_lock_in_models, p.ai_contract_lock_in_systems, p.ai_contract_lock_in_systems)
        return [
            ContractLayer(
                new_book(size, layer, key, public, regulated, part),
                suppliers,
                identity,
                regulated,
                usage,
                peers,
                self._habits(key, p.ai_regulated_home_preference if layer == MODEL else 0.0),
                lock,
                p.ai_contract_lock_in_months,
            )
            for layer, (suppliers, part, lock) in enumerate(zip(sellers, _LARGEST_PARTS, locks, strict=True))
        ]

    def _layer_of_people(self, models: Suppliers, individuals: Individuals, key: int) -> ContractLayer:
        """Individuals' models: one workload each, signed for a year at a time, whatever others use."""
        persons = individuals.usage.size
        nobody = np.zeros(persons, dtype=bool)
        return ContractLayer(
            new_book(np.full(persons, 1.0 / persons), PEOPLE, key, 0.0, nobody, 1.0),
            models,
            np.arange(persons, dtype=np.int64) + (1 << 30),
            nobody,
            individuals.usage,
            None,
            self._habits(key, 0.0)._replace(short=1.0, long=0.0, peers=0.0),
            self.parameters.ai_individual_lock_in,
            self.parameters.ai_contract_lock_in_months,
            pull=individuals.pull,
        )

    def _developers_shares(self, size: FloatArray) -> FloatArray:
        """Opening shares among developers, sum 1: the national company's own, the others by size."""
        shares = np.maximum(size.astype(float), 1e-12)
        if self.rows[0][0] == NATIONAL_COMPANY_ROW and shares.size > 1:
            shares *= (1.0 - self.parameters.ai_national_company_domestic_share) / shares[1:].sum()
            shares[0] = self.parameters.ai_national_company_domestic_share
        return np.asarray(shares / shares.sum())

    def _models(self, own: FloatArray, abroad: FloatArray) -> Suppliers:
        """Developers controlled in Japan, laboratories, and, last, the open-weight model, which a cloud in Japan runs.

        Nobody in Japan controls what that model can do, so that it belongs to the nest abroad and to no list of
        suppliers at home.
        """
        developers, domestic = self.rows[0], self.parameters.ai_domestic_model_share
        free = self.parameters.ai_open_weights_share
        count = developers.size
        listed = np.zeros(count + abroad.size + 1, dtype=bool)
        listed[0] = True
        listed[count:] = True
        return Suppliers(
            codes=np.concatenate([developers, FIRST_LABORATORY - np.arange(abroad.size), [OPEN_WEIGHTS]]),
            names=(
                *(self.importers.name_of_row(int(row)) for row in developers),
                *self._names_of_laboratories,
                "open_weights",
            ),
            at_home=np.arange(listed.size) < count,
            listed=listed,
            known=np.concatenate([own, np.zeros(abroad.size + 1)]),
            target=np.concatenate([domestic * own, (1.0 - domestic - free) * abroad, [free]]),
        )

    def _cloud_suppliers(self, clouds: IntArray, foreign: IntArray) -> Suppliers:
        columns, domestic = self.importers.columns, self.parameters.ai_domestic_cloud_share
        rows = np.concatenate([clouds, foreign])
        compute = columns["compute"][rows] + 1e-6 * columns["size"][rows]
        home = np.arange(rows.size) < clouds.size
        if not foreign.size:
            domestic = 1.0
        part = np.where(home, domestic, 1.0 - domestic)
        part /= np.where(home, compute[home].sum(), compute[~home].sum() if foreign.size else 1.0)
        return Suppliers(
            codes=rows,
            names=tuple(self.importers.name_of_row(int(row)) for row in rows),
            at_home=home,
            listed=~home,
            known=compute,
            target=part * compute,
        )

    def _application_suppliers(self, own: FloatArray) -> Suppliers:
        p, developers = self.parameters, self.rows[0]
        domestic, by_developers = p.ai_domestic_application_share, p.ai_application_developer_share
        target = np.concatenate(
            [
                domestic * by_developers * own,
                np.full(INTEGRATORS, domestic * (1.0 - by_developers) / INTEGRATORS),
                np.full(VENDORS_ABROAD, (1.0 - domestic) / VENDORS_ABROAD),
            ]
        )
        return Suppliers(
            codes=np.concatenate(
                [
                    developers,
                    FIRST_INTEGRATOR - np.arange(INTEGRATORS),
                    FIRST_VENDOR_ABROAD - np.arange(VENDORS_ABROAD),
                ]
            ),
            names=(
                *(self.importers.name_of_row(int(row)) for row in developers),
                *(f"integrator_{k}" for k in range(INTEGRATORS)),
                *(f"vendor_abroad_{k}" for k in range(VENDORS_ABROAD)),
            ),
            at_home=np.arange(target.size) < developers.size + INTEGRATORS,
            listed=np.arange(target.size) >= developers.size + INTEGRATORS,
            known=target,
            target=target,
        )

    def _habits(self, key: int, home_preference: float) -> Habits:
        p = self.parameters
        return Habits(
            key=key,
            lasting=p.ai_contract_lasting_tastes,
            dissimilarity=p.ai_choice_nest_dissimilarity,
            home_preference=home_preference,
            attachment=p.ai_contract_attachment,
            peers=p.ai_contract_peer_weight,
            tender=p.ai_public_tender_probability,
            short=p.ai_contract_one_year_share,
            long=p.ai_contract_three_year_share,
            new_workloads=1.0 - (1.0 + p.ai_contract_new_workloads) ** (-1.0 / 12.0),
            break_gap=p.ai_contract_break_gap,
            response=1.0 + p.ai_own_price_elasticity,
            drawn=_DRAWN,
            voucher_on_all=False,
        )

    def _open(self, asleep: bool) -> None:
        """Give all layers their opening contracts; clouds and applications after the models that pull them."""
        for layer in self.layers:
            self._pull()
            (layer.open_asleep if asleep else layer.open)()

    def _introductory_discounts(self, role: NDArray[np.int8], laboratories: int) -> FloatArray:
        """What sellers of models give up for new clients in each month of the interval of funding rounds.

        The runway of ventures goes round with their rounds.  Clouds, whose money lasts, get theirs for good;
        integrators, vendors of applications and who hosts open-weight models sell at list prices.
        """
        p = self.parameters
        most, least_months = p.ai_introductory_discount, p.ai_introductory_runway_months
        clouds = self.layers[CLOUD].offers.suppliers
        for_good = np.full(clouds.size, np.inf)
        clouds["introductory"] = introductory_discounts(most, p.ai_contract_lock_in_systems, for_good, least_months)
        clouds["for_new"] = abs(p.ai_cloud_price_elasticity) * clouds["introductory"]
        runways = [runway_months(role, month, p)[self.rows[0]] for month in range(round(p.venture_round_months))]
        runway = np.hstack([np.array(runways), np.full((len(runways), laboratories), np.inf)])
        given = introductory_discounts(most, p.ai_contract_lock_in_models, runway, least_months)
        return np.hstack([given, np.zeros((len(runways), 1))])

    def _offer_introductions(self) -> None:
        """Write what models cost those who are new to a supplier this month."""
        suppliers = self.layers[MODEL].offers.suppliers
        given = self._introductory[self._months % len(self._introductory)]
        suppliers["introductory"] = given
        suppliers["for_new"] = abs(self.parameters.ai_own_price_elasticity) * given + self._relief

    def _pull(self) -> None:
        """Suppliers at home draw firms in clouds and applications as far as their models are from home."""
        clouds, applications = self.layers[CLOUD].buyers.pull, self.layers[APPLICATION].buyers.pull
        np.maximum(self.layers[MODEL].buyers.home, 0.0, out=clouds)
        np.multiply(clouds, self.parameters.ai_application_model_pull, out=applications)
        clouds *= self.parameters.ai_cloud_model_pull

    def judge(self, view: MarketView) -> None:
        """Write what firms' suppliers are worth to them: how good their models are, and how much is served."""
        developers, clouds, _ = self.rows
        models, cloud, applications = self.layers[:PEOPLE]
        worth = self._adopters["supplier_worth"]
        worth.fill(1.0)
        short = serve(
            developers, cloud.suppliers.codes, clouds.size, self.hosting, view.served, view.served_abroad,
            view.standing, self._laws, self.served, self._worth,
        )  # fmt: skip
        models.judge(self._worth, worth)
        if short:
            cloud.judge(self.served[CLOUD], worth)
            applications.judge(self.served[APPLICATION], worth)

    def decide(self, view: MarketView) -> None:
        """Let all contracts whose turn it is decide; what is served is that of :meth:`judge`."""
        models, clouds, applications, people = self.layers
        value_offers(
            self.rows[0],
            clouds.suppliers.codes,
            self.rows[1].size,
            self.rows[0].size + INTEGRATORS,
            (view.standing, self._opening_standing),
            view.appeal,
            (view.compute, self._opening_compute),
            clouds.shares,
            view.prices,
            self._laws,
            self.served,
            (models.constants, clouds.constants, applications.constants, people.constants),
            (models.value, clouds.value, applications.value, people.value),
            (models.price, clouds.price, applications.price, people.price),
        )
        for place in self.blind:
            self.layers[place].value[:] = self.layers[place].constants
        if self.behaviours.supplier_choice is not None:
            for layer in self.layers:
                layer.value[:] = self.behaviours.utilities(layer.value, layer.price, layer.suppliers.at_home)
        if self._months % _REPUTATION_MONTHS == 0:
            compute = view.compute[clouds.suppliers.codes]
            clouds.offers.known[:] = known_places(np.cumsum(np.where(clouds.suppliers.at_home, compute + 1e-12, 0.0)))
        if view.terms != self._terms:
            self._take_terms(view.terms)
        self._offer_introductions()
        self._months += 1
        models.decide(view.bound)
        people.decide()
        self._pull()
        clouds.decide()
        applications.decide()

    def _take_terms(self, terms: ContractTerms) -> None:
        """Let contracts for models be signed on these terms from now on; those that run go on as they were signed."""
        self._terms, p, models = terms, self.parameters, self.layers[MODEL]
        suppliers, home = models.offers.suppliers, models.suppliers.at_home
        share = min(max(terms.voucher_share, -0.95), 0.95)
        relief = np.where(home, -abs(p.ai_own_price_elasticity) * math.log1p(-share), 0.0)
        self._relief = relief
        suppliers["for_kept"] = relief if terms.voucher_on_all else 0.0
        suppliers["voucher"] = np.where(home, share, 0.0)
        listed = CERTIFIED if not terms.certified_at_home_only else 0
        suppliers["standing"][~home] = suppliers["standing"][~home] & ~np.uint8(CERTIFIED) | listed
        part = max(p.ai_regulated_demand_share, terms.regulated_share)
        np.less(self._adopters["regulated_rank"], part, out=self._adopters["regulated"])
        tender = p.ai_public_tender_probability if terms.tender_probability is None else terms.tender_probability
        for layer in self.layers[:PEOPLE]:
            layer.decide_by(layer.habits._replace(tender=tender))
        models.decide_by(models.habits._replace(voucher_on_all=terms.voucher_on_all))

    def follow(self, behaviours: Behaviours) -> None:
        """Let buyers behave so from now on."""
        self.behaviours = behaviours

    def keep_contracts(self, layers: tuple[int, ...]) -> None:
        """Let no difference of utility move the contracts of these layers."""
        self.blind = layers

    def vouchers_share(self) -> float:
        """Part of what organisations pay for models that the state bears, as contracts were signed."""
        models = self.layers[MODEL]
        return float((models.vouchers * self.served[MODEL]).sum()) / max(float(models.paid.sum()), 1e-300)

    def bound_firms(self, bound: float) -> NDArray[np.bool_]:
        """Regulated firms that may take suppliers at home only, a part ``bound`` of all regulated ones."""
        return self._adopters["regulated"] & (self._bound_draw < bound)

    def settle(self) -> tuple[float, ...]:
        """Sum all contracts by supplier; returns the sum of each layer over that at the start."""
        found = tuple(layer.settle() / layer.opening_paid for layer in self.layers)
        models, clouds = self.layers[MODEL], self.layers[CLOUD]
        mains, host_of = models.buyers.main, clouds.buyers.main
        hosting(
            models.book.first, models.book.contracts, models.buyers.usage, self._open_weights, host_of, self.hosting
        )
        # The last code is that of a firm without a supplier, whose place is -1.
        supplier = self._adopters["supplier"]
        np.take(self._codes, mains, out=supplier, mode="wrap")
        self.name_hosts(supplier, host_of)
        return found

    def hosted_at_home(self) -> tuple[float, float]:
        """What clouds controlled in Japan get for running models that are free, of organisations and of individuals.

        In parts of what these pay for models.
        """
        models, clouds, _, people = self.layers
        at_home = clouds.suppliers.at_home
        return (
            float(models.shares[self._open_weights] * self.hosting[at_home].sum()),
            float(people.shares[self._open_weights] * clouds.shares[at_home].sum()),
        )

    def name_hosts(self, codes: IntArray, host_of: NDArray[np.int32]) -> None:
        """Put the cloud that runs it in the place of the open-weight model, where there is one.

        Parameters
        ----------
        codes : (any,) of suppliers of models; changed.
        host_of : (any,) place of the cloud of each, or NOBODY.
        """
        hosted = np.flatnonzero((codes == OPEN_WEIGHTS) & (host_of >= 0))
        codes[hosted] = self.layers[CLOUD].suppliers.codes[host_of[hosted]]

    def fail(self, importer_row: int) -> None:
        """Let an importer fail: its clients choose anew in the next month."""
        for layer in self.layers:
            layer.fail(np.flatnonzero(layer.suppliers.codes == importer_row))

    def enter(self, importer_row: int) -> None:
        """Let an entrant offer its services in the place of an importer that failed."""
        for layer in self.layers:
            layer.enter(np.flatnonzero(layer.suppliers.codes == importer_row))

    def hindrance(self) -> float:
        """What buyers that may take suppliers at home only lose, in ln price: the log-sum of all less that of home."""
        models = self.layers[MODEL]
        scale = models.habits.dissimilarity
        reach = np.where(models.suppliers.listed, 1.0, models.suppliers.known / models.suppliers.known.sum() * _DRAWN)
        mass = np.minimum(reach, 1.0) * np.exp(models.value / scale)
        home = models.suppliers.at_home
        inside = scale * math.log(float(mass[home].sum())) + models.habits.home_preference
        outside = scale * math.log(float(mass[~home].sum()))
        return (float(np.logaddexp(inside, outside)) - inside) / max(abs(self.parameters.ai_own_price_elasticity), 1e-9)
