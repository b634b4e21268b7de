(* SPDX-License-Identifier: BSD-2-Clause *)
(** Lemmas 19 to 21 and Theorem 2: a subsystem keeps within its authority (section 6.4). *)

From Coq Require Import Arith Bool List Relations.
From Protection Require Import Model Policy Statements Steps Sanity Links Propagation.
Import ListNotations.

Theorem lemma_19 : lemma_19_statement.
Proof.
  intros s c e; split.
  - intros D x Hx d Hd; apply D; exists x; split; assumption.
  - intros D d (x & Hx & Hd); exact (D x Hx d Hd).
Qed.

(** Fewer rights are dominated too. *)
Lemma included_diminish c d R :
  included (rights d) (rights c) -> included (rights (diminish d R)) (rights c).
Proof.
  rewrite !included_all; intros H r Hr; apply H; exact (intersect_has _ _ _ Hr).
Qed.

Lemma gains_dominated s a c e x d :
  is_entity s (entity c) -> dominates c (sub_sys_caps s e) -> connected_star s x e ->
  gains s a x d -> entity d = entity c -> included (rights d) (rights c).
Proof.
  intros Hc D Hx G E; destruct a; simpl in G; try contradiction.
  - destruct G as (_ & _ & _ & ->); simpl in E; rewrite <- E in Hc.
    destruct (next_id_is_no_entity _ Hc).
  - destruct G as (H1 & H2 & Hg & -> & ->); apply included_diminish.
    apply D; [| exact E]; exists e0; split; [| exact H2].
    apply star_trans with (entity c1); [apply star_one | exact Hx].
    unfold connected; rewrite (leak_of_cap _ _ _ H1 Hg); reflexivity.
Qed.

Theorem lemma_20 : lemma_20_statement.
Proof.
  intros cdt s a c e S He Hc D d (x & Hx & Hd) E.
  assert (Ex : is_entity s x) by apply (step_sane_ends _ _ _ _ _ S Hd).
  apply (lemma_16 cdt s a) in Hx; auto.
  destruct (step_holds _ _ _ _ _ Hd) as [Old | New].
  - apply D; [exists x; split; assumption | exact E].
  - exact (gains_dominated _ _ _ _ _ _ Hc D Hx New E).
Qed.

Theorem lemma_21 : lemma_21_statement.
Proof. intros cdt s ops x; apply is_entity_execute. Qed.

Theorem theorem_2 : theorem_2_statement.
Proof.
  intros cdt s ops c e S He Hc D; induction ops as [| a ops IH]; simpl; [exact D |].
  apply lemma_20; auto using is_entity_execute; apply lemma_3; exact S.
Qed.
