"""Benchmarks are programs beside one another, and here imported as they import each other."""

import sys

from running import ROOT

# Last, since one of them is named as a package of ours is.
sys.path.append(str(ROOT / "benchmarks"))
