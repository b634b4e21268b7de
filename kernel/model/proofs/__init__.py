# SPDX-License-Identifier: BSD-2-Clause
"""The Coq model with its proofs, and what holds the Python model against it."""
