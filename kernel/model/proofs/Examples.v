(* SPDX-License-Identifier: BSD-2-Clause *)
(** The two systems that an initial resource manager builds: subsystems that may send to each other
    (R6.46, R6.47) and domains that are isolated (R6.48, R6.49). *)

From Coq Require Import List.
From Protection Require Import Model Policy.
Import ListNotations.

Definition only_write : right_set := Rights false true false false.
Definition only_create : right_set := Rights false false false true.
Definition write_cap (e : entity_id) : cap := Cap e only_write.
Definition ut_cap (e : entity_id) : cap := Cap e only_create.

(** The same capabilities in every entity, and the same number of entities. *)
Definition same_state (s t : state) : Prop :=
  next_id s = next_id t /\ forall e c, holds (caps s e) c = holds (caps t e) c.

Definition s_0 : state :=
  State
    (place 1 [grant_cap 1; write_cap 2; ut_cap 3]
      (place 2 [grant_cap 2; write_cap 1; ut_cap 4] empty_heap))
    5.

Definition s_iso : state :=
  State (place 1 [grant_cap 1; ut_cap 3] (place 2 [grant_cap 2; ut_cap 4] empty_heap)) 5.

(** What the resource manager, entity 0, does. *)
Definition make_one : operation := SysCreate 0 (all_cap 0) (all_cap 0).
Definition give (to what : entity_id) (R : right_set) : operation :=
  SysGrant 0 (all_cap to) (all_cap what) R.
Definition forget (e : entity_id) : operation := SysRemove 0 (all_cap 0) (all_cap e).

(** Both sequences are written in the order in which they run. *)
Definition cmd_seq : list operation :=
  [make_one; make_one; make_one; make_one;
   give 1 1 only_grant; give 1 2 only_write; give 1 3 only_create;
   give 2 2 only_grant; give 2 1 only_write; give 2 4 only_create;
   forget 1; forget 2; forget 3; forget 4; forget 0].

Definition iso_cmd : list operation :=
  [make_one; make_one; make_one; make_one;
   give 1 1 only_grant; give 1 3 only_create;
   give 2 2 only_grant; give 2 4 only_create;
   forget 1; forget 2; forget 3; forget 4; forget 0].

(** The thesis prints the first sequence without its last command (Q5). *)
Definition cmd_seq_as_printed : list operation := removelast cmd_seq.

(** What the printed sequence reaches: the resource manager still names itself. *)
Definition s_0_as_printed : state := State (place 0 [all_cap 0] (heap s_0)) (next_id s_0).

(** Entity 0 may create and give to 1; entity 1 may create and give to itself; nobody can give to
    0, so that nobody will ever leak to it. *)
Definition s_source : state :=
  State (place 0 [grant_cap 1; ut_cap 2] (place 1 [grant_cap 1; ut_cap 2] empty_heap)) 3.
