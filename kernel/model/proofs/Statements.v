(* SPDX-License-Identifier: BSD-2-Clause *)
(** What is proved, without the proofs: the 28 lemmas and 4 theorems under their numbers, and the
    two example systems. Each holds for every choice of the derivation function [cdt]. *)

From Coq Require Import List.
From Protection Require Import Model Policy Decision Examples.
Import ListNotations.

(** * The invariant *)

(** Lemma 1: the initial state is sane. *)
Definition lemma_1_statement : Prop := sane initial_state.

(** Lemma 2: a step keeps a state sane. *)
Definition lemma_2_statement : Prop := forall cdt s a, sane s -> sane (step cdt a s).

(** Lemma 3: execution keeps a state sane. *)
Definition lemma_3_statement : Prop := forall cdt s ops, sane s -> sane (execute cdt ops s).

(** * Propagation of authority *)

(** Lemma 4: a set of entities first reaches an entity through a leak by one that reaches it. *)
Definition lemma_4_statement : Prop :=
  forall cdt s a z (ss : set entity_id),
  is_entity s z ->
  (forall e c, ss e -> holds (caps s e) c -> entity c <> z) ->
  (exists e c, ss e /\ holds (caps (step cdt a s) e) c /\ entity c = z) ->
  exists x y c, holds (caps s x) c /\ entity c = z /\ ss y /\ leak s x y.

(** Lemma 5: in a sane state only entities that exist are connected. *)
Definition lemma_5_statement : Prop :=
  forall s x y, sane s -> connected s x y -> is_entity s x /\ is_entity s y.

(** Lemma 6: NoOp connects nothing. *)
Definition lemma_6_statement : Prop :=
  forall cdt s e x y, connected (step cdt (SysNoOp e) s) x y -> connected s x y.

(** Lemma 7: Read connects nothing. *)
Definition lemma_7_statement : Prop :=
  forall cdt s e c x y, connected (step cdt (SysRead e c) s) x y -> connected s x y.

(** Lemma 8: Write connects nothing. *)
Definition lemma_8_statement : Prop :=
  forall cdt s e c x y, connected (step cdt (SysWrite e c) s) x y -> connected s x y.

(** Lemma 9: Remove connects nothing. *)
Definition lemma_9_statement : Prop :=
  forall cdt s e c1 c2 x y, connected (step cdt (SysRemove e c1 c2) s) x y -> connected s x y.

(** Lemma 10: Revoke connects nothing. *)
Definition lemma_10_statement : Prop :=
  forall cdt s e c x y, connected (step cdt (SysRevoke e c) s) x y -> connected s x y.

(** Lemma 11: Grant connects only what was transitively connected. *)
Definition lemma_11_statement : Prop :=
  forall cdt s e c1 c2 R x y,
  connected (step cdt (SysGrant e c1 c2 R) s) x y -> connected_star s x y.

(** Lemma 12: Create connects no two entities that exist. *)
Definition lemma_12_statement : Prop :=
  forall cdt s e c1 c2 x y,
  is_entity s x -> is_entity s y ->
  connected (step cdt (SysCreate e c1 c2) s) x y -> connected s x y.

(** Lemma 13: a step connects existing entities only if they were transitively connected. *)
Definition lemma_13_statement : Prop :=
  forall cdt s a x y,
  is_entity s x -> is_entity s y -> connected (step cdt a s) x y -> connected_star s x y.

(** Lemma 14: a transporter keeps the transitive connections within what they were. *)
Definition lemma_14_statement : Prop :=
  forall cdt s a x y,
  sane s -> transporter a -> connected_star (step cdt a s) x y -> connected_star s x y.

(** Lemma 15: what is connected after Create was, and the new entity only to its creator's. *)
Definition lemma_15_statement : Prop :=
  forall cdt s e c1 c2 x z,
  sane s -> is_entity s x -> connected_star (step cdt (SysCreate e c1 c2) s) x z ->
  (z = next_id s -> connected_star s x e) /\ (z <> next_id s -> connected_star s x z).

(** Lemma 16: a step transitively connects no existing entities that were not. *)
Definition lemma_16_statement : Prop :=
  forall cdt s a x z,
  sane s -> is_entity s x -> is_entity s z ->
  connected_star (step cdt a s) x z -> connected_star s x z.

(** Lemma 17: execution transitively connects no existing entities that were not. *)
Definition lemma_17_statement : Prop :=
  forall cdt s ops x y,
  sane s -> is_entity s x -> is_entity s y ->
  connected_star (execute cdt ops s) x y -> connected_star s x y.

(** Lemma 18: who can ever leak to another is transitively connected with it now. *)
Definition lemma_18_statement : Prop :=
  forall cdt s x y,
  sane s -> is_entity s x -> is_entity s y ->
  leak_in_future cdt s x y -> connected_star s x y.

(** Theorem 1: who is not transitively connected with another now can never leak to it. *)
Definition theorem_1_statement : Prop :=
  forall cdt s x y,
  sane s -> is_entity s x -> is_entity s y ->
  ~ connected_star s x y -> ~ leak_in_future cdt s x y.

(** * Subsystems *)

(** Lemma 19: to dominate a subsystem is to dominate each of its entities. *)
Definition lemma_19_statement : Prop :=
  forall s c e,
  dominates c (sub_sys_caps s e) <->
  (forall x, connected_star s x e -> dominates c (holds (caps s x))).

(** Lemma 20: a step gives a subsystem no authority over an existing entity beyond its bound. *)
Definition lemma_20_statement : Prop :=
  forall cdt s a c e,
  sane s -> is_entity s e -> is_entity s (entity c) ->
  dominates c (sub_sys_caps s e) -> dominates c (sub_sys_caps (step cdt a s) e).

(** Lemma 21: an entity that exists goes on existing. *)
Definition lemma_21_statement : Prop :=
  forall cdt s ops x, is_entity s x -> is_entity (execute cdt ops s) x.

(** Theorem 2: a subsystem never gains authority over an existing entity beyond its bound. *)
Definition theorem_2_statement : Prop :=
  forall cdt s ops c e,
  sane s -> is_entity s e -> is_entity s (entity c) ->
  dominates c (sub_sys_caps s e) -> dominates c (sub_sys_caps (execute cdt ops s) e).

(** Lemma 22: from s_0 the subsystem of 1 never gains authority over 4, the other's memory. *)
Definition lemma_22_statement : Prop :=
  forall cdt ops, dominates (no_cap 4) (sub_sys_caps (execute cdt ops s_0) 1).

(** * Isolation *)

(** Lemma 23: in a sane state only entities that exist can access each other. *)
Definition lemma_23_statement : Prop :=
  forall s x y, sane s -> can_access s x y -> is_entity s x /\ is_entity s y.

(** Lemma 24: transitively connected entities can access each other. *)
Definition lemma_24_statement : Prop :=
  forall s x y, connected_star s x y -> can_access_star s x y.

(** Lemma 25: isolated entities cannot access each other, however indirectly. *)
Definition lemma_25_statement : Prop :=
  forall s x y, isolated s x y -> ~ can_access_star s x y.

(** Lemma 26: a transporter keeps access within what it was. *)
Definition lemma_26_statement : Prop :=
  forall cdt s a x y,
  sane s -> transporter a -> can_access_star (step cdt a s) x y -> can_access_star s x y.

(** Lemma 27: who has access after Create had it, and to the new entity only its creator's. *)
Definition lemma_27_statement : Prop :=
  forall cdt s e c1 c2 x z,
  sane s -> is_entity s x -> can_access_star (step cdt (SysCreate e c1 c2) s) x z ->
  (z = next_id s -> can_access_star s x e) /\ (z <> next_id s -> can_access_star s x z).

(** Lemma 28: a step leaves isolated entities isolated. *)
Definition lemma_28_statement : Prop :=
  forall cdt s a x y,
  sane s -> is_entity s x -> is_entity s y -> isolated s x y -> isolated (step cdt a s) x y.

(** Theorem 3: execution leaves isolated entities isolated. *)
Definition theorem_3_statement : Prop :=
  forall cdt s ops x y,
  sane s -> is_entity s x -> is_entity s y ->
  isolated s x y -> isolated (execute cdt ops s) x y.

(** Theorem 4: from s_iso the entities 1 and 2 stay isolated. *)
Definition theorem_4_statement : Prop :=
  forall cdt ops, isolated (execute cdt ops s_iso) 1 2.

(** * The example systems are reached *)

(** Example 1: the first sequence, run as written with its last command, builds s_0. *)
Definition example_1_statement : Prop :=
  forall cdt, same_state (run cdt cmd_seq initial_state) s_0.

(** Example 2: as the thesis prints it, it leaves the resource manager a capability to itself. *)
Definition example_2_statement : Prop :=
  forall cdt, same_state (run cdt cmd_seq_as_printed initial_state) s_0_as_printed.

(** Example 3: the second sequence, run as written, builds s_iso. *)
Definition example_3_statement : Prop :=
  forall cdt, same_state (run cdt iso_cmd initial_state) s_iso.

(** Example 4: folded from the right, neither printed sequence builds the state printed for it. *)
Definition example_4_statement : Prop :=
  forall cdt,
  ~ same_state (execute cdt cmd_seq_as_printed initial_state) s_0 /\
  ~ same_state (execute cdt iso_cmd initial_state) s_iso.

(** * The questions above can be decided by looking at the present state *)

(** Decision 1: the classes at Grant are the transitive connections. *)
Definition decision_1_statement : Prop :=
  forall s x y, sane s -> (decide_connected s x y <-> connected_star s x y).

(** Decision 2: the classes at Read, Write and Grant are the transitive accesses. *)
Definition decision_2_statement : Prop :=
  forall s x y, sane s -> (decide_access s x y <-> can_access_star s x y).

(** Decision 3: two entities are isolated if and only if their classes differ. *)
Definition decision_3_statement : Prop :=
  forall s x y, sane s -> (decide_isolated s x y <-> isolated s x y).

(** Decision 4: a capability dominates a subsystem if it dominates each entity of its class. *)
Definition decision_4_statement : Prop :=
  forall s c e,
  sane s -> is_entity s e -> (decide_dominates c s e <-> dominates c (sub_sys_caps s e)).

(** Decision 5: with nothing above, sanity is seen by looking at what exists. *)
Definition decision_5_statement : Prop :=
  forall s, (forall e, next_id s <= e -> caps s e = []) -> (decide_sane s <-> sane s).

(** Decision 6: whether an entity can ever leak to another is decided exactly. *)
Definition decision_6_statement : Prop :=
  forall cdt s x y,
  sane s -> is_entity s x -> is_entity s y ->
  (decide_leak s x y <-> leak_in_future cdt s x y).

(** Example 5: connection says more than can happen also where Create and Grant to oneself are. *)
Definition example_5_statement : Prop :=
  forall cdt, connected_star s_source 1 0 /\ ~ leak_in_future cdt s_source 1 0.
