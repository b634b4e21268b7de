(* SPDX-License-Identifier: BSD-2-Clause *)
(** How the closures are decided (R6.42): every entity starts in a class of its own, and each
    capability with a right of the mask joins two classes. What is defined here is the plainest form
    of union-find, a list of class names; DecisionProofs.v shows that it is right. *)

From Coq Require Import Arith Bool List.
From Protection Require Import Model Policy.
Import ListNotations.

(** Sanity of the entities that exist; a state that came about by operations has nothing above. *)
Definition decide_sane (s : state) : bool :=
  forallb (fun e => forallb (fun c => is_entity s (entity c)) (caps s e)) (seq 0 (next_id s)).

(** The capabilities that have a right of the mask, as pairs of holder and target. *)
Definition edges (m : right_set) (s : state) : list (entity_id * entity_id) :=
  flat_map
    (fun x => map (fun c => (x, entity c)) (filter (fun c => meets (rights c) m) (caps s x)))
    (seq 0 (next_id s)).

(** Place [x] holds the name of the class of [x]; what is not in the list is in its own class. *)
Definition class (L : list entity_id) (x : entity_id) : entity_id := nth x L x.

Definition join (edge : entity_id * entity_id) (L : list entity_id) : list entity_id :=
  let a := class L (fst edge) in
  let b := class L (snd edge) in
  map (fun v => if v =? a then b else v) L.

Definition classes (m : right_set) (s : state) : list entity_id :=
  fold_right join (seq 0 (next_id s)) (edges m s).

Definition same_class (L : list entity_id) (x y : entity_id) : bool := class L x =? class L y.

Definition decide_connected (s : state) : entity_id -> entity_id -> bool :=
  same_class (classes only_grant s).

Definition decide_access (s : state) : entity_id -> entity_id -> bool :=
  same_class (classes grw s).

Definition decide_isolated (s : state) (x y : entity_id) : bool := negb (decide_access s x y).

Definition dominates_list (c : cap) (C : list cap) : bool :=
  forallb (fun d => implb (entity d =? entity c) (included (rights d) (rights c))) C.

Definition decide_dominates (c : cap) (s : state) (e : entity_id) : bool :=
  let L := classes only_grant s in
  forallb (fun x => implb (same_class L x e) (dominates_list c (caps s x))) (seq 0 (next_id s)).

(** Somebody can add a capability to [x]. *)
Definition granted (s : state) (x : entity_id) : bool :=
  existsb (fun e => leak s e x) (seq 0 (next_id s)).

(** Whether [x] can ever leak to [y]: it can now, or they are connected and both can be given to. *)
Definition decide_leak (s : state) (x y : entity_id) : bool :=
  leak s x y || (decide_connected s x y && granted s x && granted s y).
