import no_such_module  # noqa


def test_never_seen():
    pass
