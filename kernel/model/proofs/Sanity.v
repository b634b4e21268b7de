(* SPDX-License-Identifier: BSD-2-Clause *)
(** Lemmas 1 to 3: sanity is invariant. *)

From Coq Require Import Arith Bool List Lia.
From Protection Require Import Model Statements Steps.
Import ListNotations.

Lemma empty_of_holds_nothing C : (forall c, ~ holds C c) -> C = [].
Proof. destruct C as [| c C]; [auto | intros H; destruct (H c); apply holds_In; left; auto]. Qed.

(** Who holds a capability in a sane state exists. *)
Lemma sane_holder s x c : sane s -> holds (caps s x) c -> is_entity s x.
Proof.
  intros [_ H] Hc; destruct (is_entity s x) eqn:E; [reflexivity |].
  exfalso; rewrite H in Hc; [exact (holds_nothing _ Hc) | rewrite E; discriminate].
Qed.

Lemma sane_target s x c : sane s -> holds (caps s x) c -> is_entity s (entity c).
Proof. intros [H _]; apply H. Qed.

(** The name that comes next occurs nowhere in a sane state. *)
Lemma next_id_is_no_entity s : ~ is_entity s (next_id s).
Proof. unfold is_entity, is_true; rewrite Nat.ltb_irrefl; discriminate. Qed.

Theorem lemma_1 : lemma_1_statement.
Proof.
  unfold lemma_1_statement, sane, is_entity, caps; simpl; unfold place; split.
  - intros [| e] c; [| discriminate]; simpl; rewrite orb_false_r.
    intros H; apply cap_eqb_true in H; subst; reflexivity.
  - intros [| e] H; [destruct H |]; reflexivity.
Qed.

(** Whatever a step adds was added to an entity that existed, and names one that exists after. *)
Lemma gains_sane cdt s a x d :
  sane s -> holds (caps (step cdt a s) x) d -> gains s a x d ->
  is_entity s x /\ is_entity (step cdt a s) (entity d).
Proof.
  intros S Hd G; destruct a; try contradiction; simpl in G.
  - destruct G as (H2 & _ & -> & ->); split; [exact (sane_target _ _ _ S H2) |].
    revert Hd; unfold step; destruct (legal _ s); intros Hd.
    + unfold is_entity; simpl; booleans; lia.
    + destruct (next_id_is_no_entity s (sane_target _ _ _ S Hd)).
  - destruct G as (H1 & H2 & _ & -> & ->); split; [exact (sane_target _ _ _ S H1) |].
    apply is_entity_step; exact (sane_target _ _ _ S H2).
Qed.

Lemma step_sane_ends cdt s a x d :
  sane s -> holds (caps (step cdt a s) x) d ->
  is_entity s x /\ is_entity (step cdt a s) (entity d).
Proof.
  intros S H; destruct (step_holds _ _ _ _ _ H) as [Old | New].
  - split; [exact (sane_holder _ _ _ S Old) |].
    apply is_entity_step; exact (sane_target _ _ _ S Old).
  - exact (gains_sane _ _ _ _ _ S H New).
Qed.

Theorem lemma_2 : lemma_2_statement.
Proof.
  intros cdt s a S; split.
  - intros e c H; apply (step_sane_ends _ _ _ _ _ S H).
  - intros e N; apply empty_of_holds_nothing; intros c H; apply N.
    apply is_entity_step; apply (step_sane_ends _ _ _ _ _ S H).
Qed.

Theorem lemma_3 : lemma_3_statement.
Proof. intros cdt s ops S; induction ops; simpl; [exact S | apply lemma_2; assumption]. Qed.
