// fastreg.rs: the kernels of fastreg for Rust, the same table as fastreg.h.
//
// Made by `python -m fastreg.interop.declarations`; do not edit.
//
// The functions know nothing of Python: they may be called without the GIL and from any number of threads.
// They allocate nothing and keep nothing.
//
// name_f32, name_f64: over a vector. x and out hold n numbers; out is x itself or does not overlap it. The
//     status is 0, or -k where the k-th argument is wrong (a null pointer, a negative n, a parameter that is
//     NaN or below its bound); then nothing was written. With n = 0 the pointers may be null.
// name_scalar_f32, name_scalar_f64: of one number. Parameters are not checked.
// name_callback: of numbers[0], with the parameters behind it, as SciPy hands arguments over; NaN where n
//     says that numbers are missing.
//
// NaN in x comes out as NaN. All doors to fastreg (NumPy, Numba, Cython, C, Rust) give the same bits.
//
// The address of the table comes from Python's fastreg.interop.c_api_address(), or from the capsule
// "fastreg.interop._C_API". Within one abi_version members are only appended.
use std::os::raw::c_int;

pub const ABI_VERSION: i32 = 1;

#[repr(C)]
pub struct Api {
    /// ABI_VERSION of the installed fastreg
    pub abi_version: i32,
    /// bytes of this table in the installed fastreg
    pub size: i32,

    // sign(x) max(|x| - threshold, 0), the minimiser over w of (w - x)^2 / 2 + threshold |w|;
    // threshold at least 0
    pub soft_threshold_f32: unsafe extern "C" fn(x: *const f32, n: i64, threshold: f32, out: *mut f32) -> c_int,
    pub soft_threshold_f64: unsafe extern "C" fn(x: *const f64, n: i64, threshold: f64, out: *mut f64) -> c_int,
    pub soft_threshold_scalar_f32: unsafe extern "C" fn(x: f32, threshold: f32) -> f32,
    pub soft_threshold_scalar_f64: unsafe extern "C" fn(x: f64, threshold: f64) -> f64,
    pub soft_threshold_callback: unsafe extern "C" fn(n: c_int, numbers: *mut f64) -> f64,

    // x / (1 + amount), the minimiser over w of (w - x)^2 / 2 + amount w^2 / 2; amount at least 0
    pub shrink_f32: unsafe extern "C" fn(x: *const f32, n: i64, amount: f32, out: *mut f32) -> c_int,
    pub shrink_f64: unsafe extern "C" fn(x: *const f64, n: i64, amount: f64, out: *mut f64) -> c_int,
    pub shrink_scalar_f32: unsafe extern "C" fn(x: f32, amount: f32) -> f32,
    pub shrink_scalar_f64: unsafe extern "C" fn(x: f64, amount: f64) -> f64,
    pub shrink_callback: unsafe extern "C" fn(n: c_int, numbers: *mut f64) -> f64,

    // the minimiser over w of (w - x)^2 / 2 + l1 |w| + l2 w^2 / 2; l1 at least 0; l2 at least 0
    pub prox_elastic_net_f32: unsafe extern "C" fn(x: *const f32, n: i64, l1: f32, l2: f32, out: *mut f32) -> c_int,
    pub prox_elastic_net_f64: unsafe extern "C" fn(x: *const f64, n: i64, l1: f64, l2: f64, out: *mut f64) -> c_int,
    pub prox_elastic_net_scalar_f32: unsafe extern "C" fn(x: f32, l1: f32, l2: f32) -> f32,
    pub prox_elastic_net_scalar_f64: unsafe extern "C" fn(x: f64, l1: f64, l2: f64) -> f64,
    pub prox_elastic_net_callback: unsafe extern "C" fn(n: c_int, numbers: *mut f64) -> f64,

    // the proximal step of length 1 of the minimax concave penalty, threshold |w| - w^2 / (2 gamma) up
    // to |w| = gamma threshold and constant from there on; threshold at least 0; gamma above 1
    pub firm_threshold_f32: unsafe extern "C" fn(x: *const f32, n: i64, threshold: f32, gamma: f32, out: *mut f32) -> c_int,
    pub firm_threshold_f64: unsafe extern "C" fn(x: *const f64, n: i64, threshold: f64, gamma: f64, out: *mut f64) -> c_int,
    pub firm_threshold_scalar_f32: unsafe extern "C" fn(x: f32, threshold: f32, gamma: f32) -> f32,
    pub firm_threshold_scalar_f64: unsafe extern "C" fn(x: f64, threshold: f64, gamma: f64) -> f64,
    pub firm_threshold_callback: unsafe extern "C" fn(n: c_int, numbers: *mut f64) -> f64,

    // the proximal step of length 1 of SCAD, whose slope is threshold up to |w| = threshold and falls
    // linearly to 0 at gamma threshold; threshold at least 0; gamma above 2
    pub scad_threshold_f32: unsafe extern "C" fn(x: *const f32, n: i64, threshold: f32, gamma: f32, out: *mut f32) -> c_int,
    pub scad_threshold_f64: unsafe extern "C" fn(x: *const f64, n: i64, threshold: f64, gamma: f64, out: *mut f64) -> c_int,
    pub scad_threshold_scalar_f32: unsafe extern "C" fn(x: f32, threshold: f32, gamma: f32) -> f32,
    pub scad_threshold_scalar_f64: unsafe extern "C" fn(x: f64, threshold: f64, gamma: f64) -> f64,
    pub scad_threshold_callback: unsafe extern "C" fn(n: c_int, numbers: *mut f64) -> f64,

    // 1 / (1 + exp(-x))
    pub sigmoid_f32: unsafe extern "C" fn(x: *const f32, n: i64, out: *mut f32) -> c_int,
    pub sigmoid_f64: unsafe extern "C" fn(x: *const f64, n: i64, out: *mut f64) -> c_int,
    pub sigmoid_scalar_f32: unsafe extern "C" fn(x: f32) -> f32,
    pub sigmoid_scalar_f64: unsafe extern "C" fn(x: f64) -> f64,
    pub sigmoid_callback: unsafe extern "C" fn(n: c_int, numbers: *mut f64) -> f64,

    // log(1 + exp(x))
    pub log1pexp_f32: unsafe extern "C" fn(x: *const f32, n: i64, out: *mut f32) -> c_int,
    pub log1pexp_f64: unsafe extern "C" fn(x: *const f64, n: i64, out: *mut f64) -> c_int,
    pub log1pexp_scalar_f32: unsafe extern "C" fn(x: f32) -> f32,
    pub log1pexp_scalar_f64: unsafe extern "C" fn(x: f64) -> f64,
    pub log1pexp_callback: unsafe extern "C" fn(n: c_int, numbers: *mut f64) -> f64,

    // x max(1 - threshold / |x|, 0), the minimiser over w of |w - x|^2 / 2 + threshold |w|, in L2
    // norms; threshold at least 0
    pub group_soft_threshold_f32: unsafe extern "C" fn(x: *const f32, n: i64, threshold: f32, out: *mut f32) -> c_int,
    pub group_soft_threshold_f64: unsafe extern "C" fn(x: *const f64, n: i64, threshold: f64, out: *mut f64) -> c_int,

    // the point nearest to x without negative entries that adds up to total; total at least 0
    pub project_simplex_f32: unsafe extern "C" fn(x: *const f32, n: i64, total: f32, out: *mut f32) -> c_int,
    pub project_simplex_f64: unsafe extern "C" fn(x: *const f64, n: i64, total: f64, out: *mut f64) -> c_int,

    // the point nearest to x whose absolute values add up to no more than radius; radius at least 0
    pub project_l1_ball_f32: unsafe extern "C" fn(x: *const f32, n: i64, radius: f32, out: *mut f32) -> c_int,
    pub project_l1_ball_f64: unsafe extern "C" fn(x: *const f64, n: i64, radius: f64, out: *mut f64) -> c_int,
}

impl Api {
    /// The table at an address, or None where the installed fastreg has another ABI version or is older.
    ///
    /// # Safety
    /// The address must be that of a fastreg table, in this process.
    pub unsafe fn at(address: usize) -> Option<&'static Api> {
        let header = (address as *const [i32; 2]).as_ref()?;
        let fits = header[0] == ABI_VERSION && header[1] as usize >= std::mem::size_of::<Api>();
        fits.then(|| &*(address as *const Api))
    }
}
