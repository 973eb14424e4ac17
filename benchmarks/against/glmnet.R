# One path of glmnet: Rscript glmnet.R FOLDER TOL. The folder holds the problem as raw numbers (see path_solvers.py)
# and gets the coefficients; the seconds of the fit alone are printed.
suppressPackageStartupMessages({library(Matrix); library(glmnet)})
words <- commandArgs(TRUE)
stored <- function(name, what, size = 8) {
  file <- file.path(words[1], name)
  readBin(file, what, n = file.size(file) / size, size = size)
}
meta <- stored("meta", "integer", 4)  # rows, columns, sparse, logistic, intercept
if (meta[3]) {
  X <- new("dgCMatrix", i = stored("indices", "integer", 4), p = stored("indptr", "integer", 4),
           x = stored("data", "double"), Dim = meta[1:2])
} else {
  X <- matrix(stored("data", "double"), meta[1], meta[2])
}
y <- stored("y", "double")
strengths <- stored("strengths", "double")
glmnet.control(fdev = 0, devmax = 1)  # it would end the path early
started <- proc.time()[["elapsed"]]
fit <- glmnet(X, if (meta[4]) factor(y) else y, family = if (meta[4]) "binomial" else "gaussian",
              lambda = strengths, standardize = FALSE, intercept = as.logical(meta[5]),
              thresh = as.numeric(words[2]), maxit = 1e9)
cat(proc.time()[["elapsed"]] - started, "\n")
beta <- as(fit$beta, "CsparseMatrix")
writeBin(beta@i, file.path(words[1], "found_indices"))
writeBin(beta@p, file.path(words[1], "found_indptr"))
writeBin(beta@x, file.path(words[1], "found_data"))
writeBin(as.double(fit$a0), file.path(words[1], "found_intercepts"))
