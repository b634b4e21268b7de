(* SPDX-License-Identifier: BSD-2-Clause *)
(** The model as an OCaml program. Numbers stay as they are defined here, so that nothing but the
    standard translation of booleans, pairs and lists stands between the proofs and what runs. *)

From Coq Require Extraction.
From Coq Require Import ExtrOcamlBasic.
From Protection Require Import Model Policy Decision.

Extraction Language OCaml.
Extraction "protection.ml"
  legal step execute run initial_state
  provides leak connected can_grw can_access
  decide_sane decide_connected decide_access decide_isolated decide_dominates
  decide_leak.
