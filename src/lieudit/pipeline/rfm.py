"""Transactions into recency, frequency, monetary value, scores and rule segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from lieudit import tables
from lieudit.config import RfmConfig
from lieudit.errors import ConfigError
from lieudit.pipeline.progress import Progress, Silent
from lieudit.pipeline.remarks import remarks_on_lines
from lieudit.rfm_analysis import Counts, Rfm, compute
from lieudit.schema import TRANSACTION_ROLES

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

__all__ = ["RfmFile", "parse_day", "rfm", "rfm_file"]


@dataclass(frozen=True)
class RfmFile:
    """What :func:`rfm_file` wrote.

    Attributes
    ----------
    out : Path
    rejects : Path or None
        Where rejected lines are; None when there was none.
    counts : Counts
    as_of : date
    """

    out: Path
    rejects: Path | None
    counts: Counts
    as_of: date

    @property
    def remarks(self) -> tuple[str, ...]:
        """Lines that were left out, and why, as sentences."""
        return tuple(remark.en for remark in remarks_on_lines(self.counts))


def rfm(
    transactions: pd.DataFrame,
    *,
    as_of: date | str | None = None,
    columns: Mapping[str, str | None] | None = None,
    monetary: str = "total",
    window_days: int | None = None,
) -> pd.DataFrame:
    """Recency, frequency, monetary value, scores and rule segment of each customer.

    Parameters
    ----------
    transactions : DataFrame of shape (n_lines, p)
        A customer, a date and an amount a line, and an order id where there is one.
    as_of : date or str, optional
        Day of reference; the day after the last transaction by default.
    columns : mapping of role to column, optional
        ``customer``, ``date``, ``amount`` (or an expression such as ``"Quantity * Price"``), ``order``.
    monetary : {"total", "mean"}
        Money in all, or by order.
    window_days : int, optional
        Only orders of the last so many days.

    Returns
    -------
    DataFrame of shape (n_customers, 13)
        The columns of :data:`lieudit.schema.RFM_COLUMNS`, sorted by ``customer_id``.

    Raises
    ------
    TableError
        A column is missing, or holds what cannot be a date or an amount.

    Examples
    --------
    >>> import pandas as pd
    >>> orders = pd.DataFrame({"client": ["a", "a", "b"], "date": ["2025-01-05", "2025-02-01", "2025-01-10"],
    ...                        "montant": ["10,00", "5,50", "80,00"]})
    >>> rfm(orders, as_of="2025-02-02")[["customer_id", "recency_days", "frequency", "monetary"]].values.tolist()
    [['a', 1, 2, 15.5], ['b', 23, 1, 80.0]]
    """
    settings = {"monetary": monetary, "window_days": window_days}
    with tables.connect() as con:
        return _compute(con, transactions, columns, as_of, settings, Silent()).df()


def rfm_file(
    source: str | Path,
    out: Path,
    *,
    columns: Mapping[str, str | None] | None = None,
    as_of: date | str | None = None,
    settings: Mapping[str, Any] | None = None,
    rejects: Path | None = None,
    progress: Progress | None = None,
) -> RfmFile:
    """Compute RFM from a file into another, out of core; rejected lines go to a file of their own.

    Raises
    ------
    TableError
        The input cannot be read, or the output cannot be written.
    """
    progress = progress or Silent()
    rejects = rejects or out.with_name(f"{out.name}.rejects.csv")
    with tables.connect() as con:
        computed = _compute(con, source, columns, as_of, settings or {}, progress, outputs=(rejects, out))
        progress.step("Writing")
        tables.write_table(con, f"SELECT * FROM {tables.quote(computed.name)}", out)
    if not computed.counts.rejected:
        rejects.unlink()
    written = rejects if computed.counts.rejected else None
    return RfmFile(out=out, rejects=written, counts=computed.counts, as_of=computed.as_of)


def parse_day(text: date | str | None) -> date | None:
    """Read a day given as ``YYYY-MM-DD``.

    Raises
    ------
    ConfigError
        It is not one.
    """
    if text is None or isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"'{text}' is not a day.", expected="YYYY-MM-DD", fix="Write it like 2025-12-31.") from None


def _compute(
    con: duckdb.DuckDBPyConnection,
    source: str | Path | pd.DataFrame,
    columns: Mapping[str, str | None] | None,
    as_of: date | str | None,
    settings: Mapping[str, Any],
    progress: Progress,
    outputs: tuple[Path, ...] = (),
) -> Rfm:
    """Compute RFM; the first of the outputs, where there are any, is for rejected lines."""
    day = parse_day(as_of)
    try:
        config = RfmConfig(**settings)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{first['loc'][0]} is {first['input']!r}.", expected=first["msg"],
                          fix="See lieudit rfm --help.") from None  # fmt: skip
    progress.step("Reading")
    table = tables.open_table(con, source, name="transactions")
    for out in outputs:
        tables.check_out(out, con=con)
    found = tables.recognise(table, TRANSACTION_ROLES, columns or {})
    progress.step("Computing RFM")
    return compute(con, table, found, config=config, as_of=day, rejects=outputs[0] if outputs else None)
