"""Real commune names and postcodes, damaged in the ways that real files damage them.

The cases are seeded: the same number of rows and the same seed give the same cases.
"""

from __future__ import annotations

import random
import string
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pyarrow.parquet as pq

from lieudit.catalogue import open_catalogue


class Case(NamedTuple):
    """A damaged address; ``commune`` is ``""`` where none can be known."""

    kind: str
    address: str
    postcode: str
    city: str
    commune: str


class Place(NamedTuple):
    """An undamaged one."""

    postcode: str
    name: str
    commune: str


# Foreign cities whose postcodes have the shape of French ones (whole, or with a zero lost).
FOREIGN = """
20121 Milano|10115 Berlin|28001 Madrid|00184 Roma|4000 Liège|75201 Dallas|69115 Heidelberg|50667 Köln|80331 München
60311 Frankfurt am Main|70173 Stuttgart|20095 Hamburg|40213 Düsseldorf|04109 Leipzig|01067 Dresden|30159 Hannover
90402 Nürnberg|66111 Saarbrücken|79098 Freiburg im Breisgau|76133 Karlsruhe|68159 Mannheim|55116 Mainz|53111 Bonn
08001 Barcelona|46001 Valencia|41001 Sevilla|50001 Zaragoza|48001 Bilbao|29001 Málaga|20001 San Sebastián|31001 Pamplona
10121 Torino|16121 Genova|50122 Firenze|80121 Napoli|40121 Bologna|30121 Venezia|37121 Verona|90121 Palermo
34121 Trieste
1000 Bruxelles|2000 Antwerpen|9000 Gent|8000 Brugge|6000 Charleroi|5000 Namur|7000 Mons|1201 Genève|1003 Lausanne
8001 Zürich|3011 Bern|4051 Basel|2000 Neuchâtel|1700 Fribourg|1010 Wien|8010 Graz|5020 Salzburg|10001 New York
90210 Beverly Hills|33101 Miami|94103 San Francisco|60601 Chicago|77002 Houston|02108 Boston|98101 Seattle
10000 Zagreb|11000 Beograd|20000 Casablanca|10000 Rabat|1000 Tunis|16000 Alger|34000 Istanbul|06000 Ankara|10117 Tallinn
1050 Ixelles|1348 Louvain-la-Neuve|4020 Liège|2520 Luxembourg|1249 Luxembourg|1100 Lisboa|4000 Porto|2100 København
"""
HAMLETS = (
    "Le Bourg", "La Croix Blanche", "Les Quatre Chemins", "Le Moulin Neuf", "La Petite Métairie", "Kerandraon",
    "Le Clos des Vignes", "Lieu-dit Bellevue", "Mas de la Source", "La Grande Brosse", "Les Basses Landes",
    "Le Cros du Loup",
)  # fmt: skip
STREETS = (
    "12 rue de la République", "5 rue de Lyon", "10 avenue de Paris", "3 bis place de l'Église", "rue de Rennes",
    "48 boulevard Victor Hugo", "7 chemin des Écoles", "1 impasse de Bordeaux", "115 route de Toulouse",
    "Résidence Le Parc, bâtiment B",
)  # fmt: skip
MISREADINGS = (
    ("utf-8", "cp1252"), ("utf-8", "latin-1"), ("cp850", "cp1252"), ("mac-roman", "cp1252"), ("utf-8", "cp850"),
)  # fmt: skip
FOREIGN_LINES = (
    "10 Downing Street, London SW1A 2AA", "Rue de la Loi 16, 1000 Bruxelles, Belgique",
    "Via Roma 1, 20121 Milano, Italie", "Bahnhofstrasse 1, 8001 Zürich, Suisse",
    "Calle Mayor 1, 28013 Madrid, España", "Unter den Linden 1, 10117 Berlin",
)  # fmt: skip
NOWHERE = (
    ("98000", "Monaco"), ("98000", "Monte-Carlo"), ("98020", "MONACO CEDEX"), ("00200", "HUB ARMEES"),
    ("00100", "ARMEES"), ("", ""), ("99999", "INCONNU"), ("00000", ""), ("", "Saint-Martin"),
    ("", "Sainte-Colombe"), ("12", ""), ("SW1A 1AA", "London"), ("", "n/a"),
)  # fmt: skip


def plain(text: str) -> str:
    """Write without accents or ligatures, as an old system does."""
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def compare(text: str) -> str:
    """Bring a name to a spelling in which homonyms are equal."""
    words = "".join(c if c.isalnum() else " " for c in plain(text).upper()).split()
    return " ".join({"ST": "SAINT", "STE": "SAINTE"}.get(word, word) for word in words)


class World:
    """The real communes that damage is done to."""

    def __init__(self) -> None:
        folder = open_catalogue().source("communes").folder
        table = pq.read_table(folder / "table.parquet").to_pylist()
        self.name = {row["commune_code"]: row["commune_name"] for row in table}
        self.department = {row["commune_code"]: row["department_code"] for row in table}
        self.serves: dict[str, set[str]] = defaultdict(set)
        self.postcodes: dict[str, list[str]] = defaultdict(list)
        for row in pq.read_table(folder / "postcodes.parquet").to_pylist():
            self.serves[row["postcode"]].add(row["commune_code"])
            if row["postcode"] not in self.postcodes[row["commune_code"]]:
                self.postcodes[row["commune_code"]].append(row["postcode"])
        self.places = [
            Place(code, self.name[commune], commune)
            for commune in sorted(self.postcodes) for code in sorted(self.postcodes[commune])
        ]  # fmt: skip
        names = pq.read_table(folder / "names.parquet").to_pylist()
        self.former = sorted({
            (row["name"], row["commune_code"]) for row in names
            if row["kind"] in {"former", "delegated", "associated"} and self.postcodes[row["commune_code"]]
            and row["department_code"] == self.department[row["commune_code"]]
        })  # fmt: skip
        self.named: dict[str, set[str]] = defaultdict(set)
        for row in names:
            if row["kind"] != "routing":
                self.named[compare(row["name"])].add(row["commune_code"])
        cedex: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in pq.read_table(folder / "cedex.parquet").to_pylist():
            cedex[row["cedex_code"], row["label"]].add(row["commune_code"])
        self.cedex = sorted((code, label, min(c)) for (code, label), c in cedex.items() if len(c) == 1)
        self.cedex_codes = {code for code, _ in cedex}

    def known(self, name: str, commune: str, department: str = "") -> str:
        """Return the commune if no other has this name (in the department), else ``""``."""
        others = self.named[compare(name)] - {commune}
        return "" if any(not department or self.department[c] == department for c in others) else commune


def typo(rng: random.Random, text: str) -> str:
    """Do what fingers do: leave out, double, swap or miss a letter."""
    places = [place for place, char in enumerate(text) if char.isalpha() and place > 0]
    place, letter = rng.choice(places), rng.choice(string.ascii_lowercase)
    how = rng.randrange(4)
    if how == 0:
        return text[:place] + text[place + 1 :]
    if how == 1:
        return text[:place] + letter + text[place:]
    if how == 2 and place + 1 < len(text):
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + letter + text[place + 1 :]


class Draw(NamedTuple):
    """What a damage is done to, and chance."""

    world: World
    rng: random.Random
    place: Place


Damage = Callable[[Draw], Case | None]
DAMAGES: dict[str, Damage] = {}


def damage(function: Damage) -> Damage:
    """Add to the kinds of damage."""
    DAMAGES[function.__name__] = function
    return function


def case(kind: str, place: Place, *, address: str = "", postcode: str | None = None, city: str | None = None,
         commune: str | None = None) -> Case:  # fmt: skip
    """Make a case of a place, with what was changed."""
    return Case(kind, address, place.postcode if postcode is None else postcode, place.name if city is None else city,
                place.commune if commune is None else commune)  # fmt: skip


@damage
def capitals(it: Draw) -> Case | None:
    """Write in capitals without accents."""
    return case("capitals", it.place, city=plain(it.place.name).upper().replace("-", it.rng.choice(" -")))


@damage
def small_letters(it: Draw) -> Case | None:
    """Write in small letters without accents."""
    return case("small_letters", it.place, city="  " + plain(it.place.name).lower().replace("-", " ") + " ")


@damage
def abbreviation(it: Draw) -> Case | None:
    """Shorten Saint, Sainte, sur and sous."""
    city = it.place.name.replace("Saint-", it.rng.choice(["St-", "ST ", "St. "])).replace("Sainte-", "Ste ")
    city = city.replace("-sur-", it.rng.choice([" S/ ", " s/", "-s-", " S/"])).replace(
        "-sous-", it.rng.choice([" S/S ", " ss "])
    )
    return case("abbreviation", it.place, city=city) if city != it.place.name else None


@damage
def shortened(it: Draw) -> Case | None:
    """Cut a long name, as narrow columns do."""
    return case("shortened", it.place, city=plain(it.place.name).upper()[:16]) if len(it.place.name) >= 18 else None


@damage
def article_behind(it: Draw) -> Case | None:
    """Put the article behind."""
    for article in ("Le ", "La ", "Les ", "L'"):
        if it.place.name.startswith(article):
            name = it.place.name.removeprefix(article)
            return case(
                "article_behind",
                it.place,
                city=it.rng.choice([f"{name} ({article.strip()})", f"{name} {article.strip()}"]),
            )
    return None


@damage
def article_missing(it: Draw) -> Case | None:
    """Leave the article out."""
    for article in ("Le ", "La ", "Les ", "L'"):
        if it.place.name.startswith(article):
            return case("article_missing", it.place, city=it.place.name.removeprefix(article).upper())
    return None


@damage
def spacing(it: Draw) -> Case | None:
    """Lose or add hyphens, apostrophes and spaces."""
    city = plain(it.place.name)
    if not set(city) & set("-' "):
        return None
    return case(
        "spacing",
        it.place,
        city=it.rng.choice([city.replace("-", ""), city.replace("'", ""), city.replace("-", " - ")]),
    )


@damage
def one_typo(it: Draw) -> Case | None:
    """Make one slip."""
    return case("one_typo", it.place, city=typo(it.rng, it.place.name)) if len(it.place.name) >= 5 else None


@damage
def two_typos(it: Draw) -> Case | None:
    """Make two slips."""
    return (
        case("two_typos", it.place, city=typo(it.rng, typo(it.rng, it.place.name))) if len(it.place.name) >= 8 else None
    )


@damage
def postcode_digit(it: Draw) -> Case | None:
    """Mistype a digit of the postcode."""
    where = it.rng.randrange(5)
    digit = it.rng.choice([d for d in string.digits if d != it.place.postcode[where]])
    return case("postcode_digit", it.place, postcode=it.place.postcode[:where] + digit + it.place.postcode[where + 1 :])


@damage
def postcode_swap(it: Draw) -> Case | None:
    """Swap two digits of the postcode."""
    where = it.rng.randrange(4)
    code = it.place.postcode
    swapped = code[:where] + code[where + 1] + code[where] + code[where + 2 :]
    return case("postcode_swap", it.place, postcode=swapped) if swapped != code else None


@damage
def postcode_missing(it: Draw) -> Case | None:
    """Leave the postcode out: only a name that one commune has or had can be known."""
    return case("postcode_missing", it.place, postcode=it.rng.choice(["", "NULL", "n/a"]),
                commune=it.world.known(it.place.name, it.place.commune))  # fmt: skip


@damage
def city_missing(it: Draw) -> Case | None:
    """Leave the city out."""
    alone = len(it.world.serves[it.place.postcode]) == 1
    return case(
        "city_missing", it.place, city=it.rng.choice(["", "-", "NC"]), commune=it.place.commune if alone else ""
    )


@damage
def one_line(it: Draw) -> Case | None:
    """Put everything on one line."""
    parts = [it.rng.choice(STREETS), it.rng.choice([", ", " ", "\n", " - "]), it.place.postcode, " ", it.place.name]
    text = "".join(parts) + it.rng.choice(["", "", ", FRANCE", " France", "\nFRANCE", " CEDEX"])
    return case("one_line", it.place, address=text, postcode="", city="")


@damage
def post_box(it: Draw) -> Case | None:
    """Put a post box's number where a postcode could stand."""
    box = it.rng.choice(["BP 501", "CS 20001", "TSA 71403", "BP 35012"])
    if it.rng.random() < 0.5:
        return case(
            "post_box", it.place, address=f"{box} {it.place.postcode} {it.place.name.upper()}", postcode="", city=""
        )
    return case(
        "post_box", it.place, address=box, city=f"{box} {it.place.name}" if it.rng.random() < 0.3 else it.place.name
    )


@damage
def department_behind(it: Draw) -> Case | None:
    """Put the department behind the name."""
    department = it.world.department[it.place.commune]
    city = it.rng.choice(
        [f"{it.place.name} ({department})", f"{it.place.name} {department}", f"{it.place.name}({department})"]
    )
    if len(department) > 2 and department[:2] == "97" and it.place.postcode[:3] != department:
        return None
    return case("department_behind", it.place, postcode=it.rng.choice(["", it.place.postcode]), city=city)


@damage
def postcode_in_city(it: Draw) -> Case | None:
    """Type the postcode in the city column."""
    code, name = it.place.postcode, it.place.name
    city = it.rng.choice([f"{code} {name}", f"{name} {code}", f"{name} ({code})", f"F-{code} {name.upper()}"])
    return case("postcode_in_city", it.place, postcode=it.rng.choice(["", it.place.postcode]), city=city)


@damage
def city_in_postcode(it: Draw) -> Case | None:
    """Type the city in the postcode column."""
    return case("city_in_postcode", it.place, postcode=f"{it.place.postcode} {it.place.name}", city="")


@damage
def postcode_format(it: Draw) -> Case | None:
    """Write the postcode as spreadsheets and people do."""
    code = it.place.postcode
    real = f"{float(code):.4E}"
    forms = [
        f"F-{code}", f"{code[:2]} {code[2:]}", f"{code}.0", f"'{code}", f"CP {code}", f"FR-{code}", f" {code}\u00a0",
        code.replace("0", "O", 1), real, real.replace(".", ","), f"{code},0", f"F {code}", f"{code[:2]}.{code[2:]}",
    ]  # fmt: skip
    return case("postcode_format", it.place, postcode=it.rng.choice(forms))


@damage
def lost_zero(it: Draw) -> Case | None:
    """Lose the zero in front."""
    if not it.place.postcode.startswith("0"):
        return None
    return case("lost_zero", it.place, postcode=it.rng.choice([it.place.postcode[1:], it.place.postcode[1:] + ".0"]))


@damage
def mojibake(it: Draw) -> Case | None:
    """Read the text in another encoding than it was written in."""
    written, read = it.rng.choice(MISREADINGS)
    try:
        city = it.place.name.encode(written).decode(read)
    except UnicodeError:
        return None
    return case("mojibake", it.place, city=city) if city != it.place.name else None


@damage
def lost_letters(it: Draw) -> Case | None:
    """Put a mark in place of each accented letter."""
    mark = it.rng.choice(["?", "\ufffd"])
    city = "".join(c if c.isascii() else mark for c in it.place.name)
    return case("lost_letters", it.place, city=city) if city != it.place.name and len(city) > 4 else None


@damage
def insee_code(it: Draw) -> Case | None:
    """Give the INSEE code for a postcode."""
    return case("insee_code", it.place, postcode=it.place.commune)


@damage
def former_name(it: Draw) -> Case | None:
    """Give the name that a part of the commune has or had."""
    name, commune = it.rng.choice(it.world.former)
    known = it.world.known(name, commune, it.world.department[commune])
    code = it.rng.choice(it.world.postcodes[commune])
    return Case("former_name", "", code, name.upper() if it.rng.random() < 0.5 else name, known or commune)


@damage
def cedex(it: Draw) -> Case | None:
    """Give a CEDEX code that serves one commune only."""
    code, label, commune = it.rng.choice(it.world.cedex)
    return Case("cedex", "", code, label, commune)


@damage
def cedex_unlisted(it: Draw) -> Case | None:
    """Give a CEDEX code that no list holds."""
    code = it.place.postcode[:2] + f"{it.rng.randrange(1000):03}"
    if code in it.world.cedex_codes or code in it.world.serves or it.place.postcode[:2] in {"97", "98"}:
        return None
    known = it.world.known(it.place.name, it.place.commune, it.world.department[it.place.commune])
    return case(
        "cedex_unlisted",
        it.place,
        postcode=code,
        city=f"{it.place.name.upper()} CEDEX {it.rng.randrange(1, 10)}",
        commune=known,
    )


@damage
def hamlet_as_city(it: Draw) -> Case | None:
    """Give a hamlet's name for the city's: only a postcode of one commune tells it."""
    alone = len(it.world.serves[it.place.postcode]) == 1
    return case("hamlet_as_city", it.place, city=it.rng.choice(HAMLETS), commune=it.place.commune if alone else "")


@damage
def hamlet_in_address(it: Draw) -> Case | None:
    """Name a hamlet in the address."""
    return case(
        "hamlet_in_address", it.place, address=f"{it.rng.choice(HAMLETS)}, {it.place.postcode} {it.place.name}", city=""
    )


@damage
def district(it: Draw) -> Case | None:
    """Name a part of the commune behind it."""
    return case(
        "district",
        it.place,
        city=it.place.name + it.rng.choice([" Centre", " Nord", " Gare", " - Le Haut", " Cedex", " Village"]),
    )


@damage
def foreign(it: Draw) -> Case | None:
    """Give a foreign city whose postcode looks French."""
    code, _, city = it.rng.choice(
        [entry for line in FOREIGN.split("\n") for entry in line.split("|") if entry]
    ).partition(" ")
    return Case("foreign", "", code, it.rng.choice([city, city.upper(), plain(city)]), "")


@damage
def foreign_line(it: Draw) -> Case | None:
    """Give a foreign address on one line."""
    return Case("foreign_line", it.rng.choice(FOREIGN_LINES), "", "", "")


@damage
def no_commune(it: Draw) -> Case | None:
    """Give what no commune can be told from."""
    code, city = it.rng.choice(NOWHERE)
    return Case("no_commune", "", code, city, "")


def cases(rows: int, seed: int = 0) -> Iterator[Case]:
    """Yield damaged addresses, the kinds in turn."""
    world, rng = World(), random.Random(seed)  # noqa: S311
    made = 0
    while made < rows:
        for function in DAMAGES.values():
            found = function(Draw(world, rng, rng.choice(world.places)))
            while found is None:
                found = function(Draw(world, rng, rng.choice(world.places)))
            made += 1
            yield found
