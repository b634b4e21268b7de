(* SPDX-License-Identifier: BSD-2-Clause *)
(** What one operation can add to an entity, operation by operation. Every later proof looks at a
    step only through [step_holds] and [step_next_id]. *)

From Coq Require Import Arith Bool List Lia.
From Protection Require Import Model.
Import ListNotations.

(** * Sets of rights and of capabilities *)

(** Splits hypotheses that are boolean conjunctions and compares numbers as propositions. *)
Ltac booleans :=
  unfold is_true in *;
  repeat match goal with
  | H : _ && _ = true |- _ => apply andb_prop in H; destruct H
  | H : _ /\ _ |- _ => destruct H
  | H : (_ =? _) = true |- _ => apply Nat.eqb_eq in H
  | H : (_ <? _) = true |- _ => apply Nat.ltb_lt in H
  | |- (_ =? _) = true => apply Nat.eqb_eq
  | |- (_ <? _) = true => apply Nat.ltb_lt
  end.

Lemma every_right_all test : every_right test <-> forall r, test r.
Proof.
  unfold every_right; split.
  - intros H r; booleans; destruct r; assumption.
  - intros H; unfold is_true in *; rewrite !H; reflexivity.
Qed.

Lemma some_right_exists test : some_right test <-> exists r, test r.
Proof.
  unfold some_right, is_true; rewrite !orb_true_iff; split.
  - intros [[[H | H] | H] | H]; eexists; exact H.
  - intros [[] H]; tauto.
Qed.

Lemma has_rights_where test r : has r (rights_where test) = test r.
Proof. destruct r; reflexivity. Qed.

Lemma right_set_extensional A B : (forall r, has r A = has r B) -> A = B.
Proof.
  intros H; destruct A, B; generalize (H Read) (H Write) (H Grant) (H Create); simpl; congruence.
Qed.

Lemma included_all A B : included A B <-> forall r, has r A -> has r B.
Proof.
  unfold included; rewrite every_right_all; unfold is_true.
  split; intros H r; specialize (H r); destruct (has r A), (has r B); simpl in *; auto.
Qed.

Lemma meets_exists A B : meets A B <-> exists r, has r A /\ has r B.
Proof.
  unfold meets; rewrite some_right_exists; unfold is_true.
  split; intros [r H]; exists r; apply andb_true_iff; exact H.
Qed.

Lemma intersect_has r A B : has r (intersect A B) -> has r A.
Proof. unfold intersect; rewrite has_rights_where; intros H; booleans; assumption. Qed.

Lemma cap_eqb_true c d : cap_eqb c d <-> c = d.
Proof.
  unfold cap_eqb, right_set_eqb; split.
  - intros H; apply andb_prop in H; destruct H as [E H]; apply Nat.eqb_eq in E.
    destruct c, d; simpl in *; f_equal; [assumption |].
    apply right_set_extensional; intros r.
    apply eqb_prop; exact (proj1 (every_right_all _) H r).
  - intros []; unfold is_true; rewrite Nat.eqb_refl; simpl.
    apply every_right_all; intros r; apply eqb_reflx.
Qed.

Lemma holds_In C c : holds C c <-> In c C.
Proof.
  unfold holds, is_true; rewrite existsb_exists; split.
  - intros (d & H & E); apply cap_eqb_true in E; congruence.
  - intros H; exists c; split; [exact H | apply cap_eqb_true; reflexivity].
Qed.

Lemma holds_nothing c : ~ holds [] c.
Proof. discriminate. Qed.

Lemma holds_with_cap C c d : holds (with_cap c C) d <-> d = c \/ holds C d.
Proof.
  unfold with_cap; destruct (holds C c) eqn:E; rewrite !holds_In; simpl; split; intuition.
  - subst; apply holds_In; assumption.
Qed.

Lemma holds_without_cap C c d : holds (without_cap c C) d -> holds C d.
Proof. unfold without_cap; rewrite !holds_In, filter_In; tauto. Qed.

(** * What each operation adds *)

Lemma remove_holds c1 c2 s x d :
  holds (caps (remove_operation c1 c2 s) x) d -> holds (caps s x) d.
Proof.
  unfold remove_operation, caps, place; simpl; destruct (x =? entity c1) eqn:E; [| auto].
  apply Nat.eqb_eq in E; subst; apply holds_without_cap.
Qed.

Lemma remove_caps_holds entry s x d : holds (caps (remove_caps entry s) x) d -> holds (caps s x) d.
Proof.
  unfold remove_caps; induction (snd entry) as [| c list IH]; simpl; [auto |].
  intros H; exact (IH (remove_holds _ _ _ _ _ H)).
Qed.

Lemma revoke_holds cdt c s x d :
  holds (caps (revoke_operation cdt c s) x) d -> holds (caps s x) d.
Proof.
  unfold revoke_operation; induction (cdt s c) as [| entry list IH]; simpl; [auto |].
  intros H; exact (IH (remove_caps_holds _ _ _ _ H)).
Qed.

Lemma grant_holds c1 c2 R s x d :
  holds (caps (grant_operation c1 c2 R s) x) d ->
  holds (caps s x) d \/ (x = entity c1 /\ d = diminish c2 R).
Proof.
  unfold grant_operation, caps, place; simpl; destruct (x =? entity c1) eqn:E; [| auto].
  apply Nat.eqb_eq in E; subst; rewrite holds_with_cap; tauto.
Qed.

Lemma create_holds c2 s x d :
  holds (caps (create_operation c2 s) x) d ->
  holds (caps s x) d \/ (x = entity c2 /\ d = all_cap (next_id s)).
Proof.
  unfold create_operation, caps, place; simpl; destruct (x =? entity c2) eqn:E.
  - apply Nat.eqb_eq in E; subst; rewrite holds_with_cap; tauto.
  - destruct (x =? next_id s); [intros H; destruct (holds_nothing _ H) | auto].
Qed.

(** * What each step adds *)

(** [x] gains [d] when [a] runs in [s]: by a Grant, or as the parent of what a Create makes. *)
Definition gains (s : state) (a : operation) (x : entity_id) (d : cap) : Prop :=
  match a with
  | SysGrant e c1 c2 R =>
      holds (caps s e) c1 /\ holds (caps s e) c2 /\ has Grant (rights c1) /\
      x = entity c1 /\ d = diminish c2 R
  | SysCreate e _ c2 =>
      holds (caps s e) c2 /\ has Grant (rights c2) /\ x = entity c2 /\ d = all_cap (next_id s)
  | _ => False
  end.

Lemma noop_step cdt s e : step cdt (SysNoOp e) s = s.
Proof. unfold step; destruct (legal _ s); reflexivity. Qed.

Lemma read_step cdt s e c : step cdt (SysRead e c) s = s.
Proof. unfold step; destruct (legal _ s); reflexivity. Qed.

Lemma write_step cdt s e c : step cdt (SysWrite e c) s = s.
Proof. unfold step; destruct (legal _ s); reflexivity. Qed.

Lemma remove_step cdt s e c1 c2 x d :
  holds (caps (step cdt (SysRemove e c1 c2) s) x) d -> holds (caps s x) d.
Proof. unfold step; destruct (legal _ s); [apply remove_holds | auto]. Qed.

Lemma revoke_step cdt s e c x d :
  holds (caps (step cdt (SysRevoke e c) s) x) d -> holds (caps s x) d.
Proof. unfold step; destruct (legal _ s); [apply revoke_holds | auto]. Qed.

Lemma grant_step cdt s e c1 c2 R x d :
  holds (caps (step cdt (SysGrant e c1 c2 R) s) x) d ->
  holds (caps s x) d \/ gains s (SysGrant e c1 c2 R) x d.
Proof.
  unfold step; destruct (legal _ s) eqn:L; [| auto].
  simpl in L; booleans; intros H'; apply grant_holds in H'; simpl; unfold is_true; tauto.
Qed.

Lemma create_step cdt s e c1 c2 x d :
  holds (caps (step cdt (SysCreate e c1 c2) s) x) d ->
  holds (caps s x) d \/ gains s (SysCreate e c1 c2) x d.
Proof.
  unfold step; destruct (legal _ s) eqn:L; [| auto].
  simpl in L; booleans; intros H'; apply create_holds in H'; simpl; unfold is_true; tauto.
Qed.

Lemma step_holds cdt a s x d :
  holds (caps (step cdt a s) x) d -> holds (caps s x) d \/ gains s a x d.
Proof.
  destruct a; rewrite ?noop_step, ?read_step, ?write_step; auto.
  - apply create_step.
  - apply grant_step.
  - intros H; left; exact (remove_step _ _ _ _ _ _ _ H).
  - intros H; left; exact (revoke_step _ _ _ _ _ _ H).
Qed.

(** * How many entities there are *)

Lemma remove_caps_next_id entry s : next_id (remove_caps entry s) = next_id s.
Proof. unfold remove_caps; induction (snd entry); simpl; auto. Qed.

Lemma revoke_next_id cdt c s : next_id (revoke_operation cdt c s) = next_id s.
Proof.
  unfold revoke_operation; induction (cdt s c); simpl; [reflexivity |].
  rewrite remove_caps_next_id; assumption.
Qed.

Lemma step_next_id cdt a s : next_id s <= next_id (step cdt a s).
Proof.
  unfold step; destruct (legal a s); [| auto].
  destruct a; simpl; rewrite ?revoke_next_id; auto.
Qed.

Lemma is_entity_step cdt a s x : is_entity s x -> is_entity (step cdt a s) x.
Proof. unfold is_entity; intros H; booleans; generalize (step_next_id cdt a s); lia. Qed.
