import sys
import unittest


class TestCart(unittest.TestCase):
    def test_total(self):
        self.assertEqual(3, 1 + 2)

    def test_wrong_total(self):
        """The total of two prices."""
        print("on stdout")
        print("on stderr", file=sys.stderr)
        self.assertEqual({"total": 4, "name": "größe"}, {"total": 3, "name": "größe"})

    def test_exception(self):
        raise KeyError("missing")

    @unittest.skip("not here")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail("known")

    @unittest.expectedFailure
    def test_unexpected_success(self):
        pass

    def test_each(self):
        for price in (1, 0, -1):
            with self.subTest(price=price):
                self.assertGreater(price, 0)


class TestSetup(unittest.TestCase):
    def setUp(self):
        raise ConnectionError("no database")

    def test_one(self):
        pass


class TestClassSetup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ConnectionError("no server")

    def test_two(self):
        pass
