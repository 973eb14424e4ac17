/* fastreg.h: the kernels of fastreg for C (C99 and later) and C++.

   Made by `python -m fastreg.interop.declarations`; do not edit.

   The functions know nothing of Python: they may be called without the GIL and from any number of threads.
   They allocate nothing and keep nothing.

   name_f32, name_f64: over a vector. x and out hold n numbers; out is x itself or does not overlap it. The
       status is 0, or -k where the k-th argument is wrong (a null pointer, a negative n, a parameter that is
       NaN or below its bound); then nothing was written. With n = 0 the pointers may be null.
   name_scalar_f32, name_scalar_f64: of one number. Parameters are not checked.
   name_callback: of numbers[0], with the parameters behind it, as SciPy hands arguments over; NaN where n
       says that numbers are missing.

   NaN in x comes out as NaN. All doors to fastreg (NumPy, Numba, Cython, C, Rust) give the same bits.

   A program asks for the table once, with the GIL:

       const fastreg_api *fastreg = fastreg_import();
       if (fastreg == NULL) ...   (a Python exception is set)

   and may from then on call fastreg->soft_threshold_f64(x, n, 0.5, x) until Python ends. Without Python.h
   (#define FASTREG_NO_PYTHON before the include) the address of the table comes from Python's
   fastreg.interop.c_api_address().

   Promise: within one abi_version members are only appended, so a program runs with every later fastreg
   of the same abi_version; `size` says how much of the table the installed one has. */
#ifndef FASTREG_H
#define FASTREG_H

#ifndef FASTREG_NO_PYTHON
#include <Python.h> /* wants to be the first */
#endif
#include <stdint.h>

#define FASTREG_ABI_VERSION 1
#define FASTREG_CAPSULE "fastreg.interop._C_API"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int32_t abi_version; /* FASTREG_ABI_VERSION of the installed fastreg */
    int32_t size;        /* bytes of this table in the installed fastreg */

    /* sign(x) max(|x| - threshold, 0), the minimiser over w of (w - x)^2 / 2 + threshold |w|;
       threshold at least 0 */
    int (*soft_threshold_f32)(const float *x, int64_t n, float threshold, float *out);
    int (*soft_threshold_f64)(const double *x, int64_t n, double threshold, double *out);
    float (*soft_threshold_scalar_f32)(float x, float threshold);
    double (*soft_threshold_scalar_f64)(double x, double threshold);
    double (*soft_threshold_callback)(int n, double *numbers);

    /* x / (1 + amount), the minimiser over w of (w - x)^2 / 2 + amount w^2 / 2; amount at least 0 */
    int (*shrink_f32)(const float *x, int64_t n, float amount, float *out);
    int (*shrink_f64)(const double *x, int64_t n, double amount, double *out);
    float (*shrink_scalar_f32)(float x, float amount);
    double (*shrink_scalar_f64)(double x, double amount);
    double (*shrink_callback)(int n, double *numbers);

    /* the minimiser over w of (w - x)^2 / 2 + l1 |w| + l2 w^2 / 2; l1 at least 0; l2 at least 0 */
    int (*prox_elastic_net_f32)(const float *x, int64_t n, float l1, float l2, float *out);
    int (*prox_elastic_net_f64)(const double *x, int64_t n, double l1, double l2, double *out);
    float (*prox_elastic_net_scalar_f32)(float x, float l1, float l2);
    double (*prox_elastic_net_scalar_f64)(double x, double l1, double l2);
    double (*prox_elastic_net_callback)(int n, double *numbers);

    /* the proximal step of length 1 of the minimax concave penalty, threshold |w| - w^2 / (2 gamma) up
       to |w| = gamma threshold and constant from there on; threshold at least 0; gamma above 1 */
    int (*firm_threshold_f32)(const float *x, int64_t n, float threshold, float gamma, float *out);
    int (*firm_threshold_f64)(const double *x, int64_t n, double threshold, double gamma, double *out);
    float (*firm_threshold_scalar_f32)(float x, float threshold, float gamma);
    double (*firm_threshold_scalar_f64)(double x, double threshold, double gamma);
    double (*firm_threshold_callback)(int n, double *numbers);

    /* the proximal step of length 1 of SCAD, whose slope is threshold up to |w| = threshold and falls
       linearly to 0 at gamma threshold; threshold at least 0; gamma above 2 */
    int (*scad_threshold_f32)(const float *x, int64_t n, float threshold, float gamma, float *out);
    int (*scad_threshold_f64)(const double *x, int64_t n, double threshold, double gamma, double *out);
    float (*scad_threshold_scalar_f32)(float x, float threshold, float gamma);
    double (*scad_threshold_scalar_f64)(double x, double threshold, double gamma);
    double (*scad_threshold_callback)(int n, double *numbers);

    /* 1 / (1 + exp(-x)) */
    int (*sigmoid_f32)(const float *x, int64_t n, float *out);
    int (*sigmoid_f64)(const double *x, int64_t n, double *out);
    float (*sigmoid_scalar_f32)(float x);
    double (*sigmoid_scalar_f64)(double x);
    double (*sigmoid_callback)(int n, double *numbers);

    /* log(1 + exp(x)) */
    int (*log1pexp_f32)(const float *x, int64_t n, float *out);
    int (*log1pexp_f64)(const double *x, int64_t n, double *out);
    float (*log1pexp_scalar_f32)(float x);
    double (*log1pexp_scalar_f64)(double x);
    double (*log1pexp_callback)(int n, double *numbers);

    /* x max(1 - threshold / |x|, 0), the minimiser over w of |w - x|^2 / 2 + threshold |w|, in L2
       norms; threshold at least 0 */
    int (*group_soft_threshold_f32)(const float *x, int64_t n, float threshold, float *out);
    int (*group_soft_threshold_f64)(const double *x, int64_t n, double threshold, double *out);

    /* the point nearest to x without negative entries that adds up to total; total at least 0 */
    int (*project_simplex_f32)(const float *x, int64_t n, float total, float *out);
    int (*project_simplex_f64)(const double *x, int64_t n, double total, double *out);

    /* the point nearest to x whose absolute values add up to no more than radius; radius at least 0 */
    int (*project_l1_ball_f32)(const float *x, int64_t n, float radius, float *out);
    int (*project_l1_ball_f64)(const double *x, int64_t n, double radius, double *out);
} fastreg_api;

#ifndef FASTREG_NO_PYTHON
/* Return the table, or NULL with a Python exception set. Needs the GIL, and some seconds where this machine
   has not compiled the functions before. */
static inline const fastreg_api *fastreg_import(void)
{
    const fastreg_api *api = (const fastreg_api *)PyCapsule_Import(FASTREG_CAPSULE, 0);
    if (api == NULL) {
        return NULL;
    }
    if (api->abi_version != FASTREG_ABI_VERSION) {
        PyErr_Format(PyExc_ImportError,
                     "this was compiled for ABI version %d of fastreg, not the installed %d: recompile it.",
                     FASTREG_ABI_VERSION, (int)api->abi_version);
        return NULL;
    }
    if (api->size < (int32_t)sizeof(fastreg_api)) {
        PyErr_SetString(PyExc_ImportError,
                        "the installed fastreg is older than the one this was compiled with: upgrade it.");
        return NULL;
    }
    return api;
}
#endif

#ifdef __cplusplus
}
#endif

#endif
