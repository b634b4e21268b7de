(* SPDX-License-Identifier: BSD-2-Clause *)
(** Who can ever leak to whom, exactly. Connection is symmetric, but nobody gains anything while
    nobody holds Grant to it: such an entity leaks to whom it leaks now, and nobody leaks to it.
    All others of a subsystem can come to leak to each other, by grants alone. *)

From Coq Require Import Arith Bool List Relations Lia.
From Protection Require Import
  Model Policy Decision Statements Steps Sanity Links Propagation DecisionProofs.
Import ListNotations.

Lemma leak_cap s x y :
  leak s x y <-> exists c, holds (caps s x) c /\ entity c = y /\ has Grant (rights c).
Proof.
  rewrite leak_link, link_cap; split; intros (c & Hc & E & M); exists c; repeat split; auto.
  - apply meets_exists in M; destruct M as ([] & Hr & Hm); try discriminate; exact Hr.
  - exact (meets_of_grant _ grant_grants _ M).
Qed.

Lemma leak_sane s x y : sane s -> leak s x y -> is_entity s x /\ is_entity s y.
Proof. rewrite leak_link; apply link_sane. Qed.

Lemma granted_leak s y : sane s -> (granted s y <-> exists x, leak s x y).
Proof.
  intros S; unfold granted, is_true; rewrite existsb_exists; split.
  - intros (x & _ & H); exists x; exact H.
  - intros (x & H); exists x; split; [| exact H].
    destruct (leak_sane _ _ _ S H) as [Hx _]; unfold is_entity in Hx; booleans; apply in_seq; lia.
Qed.

(** * Nothing more can happen *)

Lemma leak_step cdt s a x y :
  is_entity s y -> leak (step cdt a s) x y -> leak s x y \/ exists e, leak s e x /\ leak s e y.
Proof.
  intros Hy; rewrite !leak_link; intros H.
  destruct (link_step _ grant_grants _ _ _ _ _ H) as [Old | New]; [left; exact Old | right].
  destruct a; try contradiction.
  - destruct New as [_ ->]; destruct (next_id_is_no_entity _ Hy).
  - exists e; rewrite !leak_link; exact New.
Qed.

Lemma granted_before cdt s ops x y :
  is_entity s y -> leak (execute cdt ops s) x y -> exists e, leak s e y.
Proof.
  intros Hy; revert x; induction ops as [| a ops IH]; simpl; intros x H; [exists x; exact H |].
  apply leak_step in H; [| apply is_entity_execute; exact Hy].
  destruct H as [H | (e & _ & H)]; exact (IH _ H).
Qed.

Lemma leak_execute cdt s ops x y :
  is_entity s x -> is_entity s y -> leak (execute cdt ops s) x y ->
  leak s x y \/ ((exists e, leak s e x) /\ (exists e, leak s e y)).
Proof.
  intros Hx Hy; induction ops as [| a ops IH]; simpl; [auto |].
  intros H; apply leak_step in H; [| apply is_entity_execute; exact Hy].
  destruct H as [H | (e & Hex & Hey)]; [exact (IH H) | right].
  split; eapply granted_before; eassumption.
Qed.

(** * All that can be granted can happen *)

(** Who leaks to two entities can make the one leak to the other. *)
Inductive soon (s : state) : entity_id -> entity_id -> Prop :=
| now x y : leak s x y -> soon s x y
| give e x y : soon s e x -> soon s e y -> soon s x y.

(** [t] can be reached from [s], and all that could leak still can. *)
Definition grows (cdt : derivation) (s t : state) : Prop :=
  (exists ops, t = execute cdt ops s) /\ (forall x y, leak s x y -> leak t x y).

Lemma grows_refl cdt s : grows cdt s s.
Proof. split; [exists []; reflexivity | auto]. Qed.

Lemma grows_trans cdt s t u : grows cdt s t -> grows cdt t u -> grows cdt s u.
Proof.
  intros [[first ->] L] [[second ->] M]; split; [exists (second ++ first) | auto].
  symmetry; apply fold_right_app.
Qed.

Lemma grows_sane cdt s t : sane s -> grows cdt s t -> sane t.
Proof. intros S [[ops ->] _]; apply lemma_3; exact S. Qed.

Lemma caps_grant c1 c2 R s x :
  caps (grant_operation c1 c2 R s) x =
  if x =? entity c1 then with_cap (diminish c2 R) (caps s (entity c1)) else caps s x.
Proof. reflexivity. Qed.

Lemma grant_keeps c1 c2 R s x c :
  holds (caps s x) c -> holds (caps (grant_operation c1 c2 R s) x) c.
Proof.
  rewrite caps_grant; destruct (Nat.eqb_spec x (entity c1)) as [-> | _]; [| auto].
  rewrite holds_with_cap; auto.
Qed.

Lemma grant_once cdt s e x y :
  sane s -> leak s e x -> leak s e y -> exists t, grows cdt s t /\ leak t x y.
Proof.
  intros S; rewrite !leak_cap; intros (c1 & H1 & <- & G1) (c2 & H2 & <- & G2).
  exists (grant_operation c1 c2 all_rights s); split; [split |].
  - exists [SysGrant e c1 c2 all_rights]; simpl; unfold step; simpl in *.
    unfold is_true in *; rewrite (sane_holder _ _ _ S H1 : _ = true), H1, H2, G1; reflexivity.
  - intros u v; rewrite !leak_cap; intros (c & Hc & E); exists c; split; [| exact E].
    apply grant_keeps; exact Hc.
  - apply leak_cap; exists (diminish c2 all_rights); repeat split.
    + rewrite caps_grant, Nat.eqb_refl; apply holds_with_cap; left; reflexivity.
    + simpl in *; rewrite G2; reflexivity.
Qed.

Lemma soon_happens cdt s x y : sane s -> soon s x y ->
  forall t, grows cdt s t -> exists u, grows cdt t u /\ leak u x y.
Proof.
  intros S; induction 1 as [x y H | e x y _ IHx _ IHy]; intros t G.
  - exists t; split; [apply grows_refl | apply G; exact H].
  - destruct (IHx t G) as (u & Gu & Hx); assert (Gsu := grows_trans _ _ _ _ G Gu).
    destruct (IHy u Gsu) as (v & Gv & Hy); assert (Gsv := grows_trans _ _ _ _ Gsu Gv).
    destruct (grant_once cdt v e x y (grows_sane _ _ _ S Gsv) (proj2 Gv _ _ Hx) Hy) as (w & Gw & Hw).
    exists w; split; [| exact Hw].
    exact (grows_trans _ _ _ _ Gu (grows_trans _ _ _ _ Gv Gw)).
Qed.

(** Who can be given to will be able to give to itself, and to be given to by whom it gives to. *)
Lemma soon_self s e x : soon s e x -> soon s x x.
Proof. intros H; exact (give _ _ _ _ H H). Qed.

Lemma soon_back s e x y : soon s e x -> soon s x y -> soon s y x.
Proof. intros H K; exact (give _ _ _ _ K (soon_self _ _ _ H)). Qed.

(** Along a path from [x], each entity comes to leak to one that [x] leaks to and that leaks to
    [x]. Who cannot be given to stays at one end of such leaks; all others come into the circle. *)
Definition near (s : state) (x z : entity_id) : Prop :=
  exists a, soon s x a /\ soon s a x /\ (a = z \/ soon s z a).

Lemma near_comes_in s x z : near s x z -> (exists e, soon s e z) -> soon s x z /\ soon s z x.
Proof.
  intros (a & Xa & Ax & [-> | Za]) (e & Ez); [auto |].
  assert (Az := soon_back _ _ _ _ Ez Za); split; eapply give; eassumption.
Qed.

Lemma near_step s x z z' : near s x z -> connected s z z' -> near s x z'.
Proof.
  intros N C; apply orb_prop in C; destruct C as [C | C]; apply now in C.
  - destruct N as (a & Xa & Ax & [-> | Za]).
    + exists z; repeat split; auto; right; exact (soon_back _ _ _ _ Xa C).
    + exists a; repeat split; auto; right; exact (give _ _ _ _ C Za).
  - assert (In : soon s x z /\ soon s z x) by (apply near_comes_in; eauto).
    exists z; destruct In; auto.
Qed.

Lemma soon_of_path s x y :
  (exists e, leak s e x) -> (exists e, leak s e y) -> connected_star s x y -> soon s x y.
Proof.
  intros [e Hx] [e' Hy] P; apply (near_comes_in s x y); [| exists e'; apply now; exact Hy].
  clear Hy; revert y P; apply star_forward.
  - assert (X := soon_self _ _ _ (now _ _ _ Hx)); exists x; auto.
  - apply near_step.
Qed.

Theorem decision_6 : decision_6_statement.
Proof.
  intros cdt s x y S Hx Hy; unfold decide_leak, is_true; rewrite orb_true_iff, !andb_true_iff.
  rewrite (decision_1 s x y S : _ = true <-> _).
  rewrite (granted_leak s x S : _ = true <-> _), (granted_leak s y S : _ = true <-> _); split.
  - intros [H | [[P Gx] Gy]]; [exists []; exact H |].
    destruct (soon_happens cdt s x y S (soon_of_path _ _ _ Gx Gy P) s (grows_refl _ _))
      as (t & [[ops ->] _] & H).
    exists ops; exact H.
  - intros F; assert (P := lemma_18 _ _ _ _ S Hx Hy F); destruct F as [ops H].
    destruct (leak_execute _ _ _ _ _ Hx Hy H) as [N | [Gx Gy]]; auto.
Qed.
