import sys
import time

import pytest


class TestCart:
    def test_total_of_an_empty_cart(self):
        assert sum([]) == 0

    def test_total(self):
        print("adding 1 and 2")
        print("a warning", file=sys.stderr)
        assert sum([1, 2]) == 4, "the total is wrong"

    @pytest.mark.parametrize("price", [1, 0, -1], ids=["one", "zero", "minus a / b"])
    def test_price(self, price):
        assert price > 0


def test_currency_größe():
    raise ValueError("no rate for \u20ac \U0001f600 \x1b[31mred\x1b[0m <tag> & \"quotes\"")


@pytest.fixture
def database():
    raise ConnectionError("database is not there: connection timeout after 30 s")


@pytest.fixture
def closing():
    yield 1
    raise RuntimeError("could not close")


def test_needs_database(database):
    pass


def test_closes_badly(closing):
    assert closing == 1


def test_fails_and_closes_badly(closing):
    assert closing == 2


@pytest.mark.skip(reason="not on this machine")
def test_skipped():
    pass


@pytest.mark.xfail(reason="known")
def test_expected():
    assert False


@pytest.mark.xfail(strict=True, reason="should fail")
def test_unexpected_pass():
    pass


@pytest.mark.timeout(0.3)
def test_slow():
    time.sleep(5)


def test_says_timeout():
    raise RuntimeError("Timeout while asking the server")


def test_exits():
    sys.exit(3)


TRIES = []


@pytest.mark.flaky(reruns=2)
def test_passes_when_tried_again():
    TRIES.append(1)
    assert len(TRIES) > 1
