"""The longer texts of `--help`."""

from __future__ import annotations

FASTREG = "Regularised linear models at the speed of the machine."
FASTREG_END = """\
examples:
  fastreg fit houses.csv --target price --plot path.png --out model.npz
  fastreg cv houses.csv --target price --rule 1se --report houses.html
  fastreg predict model.npz new.csv
  fastreg certify model.npz houses.csv

"""

COMPLETION = """\
Tab completion: eval "$(fastreg completion bash)" in ~/.bashrc; zsh and fish
too, see fastreg completion --help.
"""

_FILES = """\
files:
  svmlight  lines of "label index:value index:value ...", also called libsvm
  CSV       one record a line, separated by commas, semicolons, tabs or bars,
            names in the first line or none; the target may be text with two
            values, all other columns are numbers
  npz       arrays X and y; or y and what scipy.sparse.save_npz writes: data,
            indices, indptr, shape and format
  Text files may be packed by gzip, bzip2 or xz; - is standard input.
"""

_OBJECTIVE = """\
objective:
  the mean loss plus the penalty
  loss      (y - p)^2 / 2 for regression, log(1 + exp(-y p)) for two classes
  penalty   l1: lambda * sum |w|        l2: lambda * sum w^2
            elasticnet: lambda * (R * sum |w| + (1 - R) * sum w^2)
"""

FIT = """\
Fit a linear model to a data file and show what it found. A quarter of the rows,
drawn with a fixed seed, is held out for the score; the strength of the penalty,
called lambda, is chosen on the others; the final fit is on all rows. Without
FILE it runs on a data set that scikit-learn carries.
"""
FIT_END = f"""\
{_FILES}
{_OBJECTIVE}
examples:
  fastreg fit
  fastreg fit --task classification --penalty elasticnet --l1-ratio 0.9
  fastreg fit houses.csv --target price --plot path.png --out model.npz
  zcat big.csv.gz | fastreg fit - --strength 0.1

{COMPLETION}"""

CV = """\
Choose lambda by the mean loss on rows left out: the rows are cut into folds,
drawn with a fixed seed, and each is predicted by fits on the others. Several
penalties are compared on the same folds. The final fit is on all rows. The
loss is a little too good, as lambda was chosen by it; fastreg fit scores on
rows that took no part. Without FILE it runs on a data set that scikit-learn
carries.
"""
CV_END = f"""\
{_FILES}
{_OBJECTIVE}
examples:
  fastreg cv houses.csv --target price --report houses.html
  fastreg cv houses.csv --folds 10 --rule 1se --out model.npz
  fastreg cv houses.csv --penalty l1,l2,elasticnet --l1-ratio 0.2,0.5,0.8

{COMPLETION}"""

STUDY = """\
Fit by stochastic gradient descent at every pair of a learning rate and a
lambda, all from zero and over the same rows, and show the loss on a fifth of
the rows, held out with a fixed seed: which pair is best, which diverge, and
whether it is their product that matters. Columns that are standardised are
scaled to mean 0 and variance 1. Without FILE it runs on a data set that
scikit-learn carries.
"""
STUDY_END = f"""\
{_FILES}
{_OBJECTIVE}
examples:
  fastreg study houses.csv --target price --plot study.png
  fastreg study words.svm --learning-rates 0.01,0.1,1 --strengths 1e-5,1e-4,1e-3
  fastreg study houses.csv --epochs 50 --average --report study.html

{COMPLETION}"""

PATH = """\
Fit a linear model at a falling sequence of strengths (lambda), from the one at
which all weights are zero downwards, and show how many weights each leaves, the
objective and the gap. All rows are used. Without FILE it runs on a data set
that scikit-learn carries.
"""
PATH_END = f"""\
{_FILES}
{_OBJECTIVE}
examples:
  fastreg path houses.csv --target price --plot path.png
  fastreg path words.svm --strengths 20 --ratio 0.01
  fastreg path words.svm --strengths 1,0.5,0.2,0.1
  fastreg path houses.csv --out path.npz
                             (scipy.sparse.load_npz reads the weights from it)

{COMPLETION}"""

PREDICT = """\
Predict the rows of a file with a model that `fastreg fit --out MODEL` wrote.
The columns are found by their names, in any order; the target may be among
them, and then the predictions are scored. A regression gives a number, a
classification the likelier class and the probability of the second one.
"""
PREDICT_END = f"""\
{_FILES}
examples:
  fastreg predict model.npz new.csv
  fastreg predict model.npz new.csv --out predictions.csv
  cat new.csv | fastreg predict model.npz - --out - | head

{COMPLETION}"""

CERTIFY = """\
Say how far the weights of a model are from the best ones for the data in a
file, under the loss, penalty and lambda that the model was fitted with. The gap
is a proof: the objective is at most this share (of the objective of the
constant model) above the least there is.
"""
CERTIFY_END = f"""\
{_FILES}
examples:
  fastreg certify model.npz houses.csv
  fastreg certify model.npz houses.csv --json

{COMPLETION}"""

DOCTOR = """\
Say what is installed, how many threads are used and whether compiled code is
kept.
"""
DOCTOR_END = f"""\
examples:
  fastreg doctor
  fastreg doctor --json

{COMPLETION}"""

PRECOMPILE = """\
Compile ahead of time what fits will need, so that the first fit of a process
compiles nothing: while a container is built, after an upgrade, before a
workshop. Small fits of each estimator run in processes of their own; what they
compile is kept where fastreg cache path says.
"""
PRECOMPILE_END = f"""\
examples:
  fastreg precompile
  fastreg precompile --profile Lasso,LogisticRegression --dtype float64,float32
  FASTREG_CACHE_DIR=/opt/fastreg fastreg precompile --cpu generic --verify

{COMPLETION}"""

CACHE = """\
Say where compiled code is kept and how much there is, or remove it: that of
this install of fastreg, earlier states of it included.
"""
CACHE_END = f"""\
examples:
  fastreg cache info
  fastreg cache clear
  du -sh "$(fastreg cache path)"

{COMPLETION}"""

COMPLETE = """\
Print a script that lets a shell complete commands, options and files on Tab.
"""
COMPLETE_END = """\
examples: to switch it on, for good where the line stands in the file:
  bash  eval "$(fastreg completion bash)"     in ~/.bashrc
  zsh   eval "$(fastreg completion zsh)"      in ~/.zshrc, after compinit
  fish  fastreg completion fish | source      in ~/.config/fish/config.fish
"""
