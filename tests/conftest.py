# SPDX-License-Identifier: BSD-2-Clause
"""Settings for all tests: generated input is the same in every run, on every host."""

from hypothesis import settings

# No deadline: the first call of a compiled hook takes far longer than the later ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
