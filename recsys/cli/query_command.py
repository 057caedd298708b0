"""A command whose arguments are a query, in which "-live" excludes a word and is no option."""

from typing import Any

from typer.core import TyperCommand


class QueryCommand(TyperCommand):
    """A command of which an argument such as "-live" or "-genre:rock" is a term of the query.

    It is one if it has one dash and more than one letter after it, of which the first is no short option, and if no
    option before it waits for a value. Other unknown options stay errors.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write such terms with "^", which means the same in a query, before the options are parsed."""
        takes_value = {name: not getattr(option, "is_flag", False) for option in self.params for name in option.opts}
        terms: list[str] = []
        for i, argument in enumerate(args):
            if argument == "--":
                return super().parse_args(ctx, terms + args[i:])
            is_term = len(argument) > 2 and argument[0] == "-" != argument[1] and argument[1].isalpha()
            if is_term and argument[:2] not in takes_value and not (i and takes_value.get(args[i - 1])):
                argument = f"^{argument[1:]}"
            terms.append(argument)
        return super().parse_args(ctx, terms)
