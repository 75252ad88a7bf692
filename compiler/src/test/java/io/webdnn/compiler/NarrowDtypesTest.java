package io.webdnn.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.NarrowFloat;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Dtypes narrower than the scalars that they are computed in, as compiled for the JVM.
class NarrowDtypesTest {
    /// The floats between which rounding decides: all numbers of the dtype (of 16 bits, every
    /// 37th), the middles between neighbours, what lies just beside them, and any bits.
    private static float[] floats(DType dtype) {
        var random = new Random(7);
        int codes = 1 << dtype.bits();
        int step = dtype.bits() == 16 ? 37 : 1;
        var values = new ArrayList<Float>();
        for (int code = 0; code < codes; code += step) {
            float number = (float) NarrowFloat.decode(dtype, code);
            float next = (float) NarrowFloat.decode(dtype, Math.min(code + 1, codes - 1));
            float middle = number + (next - number) / 2;
            for (float x : new float[] {number, middle}) {
                values.add(x);
                values.add(Math.nextUp(x));
                values.add(Math.nextDown(x));
            }
        }
        for (int i = 0; i < 20_000; i++) values.add(Float.intBitsToFloat(random.nextInt()));
        values.addAll(List.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f));
        var array = new float[values.size()];
        for (int i = 0; i < array.length; i++) array[i] = values.get(i);
        return array;
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "FLOAT16",
                "BFLOAT16",
                "FLOAT8E4M3FN",
                "FLOAT8E4M3FNUZ",
                "FLOAT8E5M2",
                "FLOAT8E5M2FNUZ",
                "FLOAT8E8M0",
                "FLOAT4E2M1"
            })
    void floatsAreRoundedWhereTheyAreCast(DType dtype) {
        var values = floats(dtype);
        for (boolean saturate : new boolean[] {true, false}) {
            var g = Graph.builder();
            var x = g.input("x", TensorType.of(DType.FLOAT32, values.length));
            var narrow = g.apply(new Cast(dtype, saturate), x);
            var graph =
                    Graph.of(
                            List.of(x),
                            List.of(Value.of(g.apply(new Cast(DType.FLOAT32), narrow))));
            var y = Program.compile(graph).run(List.of(Tensor.of(values, values.length)));
            for (int i = 0; i < values.length; i++) {
                var expected = (float) NarrowFloat.round(dtype, values[i], saturate);
                assertThat(Float.floatToIntBits(y.getFirst().floats()[i]))
                        .as("%s of %s, saturate %s", dtype, values[i], saturate)
                        .isEqualTo(Float.floatToIntBits(expected));
            }
        }
    }

    /// 2,048 + 1 has no place in float16, which keeps 11 bits.
    @Test
    void sumsOfNarrowFloatsAreRoundedWhereTheyAreStored() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT16, 2));
        var graph = Graph.of(List.of(x), List.of(Value.of(g.apply(new Add(), x, x))));
        var x0 = Tensor.zeros(DType.FLOAT16, 2);
        x0.setDouble(0, 1025);
        x0.setDouble(1, 40_000);
        var y = Program.compile(graph).run(List.of(x0)).getFirst();
        assertThat(y.dtype()).isEqualTo(DType.FLOAT16);
        assertThat(y.getDouble(0)).isEqualTo(2050);
        assertThat(y.getDouble(1)).isEqualTo(Double.POSITIVE_INFINITY);
    }

    /// The sum is exact beyond float16, whatever template computes it, and rounded once behind its
    /// epilogue.
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void productsOfNarrowFloatsAreContractions(DType dtype) {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(dtype, 5, 64));
        var values = Tensor.zeros(dtype, 64, 12);
        for (int i = 0; i < values.size(); i++) values.setDouble(i, (i * 7 % 32 - 16) / 8.0);
        var product = g.apply(new MatMul(), x, g.constant("w", values));
        var graph = Graph.of(List.of(x), List.of(Value.of(g.apply(new Relu(), product))));
        for (var target : Target.values()) {
            assertThat(Compiler.explain(Compiler.compile(graph, target)))
                    .as(target.toString())
                    .anyMatch(line -> line.contains("Contraction") && !line.contains("not of"));
        }
        var given = Tensor.zeros(dtype, 5, 64);
        for (int i = 0; i < given.size(); i++) given.setDouble(i, (i * 5 % 64 - 20) / 4.0);
        var y = Program.compile(graph).run(List.of(given)).getFirst();
        for (int row = 0; row < 5; row++) {
            for (int column = 0; column < 12; column++) {
                double sum = 0;
                for (int k = 0; k < 64; k++)
                    sum += given.getDouble(row * 64 + k) * values.getDouble(k * 12 + column);
                assertThat(y.getDouble(row * 12 + column))
                        .isEqualTo(NarrowFloat.round(dtype, (float) Math.max(0, sum), true));
            }
        }
    }

    /// Only a cast that does not saturate gives ∞; the store keeps it.
    @Test
    void infinitiesThatCastsGiveAreStored() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 2));
        var casts =
                List.of(
                        Value.of(g.apply(new Cast(DType.FLOAT8E5M2, false), x)),
                        Value.of(g.apply(new Cast(DType.FLOAT8E5M2, true), x)));
        var given = Tensor.of(new float[] {1e6f, Float.NEGATIVE_INFINITY}, 2);
        var outputs = Program.compile(Graph.of(List.of(x), casts)).run(List.of(given));
        assertThat(outputs.get(0).getDouble(0)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(outputs.get(0).getDouble(1)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(outputs.get(1).getDouble(0)).isEqualTo(57344);
        assertThat(outputs.get(1).getDouble(1)).isEqualTo(-57344);
    }

    @ParameterizedTest
    @EnumSource(names = {"INT2", "INT4", "INT8", "INT16", "UINT2", "UINT4", "UINT8", "UINT16"})
    void integersWrapAndFloatsAreClamped(DType dtype) {
        boolean signed = dtype.kind() == DType.Kind.SIGNED;
        long low = signed ? -(1L << dtype.bits() - 1) : 0;
        long high = low + (1L << dtype.bits()) - 1;
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(dtype, 2));
        var y = g.input("y", TensorType.of(DType.FLOAT32, 2));
        var z = g.input("z", TensorType.of(DType.INT32, 2));
        var graph =
                Graph.of(
                        List.of(x, y, z),
                        List.of(
                                Value.of(g.apply(new Add(), x, x)),
                                Value.of(g.apply(new Cast(dtype), y)),
                                Value.of(g.apply(new Cast(dtype), z)),
                                Value.of(g.apply(new ReduceMax(true), x))));
        var x0 = Tensor.zeros(dtype, 2);
        x0.setLong(0, high);
        x0.setLong(1, low);
        var given =
                List.of(
                        x0,
                        Tensor.of(new float[] {1e9f, -1e9f}, 2),
                        Tensor.of(new int[] {(int) high + 1, (int) low - 1}, 2));
        var outputs = Program.compile(graph).run(given);
        assertThat(integers(outputs.get(0))).containsExactly(signed ? -2 : high - 1, 0);
        assertThat(integers(outputs.get(1))).containsExactly(high, low);
        assertThat(integers(outputs.get(2))).containsExactly(low, high);
        assertThat(integers(outputs.get(3))).containsExactly(high);
    }

    private static long[] integers(Tensor tensor) {
        var values = new long[tensor.size()];
        for (int i = 0; i < values.length; i++) values[i] = tensor.getLong(i);
        return values;
    }
}
