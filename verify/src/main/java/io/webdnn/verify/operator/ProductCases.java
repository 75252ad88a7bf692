package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.f16;
import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.i32;

import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.MatMul;
import io.webdnn.tensor.DType;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Matrix products.
final class ProductCases {
    private ProductCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.concat(matMul(), gemm());
    }

    private static Stream<OperatorCase> matMul() {
        return OperatorContract.of(new MatMul())
                .inputs("1 × 1", f32(1, 1), f32(1, 1))
                .inputs("3 × 4 × 5", f32(3, 4), f32(4, 5))
                .inputs("7 × 9 × 8", f32(7, 9).symbol(0, "N"), f32(9, 8))
                .inputs("17 × 33 × 15", f32(17, 33), f32(33, 15))
                .inputs("257 × 17 × 37", f32(257, 17), f32(17, 37))
                .inputs("64 × 12 × 260", f32(64, 12), f32(12, 260))
                .inputs("batches of 70", f32(3, 70, 9), f32(9, 81))
                .inputs("known 4 × 5", f32(3, 4).symbol(0, "N"), f32(4, 5).known())
                .inputs("known 33 × 130", f32(70, 33), f32(33, 130).known())
                .inputs("known 37 × 17", f32(37, 17).known(), f32(17, 50))
                .inputs("known batches", f32(3, 70, 9), f32(3, 9, 81).known())
                .inputs("vectors", f32(5), f32(5))
                .inputs("vector and matrix", f32(5), f32(5, 3))
                .inputs("matrix and vector", f32(3, 5), f32(5))
                .inputs("vector of 515 and known matrix", f32(515), f32(515, 9).known())
                .inputs("vector of 512 and known matrix", f32(1, 512), f32(512, 64).known())
                .inputs("known matrix and vector of 130", f32(65, 130).known(), f32(130))
                .inputs("vectors of 67 and batch", f32(3, 1, 67), f32(3, 67, 33))
                .inputs(
                        "batch of vectors of N",
                        f32(2, 1, 6).symbol(2, "N"),
                        f32(2, 6, 5).symbol(1, "N"))
                .inputs("vector and batch", f32(4), f32(2, 4, 3))
                .inputs("batches", f32(2, 3, 4).symbol(0, "N"), f32(2, 4, 5).symbol(0, "N"))
                .inputs("batch and matrix", f32(2, 3, 4), f32(4, 5))
                .inputs("batches broadcast", f32(2, 1, 3, 4), f32(5, 4, 1))
                .inputs("K = 0", f32(2, 0), f32(0, 3))
                .inputs("no rows", f32(0, 4), f32(4, 3))
                .inputs("int", i32(3, 5), i32(5, 2))
                .inputs("float16", f16(3, 5), f16(5, 2))
                .inputs(
                        "float16 summed as float32",
                        Given.filled(DType.FLOAT16, 1, 3, 4096),
                        Given.filled(DType.FLOAT16, 1, 4096, 9))
                .oracle(in -> matMul(in.get(0), in.get(1)));
    }

    private static Grid matMul(Grid a, Grid b) {
        boolean row = a.rank() == 1;
        boolean column = b.rank() == 1;
        var left = row ? new int[] {1, a.extent(0)} : a.shape();
        var right = column ? new int[] {b.extent(0), 1} : b.shape();
        var batch =
                ElementwiseCases.broadcast(
                        Arrays.copyOf(left, left.length - 2),
                        Arrays.copyOf(right, right.length - 2));
        var shape = IntStream.of(batch);
        if (!row) shape = IntStream.concat(shape, IntStream.of(left[left.length - 2]));
        if (!column) shape = IntStream.concat(shape, IntStream.of(right[right.length - 1]));
        int depth = left[left.length - 1];
        return Grid.each(
                a.dtype(),
                shape.toArray(),
                o -> {
                    double sum = 0;
                    for (int k = 0; k < depth; k++) {
                        int i = row ? -1 : o[batch.length];
                        int j = column ? -1 : o[o.length - 1];
                        var p = row ? new int[] {k} : at(a.shape(), o, batch.length, i, k);
                        var q = column ? new int[] {k} : at(b.shape(), o, batch.length, k, j);
                        sum += a.at(p) * b.at(q);
                    }
                    return sum;
                });
    }

    private static int[] at(int[] shape, int[] o, int batchRank, int i, int j) {
        var at = new int[shape.length];
        int lead = shape.length - 2;
        for (int d = 0; d < lead; d++) at[d] = shape[d] == 1 ? 0 : o[batchRank - lead + d];
        at[lead] = i;
        at[lead + 1] = j;
        return at;
    }

    private static Stream<OperatorCase> gemm() {
        return Stream.of(
                        gemm(new Gemm(false, false), f32(3, 5).symbol(0, "N"), f32(5, 4), f32(4)),
                        gemm(new Gemm(false, true), f32(1, 9).symbol(0, "N"), f32(10, 9), f32(10)),
                        gemm(new Gemm(true, false), f32(5, 3), f32(5, 4), f32(3, 1)),
                        gemm(new Gemm(0.5f, 2, true, true), f32(5, 3), f32(4, 5), f32(3, 4)),
                        gemm(new Gemm(0.5f, 2, false, false), f32(1, 1), f32(1, 8), f32()),
                        gemm(new Gemm(1, 0, false, false), f32(2, 3), f32(3, 2), f32(1)),
                        gemm(new Gemm(false, false), f32(8, 17), f32(17, 9)),
                        gemm(new Gemm(2, 3, false, true), i32(2, 3), i32(4, 3), i32(4)))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> gemm(Gemm op, Given... inputs) {
        return OperatorContract.of(op)
                .inputs(inputs.length < 3 ? "no C" : "C", inputs)
                .oracle(in -> {
                    var a = in.get(0);
                    var b = in.get(1);
                    int rows = a.extent(op.transA() ? 1 : 0);
                    int columns = b.extent(op.transB() ? 0 : 1);
                    int depth = a.extent(op.transA() ? 0 : 1);
                    return Grid.each(
                            a.dtype(),
                            new int[] {rows, columns},
                            o -> {
                                double sum = 0;
                                for (int k = 0; k < depth; k++) {
                                    sum +=
                                            (op.transA() ? a.at(k, o[0]) : a.at(o[0], k))
                                                    * (op.transB() ? b.at(o[1], k) : b.at(k, o[1]));
                                }
                                sum *= op.alpha();
                                if (in.size() > 2) sum += op.beta() * in.get(2).broadcastAt(o);
                                return sum;
                            });
                });
    }
}
