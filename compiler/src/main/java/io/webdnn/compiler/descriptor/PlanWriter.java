package io.webdnn.compiler.descriptor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.Compiled;
import io.webdnn.compiler.layout.Layout;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.SharedLoop;
import io.webdnn.compiler.memory.MeasuredSizes;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.compiler.weights.WeightFile;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/// Writes the JSON of one plan, as `docs/descriptor.md` says it.
final class PlanWriter {
    private final Compiled compiled;
    private final Supplier<Optional<GoldenVectors>> golden;
    private final Code code;
    private final Map<Buffer, Integer> numbers = new LinkedHashMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private final List<Measured> measured = new ArrayList<>();
    private final List<Loop> loops = new ArrayList<>();
    private final MeasuredSizes sizes;
    private final Map<Buffer, KernelBuffer> bound = new HashMap<>();
    private final Map<Buffer, WeightFile.Place> places = new HashMap<>();
    private int format = GraphDescriptor.FORMAT; // the least whose readers take the plan

    /// A kernel in its place: with `step` bound if it stands in a repetition.
    private record Entry(Call.Run run, Map<String, Long> sizes, boolean isOnce) {}

    /// A size that is known when so many kernels have run.
    private record Measured(Call.Measure call, int kernel) {}

    /// Kernels that a reader repeats.
    private record Loop(Call.Repeat call, int kernel, int kernels) {}

    /// The code of the kernels, and how the plan refers to it.
    interface Code {
        /// Writes `modules` or `code`.
        void write(JsonGenerator json) throws IOException;

        /// Writes the `module` of a kernel.
        void reference(JsonGenerator json, Call.Run run) throws IOException;

        /// {@return numbers that the code takes behind the parameters of a kernel}
        default List<Integer> numbers(Call.Run run) {
            return List.of();
        }

        /// {@return the loop of a kernel that threads can share}
        default Optional<SharedLoop> shared(Call.Run run) {
            return Optional.empty();
        }
    }

    /// @param weights where the plan's constants are put
    PlanWriter(
            Compiled compiled,
            Code code,
            WeightFile weights,
            Supplier<Optional<GoldenVectors>> golden) {
        this.compiled = compiled;
        this.code = code;
        this.golden = golden;
        sizes = MeasuredSizes.of(compiled.calls());
        compiled.inputs().forEach(p -> number(p.buffer()));
        compiled.outputs().forEach(p -> number(p.buffer()));
        unroll(compiled.initial(), Map.of(), true);
        unroll(compiled.calls(), Map.of(), false);
        for (var buffer : numbers.keySet()) {
            var constant = buffer.constant();
            if (constant == null) continue;
            try {
                places.put(
                        buffer,
                        weights.add(constant, layout(buffer), stored(buffer), isHalf(buffer)));
            } catch (ArithmeticException e) {
                throw new CompileException(
                        "constant '" + buffer + "'", compiled.target(), e.getMessage() + "");
            }
        }
    }

    private Layout layout(Buffer buffer) {
        var shape = buffer.type().shape();
        if (!compiled.target().isTexels()) return Layout.rowMajor(shape);
        var binding = bound.get(buffer);
        return Layout.texels(shape).inLayers(binding == null ? 1 : binding.layers());
    }

    /// {@return the type of the elements that are stored: what kernels bind, if any does}
    private ScalarType stored(Buffer buffer) {
        var binding = bound.get(buffer);
        if (binding != null) return binding.scalar();
        var scalar = compiled.target().scalar(buffer.type().dtype(), compiled.isWide());
        return scalar == null || scalar == ScalarType.BOOL ? ScalarType.INT32 : scalar;
    }

    /// {@return whether the elements are stored in 16 bits}
    private boolean isHalf(Buffer buffer) {
        var binding = bound.get(buffer);
        return binding != null
                ? binding.storage() != KernelBuffer.Storage.WHOLE
                : compiled.target().storesHalves() && buffer.type().dtype() == DType.FLOAT16;
    }

    private void number(Buffer buffer) {
        numbers.putIfAbsent(buffer, numbers.size());
    }

    private void unroll(List<Call> calls, Map<String, Long> sizes, boolean isOnce) {
        for (var call : calls) {
            switch (call) {
                case Call.Run run -> {
                    run.buffers().forEach(this::number);
                    for (int i = 0; i < run.buffers().size(); i++)
                        bound.put(run.buffers().get(i), run.kernel().buffers().get(i));
                    entries.add(new Entry(run, sizes, isOnce));
                }
                case Call.Measure measure -> measured.add(new Measured(measure, entries.size()));
                case Call.Repeat repeat when repeat.isOpen() -> {
                    int first = entries.size();
                    unroll(repeat.body(), sizes, isOnce);
                    loops.add(new Loop(repeat, first, entries.size() - first));
                }
                case Call.Repeat repeat -> {
                    for (long t = 0; t < repeat.extent().value(); t++) {
                        var inner = new LinkedHashMap<>(sizes);
                        inner.put(repeat.symbol(), t);
                        unroll(repeat.body(), inner, isOnce);
                    }
                }
                case Call.Host host ->
                        throw new CompileException(
                                host.origin(),
                                compiled.target(),
                                "expected a kernel, got a host call");
                case Call.Library library ->
                        throw new CompileException(
                                library.origin(),
                                compiled.target(),
                                "expected a kernel, got a call of a library");
            }
        }
    }

    /// {@return the plan}
    ///
    /// @param weights the whole weight file
    String write(String generator, long convertedAt, int texture, FileEntry weights) {
        int assumed = format;
        var plan = text(generator, convertedAt, texture, weights);
        return format == assumed ? plan : text(generator, convertedAt, texture, weights);
    }

    private String text(String generator, long convertedAt, int texture, FileEntry weights) {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("format", format);
            json.writeStringField("backend", compiled.target().toString());
            json.writeStringField("generator", generator);
            json.writeNumberField("converted_at", convertedAt);
            json.writeObjectFieldStart("licenses");
            json.writeStringField("webdnn", "MIT");
            json.writeEndObject();
            if (texture > 0) json.writeNumberField("texture", texture);
            json.writeArrayFieldStart("placeholders");
            var symbols = new TreeSet<String>();
            compiled.inputs().forEach(p -> symbols.addAll(p.buffer().type().shape().symbols()));
            for (var symbol : symbols) json.writeString(symbol);
            json.writeEndArray();
            ports(json, "inputs", compiled.inputs());
            ports(json, "outputs", compiled.outputs());
            buffers(json, texture);
            if (!places.isEmpty()) weights.write(json, "weights");
            code.write(json);
            kernels(json);
            measured(json);
            loops(json);
            equations(json);
            golden(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringWriter does not fail
        }
        return text.toString();
    }

    private void ports(JsonGenerator json, String field, List<Compiled.Port> ports)
            throws IOException {
        json.writeArrayFieldStart(field);
        for (var port : ports) {
            json.writeStartObject();
            json.writeStringField("name", port.name());
            json.writeStringField("dtype", port.buffer().type().dtype().toString());
            json.writeArrayFieldStart("shape");
            for (var extent : port.buffer().type().shape().dimensions()) size(json, extent);
            json.writeEndArray();
            json.writeNumberField("buffer", numbers.getOrDefault(port.buffer(), -1));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void buffers(JsonGenerator json, int texture) throws IOException {
        var slots = compiled.memory().slotOf();
        json.writeArrayFieldStart("buffers");
        for (var buffer : numbers.keySet()) {
            var layout = layout(buffer);
            json.writeStartObject();
            var type = isHalf(buffer) ? DType.FLOAT16.name() : stored(buffer).name();
            json.writeStringField("type", type.toLowerCase(Locale.ROOT));
            json.writeFieldName("elements");
            size(json, sizes.atMost(layout.elements()));
            var place = places.get(buffer);
            if (place == null) {
                json.writeNumberField("slot", slots.getOrDefault(buffer, -1));
            } else {
                json.writeArrayFieldStart("weight");
                json.writeNumber(place.offset());
                json.writeNumber(place.length());
                json.writeEndArray();
                json.writeStringField("encoding", place.encoding());
            }
            if (layout.isTexels()) {
                json.writeNumberField("lane", layout.lane());
                if (layout.layers() > 1) json.writeNumberField("layers", layout.layers());
                int width = Layout.width(layout.texels(), texture);
                if (width < texture) json.writeNumberField("width", width);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void kernels(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("kernels");
        for (var entry : entries) {
            var kernel = entry.run().kernel();
            json.writeStartObject();
            json.writeStringField("name", kernel.name());
            json.writeFieldName("module");
            code.reference(json, entry.run());
            json.writeArrayFieldStart("buffers");
            for (var buffer : entry.run().buffers())
                json.writeNumber(numbers.getOrDefault(buffer, -1));
            json.writeEndArray();
            json.writeNumberField(
                    "writes",
                    kernel.buffers().stream()
                            .filter(b -> b.access() != KernelBuffer.Access.READ)
                            .count());
            if (entry.isOnce()) json.writeBooleanField("once", true);
            var parameters = new ArrayList<>(kernel.parameters());
            code.numbers(entry.run()).forEach(n -> parameters.add(Dimension.of(n)));
            var shared = code.shared(entry.run());
            shared.ifPresent(loop -> parameters.addAll(List.of(Dimension.of(0), loop.extent())));
            sizes(json, "parameters", parameters, entry.sizes());
            if (shared.isPresent()) {
                json.writeFieldName("work");
                size(json, shared.get().work().bind(entry.sizes()));
            }
            sizes(json, "groups", kernel.grid().groups(), entry.sizes());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void measured(JsonGenerator json) throws IOException {
        if (measured.isEmpty()) return;
        json.writeArrayFieldStart("measured");
        for (var size : measured) {
            json.writeStartObject();
            boolean hasBound = size.call().most() != null;
            json.writeStringField(hasBound ? "symbol" : "unbounded", size.call().symbol());
            json.writeNumberField("buffer", numbers.getOrDefault(size.call().source(), -1));
            json.writeNumberField("kernel", size.kernel());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void loops(JsonGenerator json) throws IOException {
        if (loops.isEmpty()) return;
        format = GraphDescriptor.LATER_FORMAT;
        json.writeArrayFieldStart("loops");
        for (var loop : loops) {
            json.writeStartObject();
            json.writeNumberField("kernel", loop.kernel());
            json.writeNumberField("kernels", loop.kernels());
            json.writeStringField("symbol", loop.call().symbol());
            json.writeFieldName("times");
            size(json, loop.call().extent());
            var goesOn = loop.call().goesOn();
            if (goesOn != null) json.writeNumberField("while", numbers.getOrDefault(goesOn, -1));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void sizes(
            JsonGenerator json, String field, List<Dimension> sizes, Map<String, Long> bound)
            throws IOException {
        if (sizes.isEmpty()) return;
        json.writeArrayFieldStart(field);
        for (var s : sizes) size(json, s.bind(bound));
        json.writeEndArray();
    }

    private void size(JsonGenerator json, Dimension dimension) throws IOException {
        if (dimension.isFixed()) {
            json.writeNumber(dimension.value());
            return;
        }
        var terms = dimension.terms();
        if (terms.size() > 1) {
            json.writeStartArray();
            json.writeString("+");
        }
        for (var term : terms) {
            boolean product = term.factors().size() + (term.coefficient() == 1 ? 0 : 1) > 1;
            if (product) {
                json.writeStartArray();
                json.writeString("*");
            }
            if (term.coefficient() != 1 || term.factors().isEmpty())
                json.writeNumber(term.coefficient());
            for (var factor : term.factors()) {
                switch (factor) {
                    case Dimension.Symbol(var name) -> json.writeString(name);
                    case Dimension.Quotient(var numerator, var divisor) -> {
                        json.writeStartArray();
                        json.writeString("//");
                        size(json, numerator);
                        json.writeNumber(divisor);
                        json.writeEndArray();
                    }
                    case Dimension.Minimum(var operands) -> {
                        format = GraphDescriptor.LATER_FORMAT;
                        json.writeStartArray();
                        json.writeString("min");
                        for (var operand : operands) size(json, operand);
                        json.writeEndArray();
                    }
                }
            }
            if (product) json.writeEndArray();
        }
        if (terms.size() > 1) json.writeEndArray();
    }

    private void equations(JsonGenerator json) throws IOException {
        if (compiled.equations().isEmpty()) return;
        format = GraphDescriptor.LATER_FORMAT;
        json.writeArrayFieldStart("equal");
        for (var equation : compiled.equations()) {
            json.writeStartArray();
            size(json, equation.actual());
            size(json, equation.expected());
            json.writeEndArray();
        }
        json.writeEndArray();
    }

    private void golden(JsonGenerator json) throws IOException {
        var golden = this.golden.get();
        if (golden.isEmpty()) return;
        golden(json, golden.get());
    }

    private void golden(JsonGenerator json, GoldenVectors golden) throws IOException {
        json.writeObjectFieldStart("golden");
        json.writeNumberField("seed", golden.seed());
        json.writeObjectFieldStart("placeholders");
        for (var entry : golden.sizes().entrySet())
            json.writeNumberField(entry.getKey(), entry.getValue());
        json.writeEndObject();
        json.writeArrayFieldStart("inputs");
        for (var port : compiled.inputs()) {
            json.writeStartObject();
            json.writeArrayFieldStart("range");
            json.writeNumber(GoldenVectors.LOW);
            json.writeNumber(GoldenVectors.high(port.buffer().type().dtype()));
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("outputs");
        for (var sample : golden.samples()) {
            json.writeStartObject();
            json.writeArrayFieldStart("index");
            for (int position : sample.positions()) json.writeNumber(position);
            json.writeEndArray();
            json.writeArrayFieldStart("value");
            for (double value : sample.values()) {
                if (Double.isFinite(value)) json.writeNumber((float) value);
                else json.writeString(Double.toString(value));
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberField("absolute", golden.absolute());
        json.writeNumberField("relative", GoldenVectors.RELATIVE);
        json.writeEndObject();
    }
}
