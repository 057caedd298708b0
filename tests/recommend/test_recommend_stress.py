import pytest
from request_properties import check_request


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_caps_and_gaps_always_hold_and_the_rest_holds_or_is_told(first: int) -> None:
    for seed in range(first, first + 10):
        check_request(seed)
