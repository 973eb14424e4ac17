# The kernels of fastreg for Cython: cimport fastreg.interop.cython_api
#
# Made by `python -m fastreg.interop.declarations`; do not edit.
#
# The functions know nothing of Python: they may be called without the GIL and from any number of threads.
# They allocate nothing and keep nothing.
#
# name_f32, name_f64: over a vector. x and out hold n numbers; out is x itself or does not overlap it. The
#     status is 0, or -k where the k-th argument is wrong (a null pointer, a negative n, a parameter that is
#     NaN or below its bound); then nothing was written. With n = 0 the pointers may be null.
# name_scalar_f32, name_scalar_f64: of one number. Parameters are not checked.
# name_callback: of numbers[0], with the parameters behind it, as SciPy hands arguments over; NaN where n
#     says that numbers are missing.
#
# NaN in x comes out as NaN. All doors to fastreg (NumPy, Numba, Cython, C, Rust) give the same bits.

from libc.stdint cimport int64_t

# sign(x) max(|x| - threshold, 0), the minimiser over w of (w - x)^2 / 2 + threshold |w|;
# threshold at least 0
cdef int soft_threshold_f32(const float *x, int64_t n, float threshold, float *out) noexcept nogil
cdef int soft_threshold_f64(const double *x, int64_t n, double threshold, double *out) noexcept nogil
cdef float soft_threshold_scalar_f32(float x, float threshold) noexcept nogil
cdef double soft_threshold_scalar_f64(double x, double threshold) noexcept nogil
cdef double soft_threshold_callback(int n, double *numbers) noexcept nogil

# x / (1 + amount), the minimiser over w of (w - x)^2 / 2 + amount w^2 / 2; amount at least 0
cdef int shrink_f32(const float *x, int64_t n, float amount, float *out) noexcept nogil
cdef int shrink_f64(const double *x, int64_t n, double amount, double *out) noexcept nogil
cdef float shrink_scalar_f32(float x, float amount) noexcept nogil
cdef double shrink_scalar_f64(double x, double amount) noexcept nogil
cdef double shrink_callback(int n, double *numbers) noexcept nogil

# the minimiser over w of (w - x)^2 / 2 + l1 |w| + l2 w^2 / 2; l1 at least 0; l2 at least 0
cdef int prox_elastic_net_f32(const float *x, int64_t n, float l1, float l2, float *out) noexcept nogil
cdef int prox_elastic_net_f64(const double *x, int64_t n, double l1, double l2, double *out) noexcept nogil
cdef float prox_elastic_net_scalar_f32(float x, float l1, float l2) noexcept nogil
cdef double prox_elastic_net_scalar_f64(double x, double l1, double l2) noexcept nogil
cdef double prox_elastic_net_callback(int n, double *numbers) noexcept nogil

# the proximal step of length 1 of the minimax concave penalty, threshold |w| - w^2 / (2 gamma) up
# to |w| = gamma threshold and constant from there on; threshold at least 0; gamma above 1
cdef int firm_threshold_f32(const float *x, int64_t n, float threshold, float gamma, float *out) noexcept nogil
cdef int firm_threshold_f64(const double *x, int64_t n, double threshold, double gamma, double *out) noexcept nogil
cdef float firm_threshold_scalar_f32(float x, float threshold, float gamma) noexcept nogil
cdef double firm_threshold_scalar_f64(double x, double threshold, double gamma) noexcept nogil
cdef double firm_threshold_callback(int n, double *numbers) noexcept nogil

# the proximal step of length 1 of SCAD, whose slope is threshold up to |w| = threshold and falls
# linearly to 0 at gamma threshold; threshold at least 0; gamma above 2
cdef int scad_threshold_f32(const float *x, int64_t n, float threshold, float gamma, float *out) noexcept nogil
cdef int scad_threshold_f64(const double *x, int64_t n, double threshold, double gamma, double *out) noexcept nogil
cdef float scad_threshold_scalar_f32(float x, float threshold, float gamma) noexcept nogil
cdef double scad_threshold_scalar_f64(double x, double threshold, double gamma) noexcept nogil
cdef double scad_threshold_callback(int n, double *numbers) noexcept nogil

# 1 / (1 + exp(-x))
cdef int sigmoid_f32(const float *x, int64_t n, float *out) noexcept nogil
cdef int sigmoid_f64(const double *x, int64_t n, double *out) noexcept nogil
cdef float sigmoid_scalar_f32(float x) noexcept nogil
cdef double sigmoid_scalar_f64(double x) noexcept nogil
cdef double sigmoid_callback(int n, double *numbers) noexcept nogil

# log(1 + exp(x))
cdef int log1pexp_f32(const float *x, int64_t n, float *out) noexcept nogil
cdef int log1pexp_f64(const double *x, int64_t n, double *out) noexcept nogil
cdef float log1pexp_scalar_f32(float x) noexcept nogil
cdef double log1pexp_scalar_f64(double x) noexcept nogil
cdef double log1pexp_callback(int n, double *numbers) noexcept nogil

# x max(1 - threshold / |x|, 0), the minimiser over w of |w - x|^2 / 2 + threshold |w|, in L2
# norms; threshold at least 0
cdef int group_soft_threshold_f32(const float *x, int64_t n, float threshold, float *out) noexcept nogil
cdef int group_soft_threshold_f64(const double *x, int64_t n, double threshold, double *out) noexcept nogil

# the point nearest to x without negative entries that adds up to total; total at least 0
cdef int project_simplex_f32(const float *x, int64_t n, float total, float *out) noexcept nogil
cdef int project_simplex_f64(const double *x, int64_t n, double total, double *out) noexcept nogil

# the point nearest to x whose absolute values add up to no more than radius; radius at least 0
cdef int project_l1_ball_f32(const float *x, int64_t n, float radius, float *out) noexcept nogil
cdef int project_l1_ball_f64(const double *x, int64_t n, double radius, double *out) noexcept nogil
