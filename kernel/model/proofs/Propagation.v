(* SPDX-License-Identifier: BSD-2-Clause *)
(** Lemmas 4 to 18 and Theorem 1: how authority can spread (section 6.2 and 6.3). *)

From Coq Require Import Arith Bool List Relations.
From Protection Require Import Model Policy Statements Steps Sanity Links.

(** An entity that another holds a capability with Grant to can be leaked to. *)
Lemma leak_of_cap s x c : holds (caps s x) c -> has Grant (rights c) -> leak s x (entity c).
Proof.
  intros H G; rewrite leak_link; apply link_of_cap; [exact H |].
  apply (meets_of_grant only_grant); [reflexivity | exact G].
Qed.

Theorem lemma_4 : lemma_4_statement.
Proof.
  intros cdt s a z ss Hz None (e & c & He & Hc & <-).
  destruct (step_holds _ _ _ _ _ Hc) as [Old | New]; [destruct (None _ _ He Old eq_refl) |].
  destruct a; try contradiction; simpl in New.
  - destruct New as (_ & _ & _ & ->); destruct (next_id_is_no_entity _ Hz).
  - destruct New as (H1 & H2 & Hg & -> & ->).
    exists e0, (entity c1), c2; repeat split; auto; exact (leak_of_cap _ _ _ H1 Hg).
Qed.

Theorem lemma_5 : lemma_5_statement.
Proof. intros s x y; rewrite connected_tie; apply tie_sane. Qed.

Lemma connected_shrinks s t x y :
  (forall e c, holds (caps t e) c -> holds (caps s e) c) -> connected t x y -> connected s x y.
Proof. rewrite !connected_tie; apply tie_shrinks. Qed.

Theorem lemma_6 : lemma_6_statement.
Proof. intros cdt s e x y; rewrite noop_step; auto. Qed.

Theorem lemma_7 : lemma_7_statement.
Proof. intros cdt s e c x y; rewrite read_step; auto. Qed.

Theorem lemma_8 : lemma_8_statement.
Proof. intros cdt s e c x y; rewrite write_step; auto. Qed.

Theorem lemma_9 : lemma_9_statement.
Proof. intros cdt s e c1 c2 x y; apply connected_shrinks; intros; eapply remove_step; eauto. Qed.

Theorem lemma_10 : lemma_10_statement.
Proof. intros cdt s e c x y; apply connected_shrinks; intros; eapply revoke_step; eauto. Qed.

(** Grant is a right of the mask that makes up connection. *)
Definition grant_grants : has Grant only_grant := eq_refl.

Lemma connected_transporter cdt s a x y :
  transporter a -> connected (step cdt a s) x y -> connected_star s x y.
Proof.
  rewrite connected_tie, connected_star_tie; apply (tie_transporter _ grant_grants).
Qed.

Theorem lemma_11 : lemma_11_statement.
Proof. intros cdt s e c1 c2 R x y; apply connected_transporter; reflexivity. Qed.

Theorem lemma_12 : lemma_12_statement.
Proof.
  intros cdt s e c1 c2 x y Hx Hy; rewrite !connected_tie; apply (tie_create _ grant_grants); auto.
Qed.

Theorem lemma_13 : lemma_13_statement.
Proof.
  intros cdt s a x y Hx Hy H; destruct (transporter a) eqn:T.
  - exact (connected_transporter _ _ _ _ _ T H).
  - destruct a; try discriminate; apply star_one; eapply lemma_12; eauto.
Qed.

Theorem lemma_14 : lemma_14_statement.
Proof.
  intros cdt s a x y _ T; apply star_within; intros x' y'; exact (connected_transporter _ _ _ _ _ T).
Qed.

Theorem lemma_15 : lemma_15_statement.
Proof.
  intros cdt s e c1 c2 x z S Hx; rewrite !connected_star_tie; apply (star_create _ grant_grants); auto.
Qed.

Theorem lemma_16 : lemma_16_statement.
Proof.
  intros cdt s a x z S Hx Hz H; destruct (transporter a) eqn:T.
  - exact (lemma_14 _ _ _ _ _ S T H).
  - destruct a; try discriminate.
    apply (lemma_15 _ _ _ _ _ _ _ S Hx H); intros ->; exact (next_id_is_no_entity _ Hz).
Qed.

Lemma is_entity_execute cdt s ops x : is_entity s x -> is_entity (execute cdt ops s) x.
Proof. intros H; induction ops; simpl; [exact H | apply is_entity_step; assumption]. Qed.

Theorem lemma_17 : lemma_17_statement.
Proof.
  intros cdt s ops x y S Hx Hy; induction ops as [| a ops IH]; simpl; [auto |].
  intros H; apply IH; revert H.
  apply lemma_16; auto using is_entity_execute; apply lemma_3; exact S.
Qed.

Theorem lemma_18 : lemma_18_statement.
Proof.
  intros cdt s x y S Hx Hy [ops H]; apply (lemma_17 cdt s ops); auto.
  apply star_one; unfold connected; rewrite H; reflexivity.
Qed.

Theorem theorem_1 : theorem_1_statement.
Proof. intros cdt s x y S Hx Hy N H; apply N; eapply lemma_18; eauto. Qed.
