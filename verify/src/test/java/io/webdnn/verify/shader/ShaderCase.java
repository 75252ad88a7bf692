package io.webdnn.verify.shader;

import io.webdnn.compiler.emit.glsl.GlslEmitter;
import io.webdnn.compiler.emit.wgsl.WgslEmitter;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.ScalarType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// One kernel with its data and what it must compute.
///
/// @param name for reports
/// @param target `webgpu` or `webgl`
/// @param contents the words of each buffer before the run, in the order of the kernel's buffers
/// @param expected what each written buffer must hold
record ShaderCase(
        String name,
        String target,
        Kernel kernel,
        List<int[]> contents,
        List<Integer> parameters,
        List<Expected> expected) {
    /// The widest texture of the tests: small, so that textures of several rows occur.
    static final int TEXTURE = 32;

    /// The values of a written buffer; what is compared depends on its type.
    ///
    /// @param ulps for floats, allowed units in the last place
    /// @param absolute for floats, the error allowed whatever the value
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Expected(double[] values, double ulps, double absolute) {
        static Expected exactly(double[] values) {
            return new Expected(values, 0, 0);
        }
    }

    String source() {
        return target.equals("webgpu")
                ? WgslEmitter.emit(kernel)
                : GlslEmitter.emit(kernel, TEXTURE);
    }

    /// {@return what the page needs to run it}
    String json() {
        var buffers = new ArrayList<String>();
        for (int i = 0; i < kernel.buffers().size(); i++) {
            var buffer = kernel.buffers().get(i);
            buffers.add(
                    "{\"type\":\"%c\",\"write\":%b,\"words\":[%s]}"
                            .formatted(
                                    buffer.scalar().name().toLowerCase(Locale.ROOT).charAt(0),
                                    buffer.access() != KernelBuffer.Access.READ,
                                    Arrays.stream(contents.get(i))
                                            .mapToObj(Integer::toUnsignedString)
                                            .collect(Collectors.joining(","))));
        }
        return "{\"target\":\"%s\",\"texture\":%d,\"source\":\"%s\",\"buffers\":[%s],\"parameters\":%s,\"groups\":%s}"
                .formatted(
                        target,
                        TEXTURE,
                        source().replace("\n", "\\n"),
                        String.join(",", buffers),
                        parameters,
                        groups());
    }

    private List<Long> groups() {
        var sizes = new HashMap<String, Long>();
        for (int i = 0; i < parameters.size(); i++)
            sizes.put(kernel.parameters().get(i).toString(), (long) parameters.get(i));
        return kernel.grid().groups().stream().map(g -> g.bind(sizes).value()).toList();
    }

    /// {@return what differs from the expectation, empty if nothing}
    List<String> differences(List<int[]> outputs) {
        var differences = new ArrayList<String>();
        var written =
                kernel.buffers().stream()
                        .filter(b -> b.access() != KernelBuffer.Access.READ)
                        .toList();
        for (int b = 0; b < written.size(); b++) {
            var want = expected.get(b);
            var got = outputs.get(b);
            for (int i = 0; i < want.values().length; i++) {
                var value = value(written.get(b).scalar(), got[i]);
                if (!isClose(written.get(b).scalar(), want, want.values()[i], value)) {
                    differences.add(
                            "%s[%d]: expected %s, got %s%s"
                                    .formatted(
                                            written.get(b), i, want.values()[i], value, inputs(i)));
                }
            }
        }
        return differences;
    }

    private String inputs(int i) {
        var text = new StringBuilder(" for");
        for (int b = 0; b < kernel.buffers().size(); b++) {
            var buffer = kernel.buffers().get(b);
            if (buffer.access() == KernelBuffer.Access.READ && i < contents.get(b).length)
                text.append(' ').append(value(buffer.scalar(), contents.get(b)[i]));
        }
        return text.toString();
    }

    private static double value(ScalarType type, int word) {
        return switch (type) {
            case FLOAT32 -> Float.intBitsToFloat(word);
            case UINT32 -> Integer.toUnsignedLong(word);
            case INT32, BOOL -> word;
            case FLOAT16, FLOAT64, INT64, UINT64 ->
                    throw new IllegalArgumentException("expected a 32-bit type, got " + type);
        };
    }

    private static boolean isClose(ScalarType type, Expected rule, double want, double got) {
        if (!type.isFloat()) return want == got;
        if (Double.isNaN(want)) return Double.isNaN(got);
        double rounded = (float) want;
        if (Double.isInfinite(rounded)) return got == rounded;
        double ulp = Math.ulp((float) want);
        return Math.abs(want - got) <= rule.absolute() + rule.ulps() * ulp
                || rounded == got
                // shading languages may flush what is below the smallest normal number
                || Math.abs(want) < Float.MIN_NORMAL && Math.abs(got) < Float.MIN_NORMAL;
    }
}
