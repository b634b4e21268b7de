(* SPDX-License-Identifier: BSD-2-Clause *)
(** Lemmas 23 to 28 and Theorem 3: isolated entities stay isolated (section 6.5). *)

From Coq Require Import Arith Bool List Relations.
From Protection Require Import Model Policy Statements Steps Sanity Links Propagation.

(** Grant is a right of the mask that makes up access. *)
Definition grw_grants : has Grant grw := eq_refl.

Lemma can_access_symmetric s x y : can_access_star s x y -> can_access_star s y x.
Proof. apply star_tie_symmetric. Qed.

Theorem lemma_23 : lemma_23_statement.
Proof. intros s x y; apply (tie_sane grw). Qed.

Lemma leak_can_grw s x y : leak s x y -> can_grw s x y.
Proof.
  rewrite leak_link; change (can_grw s x y) with (link grw s x y); rewrite !link_cap.
  intros (c & Hc & E & M); exists c; repeat split; auto.
  apply meets_exists in M; destruct M as ([] & Hr & Hm); try discriminate.
  exact (meets_of_grant _ grw_grants _ Hr).
Qed.

Theorem lemma_24 : lemma_24_statement.
Proof.
  intros s; apply star_within; intros x y H; apply star_one, orb_true_iff.
  apply orb_prop in H; destruct H as [H | H]; [left | right]; exact (leak_can_grw _ _ _ H).
Qed.

Theorem lemma_25 : lemma_25_statement.
Proof. intros s x y I H; apply (I x); split; [apply star_refl | exact H]. Qed.

(** Disjoint domains and no path between the two entities are the same. *)
Lemma isolated_of_no_access s x y : ~ can_access_star s x y -> isolated s x y.
Proof.
  intros N z [Hx Hy]; apply N; apply star_trans with z; [apply can_access_symmetric |]; assumption.
Qed.

Theorem lemma_26 : lemma_26_statement.
Proof. intros cdt s a x y _; apply (star_transporter _ grw_grants). Qed.

Theorem lemma_27 : lemma_27_statement.
Proof. intros cdt s e c1 c2 x z; apply (star_create _ grw_grants). Qed.

Theorem lemma_28 : lemma_28_statement.
Proof.
  intros cdt s a x y S Hx Hy I; apply isolated_of_no_access; intros H.
  apply (lemma_25 _ _ _ I); exact (star_step _ grw_grants _ _ _ _ _ S Hx Hy H).
Qed.

Theorem theorem_3 : theorem_3_statement.
Proof.
  intros cdt s ops x y S Hx Hy I; induction ops as [| a ops IH]; simpl; [exact I |].
  apply lemma_28; auto using is_entity_execute; apply lemma_3; exact S.
Qed.
