# SPDX-License-Identifier: BSD-2-Clause
"""Deliberate changes of the Coq model, each of which makes a numbered statement false.

A proof can stop for a silly reason, so a mutation also carries a refutation: a proof of the
statement's negation, which Coq accepts in the changed model.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Mutation:
    """A change of one text in one file, the statement it falsifies, and where the proofs stop."""

    description: str
    file: str
    old: str
    new: str
    breaks: str
    stops_at: str
    refutation: str


MUTATIONS: Final = (
    Mutation(
        "the initial resource manager is not counted as an entity",
        "Model.v",
        "State (place 0 [all_cap 0] empty_heap) 1.",
        "State (place 0 [all_cap 0] empty_heap) 0.",
        breaks="lemma_1",
        stops_at="lemma_1",
        refutation="intros [H _]; specialize (H 0 (all_cap 0)); absurd_by H.",
    ),
    Mutation(
        "creation does not count the new entity",
        "Model.v",
        "(S new).",
        "new.",
        breaks="lemma_2",
        stops_at="gains_sane",
        refutation="""
            intros H; destruct (H nothing_derived (first_holds [all_cap 0] 1) make_one) as [K _].
            - split; [| intros e N; apply first_holds_above; [discriminate | exact N]].
              intros e c K; apply first_holds_In in K; destruct K as [<- | []]; reflexivity.
            - specialize (K 0 (all_cap 1)); absurd_by K.""",
    ),
    Mutation(
        "a grant passes on a capability that is not held",
        "Model.v",
        "holds (caps s e) c2 && has Grant (rights c1)",
        "has Grant (rights c1)",
        breaks="lemma_4",
        stops_at="grant_step",
        refutation="""
            intros H; set (s := first_holds [grant_cap 0] 2).
            destruct (H nothing_derived s (SysGrant 0 (grant_cap 0) (all_cap 1) all_rights) 1
                        (fun x => x = 0)) as (x & y & c & Hc & E & _).
            - reflexivity.
            - intros e c _ Hc E; apply first_holds_In in Hc.
              destruct Hc as [<- | []]; discriminate.
            - exists 0, (all_cap 1); repeat split; reflexivity.
            - apply first_holds_In in Hc; destruct Hc as [<- | []]; discriminate.""",
    ),
    Mutation(
        "NoOp gives who runs it all rights to itself",
        "Model.v",
        "| SysNoOp _ | SysRead _ _ | SysWrite _ _ => s",
        "| SysNoOp e => grant_operation (all_cap e) (all_cap e) all_rights s\n"
        "  | SysRead _ _ | SysWrite _ _ => s",
        breaks="lemma_6",
        stops_at="noop_step",
        refutation="""
            intros H; specialize (H nothing_derived (first_holds [] 1) 0 0 0); absurd_by H.""",
    ),
    Mutation(
        "Read is a take rule without its premise",
        "Model.v",
        "| SysNoOp _ | SysRead _ _ | SysWrite _ _ => s",
        "| SysRead e c => grant_operation (all_cap e) (all_cap (entity c)) all_rights s\n"
        "  | SysNoOp _ | SysWrite _ _ => s",
        breaks="lemma_7",
        stops_at="read_step",
        refutation="""
            intros H; set (s := first_holds [Cap 1 only_read] 2).
            specialize (H nothing_derived s 0 (Cap 1 only_read) 0 1); absurd_by H.""",
    ),
    Mutation(
        "Write hands who writes over to the entity written to",
        "Model.v",
        "| SysNoOp _ | SysRead _ _ | SysWrite _ _ => s",
        "| SysWrite e c => grant_operation c (all_cap e) all_rights s\n"
        "  | SysNoOp _ | SysRead _ _ => s",
        breaks="lemma_8",
        stops_at="write_step",
        refutation="""
            intros H; set (s := first_holds [write_cap 1] 2).
            specialize (H nothing_derived s 0 (write_cap 1) 1 0); absurd_by H.""",
    ),
    Mutation(
        "Remove adds",
        "Model.v",
        "without_cap c2 (caps s (entity c1))",
        "with_cap c2 (caps s (entity c1))",
        breaks="lemma_9",
        stops_at="remove_holds",
        refutation="""
            intros H; set (s := first_holds [Cap 0 only_read] 2).
            specialize (H nothing_derived s 0 (Cap 0 only_read) (grant_cap 1) 0 1); absurd_by H.""",
    ),
    Mutation(
        "Revoke hands out what it should take away",
        "Model.v",
        "fold_right remove_caps s (cdt s c).",
        "let hand_out entry t :=\n"
        "    fold_right (fun d => grant_operation (fst entry) d all_rights) t (snd entry) in\n"
        "  fold_right hand_out s (cdt s c).",
        breaks="lemma_10",
        stops_at="revoke_holds",
        refutation="""
            intros H; set (s := first_holds [Cap 0 only_read] 2).
            specialize (H (fun _ _ => [(all_cap 0, [all_cap 1])]) s 0 (Cap 0 only_read) 0 1).
            absurd_by H.""",
    ),
    Mutation(
        "a grant needs no Grant right",
        "Model.v",
        "holds (caps s e) c2 && has Grant (rights c1)",
        "holds (caps s e) c2",
        breaks="lemma_11",
        stops_at="grant_step",
        refutation="""
            intros H; set (s := first_holds [Cap 1 only_read; grant_cap 2] 3).
            specialize (H nothing_derived s 0 (Cap 1 only_read) (grant_cap 2) all_rights 1 2).
            specialize (H eq_refl).
            apply alone in H; [discriminate | intros z; each z].""",
    ),
    Mutation(
        "connection goes one way only",
        "Policy.v",
        "leak s x y || leak s y x.",
        "leak s x y.",
        breaks="lemma_11",
        stops_at="connected_tie",
        refutation="""
            intros H; set (s := first_holds [grant_cap 1; grant_cap 2] 3).
            specialize (H nothing_derived s 0 (grant_cap 1) (grant_cap 2) all_rights 1 2 eq_refl).
            apply alone in H; [discriminate | intros z; each z].""",
    ),
    Mutation(
        "creation reuses the last entity",
        "Model.v",
        "let new := next_id s in",
        "let new := pred (next_id s) in",
        breaks="lemma_12",
        stops_at="create_holds",
        refutation="""
            intros H; set (s := first_holds [all_cap 0] 3).
            specialize (H nothing_derived s 0 (all_cap 0) (all_cap 0) 0 2); absurd_by H.""",
    ),
    Mutation(
        "creation needs no Grant right to the parent",
        "Model.v",
        "&& has Create (rights c1) && has Grant (rights c2)",
        "&& has Create (rights c1)",
        breaks="lemma_15",
        stops_at="create_step",
        refutation="""
            intros H; set (s := first_holds [ut_cap 0; Cap 1 only_read] 2).
            destruct (H nothing_derived s 0 (ut_cap 0) (Cap 1 only_read) 1 2) as [K _].
            - split; [| intros e N; apply first_holds_above; [discriminate | exact N]].
              intros e c K; apply first_holds_In in K.
              destruct K as [<- | [<- | []]]; reflexivity.
            - reflexivity.
            - apply rt_step; reflexivity.
            - specialize (K eq_refl); apply alone in K; [discriminate | intros z; each z].""",
    ),
    Mutation(
        "a new entity is born with all rights to entity 1",
        "Model.v",
        "(place new [] (heap s))",
        "(place new [all_cap 1] (heap s))",
        breaks="lemma_15",
        stops_at="create_holds",
        refutation="""
            intros H; set (s := first_holds [all_cap 0] 2).
            destruct (H nothing_derived s 0 (all_cap 0) (all_cap 0) 1 2) as [K _].
            - split; [| intros e N; apply first_holds_above; [discriminate | exact N]].
              intros e c K; apply first_holds_In in K; destruct K as [<- | []]; reflexivity.
            - reflexivity.
            - apply rt_step; reflexivity.
            - specialize (K eq_refl); apply alone in K; [discriminate | intros z; each z].""",
    ),
    Mutation(
        "an illegal grant is carried out",
        "Model.v",
        "if legal a s then effect cdt a s else s.",
        "if legal a s then effect cdt a s else\n"
        "    match a with SysGrant _ _ _ _ => effect cdt a s | _ => s end.",
        breaks="theorem_1",
        stops_at="grant_step",
        refutation="""
            intros H; set (s := first_holds [] 2).
            refine (H nothing_derived s 0 1 _ eq_refl eq_refl _ _).
            - split; [| intros e N; apply first_holds_above; [discriminate | exact N]].
              intros e c K; apply first_holds_In in K; destruct K.
            - intros K; apply alone in K; [discriminate | intros z; each z].
            - exists [SysGrant 0 (all_cap 0) (all_cap 1) all_rights]; reflexivity.""",
    ),
    Mutation(
        "a grant gives the rights of the mask, whatever the capability has",
        "Model.v",
        "Cap (entity c) (intersect (rights c) R).",
        "Cap (entity c) R.",
        breaks="theorem_2",
        stops_at="gains_link",
        refutation="""
            intros H; set (s := first_holds [grant_cap 0; Cap 1 only_read] 2).
            specialize (H nothing_derived s [SysGrant 0 (grant_cap 0) (Cap 1 only_read) all_rights]
                          (Cap 1 only_read) 0).
            assert (D : included all_rights only_read); [| discriminate].
            apply H with (d := all_cap 1).
            - split; [| intros e N; apply first_holds_above; [discriminate | exact N]].
              intros e c K; apply first_holds_In in K.
              destruct K as [<- | [<- | []]]; reflexivity.
            - reflexivity.
            - reflexivity.
            - intros d (x & _ & K) E; apply first_holds_In in K.
              destruct K as [<- | [<- | []]]; [discriminate | reflexivity].
            - exists 0; split; [apply rt_refl | reflexivity].
            - reflexivity.""",
    ),
    Mutation(
        "creation takes an entity away",
        "Model.v",
        "(S new).",
        "(pred new).",
        breaks="lemma_21",
        stops_at="step_next_id",
        refutation="""
            intros H; specialize (H nothing_derived initial_state [make_one] 0); absurd_by H.""",
    ),
    Mutation(
        "the first example gives subsystem 1 a Grant right to subsystem 2",
        "Examples.v",
        "[grant_cap 1; write_cap 2; ut_cap 3]",
        "[grant_cap 1; grant_cap 2; ut_cap 3]",
        breaks="lemma_22",
        stops_at="lemma_22",
        refutation="""
            intros H; assert (D : included only_create no_rights); [| discriminate].
            apply (H nothing_derived []) with (d := ut_cap 4); [| reflexivity].
            exists 2; split; [apply rt_step |]; reflexivity.""",
    ),
    Mutation(
        "access does not count Grant rights",
        "Policy.v",
        "Definition grw : right_set := Rights true true true false.",
        "Definition grw : right_set := Rights true true false false.",
        breaks="lemma_24",
        stops_at="grw_grants",
        refutation="""
            intros H; set (s := first_holds [grant_cap 1] 2).
            specialize (H s 0 1); assert (K : can_access_star s 0 1).
            - apply H, rt_step; reflexivity.
            - apply alone in K; [discriminate | intros z; each z].""",
    ),
    Mutation(
        "whether one can ever leak is taken from the present state",
        "Decision.v",
        "leak s x y || (decide_connected s x y && granted s x && granted s y).",
        "leak s x y.",
        breaks="decision_6",
        stops_at="decision_6",
        refutation="""
            intros H; set (s := first_holds [grant_cap 0; grant_cap 1] 2).
            assert (K : leak s 1 0); [| discriminate].
            apply (H nothing_derived); [| reflexivity | reflexivity |].
            - split; [| intros e N; apply first_holds_above; [discriminate | exact N]].
              intros e c K; apply first_holds_In in K.
              destruct K as [<- | [<- | []]]; reflexivity.
            - exists [SysGrant 0 (grant_cap 1) (grant_cap 0) all_rights]; reflexivity.""",
    ),
    Mutation(
        "the second example lets domain 1 write to domain 2",
        "Examples.v",
        "place 1 [grant_cap 1; ut_cap 3]",
        "place 1 [grant_cap 1; write_cap 2; ut_cap 3]",
        breaks="theorem_4",
        stops_at="theorem_4",
        refutation="""
            intros H; apply (H nothing_derived [] 1).
            split; [apply rt_refl | apply rt_step; reflexivity].""",
    ),
    Mutation(
        "the resource manager does not forget itself",
        "Examples.v",
        "give 2 1 only_write; give 2 4 only_create;\n"
        "   forget 1; forget 2; forget 3; forget 4; forget 0]",
        "give 2 1 only_write; give 2 4 only_create;\n   forget 1; forget 2; forget 3; forget 4]",
        breaks="example_1",
        stops_at="example_1",
        refutation="""
            intros H; destruct (H nothing_derived) as [_ K].
            specialize (K 0 (all_cap 0)); absurd_by K.""",
    ),
)
