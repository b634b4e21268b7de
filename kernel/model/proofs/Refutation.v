(* SPDX-License-Identifier: BSD-2-Clause *)
(** What the refutations of mutations.py share. It rests on definitions only, so that it stands
    whatever a mutation does to the proofs. *)

From Coq Require Export Arith Bool List Relations.
From Protection Require Export Model Policy Decision Examples Statements.
Export ListNotations.

Definition only_read : right_set := Rights true false false false.
Definition nothing_derived : derivation := fun _ _ => [].

(** [n] entities, of which only the first holds anything. *)
Definition first_holds (C : list cap) (n : nat) : state := State (place 0 C empty_heap) n.

Lemma first_holds_above C n e : n <> 0 -> ~ is_entity (first_holds C n) e ->
  caps (first_holds C n) e = [].
Proof. destruct e, n; [contradiction | intros _ H; destruct H; reflexivity | auto | auto]. Qed.

(** An entity that is related to no other is related to itself only. *)
Lemma alone R x y : (forall z, R x z = false) -> star R x y -> x = y.
Proof.
  intros H P; apply clos_rt_rt1n in P; destruct P as [| z y T _]; [reflexivity |].
  rewrite H in T; discriminate.
Qed.

Lemma cap_eqb_eq c d : cap_eqb c d -> c = d.
Proof.
  destruct c as [e [[] [] [] []]], d as [f [[] [] [] []]];
    unfold cap_eqb, right_set_eqb, every_right, is_true; simpl; rewrite ?andb_false_r;
    try discriminate; rewrite andb_true_r; intros H; apply Nat.eqb_eq in H; congruence.
Qed.

(** Looks at each entity below 6, and at all others at once, and computes. *)
Ltac each e := do 6 (destruct e as [| e]; [vm_compute; congruence |]); vm_compute; congruence.

(** A counterexample that only computes: apply the claim to it first. *)
Ltac absurd_by H := vm_compute in H; repeat (specialize (H eq_refl)); congruence.

(** What the first entity of such a state holds is in the list. *)
Lemma first_holds_In C n e c : holds (caps (first_holds C n) e) c -> In c C.
Proof.
  destruct e; [| discriminate]; unfold first_holds, caps, holds, place; simpl.
  intros H; apply existsb_exists in H; destruct H as (d & H & E).
  apply cap_eqb_eq in E; congruence.
Qed.
