"""The words of the generated world: each value's share, and its effect on the log-odds of fit."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Words:
    """The values of one column; `shares` sum to 1, `effects` are log-odds; all of shape (words,)."""

    values: tuple[str, ...]
    shares: npt.NDArray[np.float64]
    effects: npt.NDArray[np.float64]

    @classmethod
    def of(cls, **share_and_effect: tuple[float, float]) -> Self:
        """Return the words named by the keywords, an underscore read as a space, shares brought to sum 1."""
        shares, effects = np.array(list(share_and_effect.values())).T
        return cls(tuple(word.replace("_", " ") for word in share_and_effect), shares / shares.sum(), effects)

    def draw(self, rng: np.random.Generator, size: int) -> npt.NDArray[np.int64]:
        """Return `size` indices of words by their shares."""
        return np.searchsorted(np.cumsum(self.shares)[:-1], rng.random(size), side="right")


LEVELS: Final = Words.of(
    Chief=(0.05, 0.55),
    VP=(0.08, 0.60),
    Director=(0.12, 0.45),
    Head=(0.10, 0.35),
    Manager=(0.25, 0.05),
    Specialist=(0.20, -0.40),
    Analyst=(0.13, -0.30),
    Intern=(0.07, -1.20),
)
SPELLINGS: Final = (
    ("Chief {} Officer", "{} Executive Officer"),
    ("VP {}", "Vice President {}"),
    ("Director {}", "{} Director"),
    ("Head of {}", "{} Lead"),
    ("{} Manager", "Manager {}"),
    ("{} Specialist", "Senior {} Specialist"),
    ("{} Analyst", "Junior {} Analyst"),
    ("{} Intern", "Working Student {}"),
)
"""Two ways to write each level of `LEVELS` around a function."""

FUNCTIONS: Final = Words.of(
    Operations=(0.12, 0.40),
    Sales=(0.11, 0.30),
    Marketing=(0.11, 0.20),
    Revenue=(0.04, 0.45),
    Supply_Chain=(0.05, 0.30),
    Procurement=(0.05, 0.20),
    Finance=(0.08, 0.00),
    Controlling=(0.03, -0.05),
    IT=(0.10, 0.10),
    Data=(0.05, 0.15),
    Engineering=(0.06, -0.15),
    Product=(0.05, 0.00),
    Customer_Service=(0.04, 0.05),
    Human_Resources=(0.05, -0.40),
    Legal=(0.02, -0.50),
    Quality=(0.02, 0.00),
    Research=(0.03, -0.40),
    Facilities=(0.02, -0.30),
)
COUNTRIES: Final = Words.of(
    US=(0.34, 0.10), DE=(0.14, 0.20), GB=(0.11, 0.10), FR=(0.08, 0.00), NL=(0.05, 0.15), CA=(0.05, 0.05),
    SE=(0.03, 0.10), ES=(0.04, -0.10), IT=(0.04, -0.15), PL=(0.03, -0.10), IN=(0.05, -0.30), BR=(0.02, -0.30),
    JP=(0.01, -0.20), AU=(0.01, 0.00),
)  # fmt: skip
REGIONS: Final = ("amer", "emea", "apac", "unassigned")
REGION_OF_COUNTRY: Final = np.array([0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 2, 0, 2, 2])
INDUSTRIES: Final = Words.of(
    manufacturing=(0.18, 0.35),
    software=(0.17, 0.25),
    logistics=(0.10, 0.40),
    retail=(0.12, 0.05),
    finance=(0.10, 0.00),
    healthcare=(0.09, -0.10),
    professional_services=(0.11, -0.15),
    education=(0.06, -0.60),
    public_sector=(0.04, -0.50),
    hospitality=(0.03, -0.40),
)
COMPANY_KINDS: Final = Words.of(
    private=(0.62, 0.05),
    public=(0.16, 0.15),
    non_profit=(0.07, -0.50),
    agency=(0.10, -0.25),
    sole_trader=(0.05, -0.55),
)
CHANNELS: Final = Words.of(
    organic_search=(0.24, 0.15),
    paid_search=(0.18, 0.00),
    paid_social=(0.16, -0.40),
    referral=(0.08, 0.60),
    partner=(0.06, 0.45),
    webinar=(0.10, 0.10),
    trade_fair=(0.08, 0.05),
    purchased_list=(0.10, -0.70),
)
FIRST_INTENT: Final = np.array([
    [0.50, 0.33, 0.14, 0.03],
    [0.58, 0.30, 0.10, 0.02],
    [0.80, 0.17, 0.03, 0.00],
    [0.35, 0.38, 0.20, 0.07],
    [0.40, 0.35, 0.19, 0.06],
    [0.62, 0.31, 0.06, 0.01],
    [0.72, 0.23, 0.05, 0.00],
    [0.96, 0.04, 0.00, 0.00],
])  # fmt: skip
"""Chance of each intent at creation, by channel; rows sum to 1."""
CAMPAIGNS: Final = Words.of(
    spring_launch=(1, 0.15), cut_the_waste=(1, 0.25), win_a_tablet=(1, -0.45), roi_guide=(1, 0.20),
    summer_school=(1, -0.15), year_end_offer=(1, 0.10), customer_stories=(1, 0.15), brand_film=(1, -0.20),
)  # fmt: skip
"""Two run in each quarter, one after another."""
CHANNELS_WITH_CAMPAIGN: Final = np.array([False, True, True, False, False, True, True, False])

SIZE_BANDS: Final = np.array([10, 50, 250, 1000])
"""Employees at which a band begins; five bands, the first from 1, the last up to 200,000."""
MOST_EMPLOYEES: Final = 200_000
EFFECT_OF_SIZE_BAND: Final = np.array([-0.55, -0.10, 0.30, 0.40, 0.05])
TECHNOLOGIES: Final = ("crm suite", "data warehouse", "legacy erp", "spreadsheets", "web shop", "ticketing")
CHANCE_OF_TECHNOLOGY: Final = np.array([0.5, 0.25, 0.3, 0.6, 0.3, 0.35])
EFFECT_OF_TECHNOLOGY: Final = np.array([0.15, 0.25, -0.15, 0.0, 0.05, 0.0])
EFFECT_OF_FREEMAIL: Final = -0.5
FREEMAIL_DOMAIN: Final = "freemail.example"
MEAN_FIT: Final = 0.33
"""Taken from every lead's sum of effects, so that fit 0 is an ordinary lead."""
