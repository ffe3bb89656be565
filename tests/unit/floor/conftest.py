from collections.abc import Iterator

import pytest

from tests.unit.floor.shop import Shop


@pytest.fixture(params=range(6))
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A fresh floor; six times, each with other lags between orders, answers and facts."""
    made = Shop(request.param)
    yield made
    made.close()
