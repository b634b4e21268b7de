# SPDX-License-Identifier: BSD-2-Clause
"""The protection model: what authority can spread, apart from how a kernel spreads it.

`state` and `operations` are the model, `analysis` the questions about a state. All of it is pure
functions on frozen data, and all of it agrees with the Coq model of `proofs/`, about which the
theorems are proved. docs/MODEL.md holds the three side by side.
"""
