package io.webdnn.graph.expr;

import io.webdnn.tensor.DType;

/// The operand in another dtype: the only place where narrowing, wrapping and saturating live.
///
/// Float to integer truncates towards zero and saturates (NaN gives 0); integer to narrower integer
/// wraps; to bool is `≠ 0`; to a narrower float rounds half to even; to float8 saturates if
/// `saturate`.
public record Cast(DType dtype, Expr operand, boolean saturate) implements Expr {}
