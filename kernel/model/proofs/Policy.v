(* SPDX-License-Identifier: BSD-2-Clause *)
(** What can be said about a state: leaks, subsystems, access domains, isolation (R6.1 to R6.11). *)

From Coq Require Import Arith Bool List Relations.
From Protection Require Import Model.
Import ListNotations.

(** A set that need not be finite. *)
Definition set (A : Type) := A -> Prop.

(** * Propagation of authority *)

Definition only_grant : right_set := Rights false false true false.
Definition grant_cap (e : entity_id) : cap := Cap e only_grant.

(** [C] has at least the authority of [c] (R6.1). *)
Definition provides (C : list cap) (c : cap) : bool :=
  existsb (fun d => (entity d =? entity c) && included (rights c) (rights d)) C.

(** [x] can add a capability to [y] (R6.2). *)
Definition leak (s : state) (x y : entity_id) : bool := provides (caps s x) (grant_cap y).

Definition leak_in_future (cdt : derivation) (s : state) (x y : entity_id) : Prop :=
  exists ops, leak (execute cdt ops s) x y.

Definition connected (s : state) (x y : entity_id) : bool := leak s x y || leak s y x.

(** The reflexive and transitive closure of a relation that computes. *)
Definition star (R : entity_id -> entity_id -> bool) : relation entity_id :=
  clos_refl_trans entity_id (fun x y => R x y).

Definition connected_star (s : state) : relation entity_id := star (connected s).

(** Everything but creation moves authority between the entities that there are. *)
Definition transporter (a : operation) : bool :=
  match a with SysCreate _ _ _ => false | _ => true end.

(** * Subsystems *)

Definition sub_sys (s : state) (e : entity_id) : set entity_id := fun x => connected_star s x e.

Definition sub_sys_caps (s : state) (e : entity_id) : set cap :=
  fun c => exists x, sub_sys s e x /\ holds (caps s x) c.

(** Nothing in [C] has more authority over the entity of [c] than [c] has (R6.7). *)
Definition dominates (c : cap) (C : set cap) : Prop :=
  forall d, C d -> entity d = entity c -> included (rights d) (rights c).

Definition no_cap (e : entity_id) : cap := Cap e no_rights.

(** * Isolation *)

Definition grw : right_set := Rights true true true false.

Definition can_grw (s : state) (x y : entity_id) : bool :=
  existsb (fun c => (entity c =? y) && meets (rights c) grw) (caps s x).

Definition can_access (s : state) (x y : entity_id) : bool := can_grw s x y || can_grw s y x.

Definition can_access_star (s : state) : relation entity_id := star (can_access s).

Definition access_domain (s : state) (x : entity_id) : set entity_id :=
  fun e => can_access_star s e x.

Definition isolated (s : state) (x y : entity_id) : Prop :=
  forall e, ~ (access_domain s x e /\ access_domain s y e).
