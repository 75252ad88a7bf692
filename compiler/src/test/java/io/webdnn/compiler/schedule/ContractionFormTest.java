package io.webdnn.compiler.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ContractionFormTest {
    private final Index channel = index("o", 5);
    private final Index row = index("h", 6);
    private final Index column = index("w", 7);
    private final Index k = index("k", 3);

    private static Index index(String name, long extent) {
        return new Index(name, Dimension.of(extent));
    }

    private static Load load(String name, List<? extends Expr> index, int... shape) {
        var buffer = Buffer.of(name, TensorType.of(DType.FLOAT32, shape));
        return new Load(buffer, List.copyOf(index));
    }

    /// A product over k of weights `[o, k]` and an image, with something done to the sum.
    private ContractionForm form(Expr image, UnaryOperator<Expr> epilogue) {
        var product = image.times(load("weights", List.of(channel, k), 5, 3));
        var sum = Expr.sum(List.of(k), product);
        var output = Buffer.of("y", TensorType.of(DType.FLOAT32, 5, 6, 7));
        var stage =
                new Stage(
                        List.of(channel, row, column),
                        List.of(new Stage.Output(output, epilogue.apply(sum))));
        return Objects.requireNonNull(ContractionForm.match(stage).form()).merged();
    }

    private Load image() {
        return load("x", List.of(k, row, column), 3, 6, 7);
    }

    private static List<Long> extents(List<Index> role) {
        return role.stream().map(i -> i.extent().value()).toList();
    }

    @Test
    void rowsAndColumnsOfAnImageAreOneIndex() {
        var form = form(image(), sum -> sum);
        assertThat(extents(form.m())).containsExactly(42L);
        assertThat(extents(form.n())).containsExactly(5L);
        assertThat(extents(form.k())).containsExactly(3L);
    }

    @Test
    void alsoWithAnotherImageAdded() {
        var form = form(image(), sum -> sum.plus(load("r", List.of(row, column), 6, 7)));
        assertThat(extents(form.m())).containsExactly(42L);
    }

    @Test
    void notIfTheEpilogueReadsThemOtherwise() {
        for (var other :
                List.of(
                        load("one row", List.of(column), 7),
                        load("turned", List.of(column, row), 7, 6))) {
            var form = form(image(), sum -> sum.plus(other));
            assertThat(extents(form.m())).as("%s", other).containsExactly(6L, 7L);
        }
        var chosen = form(image(), s -> row.less(Expr.of(3)).select(s, Expr.of(DType.FLOAT32, 0)));
        assertThat(extents(chosen.m())).containsExactly(6L, 7L);
    }

    @Test
    void notIfTheImageIsReadWithGaps() {
        var strided = load("x", List.of(k, row, column.times(2)), 3, 6, 13);
        assertThat(extents(form(strided, sum -> sum).m())).containsExactly(6L, 7L);
        var part = load("x", List.of(k, row, column), 3, 6, 8);
        assertThat(extents(form(part, sum -> sum).m())).containsExactly(6L, 7L);
    }
}
