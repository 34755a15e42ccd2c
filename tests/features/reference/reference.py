"""Write prince_mfa.csv and prince_famd.csv: python reference.py, in this folder, where prince is installed (0.23.0).

prince's MFA takes groups of numbers or of categories, not mixed ones: a block with both is checked with its FAMD.
"""

import pandas as pd

GROUPS = {
    "behaviour": ["visits", "basket", "months"],
    "place": ["income", "houses"],
    "declared": ["area", "diet", "contact"],
}


def main() -> None:
    import prince

    table = pd.read_csv("mixed.csv", index_col=0)
    columns = pd.MultiIndex.from_tuples([(group, name) for group, names in GROUPS.items() for name in names])
    grouped = table[columns.get_level_values(1)].set_axis(columns, axis=1)
    mfa = prince.MFA(n_components=11, n_iter=50, random_state=0).fit(grouped, groups=list(GROUPS))
    save(mfa.eigenvalues_, mfa.row_coordinates(grouped), "prince_mfa.csv")
    place = table[["income", "houses", "area"]]
    famd = prince.FAMD(n_components=4, n_iter=50, random_state=0, categorical_columns=["area"]).fit(place)
    save(famd.eigenvalues_, famd.row_coordinates(place), "prince_famd.csv")


def save(eigenvalues: list[float], coordinates: pd.DataFrame, file: str) -> None:
    out = pd.concat([pd.DataFrame([eigenvalues], index=["eigenvalue"]), coordinates])
    out.to_csv(file, float_format="%.12g", index_label="")


if __name__ == "__main__":
    main()
