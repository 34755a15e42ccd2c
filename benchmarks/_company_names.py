"""Names of companies that are hard to tell apart, put into a fictional Sirene stock.

A few hundred words make them: trades, surnames, towns and signs, some far more frequent than others, as in the real
register. So names share their first words, families hold several companies of one name in one town (the shop, the
walls, the son's), and the same name stands in many towns. No name is taken from a register.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

__all__ = ["rename"]


def _words(text: str) -> list[str]:
    return text.split()


TRADES: Final = _words("""
BOULANGERIE GARAGE MENUISERIE PLOMBERIE COIFFURE MACONNERIE TRANSPORTS PHARMACIE ELECTRICITE PEINTURE CHARPENTE
COUVERTURE TERRASSEMENT PATISSERIE BOUCHERIE CHARCUTERIE TAXI AMBULANCES OPTIQUE FLEURS PAYSAGE CARRELAGE SERRURERIE
METALLERIE IMPRIMERIE IMMOBILIER ASSURANCES CONSEIL FORMATION INFORMATIQUE DISTRIBUTION NETTOYAGE SECURITE RESTAURATION
HOTELLERIE VIANDES PRIMEURS VINS CHAUFFAGE CLIMATISATION AUTOMOBILES MOTOCULTURE RENOVATION CONSTRUCTION ARCHITECTURE
GEOMETRES AUDIT EXPERTISE COMMUNICATION PUBLICITE EVENEMENTS LOGISTIQUE DEMENAGEMENTS LOCATION INVESTISSEMENT PATRIMOINE
PARTICIPATIONS GESTION BOIS BETON AGENCEMENT ISOLATION ENERGIES PISCINES VETEMENTS CHAUSSURES BIJOUTERIE LIBRAIRIE
""")
SURNAMES: Final = _words("""
MARTIN BERNARD THOMAS PETIT ROBERT RICHARD DURAND DUBOIS MOREAU LAURENT SIMON MICHEL LEFEBVRE LEROY ROUX DAVID BERTRAND
MOREL FOURNIER GIRARD BONNET DUPONT LAMBERT FONTAINE ROUSSEAU VINCENT MULLER LEFEVRE FAURE ANDRE MERCIER BLANC GUERIN
BOYER GARNIER CHEVALIER FRANCOIS LEGRAND GAUTHIER GARCIA PERRIN ROBIN CLEMENT MORIN NICOLAS HENRY ROUSSEL MATHIEU
GAUTIER MASSON MARCHAND DUVAL DENIS DUMONT MARIE LEMAIRE NOEL MEYER DUFOUR MEUNIER BRUN BLANCHARD GIRAUD JOLY RIVIERE
LUCAS BRUNET GAILLARD BARBIER ARNAUD MARTINEZ GERARD ROCHE RENARD SCHMITT ROY LEROUX COLIN VIDAL CARON PICARD ROGER
FABRE AUBERT LEMOINE RENAUD DUMAS LACROIX OLIVIER PHILIPPE BOURGEOIS PIERRE BENOIT REY LECLERC PAYET ROLLAND LECLERCQ
GUILLAUME LECOMTE LOPEZ JEAN DUPUY GUILLOT HUBERT BERGER CARPENTIER SANCHEZ DUPUIS MOULIN LOUIS DESCHAMPS HUET VASSEUR
PEREZ BOUCHER FLEURY ROYER KLEIN JACQUET ADAM PARIS POIRIER MARTY AUBRY GUYOT CARRE CHARLES RENAULT CHARPENTIER MENARD
MAILLARD BARON BERTIN BAILLY HERVE SCHNEIDER FERNANDEZ LE-GALL COLLET LEGER BOUVIER JULIEN PREVOST MILLET PERROT DANIEL
LE-ROUX COUSIN GERMAIN BRETON BESSON LANGLOIS REMY LE-GOFF PELLETIER LEVEQUE PERRIER LEBLANC BARRE LEBRUN MARCHAL WEBER
MALLET HAMON BOULANGER JACOB MONNIER MICHAUD RODRIGUEZ GUICHARD GILLET ETIENNE GRONDIN POULAIN TESSIER CHEVALLIER
COLLIN CHAUVIN DA-SILVA BOUCHET GAY LEMAITRE BENARD MARECHAL HUMBERT REYNAUD ANTOINE HOARAU PERRET BARTHELEMY CORDIER
PICHON LEJEUNE GILBERT LAMY DELAUNAY PASQUIER CARLIER LAPORTE GROS BUISSON VALLET BRIAND DUPOND DUPRAT DUPRE DUPIN
""")
FIRST_NAMES: Final = _words(
    "JEAN PIERRE MICHEL PHILIPPE ALAIN ERIC PASCAL LAURENT PAUL JULIEN MARIE SOPHIE CLAIRE ANNE"
)
SIGNS: Final = _words("""
MOULIN LILAS TILLEULS FOURNIL CHATEAU PRIEURE VERGER LAVOIR TROIS-CHENES GRAND-PRE BEL-AIR SOLEIL OLIVIERS PLATANES
CYPRES ROSES REMPARTS HALLES PORT CANAL VIEUX-PONT CLOS PARC PRE-VERT SOURCE FONTAINE BOIS-JOLI CROIX-BLANCHE
MARRONNIERS ACACIAS CEDRES ECLUSE COLOMBIER FORGE GRANGE TUILERIE VIGNES ETANG FALAISE CALANQUE GLYCINES HORIZON
LUMIERE AZUR
""")
SHOPS: Final = _words(
    "BISTROT FOURNIL COMPTOIR ATELIER SALON CAFE JARDIN TABLE CAVE BOUTIQUE RELAIS CHALET PALAIS COIN"
)
QUALITIES: Final = _words("PETIT GRAND NOUVEAU VIEUX BON BEAU JOLI VERT ROUGE BLEU GOURMAND")
SPORTS: Final = _words("SPORTIVE CULTURELLE MUSICALE FAMILIALE AMICALE BOULISTE CYCLISTE NAUTIQUE SCOLAIRE PAROISSIALE")
CLUBS: Final = _words("CLUB AMICALE UNION COMITE FOYER CERCLE GROUPEMENT ECOLE ASSOCIATION COMPAGNIE THEATRE RADIO")
SYLLABLES: Final = _words(
    "NEO VI TEC ALTI MA SO LU KER ZEN OPTI MED BIO SYN AXI NOVA DELTA PRO GEO AQUA TER RA LIO MEGA"
)
BEHIND: Final = ("FRANCE", "GROUP", "CONSEIL", "SERVICES", "INTERNATIONAL", "SOLUTIONS", "HOLDING", "", "", "")
FORMS: Final = {"54": ("SARL", "EURL", "SARL"), "57": ("SAS", "SASU", "SAS"), "65": ("SCI",), "55": ("SA",),
                "92": ("ASSOCIATION",), "52": ("SNC",)}  # fmt: skip
NAME, SIGLE, SIGN = "denominationUniteLegale", "sigleUniteLegale", "enseigne1Etablissement"


def rename(folder: Path, seed: int = 0) -> Path:
    """Give the companies of a fictional stock names that are hard to tell apart, in place.

    Parameters
    ----------
    folder : Path
        From ``lieudit.demo.stock.write_stock``.
    seed : int
    """
    units_path, sites_path = (folder / f"Stock{what}_utf8.parquet" for what in ("UniteLegale", "Etablissement"))
    units, sites = pq.read_table(units_path), pq.read_table(sites_path)
    heads = sites.select(["siren", "libelleCommuneEtablissement"]).group_by("siren", use_threads=False).aggregate(
        [("libelleCommuneEtablissement", "first")]
    )  # fmt: skip
    town = dict(zip(*(column.to_pylist() for column in heads.columns), strict=True))
    draws = _Names(seed)
    named = units[NAME].to_pylist()
    forms = pc.cast(units["categorieJuridiqueUniteLegale"], pa.string()).to_pylist()
    names, sigles = [], []
    for siren, old, form in zip(units["siren"].to_pylist(), named, forms, strict=True):
        name, sigle = draws.company(form or "", town.get(siren) or "PARIS") if old is not None else (None, None)
        names.append(name)
        sigles.append(sigle)
    units = _put(_put(units, NAME, names), SIGLE, sigles)
    companies = {siren for siren, old in zip(units["siren"].to_pylist(), named, strict=True) if old is not None}
    signs = [
        draws.sign() if siren in companies and draws.random.random() < 0.2 else None
        for siren in sites["siren"].to_pylist()
    ]
    pq.write_table(units, units_path, compression="zstd")
    pq.write_table(_put(sites, SIGN, signs), sites_path, compression="zstd")
    return folder


def _put(table: pa.Table, name: str, values: Sequence[str | None]) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values, pa.string()))


class _Names:
    """Draws names; of each town, it remembers surnames that have been used."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.families: dict[str, list[str]] = {}

    def company(self, form: str, town: str) -> tuple[str, str | None]:
        """Return a name and, of one in seven with three words or more, its initials."""
        if form.startswith("92"):
            name = self._weighted((3, f"ASSOCIATION {self._one(SPORTS)} DE {town}"),
                                  (3, f"{self._one(CLUBS)} {self._one(SPORTS)} {town}"),
                                  (2, f"{self._one(CLUBS)} {self._of()} {self._one(SIGNS)}"),
                                  (2, f"LES AMIS {self._of()} {self._one(SIGNS)}"))  # fmt: skip
        elif form.startswith("65"):
            name = self._weighted((5, f"{self._of()} {self._one(SIGNS)}"), (4, self.surname(town)),
                                  (2, f"{self.surname(town)} {self._one(('IMMOBILIER', 'PATRIMOINE'))}"))  # fmt: skip
        else:
            name = self._trade(town)
        known = next((words for start, words in FORMS.items() if form.startswith(start)), ())
        if known and known[0] != "ASSOCIATION" and self.random.random() < 0.3:
            name = f"{self._one(known)} {name}" if self.random.random() < 0.7 else f"{name} {self._one(known)}"
        words = [word for word in name.split() if len(word) > 2]
        sigle = "".join(word[0] for word in words) if len(words) >= 3 and self.random.random() < 0.15 else None
        return name, sigle

    def sign(self) -> str:
        """Return what may stand over a door."""
        return self._weighted((3, f"LE {self._one(QUALITIES)} {self._one(SHOPS)}"), (3, f"AUX {self._one(SIGNS)}"),
                              (2, f"{self._one(SHOPS)} {self._of()} {self._one(SIGNS)}"),
                              (2, f"CHEZ {self._one(FIRST_NAMES)}"))  # fmt: skip

    def surname(self, town: str) -> str:
        """Return a surname; in one case of six, one of the town's that has a company already."""
        there = self.families.setdefault(town, [])
        if there and self.random.random() < 1 / 6:
            return self.random.choice(there)
        there.append(self._one(SURNAMES).replace("-", " "))
        return there[-1]

    def _trade(self, town: str) -> str:
        trade, surname = self._one(TRADES), self.surname(town)
        brand = "".join(self._one(SYLLABLES) for _ in range(self.random.choice((2, 2, 3))))
        return self._weighted(
            (24, f"{trade} {surname}"), (8, f"{trade} {surname} ET FILS"), (6, f"{surname} {trade}"),
            (5, f"{surname} {self._one(FIRST_NAMES)}"), (4, f"ETABLISSEMENTS {surname}"), (4, f"{surname} FRERES"),
            (5, f"{trade} {self._of()} {self._one(SIGNS)}"), (3, f"{trade} {town}"), (3, f"{surname} ET CIE"),
            (6, f"SOCIETE {town} DE {trade}"), (6, f"{surname} {self._one(TRADES)} {trade}"),
            (16, f"{brand} {self._one(BEHIND)}".strip()), (6, f"{brand} {trade}"),
            (4, f"{''.join(self.random.choices('ABCDEFGHJLMNPRSTV', k=3))} {trade}"),
            (6, f"LE {self._one(QUALITIES)} {self._one(SHOPS)}"), (4, f"{surname} ET {self._one(SURNAMES)} ASSOCIES"),
        )  # fmt: skip

    def _of(self) -> str:
        return self._one(("DU", "DES", "DE LA"))

    def _one(self, words: Sequence[str]) -> str:
        """Draw a word, the first ones of a list the most often."""
        return words[int(len(words) * self.random.random() ** 1.7)]

    def _weighted(self, *choices: tuple[int, str]) -> str:
        return self.random.choices([name for _, name in choices], [weight for weight, _ in choices])[0].replace(
            "-", " "
        )
