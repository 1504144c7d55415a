"""The README's table of vendors and abilities. `python -m tests.contracts.vendor_table` writes it anew."""

from importlib import import_module
from pathlib import Path

from bot.sandbox.vendors import EMULATORS
from bot.vendors.base import VendorTraits

README = Path(__file__).parents[2] / "README.md"
HEAD = (
    *("booking system", "slug", "books", "holds a time", "moves", "cancels", '"anyone"'),
    *("needs a phone number", "needs an e-mail address", "calls a minute"),
)
START = f"| {' | '.join(HEAD)} |"


def read_traits(slug: str) -> VendorTraits:
    traits = import_module(f"bot.vendors.{slug}").TRAITS
    assert isinstance(traits, VendorTraits)
    return traits


def write_table() -> str:
    """One row for each vendor, from its traits."""
    rows = [START, f"|{' --- |' * len(HEAD)}"]
    for slug, demo in EMULATORS.items():
        traits = read_traits(slug)
        abilities = (True, traits.can_hold, traits.can_move, traits.can_cancel, traits.can_book_anyone)
        cells = [f"[{demo.name}](docs/vendors/{slug}.md)", f"`{slug}`"]
        cells += ["yes" if one else "no" for one in (*abilities, traits.needs_phone, traits.needs_email)]
        rows.append(f"| {' | '.join((*cells, str(traits.calls_per_minute)))} |")
    return "\n".join(rows)


def find_table(readme: str) -> str:
    """The table as it stands; empty if there is none under this head."""
    start = readme.find(START)
    return readme[start:].partition("\n\n")[0] if start >= 0 else ""


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    README.write_text(text.replace(find_table(text) or START, write_table()), encoding="utf-8")
