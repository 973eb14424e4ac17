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
