(* SPDX-License-Identifier: BSD-2-Clause *)
(** The classes of Decision.v are the closures, in every sane state. *)

From Coq Require Import Arith Bool List Relations Lia.
From Protection Require Import
  Model Policy Decision Statements Steps Sanity Links Propagation Subsystems Isolation.
Import ListNotations.

(** * Joining classes along edges *)

(** Two entities are joined if an edge leads from one to the other, in either direction. *)
Definition joined (E : list (entity_id * entity_id)) (x y : entity_id) : bool :=
  existsb
    (fun edge =>
       (fst edge =? x) && (snd edge =? y) || (fst edge =? y) && (snd edge =? x))
    E.

Lemma joined_In E x y : joined E x y <-> In (x, y) E \/ In (y, x) E.
Proof.
  unfold joined, is_true; rewrite existsb_exists; split.
  - intros ([a b] & H & J); simpl in J; apply orb_prop in J; destruct J; booleans; subst; auto.
  - intros [H | H]; eexists; (split; [exact H |]); simpl; rewrite !Nat.eqb_refl; auto using orb_true_r.
Qed.

Lemma joined_symmetric E x y : joined E x y -> joined E y x.
Proof. rewrite !joined_In; tauto. Qed.

(** The list has a place for each of [n] entities, and every class is named by one of them. *)
Definition well_named (n : nat) (L : list entity_id) : Prop :=
  length L = n /\ forall v, In v L -> v < n.

Lemma class_outside L x : length L <= x -> class L x = x.
Proof. apply nth_overflow. Qed.

Lemma class_inside n L x : well_named n L -> x < n -> class L x < n.
Proof. intros [Len Names] H; apply Names, nth_In; lia. Qed.

Lemma join_length edge L : length (join edge L) = length L.
Proof. apply map_length. Qed.

Lemma class_join n L a b x :
  well_named n L -> a < n ->
  class (join (a, b) L) x = if class L x =? class L a then class L b else class L x.
Proof.
  intros W Ha; assert (Len := proj1 W); destruct (Nat.lt_ge_cases x n) as [Hx | Hx].
  - unfold class at 1, join; simpl.
    set (rename := fun v => if v =? class L a then class L b else v).
    rewrite nth_indep with (d' := rename x) by (rewrite map_length; lia).
    rewrite map_nth; reflexivity.
  - rewrite !(class_outside _ x) by (rewrite ?join_length; lia).
    assert (A := class_inside _ _ _ W Ha); destruct (Nat.eqb_spec x (class L a)); [lia | reflexivity].
Qed.

Lemma well_named_join n L a b : well_named n L -> b < n -> well_named n (join (a, b) L).
Proof.
  intros W Hb; split; [rewrite join_length; apply W |].
  unfold join; intros v; rewrite in_map_iff; intros (u & <- & Hu); simpl.
  destruct (u =? class L a); [exact (class_inside _ _ _ W Hb) | apply W; exact Hu].
Qed.

Lemma well_named_singletons n : well_named n (seq 0 n).
Proof. split; [apply seq_length | intros v; rewrite in_seq; lia]. Qed.

Lemma class_singletons n x : class (seq 0 n) x = x.
Proof.
  destruct (Nat.lt_ge_cases x n); [apply seq_nth; assumption |].
  apply class_outside; rewrite seq_length; assumption.
Qed.

(** * The classes are the closure *)

(** [L] names the classes that the edges [E] make. *)
Definition names_closure (L : list entity_id) (E : list (entity_id * entity_id)) : Prop :=
  forall x y, class L x = class L y <-> star (joined E) x y.

Lemma star_joined_symmetric E x y : star (joined E) x y -> star (joined E) y x.
Proof. apply star_symmetric, joined_symmetric. Qed.

Lemma star_joined_more E edge x y : star (joined E) x y -> star (joined (edge :: E)) x y.
Proof.
  apply star_within; intros; apply star_one; rewrite joined_In in *; simpl; tauto.
Qed.

Lemma star_joined_first E a b : star (joined ((a, b) :: E)) a b.
Proof. apply star_one, joined_In; simpl; auto. Qed.

(** A path over the longer list of edges leads through nothing but one class after the join. *)
Lemma join_complete n L E a b x y :
  well_named n L -> a < n -> names_closure L E ->
  star (joined ((a, b) :: E)) x y -> class (join (a, b) L) x = class (join (a, b) L) y.
Proof.
  intros W Ha N; revert y; apply star_forward; [reflexivity |].
  intros y z -> J; rewrite !(class_join _ _ _ _ _ W Ha); apply joined_In in J; simpl in J.
  destruct J as [[J | J] | [J | J]]; try (injection J as -> ->).
  - rewrite Nat.eqb_refl; destruct (_ =? _); reflexivity.
  - rewrite (proj2 (N y z)); [reflexivity | apply star_one, joined_In; auto].
  - rewrite Nat.eqb_refl; destruct (_ =? _); reflexivity.
  - rewrite (proj2 (N y z)); [reflexivity | apply star_one, joined_In; auto].
Qed.

(** Two entities of one class after the join are of one class before, or joined by the new edge. *)
Lemma join_sound n L E a b x y :
  well_named n L -> a < n -> names_closure L E ->
  class (join (a, b) L) x = class (join (a, b) L) y -> star (joined ((a, b) :: E)) x y.
Proof.
  intros W Ha N.
  assert (Q : forall u v, class L u = class L v -> star (joined ((a, b) :: E)) u v) by
    (intros u v H; apply star_joined_more, N; exact H).
  assert (AB := star_joined_first E a b); assert (BA := star_joined_symmetric _ _ _ AB).
  rewrite !(class_join _ _ _ _ _ W Ha).
  destruct (Nat.eqb_spec (class L x) (class L a)) as [Hx | _];
    destruct (Nat.eqb_spec (class L y) (class L a)) as [Hy | _]; intros H.
  - apply Q; congruence.
  - apply star_trans with a; [auto | apply star_trans with b; auto].
  - apply star_trans with b; [auto | apply star_trans with a; auto].
  - auto.
Qed.

Definition within (n : nat) (E : list (entity_id * entity_id)) : Prop :=
  forall a b, In (a, b) E -> a < n /\ b < n.

Lemma join_all n E :
  within n E ->
  well_named n (fold_right join (seq 0 n) E) /\ names_closure (fold_right join (seq 0 n) E) E.
Proof.
  induction E as [| [a b] E IH]; simpl; intros H.
  - split; [apply well_named_singletons |]; intros x y; rewrite !class_singletons; split.
    + intros ->; apply star_refl.
    + apply (star_forward _ _ (fun y => x = y)); [reflexivity | discriminate].
  - destruct (H a b) as [Ha Hb]; [left; reflexivity |].
    destruct IH as [W N]; [intros u v Huv; apply H; right; exact Huv |].
    split; [exact (well_named_join _ _ _ _ W Hb) |].
    split; [exact (join_sound _ _ _ _ _ _ _ W Ha N) | exact (join_complete _ _ _ _ _ _ _ W Ha N)].
Qed.

(** * The edges of a state *)

Lemma edges_link m s x y : sane s -> (In (x, y) (edges m s) <-> link m s x y).
Proof.
  intros S; unfold edges; rewrite in_flat_map, link_cap; split.
  - intros (x' & _ & H); apply in_map_iff in H; destruct H as (c & E & H).
    injection E as -> <-; apply filter_In in H; destruct H.
    exists c; repeat split; [apply holds_In |]; assumption.
  - intros (c & Hc & <- & M); exists x; split.
    + apply in_seq; generalize (sane_holder _ _ _ S Hc); unfold is_entity; intros; booleans; lia.
    + apply in_map_iff; exists c; split; [reflexivity |].
      apply filter_In; split; [apply holds_In; exact Hc | exact M].
Qed.

Lemma edges_within m s : sane s -> within (next_id s) (edges m s).
Proof.
  intros S a b H; apply (edges_link _ _ _ _ S) in H.
  apply (link_sane _ _ _ _ S) in H; unfold is_entity in H; booleans; auto.
Qed.

Lemma same_class_star m s x y : sane s -> (same_class (classes m s) x y <-> star (tie m s) x y).
Proof.
  intros S; destruct (join_all _ _ (edges_within m s S)) as [_ N].
  assert (J : forall u v, joined (edges m s) u v <-> tie m s u v) by
    (intros; rewrite joined_In, tie_links, !(edges_link _ _ _ _ S); reflexivity).
  unfold same_class, is_true; rewrite Nat.eqb_eq; unfold classes; rewrite (N x y).
  split; apply star_within; intros u v H; apply star_one, J; exact H.
Qed.

(** * The decisions *)

Theorem decision_1 : decision_1_statement.
Proof. intros s x y S; rewrite connected_star_tie; apply same_class_star; exact S. Qed.

Theorem decision_2 : decision_2_statement.
Proof. intros s x y S; rewrite can_access_star_tie; apply same_class_star; exact S. Qed.

Theorem decision_3 : decision_3_statement.
Proof.
  intros s x y S; unfold decide_isolated, is_true; rewrite negb_true_iff, <- not_true_iff_false.
  rewrite (decision_2 s x y S : decide_access s x y = true <-> _); split.
  - apply isolated_of_no_access.
  - apply lemma_25.
Qed.

Lemma dominates_list_spec c C : dominates_list c C <-> dominates c (holds C).
Proof.
  unfold dominates_list, dominates, is_true; rewrite forallb_forall; split; intros H d Hd.
  - intros E; apply holds_In in Hd; specialize (H d Hd); rewrite E, Nat.eqb_refl in H; exact H.
  - apply holds_In in Hd; destruct (Nat.eqb_spec (entity d) (entity c)); simpl; auto.
Qed.

Theorem decision_4 : decision_4_statement.
Proof.
  intros s c e S He; unfold decide_dominates, is_true; rewrite forallb_forall, (lemma_19 s c e : _ <-> _).
  assert (Q := fun x => decision_1 s x e S); unfold decide_connected in Q; split; intros H x Hx.
  - assert (Ex : is_entity s x) by
      (apply (star_tie_sane only_grant s e); auto; apply star_tie_symmetric, connected_star_tie; auto).
    apply dominates_list_spec; specialize (H x); rewrite (proj2 (Q x) Hx) in H; apply H.
    unfold is_entity in Ex; booleans; apply in_seq; lia.
  - destruct (same_class _ x e) eqn:E; [apply dominates_list_spec, H, Q, E | reflexivity].
Qed.

Theorem decision_5 : decision_5_statement.
Proof.
  intros s Above; unfold decide_sane, is_true; rewrite forallb_forall; split.
  - intros Below; split.
    + intros e c H; destruct (Nat.lt_ge_cases e (next_id s)) as [He | He].
      * assert (B : In e (seq 0 (next_id s))) by (apply in_seq; lia).
        apply Below in B; rewrite forallb_forall in B; apply B, holds_In; exact H.
      * rewrite (Above e He) in H; destruct (holds_nothing _ H).
    + intros e N; apply Above; unfold is_entity, is_true in N; rewrite Nat.ltb_lt in N; lia.
  - intros S e _; apply forallb_forall; intros c H; apply (sane_target _ e _ S), holds_In; exact H.
Qed.
