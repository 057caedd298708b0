import pytest
from request_properties import check_request


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_random_requests_satisfy_or_report_their_constraints(first: int) -> None:
    for seed in range(first, first + 10):
        check_request(seed)
