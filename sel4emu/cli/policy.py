# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu policy`: who can ever get at what, in a protection state.

Exit status 0 for yes, 1 for no, 2 for bad input. Further commands of the group are in modules of
their own and are added at the end of this one.
"""

import json
from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Final

import click

from sel4emu.cli.options import help_option
from sel4emu.cli.policy_boot import boot_description_command
from sel4emu.cli.policy_check import check_command
from sel4emu.cli.policy_entities import entities_command
from sel4emu.cli.streams import write_standard_output

if TYPE_CHECKING:
    from kernel.model.operations import Operation
    from kernel.policy.decide import Capability, Cut, Policy
    from kernel.policy.graph import Components

EXIT_YES: Final = 0
EXIT_NO: Final = 1
#: How many entities or capabilities a line of text names; JSON has all of them.
SHOWN: Final = 12
#: How many capabilities between two components are listed at all.
LISTED: Final = 1000

_APPROXIMATION: Final = (
    "but no commands lead there: the closure is an approximation here, which never misses a leak "
    "and can see one too many (nobody holds Grant over {missing}, so that cannot be passed on)"
)
_STATUSES: Final = """\b
Exit status: 0 yes, 1 no, 2 bad input.
"""

Answer = dict[str, Any]


@click.group("policy", add_help_option=False, no_args_is_help=False, invoke_without_command=True)
@help_option
@click.pass_context
def policy_group(ctx: click.Context) -> None:
    """Decide who can ever get at what, in a protection state or a system description."""
    if ctx.invoked_subcommand is None:
        names = ", ".join(policy_group.list_commands(ctx))
        raise click.UsageError(f"expected a question, one of {names} (sel4emu policy --help).")


def _question(name: str, *arguments: str) -> Callable[[Callable[..., Any]], click.Command]:
    """A command of the group that asks a question about a STATE."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        command: Any = help_option(_loading(function))
        command = click.option(
            "--without",
            type=click.IntRange(0),
            multiple=True,
            metavar="ENTITY",
            help="As if ENTITY held nothing: a trusted one, or one that will go (repeatable).",
        )(command)
        command = click.option(
            "--json", "as_json", is_flag=True, help="Print the answer as JSON, complete."
        )(command)
        for argument in reversed(arguments):
            kind = str if argument == "rights" else click.IntRange(0)
            command = click.argument(argument, type=kind)(command)
        command = click.argument("state")(command)
        return policy_group.command(name, epilog=_STATUSES, add_help_option=False)(command)

    return decorate


def _finish(answer: Answer, lines: Sequence[str], as_json: bool) -> int:
    """Print the answer in the form asked for; the exit status."""
    text = json.dumps(answer, indent=2) if as_json else "\n".join(lines)
    failed = write_standard_output(text + "\n")
    return failed or (EXIT_YES if answer.get("answer", True) else EXIT_NO)


def _loading(question: Callable[..., int]) -> Callable[..., int]:
    """The question, asked about the file that the user named."""

    def ask(state: str, without: tuple[int, ...], **arguments: Any) -> int:
        from kernel.policy.decide import Policy

        return question(Policy.load(state, without), **arguments)

    return update_wrapper(ask, question)


# Words -----------------------------------------------------------------------------------------


def _numbers(entities: Sequence[int]) -> str:
    shown = ", ".join(str(entity) for entity in entities[:SHOWN])
    return shown + (f", ... ({len(entities)} in all)" if len(entities) > SHOWN else "")


def _capability_fields(capability: "Capability") -> Answer:
    from kernel.policy.statefile import rights_text

    return {
        "holder": capability.holder,
        "target": capability.target,
        "rights": rights_text(capability.rights),
    }


def _capability_line(capability: "Capability") -> str:
    fields = _capability_fields(capability)
    return f"  {fields['holder']} holds {fields['rights']} over {fields['target']}"


def _capability_lines(capabilities: Sequence["Capability"]) -> list[str]:
    lines = [_capability_line(capability) for capability in capabilities[:SHOWN]]
    if len(capabilities) > SHOWN:
        lines.append(f"  ... ({len(capabilities)} in all)")
    return lines


def _command_line(command: "Operation") -> str:
    from kernel.model.text import operation_text

    return operation_text(command)


def _cut_fields(cut: "Cut") -> Answer:
    return {
        "size_of_first": cut.size_of_first,
        "size_of_second": cut.size_of_second,
        "between": [_capability_fields(capability) for capability in cut.between],
        "between_count": cut.between_count,
    }


def _cut_lines(cut: "Cut", one: int, other: int, missing: str) -> list[str]:
    sizes = f"the side of {one} has {cut.size_of_first} entities, that of {other} "
    sizes += f"{cut.size_of_second}; no capability with {missing} leads from one to the other"
    lines = [f"  {sizes}"]
    if cut.between_count:
        lines.append(f"  between them there are {cut.between_count} capabilities without it:")
        lines += [f"  {line}" for line in _capability_lines(cut.between)]
    return lines


def _separated(
    policy: "Policy", graph: "Components", one: int, other: int, missing: str
) -> tuple[Answer, list[str]]:
    cut = policy.cut(graph, one, other, LISTED)
    return _cut_fields(cut), _cut_lines(cut, one, other, missing)


# Questions -------------------------------------------------------------------------------------


@_question("leak", "source", "target")
def leak_command(policy: "Policy", source: int, target: int, as_json: bool) -> int:
    """Say whether SOURCE can ever come to hold Grant over TARGET."""
    answer: Answer = {"question": "leak", "source": source, "target": target}
    if not policy.can_leak(source, target):
        fields, lines = _separated(policy, policy.leak_graph, source, target, "Grant")
        answer |= {"answer": False, "cut": fields}
        head = f"no: {source} can never come to hold Grant over {target}"
        return _finish(answer, [head, *lines], as_json)
    from kernel.policy.witness import find_leak

    path = policy.leak_path(source, target)
    commands = find_leak(policy, source, target)
    answer |= {
        "answer": True,
        "path": [_capability_fields(capability) for capability in path],
        "approximation": commands is None,
        "commands": None if commands is None else [_command_line(c) for c in commands],
    }
    lines = [f"yes: {source} may come to hold Grant over {target}; the path that connects them:"]
    lines += _capability_lines(path) or ["  (they are the same entity)"]
    lines += _outcome_lines(policy, source, target, commands)
    return _finish(answer, lines, as_json)


def _outcome_lines(
    policy: "Policy", source: int, target: int, commands: Sequence["Operation"] | None
) -> list[str]:
    if commands is None:
        ends = [entity for entity in (source, target) if policy.grant_to(entity) is None]
        return [_APPROXIMATION.format(missing=" and ".join(str(entity) for entity in ends))]
    if not commands:
        return ["it holds it already"]
    return ["these commands lead there:", *(f"  {_command_line(command)}" for command in commands)]


@_question("authority", "entity", "target", "rights")
def authority_command(
    policy: "Policy", entity: int, target: int, rights: str, as_json: bool
) -> int:
    """Say whether the subsystem of ENTITY can ever have RIGHTS (letters of RWGC) over TARGET."""
    from kernel.policy.statefile import parse_rights, rights_text

    wanted = parse_rights(rights)
    holdings = policy.holdings(entity, target)
    bound = policy.authority(entity, target)
    answer = {
        "question": "authority",
        "entity": entity,
        "target": target,
        "rights": rights,
        "answer": not wanted & ~bound,
        "bound": rights_text(bound),
        "holdings": [_capability_fields(capability) for capability in holdings],
        "subsystem_size": policy.leak_graph.size(entity),
    }
    verdict = "yes" if answer["answer"] else "no"
    head = f"{verdict}: all that the subsystem of {entity} can ever have over {target} is "
    lines = [head + rights_text(bound)]
    lines += _capability_lines(holdings) or ["  it holds no capability to it"]
    return _finish(answer, lines, as_json)


@_question("subsystem", "entity")
def subsystem_command(policy: "Policy", entity: int, as_json: bool) -> int:
    """List the entities that form the subsystem of ENTITY."""
    members = policy.subsystem(entity).tolist()
    answer = {"question": "subsystem", "entity": entity, "size": len(members), "members": members}
    line = f"the subsystem of {entity} has {len(members)} entities: {_numbers(members)}"
    return _finish(answer, [line], as_json)


@_question("domain", "entity")
def domain_command(policy: "Policy", entity: int, as_json: bool) -> int:
    """List the entities that form the access domain of ENTITY."""
    members = policy.domain(entity).tolist()
    answer = {"question": "domain", "entity": entity, "size": len(members), "members": members}
    line = f"the access domain of {entity} has {len(members)} entities: {_numbers(members)}"
    return _finish(answer, [line], as_json)


@_question("isolated", "one", "other")
def isolated_command(policy: "Policy", one: int, other: int, as_json: bool) -> int:
    """Say whether ONE and OTHER are isolated from each other, now and for ever."""
    answer: Answer = {"question": "isolated", "one": one, "other": other}
    if policy.isolated(one, other):
        fields, lines = _separated(policy, policy.access_graph, one, other, "R, W or G")
        answer |= {"answer": True, "cut": fields}
        return _finish(answer, [f"yes: {one} and {other} are isolated", *lines], as_json)
    path = policy.access_path(one, other)
    answer |= {"answer": False, "path": [_capability_fields(c) for c in path]}
    lines = [f"no: {one} and {other} are not isolated; what connects them:"]
    lines += _capability_lines(path) or ["  (they are the same entity)"]
    return _finish(answer, lines, as_json)


policy_group.add_command(entities_command)
policy_group.add_command(check_command)
policy_group.add_command(boot_description_command)
