# SPDX-License-Identifier: BSD-2-Clause
"""Questions about who can ever get at what, decided on a whole system (thesis sections 6.3 to 6.5).

`statefile` reads a state, `graph` computes its components in linear time, `decide` answers.
"""
