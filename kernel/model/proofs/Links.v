(* SPDX-License-Identifier: BSD-2-Clause *)
(** Connection and access are one relation at two masks: x and y are tied if either holds a
    capability to the other with a right of the mask. Whatever the mask, as long as it holds Grant,
    no step ties what was not tied transitively. Both closures are instances of what is proved
    here once. *)

From Coq Require Import Arith Bool List Relations.
From Protection Require Import Model Policy Steps Sanity.
Import ListNotations.

(** * Closures *)

Lemma star_refl R x : star R x x.
Proof. apply rt_refl. Qed.

Lemma star_one (R : entity_id -> entity_id -> bool) x y : R x y -> star R x y.
Proof. intros H; apply rt_step; exact H. Qed.

Lemma star_trans R x y z : star R x y -> star R y z -> star R x z.
Proof. intros; eapply rt_trans; eassumption. Qed.

(** A closure within another needs to be shown for one pair only. *)
Lemma star_within (R Q : entity_id -> entity_id -> bool) :
  (forall x y, R x y -> star Q x y) -> forall x y, star R x y -> star Q x y.
Proof.
  intros H x y; induction 1; [auto | apply star_refl | eapply star_trans; eassumption].
Qed.

Lemma star_symmetric (R : entity_id -> entity_id -> bool) :
  (forall x y, R x y -> R y x) -> forall x y, star R x y -> star R y x.
Proof.
  intros H x y; induction 1; [apply star_one; auto | apply star_refl | eapply star_trans; eauto].
Qed.

(** Induction along a path, from its beginning to its end. *)
Lemma star_forward (R : entity_id -> entity_id -> bool) (x : entity_id) (P : entity_id -> Prop) :
  P x -> (forall y z, P y -> R y z -> P z) -> forall z, star R x z -> P z.
Proof.
  intros Hx Hstep z H; apply clos_rt_rtn1 in H; induction H; [exact Hx | eapply Hstep; eauto].
Qed.

(** * Links *)

Section Mask.

Variable m : right_set.

Definition link (s : state) (x y : entity_id) : bool :=
  existsb (fun c => (entity c =? y) && meets (rights c) m) (caps s x).

Definition tie (s : state) (x y : entity_id) : bool := link s x y || link s y x.

Lemma link_cap s x y : link s x y <-> exists c, holds (caps s x) c /\ entity c = y /\ meets (rights c) m.
Proof.
  unfold link, is_true; rewrite existsb_exists; split; intros (c & Hc & H); exists c.
  - apply holds_In in Hc; booleans; auto.
  - destruct H; split; [apply holds_In; exact Hc | booleans; apply andb_true_iff; split; booleans; auto].
Qed.

Lemma link_of_cap s x c : holds (caps s x) c -> meets (rights c) m -> link s x (entity c).
Proof. intros; apply link_cap; eauto. Qed.

Lemma tie_links s x y : tie s x y <-> link s x y \/ link s y x.
Proof. apply orb_true_iff. Qed.

Lemma tie_symmetric s x y : tie s x y -> tie s y x.
Proof. rewrite !tie_links; tauto. Qed.

Lemma link_sane s x y : sane s -> link s x y -> is_entity s x /\ is_entity s y.
Proof.
  rewrite link_cap; intros S (c & Hc & <- & _).
  split; [exact (sane_holder _ _ _ S Hc) | exact (sane_target _ _ _ S Hc)].
Qed.

Lemma tie_sane s x y : sane s -> tie s x y -> is_entity s x /\ is_entity s y.
Proof. rewrite tie_links; intros S [H | H]; apply (link_sane _ _ _ S) in H; tauto. Qed.

Lemma star_tie_sane s x y : sane s -> is_entity s x -> star (tie s) x y -> is_entity s y.
Proof.
  intros S Hx; apply (star_forward _ _ (is_entity s)); [exact Hx |].
  intros y' z _ H; apply (tie_sane _ _ _ S H).
Qed.

Lemma star_tie_symmetric s x y : star (tie s) x y -> star (tie s) y x.
Proof. apply star_symmetric, tie_symmetric. Qed.

(** * What a step links *)

(** An entity that loses capabilities only, and no other gains one, links nothing new. *)
Lemma tie_shrinks s t x y :
  (forall e c, holds (caps t e) c -> holds (caps s e) c) -> tie t x y -> tie s x y.
Proof.
  intros H; rewrite !tie_links, !link_cap.
  intros [(c & Hc & R) | (c & Hc & R)]; [left | right]; exists c; auto.
Qed.

Hypothesis mask_grants : has Grant m.

Lemma meets_of_grant R : has Grant R -> meets R m.
Proof. intros H; apply meets_exists; exists Grant; auto. Qed.

Lemma meets_of_intersect A B : meets (intersect A B) m -> meets A m.
Proof.
  rewrite !meets_exists; intros (r & Hr & Hm); exists r; split; [| exact Hm].
  exact (intersect_has _ _ _ Hr).
Qed.

(** How a link that was not there comes about: who grants has links to both its ends; who creates
    has one to the parent, and the link leads from there to the new entity. *)
Definition linked_by (s : state) (a : operation) (x y : entity_id) : Prop :=
  match a with
  | SysGrant e _ _ _ => link s e x /\ link s e y
  | SysCreate e _ _ => link s e x /\ y = next_id s
  | _ => False
  end.

Lemma gains_link s a x c : gains s a x c -> meets (rights c) m -> linked_by s a x (entity c).
Proof.
  destruct a; simpl; try contradiction.
  - intros (H2 & Hg & -> & ->) _; split; [| reflexivity].
    apply link_of_cap; [exact H2 | exact (meets_of_grant _ Hg)].
  - intros (H1 & H2 & Hg & -> & ->) Hm; split.
    + apply link_of_cap; [exact H1 | exact (meets_of_grant _ Hg)].
    + apply (link_of_cap s e c2); [exact H2 | exact (meets_of_intersect _ _ Hm)].
Qed.

Lemma link_step cdt s a x y : link (step cdt a s) x y -> link s x y \/ linked_by s a x y.
Proof.
  rewrite link_cap; intros (c & Hc & <- & Hm); destruct (step_holds _ _ _ _ _ Hc) as [Old | New].
  - left; exact (link_of_cap _ _ _ Old Hm).
  - right; exact (gains_link _ _ _ _ New Hm).
Qed.

(** * Transporters *)

Lemma star_of_links s e x y : link s e x -> link s e y -> star (tie s) x y.
Proof.
  intros Hx Hy; apply star_trans with e; apply star_one, tie_links; tauto.
Qed.

Lemma linked_by_transporter s a x y : transporter a -> linked_by s a x y -> star (tie s) x y.
Proof.
  destruct a; simpl; try contradiction; [discriminate |].
  intros _ [Hx Hy]; exact (star_of_links _ _ _ _ Hx Hy).
Qed.

Lemma tie_transporter cdt s a x y :
  transporter a -> tie (step cdt a s) x y -> star (tie s) x y.
Proof.
  intros T; rewrite tie_links; intros [H | H];
    (destruct (link_step _ _ _ _ _ H) as [Old | New];
     [apply star_one, tie_links; tauto | apply (linked_by_transporter _ _ _ _ T) in New]).
  - exact New.
  - exact (star_tie_symmetric _ _ _ New).
Qed.

Lemma star_transporter cdt s a x y :
  transporter a -> star (tie (step cdt a s)) x y -> star (tie s) x y.
Proof. intros T; apply star_within; intros x' y'; apply (tie_transporter _ _ _ _ _ T). Qed.

(** * Creation *)

Lemma tie_create cdt s e c1 c2 x y :
  is_entity s x -> is_entity s y -> tie (step cdt (SysCreate e c1 c2) s) x y -> tie s x y.
Proof.
  intros Hx Hy; rewrite !tie_links; intros [H | H];
    (destruct (link_step _ _ _ _ _ H) as [Old | [_ New]]; [tauto |]);
    subst; exfalso; eapply next_id_is_no_entity; eassumption.
Qed.

(** Only the creator's links can lead to what a Create made, and nothing leads out of it. *)
Lemma tie_new cdt s e c1 c2 x :
  sane s -> is_entity s x -> tie (step cdt (SysCreate e c1 c2) s) x (next_id s) -> link s e x.
Proof.
  intros S Hx; rewrite tie_links; intros [H | H];
    (destruct (link_step _ _ _ _ _ H) as [Old | [New E]]).
  - destruct (next_id_is_no_entity s (proj2 (link_sane _ _ _ S Old))).
  - exact New.
  - destruct (next_id_is_no_entity s (proj1 (link_sane _ _ _ S Old))).
  - destruct (next_id_is_no_entity s); rewrite <- E; exact Hx.
Qed.

(** Every end of a tie after a Create existed before, or is what was made. *)
Lemma tie_create_end cdt s e c1 c2 x y :
  sane s -> tie (step cdt (SysCreate e c1 c2) s) x y -> is_entity s y \/ y = next_id s.
Proof.
  intros S; rewrite tie_links; intros [H | H];
    (destruct (link_step _ _ _ _ _ H) as [Old | [New E]]); auto;
    left; try (apply (link_sane _ _ _ S) in Old; tauto).
  apply (link_sane _ _ _ S) in New; tauto.
Qed.

Lemma star_create cdt s e c1 c2 x z :
  sane s -> is_entity s x -> star (tie (step cdt (SysCreate e c1 c2) s)) x z ->
  (z = next_id s -> star (tie s) x e) /\ (z <> next_id s -> star (tie s) x z).
Proof.
  intros S Hx; revert z; apply star_forward.
  - split; [| intros; apply star_refl].
    intros ->; destruct (next_id_is_no_entity _ Hx).
  - intros y z [IHnew IHold] T; assert (T' := tie_symmetric _ _ _ T).
    destruct (Nat.eq_dec y (next_id s)) as [-> | Hy]; split; intros Hz.
    + exact (IHnew eq_refl).
    + destruct (tie_create_end _ _ _ _ _ _ _ S T) as [Ez | ->]; [| contradiction].
      apply star_trans with e; [exact (IHnew eq_refl) |].
      apply star_one, tie_links; left; exact (tie_new _ _ _ _ _ _ S Ez T').
    + subst; destruct (tie_create_end _ _ _ _ _ _ _ S T') as [Ey | ->]; [| contradiction].
      apply star_trans with y; [exact (IHold Hy) |].
      apply star_one, tie_links; right; exact (tie_new _ _ _ _ _ _ S Ey T).
    + apply star_trans with y; [exact (IHold Hy) |].
      destruct (tie_create_end _ _ _ _ _ _ _ S T) as [Ez | ->]; [| contradiction].
      destruct (tie_create_end _ _ _ _ _ _ _ S T') as [Ey | ->]; [| contradiction].
      exact (star_one _ _ _ (tie_create _ _ _ _ _ _ _ Ey Ez T)).
Qed.

(** * Any step *)

Lemma star_step cdt s a x z :
  sane s -> is_entity s x -> is_entity s z -> star (tie (step cdt a s)) x z -> star (tie s) x z.
Proof.
  intros S Hx Hz; destruct (transporter a) eqn:T; [exact (star_transporter _ _ _ _ _ T) |].
  destruct a; try discriminate; intros H.
  apply (star_create _ _ _ _ _ _ _ S Hx H); intros ->; exact (next_id_is_no_entity _ Hz).
Qed.

End Mask.

(** * The two masks *)

Lemma leak_link s x y : leak s x y = link only_grant s x y.
Proof.
  unfold leak, provides, link; induction (caps s x) as [| c C IH]; [reflexivity |].
  cbn [existsb]; rewrite IH; unfold included, meets, every_right, some_right; simpl.
  destruct (may_read _), (may_write _), (may_grant _), (may_create _); simpl;
    rewrite ?andb_true_r, ?andb_false_r; reflexivity.
Qed.

Lemma connected_tie s x y : connected s x y = tie only_grant s x y.
Proof. unfold connected, tie; rewrite !leak_link; reflexivity. Qed.

Lemma connected_star_tie s x y : connected_star s x y <-> star (tie only_grant s) x y.
Proof.
  split; apply star_within; intros x' y' H; apply star_one; rewrite connected_tie in *; exact H.
Qed.

Lemma can_access_star_tie s x y : can_access_star s x y <-> star (tie grw s) x y.
Proof. reflexivity. Qed.
