package io.webdnn.compiler.weights;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The constants of a descriptor, laid out for its target, in one file.
///
/// It holds the tensors, not the bytes: these are made each time that the file is written, so that
/// a file may be larger than memory has room for twice, or than an array can be.
public final class WeightFile {
    /// What WebAssembly wants of a buffer: the file can be loaded to where kernels read it.
    private static final int ALIGNMENT = 64;

    private final Encoding encoding;
    private final Map<Weight, Place> weights = new LinkedHashMap<>();
    private final Map<Stored, Place> places = new HashMap<>();
    private long end;

    /// A constant as it is stored; no other tensor than itself is equal to it.
    private record Stored(Tensor tensor, Layout layout, ScalarType scalar, boolean isHalf) {}

    /// @param encoding of floats; what is of float16 stays so, and integers have the bits of their
    ///   dtype
    public WeightFile(Encoding encoding) {
        this.encoding = encoding;
    }

    /// Where a constant stands, in bytes.
    ///
    /// @param encoding its name in descriptors
    public record Place(long offset, long length, String encoding) {}

    /// {@return where a constant was put; it is put there once, however often it is asked for}
    ///
    /// @param layout how its elements are to lie
    /// @param scalar the type that they are computed with
    /// @param isHalf whether floats are stored in 16 bits
    /// @throws ArithmeticException if an integer does not fit in 32 bits; names the value
    public Place add(Tensor tensor, Layout layout, ScalarType scalar, boolean isHalf) {
        return places.computeIfAbsent(
                new Stored(tensor, layout, scalar, isHalf),
                _ -> {
                    var weight = new Weight(tensor, layout, scalar, isHalf, encoding);
                    long offset = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
                    var place = new Place(offset, weight.bytes(), weight.encoding());
                    weights.put(weight, place);
                    end = offset + place.length();
                    return place;
                });
    }

    /// {@return the bytes of the file}
    public long bytes() {
        return end;
    }

    /// Writes the file.
    public void writeTo(OutputStream out) throws IOException {
        long at = 0;
        for (var entry : weights.entrySet()) {
            out.write(new byte[(int) (entry.getValue().offset() - at)]);
            entry.getKey().writeTo(out);
            at = entry.getValue().offset() + entry.getValue().length();
        }
    }
}
