"""Makes modules named in CAUSES_HIDE look as if they were not installed.

The import system's own finder says that it has not found them, so the error and its trace are
those of a machine where the dependency is missing: no frame of this file is in it.
"""

import importlib.machinery
import os

_hidden = frozenset(filter(None, os.environ.get("CAUSES_HIDE", "").split(",")))

if _hidden:
    _finder = importlib.machinery.PathFinder
    _find = _finder.find_spec.__func__

    def _find_spec(cls, fullname, path=None, target=None):
        if fullname in _hidden:
            return None
        return _find(cls, fullname, path, target)

    _finder.find_spec = classmethod(_find_spec)
