(* SPDX-License-Identifier: BSD-2-Clause *)
(** The example systems: they are built as claimed, and Lemma 22 and Theorem 4 hold of them. *)

From Coq Require Import Arith Bool List Relations Lia.
From Protection Require Import
  Model Policy Decision Examples Statements Steps Sanity Subsystems Isolation DecisionProofs
  Exactness.
Import ListNotations.

Lemma sane_s_0 : sane s_0.
Proof. apply decision_5; [intros [| [| [| e]]] H; [| simpl in H; lia .. |] |]; reflexivity. Qed.

Lemma sane_s_iso : sane s_iso.
Proof. apply decision_5; [intros [| [| [| e]]] H; [| simpl in H; lia .. |] |]; reflexivity. Qed.

Theorem lemma_22 : lemma_22_statement.
Proof.
  intros cdt ops; apply theorem_2; [exact sane_s_0 | reflexivity | reflexivity |].
  apply decision_4; [exact sane_s_0 | |]; reflexivity.
Qed.

Theorem theorem_4 : theorem_4_statement.
Proof.
  intros cdt ops; apply theorem_3; [exact sane_s_iso | reflexivity | reflexivity |].
  apply decision_3; [exact sane_s_iso | reflexivity].
Qed.

(** Two lists that hold each other's elements are one set, in whatever order they are. *)
Definition same_caps (C D : list cap) : bool := forallb (holds D) C && forallb (holds C) D.

Lemma same_caps_holds C D : same_caps C D -> forall c, holds C c = holds D c.
Proof.
  unfold same_caps; intros H c; booleans; rewrite forallb_forall in *.
  apply eq_true_iff_eq; split; intros K; apply holds_In in K; auto.
Qed.

(** Explicit states are the same if each of their few entities holds the same. *)
Ltac same :=
  split; [vm_compute; reflexivity |];
  intros [| [| [| [| [| e]]]]]; apply same_caps_holds; vm_compute; reflexivity.

Theorem example_1 : example_1_statement.
Proof. intros cdt; same. Qed.

Theorem example_2 : example_2_statement.
Proof. intros cdt; same. Qed.

Theorem example_3 : example_3_statement.
Proof. intros cdt; same. Qed.

Theorem example_4 : example_4_statement.
Proof.
  intros cdt; split; intros [_ H].
  - specialize (H 1 (grant_cap 1)); vm_compute in H; discriminate.
  - specialize (H 1 (grant_cap 1)); vm_compute in H; discriminate.
Qed.

Lemma sane_s_source : sane s_source.
Proof. apply decision_5; [intros [| [| [| e]]] H; [simpl in H; lia .. |] |]; reflexivity. Qed.

Theorem example_5 : example_5_statement.
Proof.
  intros cdt; split; [apply rt_step; reflexivity |].
  rewrite <- (decision_6 cdt s_source 1 0 sane_s_source eq_refl eq_refl : _ <-> _); discriminate.
Qed.
