package io.webdnn.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class GraphSvgTest {
    private static final Pattern BOX =
            Pattern.compile(
                    "<rect class=\"(\\w+)\" x=\"([\\d.]+)\" y=\"([\\d.]+)\" width=\"([\\d.]+)\""
                            + " height=\"([\\d.]+)\"[^\n]*\n<text[^>]*>([^<]*)</text>");

    private record Box(String text, double left, double top, double right, double bottom) {
        boolean overlaps(Box other) {
            return left < other.right
                    && other.left < right
                    && top < other.bottom
                    && other.top < bottom;
        }
    }

    private static List<Box> boxes(String svg) {
        var boxes = new ArrayList<Box>();
        var matcher = BOX.matcher(svg);
        while (matcher.find()) {
            double x = Double.parseDouble(matcher.group(2));
            double y = Double.parseDouble(matcher.group(3));
            boxes.add(
                    new Box(
                            matcher.group(6),
                            x,
                            y,
                            x + Double.parseDouble(matcher.group(4)),
                            y + Double.parseDouble(matcher.group(5))));
        }
        return boxes;
    }

    /// A chain of four beside a way around it, and three readers of one value.
    private static Graph network() {
        var g = Graph.builder();
        var x = g.input("x<1>", TensorType.of(DType.FLOAT32, 2, 3));
        var w = g.constant("weights", Tensor.zeros(DType.FLOAT32, 3, 3));
        Value y = g.apply(new MatMul(), x, w);
        var sides = List.of(g.apply(new Relu(), y), g.apply(new Tanh(), y));
        for (int i = 0; i < 3; i++) y = g.apply(new Tanh(), y);
        y = g.apply(new Add(), g.apply(new Add(), y, sides.get(0)), sides.get(1));
        return g.build(Map.of("y", g.apply(new Add(), y, x)));
    }

    @Test
    void boxesStandBelowWhatTheyReadAndApart() {
        var boxes = boxes(GraphSvg.of(network()));
        assertThat(boxes)
                .extracting(Box::text)
                .containsExactly(
                        "x&lt;1&gt;",
                        "MatMul",
                        "Tanh",
                        "Tanh",
                        "Tanh",
                        "Relu",
                        "Add",
                        "Tanh",
                        "Add",
                        "Add",
                        "y");
        for (int i = 0; i < boxes.size(); i++)
            for (int j = 0; j < i; j++)
                assertThat(boxes.get(i).overlaps(boxes.get(j))).as(i + ", " + j).isFalse();
        var chain = List.of(0, 1, 2, 3, 4, 6, 8, 9, 10);
        for (int i = 1; i < chain.size(); i++)
            assertThat(boxes.get(chain.get(i)).top())
                    .isGreaterThan(boxes.get(chain.get(i - 1)).bottom());
    }

    @Test
    void constantsAndTypesAreNamed() {
        var svg = GraphSvg.of(network());
        assertThat(svg)
                .startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
                .endsWith("</svg>\n")
                .contains(">· weights float32[3, 3]</text>", ">→ float32[2, 3]</text>");
        // an arrow for each operand that is no constant, and for each output
        assertThat(svg.split("marker-end", -1)).hasSize(1 + 13);
    }

    @Test
    void theSameGraphGivesTheSameDrawing() {
        assertThat(GraphSvg.of(network())).isEqualTo(GraphSvg.of(network()));
    }
}
