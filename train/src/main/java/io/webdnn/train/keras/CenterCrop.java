package io.webdnn.train.keras;

import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Slice;
import io.webdnn.train.F;
import io.webdnn.train.Function;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The middle of images, `[N, H, W, C]` to `[N, height, width, C]`, nearer to the top and the left
/// where it is not in the middle.
public final class CenterCrop extends FluentLayer<CenterCrop> {
    private final int height;
    private final int width;

    /// @param height how many rows are kept, at most as many as there are
    /// @param width how many columns
    public CenterCrop(int height, int width) {
        this.height = positive("height", height);
        this.width = positive("width", width);
    }

    @Override
    int[] outputShape(int[] input) {
        expectRank(input, 3, Windows.form(2));
        if (input[0] < height || input[1] < width)
            throw wrong("input", "at least " + height + " x " + width, Arrays.toString(input));
        return new int[] {height, width, input[2]};
    }

    @Override
    Signal apply(Signal x) {
        var value = x.channelsLast();
        int top = (value.size(1) - height) / 2;
        int left = (value.size(2) - width) / 2;
        return Signal.of(F.apply(new Part(top, left, height, width), name(), value));
    }

    /// A part of images.
    private record Part(int top, int left, int height, int width) implements Function {
        @Override
        public String name() {
            return "Crop";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            return g.applyAll(
                    new Slice(),
                    List.of(
                            inputs.getFirst(),
                            g.vector(top, left),
                            g.vector((long) top + height, (long) left + width),
                            g.vector(1, 2)));
        }
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("height", height);
        config.put("width", width);
        config.put("data_format", "channels_last");
    }

    @Override
    void read(Settings settings) {
        settings.expectChannelsLast();
    }
}
