# Writes factominer_mfa.csv and factominer_famd.csv: Rscript reference.R, in this folder.
# FactoMineR is Debian's r-cran-factominer. Its MFA takes groups of numbers or of categories, not mixed ones: a block
# with both is checked with its FAMD.
library(FactoMineR)
table <- read.csv("mixed.csv", row.names = 1, stringsAsFactors = TRUE)

save <- function(found, file) {
  axes <- found$eig[, 1] > 1e-10
  write.csv(format(rbind(eigenvalue = found$eig[axes, 1], found$ind$coord[, axes]), digits = 12, trim = TRUE),
            file, quote = FALSE)
}

numbers <- c("visits", "basket", "months", "income", "houses")
mfa <- MFA(table[, c(numbers, "area", "diet", "contact")], group = c(3, 2, 3), type = c("s", "s", "n"), ncp = 20,
           graph = FALSE)
save(mfa, "factominer_mfa.csv")
save(FAMD(table[, c("income", "houses", "area")], ncp = 20, graph = FALSE), "factominer_famd.csv")
cat(R.version.string, "- FactoMineR", as.character(packageVersion("FactoMineR")), "\n")
