package io.webdnn.compiler.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.compiler.Target;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayoutTest {
    private static long offset(Layout layout, int... index) {
        var offset = layout.offset(IntStream.of(index).mapToObj(Expr::of).toList());
        return ((Literal) offset).value().longValue();
    }

    @Test
    void theColumnsOfAnImageLieInDifferentLayers() {
        var layout = Layout.texels(Shape.of(2, 8, 5, 13)).inLayers(4);

        assertThat(layout.units()).isEqualTo(Shape.of(2, 2, 5, 16));
        assertThat(layout.texels()).isEqualTo(2 * 2 * 5 * 16 / 4);
        assertThat(offset(layout, 1, 7, 4, 12)).isEqualTo(((1 * 2 + 1) * 5 + 4) * 16 + 12);
    }

    @Test
    void theRowsOfAMatrixLieInDifferentLayersInnermost() {
        var layout = Layout.texels(Shape.of(9, 12)).inLayers(8);

        assertThat(layout.units()).isEqualTo(Shape.of(16, 3));
        assertThat(layout.order()).containsExactly(1, 0);
        assertThat(offset(layout, 8, 11)).isEqualTo(2 * 16 + 8);
    }

    @Test
    void noTwoElementsShareAPlace() {
        var layout = Layout.texels(Shape.of(3, 7, 6)).inLayers(2);
        var places = new HashSet<String>();
        for (int o = 0; o < 3; o++)
            for (int m = 0; m < 7; m++)
                for (int n = 0; n < 6; n++) places.add(offset(layout, o, m, n) + " " + n % 4);

        assertThat(places).hasSize(3 * 7 * 6);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 4096, 1",
        "3, 4096, 2",
        "16, 4096, 4",
        "6272, 4096, 64",
        "15000000, 4096, 4096",
        "15000000, 16384, 2048",
        "0, 8192, 8192"
    })
    void aTextureIsAboutAsWideAsHigh(long texels, int texture, int width) {
        assertThat(Layout.width(texels, texture)).isEqualTo(width);
        assertThat((texels + width - 1) / width).isLessThanOrEqualTo(texture);
    }

    @Test
    void whatAKernelHasMetIsNotPutInLayers() {
        var layouts = new Layouts(Target.WEBGL, 8, false, false);
        var names = List.of("a", "b");
        var buffers =
                names.stream()
                        .map(n -> Buffer.of(n, new TensorType(DType.FLOAT32, Shape.of(4, 4))))
                        .toList();
        layouts.putInLayers(buffers.get(0), 4);

        assertThat(layouts.of(buffers.get(0)).layers()).isEqualTo(4);
        assertThat(layouts.isOpen(buffers.get(1))).isTrue();
        assertThat(layouts.of(buffers.get(1)).layers()).isEqualTo(1);
        assertThat(layouts.isOpen(buffers.get(1))).isFalse();
        assertThatThrownBy(() -> layouts.putInLayers(buffers.get(1), 4))
                .hasMessage("Layouts: b: expected a buffer that no kernel has met");
    }
}
