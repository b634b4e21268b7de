(* SPDX-License-Identifier: BSD-2-Clause *)
(* Reads scenarios as agreement.py writes them, runs the extracted model on them, and prints its
   answers. The argument is the number of entities to look at: beyond it all are empty. *)

open Protection

let rec nat n = if n = 0 then O else S (nat (n - 1))
let rec int = function O -> 0 | S n -> 1 + int n
let bound = int_of_string Sys.argv.(1)
let upto n = List.init n nat

(* Text *)

let rights_of word =
  let may = String.contains word in
  { may_read = may 'R'; may_write = may 'W'; may_grant = may 'G'; may_create = may 'C' }

let cap e r = { entity = nat (int_of_string e); rights = rights_of r }

let operation = function
  | [ "noop"; e ] -> SysNoOp (nat (int_of_string e))
  | [ "read"; e; t; r ] -> SysRead (nat (int_of_string e), cap t r)
  | [ "write"; e; t; r ] -> SysWrite (nat (int_of_string e), cap t r)
  | [ "create"; e; t; r; t2; r2 ] -> SysCreate (nat (int_of_string e), cap t r, cap t2 r2)
  | [ "grant"; e; t; r; t2; r2; m ] ->
      SysGrant (nat (int_of_string e), cap t r, cap t2 r2, rights_of m)
  | [ "remove"; e; t; r; t2; r2 ] -> SysRemove (nat (int_of_string e), cap t r, cap t2 r2)
  | [ "revoke"; e; t; r ] -> SysRevoke (nat (int_of_string e), cap t r)
  | words -> failwith ("no operation: " ^ String.concat " " words)

let value c =
  let bit may weight = if may then weight else 0 in
  let r = c.rights in
  (int c.entity,
   bit r.may_read 1 + bit r.may_write 2 + bit r.may_grant 4 + bit r.may_create 8)

let entity_text s e =
  match List.sort_uniq compare (List.map value (s.heap (nat e))) with
  | [] -> []
  | caps ->
      let one (target, rights) = Printf.sprintf "%d.%d" target rights in
      [ Printf.sprintf "%d:%s" e (String.concat "," (List.map one caps)) ]

let state_text s =
  let entities = List.concat_map (entity_text s) (List.init bound Fun.id) in
  String.concat " " (string_of_int (int s.next_id) :: entities)

let bit b = if b then "1" else "0"
let bits each list = String.concat "" (List.map (fun x -> bit (each x)) list)
let rows n each = String.concat " " (List.map (fun x -> bits (each x) (upto n)) (upto n))

(* Questions *)

(* All rights but one: a subsystem that such a capability does not dominate has that one. *)
let all_but = List.map rights_of [ "WGC"; "RGC"; "RWC"; "RWG" ]

let authority s n e =
  let over x = bits (fun r -> decide_dominates { entity = x; rights = r } s e) all_but in
  String.concat "," (List.map over (upto n))

let nothing_above s =
  List.for_all (fun e -> int s.next_id > e || s.heap (nat e) = []) (List.init bound Fun.id)

let ask s =
  let n = int s.next_id in
  let say name text = Printf.printf "%s %s\n" name text in
  let direct = [ ("leak", leak); ("connected", connected); ("grw", can_grw); ("access", can_access) ] in
  let closed =
    [ ("connected*", decide_connected); ("access*", decide_access); ("isolated", decide_isolated);
      ("ever", decide_leak) ] in
  List.iter (fun (name, question) -> say name (rows n (question s))) direct;
  if decide_sane s && nothing_above s then begin
    List.iter (fun (name, question) -> say name (rows n (question s))) closed;
    say "lacks" (String.concat " " (List.map (authority s n) (upto n)))
  end
  else print_endline "insane"

(* Scenarios *)

let empty = { heap = (fun _ -> []); next_id = O }

let add s holder c =
  { s with heap = (fun x -> if x = holder then c :: s.heap x else s.heap x) }

type scenario = { first : state; now : state; derived : (cap * (cap * cap list)) list; ops : operation list }

let start next = let s = { empty with next_id = nat next } in { first = s; now = s; derived = []; ops = [] }

let cdt scenario _ c =
  List.filter_map (fun (parent, entry) -> if parent = c then Some entry else None) scenario.derived

let with_cap scenario holder c =
  let s = add scenario.first (nat holder) c in
  { scenario with first = s; now = s }

let derive scenario parent entry = { scenario with derived = scenario.derived @ [ (parent, entry) ] }

let perform scenario a =
  let now = step (cdt scenario) a scenario.now in
  Printf.printf "%s %s\n" (bit (legal a scenario.now)) (state_text now);
  { scenario with now; ops = scenario.ops @ [ a ] }

let finish scenario =
  let whole name order = Printf.printf "%s %s\n" name (state_text (order (cdt scenario) scenario.ops scenario.first)) in
  whole "execute" execute;
  whole "run" run;
  ask scenario.now

let line scenario text =
  match String.split_on_char ' ' text with
  | [ "entities"; n ] -> start (int_of_string n)
  | [ "derived"; t; r; d; dr; l; lr ] -> derive scenario (cap t r) (cap d dr, [ cap l lr ])
  | [ "end" ] -> finish scenario; scenario
  | [ holder; t; r ] when holder.[0] <= '9' -> with_cap scenario (int_of_string holder) (cap t r)
  | words -> perform scenario (operation words)

let () =
  let rec loop scenario =
    match input_line stdin with
    | text -> loop (line scenario text)
    | exception End_of_file -> ()
  in
  loop (start 0)
