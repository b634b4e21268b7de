(* SPDX-License-Identifier: BSD-2-Clause *)
(** The protection model: entities, rights, capabilities, states and the seven operations
    (R5.1 to R5.21). Every definition computes: what is proved here is what is extracted.

    A reader who wants to know what the theorems say reads this file, Policy.v, Examples.v and
    Statements.v, and no proof. *)

From Coq Require Import Arith Bool List.
Import ListNotations.

(** A boolean stands for the proposition that it is true. *)
Coercion is_true : bool >-> Sortclass.

(** * State *)

Notation entity_id := nat (only parsing).

Inductive right := Read | Write | Grant | Create.

(** A set of rights is its four membership bits, so that equal sets are equal terms. *)
Record right_set :=
  Rights { may_read : bool; may_write : bool; may_grant : bool; may_create : bool }.

Definition has (r : right) (R : right_set) : bool :=
  match r with
  | Read => may_read R
  | Write => may_write R
  | Grant => may_grant R
  | Create => may_create R
  end.

(** The set of the rights that a test accepts. *)
Definition rights_where (test : right -> bool) : right_set :=
  Rights (test Read) (test Write) (test Grant) (test Create).

Definition every_right (test : right -> bool) : bool :=
  test Read && test Write && test Grant && test Create.

Definition some_right (test : right -> bool) : bool :=
  test Read || test Write || test Grant || test Create.

Definition all_rights : right_set := Rights true true true true.
Definition no_rights : right_set := Rights false false false false.
Definition intersect (A B : right_set) : right_set := rights_where (fun r => has r A && has r B).
Definition included (A B : right_set) : bool := every_right (fun r => implb (has r A) (has r B)).
Definition meets (A B : right_set) : bool := some_right (fun r => has r A && has r B).

Record cap := Cap { entity : entity_id; rights : right_set }.

Definition right_set_eqb (A B : right_set) : bool := every_right (fun r => eqb (has r A) (has r B)).

Definition cap_eqb (c d : cap) : bool :=
  (entity c =? entity d) && right_set_eqb (rights c) (rights d).

(** A finite set of capabilities is a list that is only ever asked for membership. *)
Definition holds (C : list cap) (c : cap) : bool := existsb (cap_eqb c) C.
Definition with_cap (c : cap) (C : list cap) : list cap := if holds C c then C else c :: C.
Definition without_cap (c : cap) (C : list cap) : list cap :=
  filter (fun d => negb (cap_eqb c d)) C.

(** The heap is total: a place without an entity holds no capability. *)
Record state := State { heap : entity_id -> list cap; next_id : entity_id }.

Definition caps (s : state) (e : entity_id) : list cap := heap s e.
Definition is_entity (s : state) (e : entity_id) : bool := e <? next_id s.

(** No capability dangles, and nothing lies beyond the last entity (R5.7). *)
Definition sane (s : state) : Prop :=
  (forall e c, holds (caps s e) c -> is_entity s (entity c)) /\
  (forall e, ~ is_entity s e -> caps s e = []).

Definition all_cap (e : entity_id) : cap := Cap e all_rights.

Definition place (e : entity_id) (C : list cap) (h : entity_id -> list cap) :
    entity_id -> list cap :=
  fun x => if x =? e then C else h x.

Definition empty_heap : entity_id -> list cap := fun _ => [].

(** The resource manager alone, with all rights to itself (R5.8). *)
Definition initial_state : state := State (place 0 [all_cap 0] empty_heap) 1.

(** * Operations *)

(** The first argument is who acts, the second the capability that is invoked. *)
Inductive operation :=
| SysNoOp (e : entity_id)
| SysRead (e : entity_id) (c : cap)
| SysWrite (e : entity_id) (c : cap)
| SysCreate (e : entity_id) (c1 c2 : cap)
| SysGrant (e : entity_id) (c1 c2 : cap) (R : right_set)
| SysRemove (e : entity_id) (c1 c2 : cap)
| SysRevoke (e : entity_id) (c : cap).

Definition legal (a : operation) (s : state) : bool :=
  match a with
  | SysNoOp e => is_entity s e
  | SysRead e c => is_entity s e && holds (caps s e) c && has Read (rights c)
  | SysWrite e c => is_entity s e && holds (caps s e) c && has Write (rights c)
  | SysCreate e c1 c2 =>
      is_entity s e && holds (caps s e) c1 && holds (caps s e) c2
      && has Create (rights c1) && has Grant (rights c2)
  | SysGrant e c1 c2 _ =>
      is_entity s e && holds (caps s e) c1 && holds (caps s e) c2 && has Grant (rights c1)
  | SysRemove e c1 _ => is_entity s e && holds (caps s e) c1
  | SysRevoke e c => is_entity s e && holds (caps s e) c
  end.

Definition diminish (c : cap) (R : right_set) : cap := Cap (entity c) (intersect (rights c) R).

(** The new entity is empty; the entity that [c2] names gains all rights to it. *)
Definition create_operation (c2 : cap) (s : state) : state :=
  let new := next_id s in
  let parent := with_cap (all_cap new) (caps s (entity c2)) in
  State (place (entity c2) parent (place new [] (heap s))) (S new).

Definition grant_operation (c1 c2 : cap) (R : right_set) (s : state) : state :=
  let receiver := with_cap (diminish c2 R) (caps s (entity c1)) in
  State (place (entity c1) receiver (heap s)) (next_id s).

Definition remove_operation (c1 c2 : cap) (s : state) : state :=
  let loser := without_cap c2 (caps s (entity c1)) in
  State (place (entity c1) loser (heap s)) (next_id s).

Definition remove_caps (entry : cap * list cap) (s : state) : state :=
  fold_right (remove_operation (fst entry)) s (snd entry).

(** What was derived from a capability: which capabilities go, and from which entities. The model
    does not say how it is computed, so every result holds for every choice (R5.16). *)
Definition derivation := state -> cap -> list (cap * list cap).

Definition revoke_operation (cdt : derivation) (c : cap) (s : state) : state :=
  fold_right remove_caps s (cdt s c).

Definition effect (cdt : derivation) (a : operation) (s : state) : state :=
  match a with
  | SysNoOp _ | SysRead _ _ | SysWrite _ _ => s
  | SysCreate _ _ c2 => create_operation c2 s
  | SysGrant _ c1 c2 R => grant_operation c1 c2 R s
  | SysRemove _ c1 c2 => remove_operation c1 c2 s
  | SysRevoke _ c => revoke_operation cdt c s
  end.

(** An illegal operation changes nothing (R5.17). *)
Definition step (cdt : derivation) (a : operation) (s : state) : state :=
  if legal a s then effect cdt a s else s.

(** The last element of the list runs first (R5.18). *)
Definition execute (cdt : derivation) (ops : list operation) (s : state) : state :=
  fold_right (step cdt) s ops.

(** The order of writing: the first element runs first. *)
Definition run (cdt : derivation) (ops : list operation) (s : state) : state :=
  execute cdt (rev ops) s.
