import pytest
from small_company import Company, dated_company, flat_company


@pytest.fixture(scope="session")
def company() -> Company:
    """A generated company with dated leads and events, with a scorer of 20 trees."""
    return dated_company()


@pytest.fixture(scope="session")
def flat() -> Company:
    """A generated company of flat rows without events, with a scorer of 20 trees."""
    return flat_company()
