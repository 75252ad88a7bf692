package io.webdnn.compiler;

import io.webdnn.compiler.contract.BoundContraction;
import io.webdnn.compiler.contract.BoundPad;
import io.webdnn.compiler.contract.BoundPool;
import io.webdnn.compiler.contract.BoundSum;
import io.webdnn.compiler.emit.jvm.KernelCode;
import io.webdnn.compiler.emit.jvm.LoadedKernel;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Work;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.Sizes;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.kernel.Workers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/// The calls of a program for one set of sizes: arrays found, parameters evaluated, work cut into
/// pieces; nothing is allocated when it runs.
final class BoundProgram {
    /// Operations below which a piece is not worth handing to another thread.
    private static final double PIECE = 40_000;

    private static final int MOST_PIECES = 32;

    /// Of so many repetitions the parameters are computed before they run.
    private static final int MOST_REPETITIONS = 65_536;

    private final Sizes sizes;
    private final Function<Buffer, Object> arrays;
    private final Map<Call.Run, LoadedKernel> kernels;
    private final List<Action> actions = new ArrayList<>();
    private final Map<Buffer, List<Slot>> uses = new HashMap<>();
    private final Map<Buffer, Object[]> written = new HashMap<>();

    /// A place where an array is named.
    private static final class Slot {
        final Object[] arrays;
        final int position;

        Slot(Object[] arrays, int position) {
            this.arrays = arrays;
            this.position = position;
        }
    }

    /// Something to be done when the program runs.
    private interface Action {
        void run();
    }

    /// @param arrays finds the array of a buffer
    BoundProgram(
            Sizes sizes, Function<Buffer, Object> arrays, Map<Call.Run, LoadedKernel> kernels) {
        this.sizes = sizes;
        this.arrays = arrays;
        this.kernels = kernels;
    }

    /// Adds a call.
    void add(Call call) {
        actions.add(action(call));
    }

    /// Puts an array in the place of a buffer, wherever it is used.
    void set(Buffer buffer, Object array) {
        var places = uses.get(buffer);
        if (places == null) return;
        for (int i = 0; i < places.size(); i++) {
            var place = places.get(i);
            place.arrays[place.position] = array;
        }
    }

    void run() {
        for (int i = 0; i < actions.size(); i++) actions.get(i).run();
    }

    /// Runs, and writes down what each call took, in nanoseconds.
    void run(long[] times) {
        for (int i = 0; i < actions.size(); i++) {
            long begin = System.nanoTime();
            actions.get(i).run();
            times[i] = System.nanoTime() - begin;
        }
    }

    /// Adds a call and runs it at once, for programs whose sizes depend on data.
    void step(Call call) {
        action(call).run();
    }

    private Action action(Call call) {
        return switch (call) {
            case Call.Run run -> kernel(run, Map.of());
            case Call.Host host -> host(host.call());
            case Call.Measure measure -> measure(measure);
            case Call.Repeat repeat -> repeat(repeat);
            case Call.Contract contract -> contract(contract);
            case Call.Pad pad -> pad(pad);
            case Call.Sum sum -> sum(sum);
            case Call.Pool pool -> pool(pool);
        };
    }

    private int size(Dimension dimension, Map<String, Long> also) {
        return Math.toIntExact(sizes.of(dimension.bind(also)));
    }

    /// A kernel with its arguments.
    private static final class Bound implements Action {
        final KernelCode code;
        final Object[] buffers;
        final int[] parameters;
        final Part[] parts;

        Bound(KernelCode code, Object[] buffers, int[] parameters, Part[] parts) {
            this.code = code;
            this.buffers = buffers;
            this.parameters = parameters;
            this.parts = parts;
            for (var part : parts) part.bound = this;
        }

        @Override
        public void run() {
            for (var part : parts) Workers.shared().run(part.pieces, part);
        }
    }

    /// A phase, cut into pieces.
    private static final class Part implements Workers.Piece {
        final int phase;
        final int extent;
        final int pieces;

        @SuppressWarnings("NullAway.Init") // set by the kernel that owns it
        Bound bound;

        @SuppressWarnings("NullAway.Init")
        Part(int phase, int extent, int pieces) {
            this.phase = phase;
            this.extent = extent;
            this.pieces = pieces;
        }

        @Override
        public void run(int index) {
            int from = (int) ((long) extent * index / pieces);
            int to = (int) ((long) extent * (index + 1) / pieces);
            bound.code.run(phase, bound.buffers, bound.parameters, from, to);
        }
    }

    private Bound kernel(Call.Run run, Map<String, Long> also) {
        var loaded = kernels.computeIfAbsent(run, r -> LoadedKernel.load(r.kernel()));
        var buffers = new Object[run.buffers().size()];
        for (int i = 0; i < buffers.length; i++) {
            use(run.buffers().get(i), buffers, i);
        }
        var parameters = new int[run.kernel().parameters().size()];
        for (int i = 0; i < parameters.length; i++)
            parameters[i] = size(run.kernel().parameters().get(i), also);
        var work = new Work(p -> size(p.dimension(), also));
        var parts = new Part[loaded.phases().size()];
        for (int p = 0; p < parts.length; p++) {
            int extent = loaded.code().extent(p, parameters);
            parts[p] = new Part(p, extent, pieces(loaded.phases().get(p), extent, work));
        }
        return new Bound(loaded.code(), buffers, parameters, parts);
    }

    private static int pieces(Stmt phase, int extent, Work work) {
        if (!(phase instanceof Stmt.For loop)) return 1;
        double cost = extent * (1 + work.of(loop.body()));
        int wanted = (int) Math.min(MOST_PIECES, cost / PIECE);
        return extent == 0 ? 0 : Math.max(1, Math.min(extent, wanted));
    }

    private void use(Buffer buffer, Object[] places, int position) {
        places[position] = arrays.apply(buffer);
        uses.computeIfAbsent(buffer, _ -> new ArrayList<>()).add(new Slot(places, position));
    }

    private Action contract(Call.Contract call) {
        var after = call.epilogue();
        var epilogue = after == null ? null : new After(kernel(after, Map.of()));
        var bound = BoundContraction.bind(call, sizes, epilogue);
        use(call.a().buffer(), bound.arrays(), BoundContraction.A);
        use(call.b().buffer(), bound.arrays(), BoundContraction.B);
        use(call.y().buffer(), bound.arrays(), BoundContraction.Y);
        return bound::run;
    }

    /// A kernel as the epilogue of a contraction. A kernel of several phases has no iterations that
    /// could be run one by one.
    private record After(Bound kernel) implements BoundContraction.Epilogue {
        @Override
        public int extent() {
            return kernel.parts.length == 1 ? kernel.parts[0].extent : 1;
        }

        @Override
        public void run(int from, int to) {
            kernel.code.run(0, kernel.buffers, kernel.parameters, from, to);
        }

        @Override
        public void run() {
            kernel.run();
        }
    }

    private Action pad(Call.Pad call) {
        var bound = BoundPad.bind(call, sizes);
        use(call.from(), bound.arrays(), BoundPad.FROM);
        use(call.to(), bound.arrays(), BoundPad.TO);
        return bound::run;
    }

    private Action sum(Call.Sum call) {
        var bound = BoundSum.bind(call, sizes);
        use(call.x().buffer(), bound.arrays(), BoundSum.X);
        use(call.y().buffer(), bound.arrays(), BoundSum.Y);
        return bound::run;
    }

    private Action pool(Call.Pool call) {
        var bound = BoundPool.bind(call, sizes);
        use(call.x().buffer(), bound.arrays(), BoundPool.X);
        use(call.y().buffer(), bound.arrays(), BoundPool.Y);
        return bound::run;
    }

    private Action measure(Call.Measure call) {
        var source = new Object[1];
        use(call.source(), source, 0);
        return () -> {
            int size = ((int[]) source[0])[0];
            sizes.set(call.symbol(), Measure.checked(call.origin(), call.symbol(), size));
        };
    }

    private Action host(HostCall call) {
        var given = new Object[call.reads().size()];
        for (int i = 0; i < given.length; i++) use(call.reads().get(i), given, i);
        for (var buffer : call.writes())
            if (sizes.toMap().keySet().containsAll(buffer.type().shape().symbols()))
                written.computeIfAbsent(buffer, this::place);
        return () -> host(call, given);
    }

    /// Arrays of results are asked for when their sizes are known: these may depend on data.
    private void host(HostCall call, Object[] given) {
        var reads = new ArrayList<Tensor>();
        for (int i = 0; i < given.length; i++) {
            var buffer = call.reads().get(i);
            reads.add(Border.tensor(buffer, given[i], sizes.of(buffer.type().shape())));
        }
        var results = call.function().apply(reads);
        if (results.size() != call.writes().size()) {
            throw GraphException.of(
                    call.name(), "outputs", String.valueOf(call.writes().size()), results.size());
        }
        for (int i = 0; i < results.size(); i++) {
            var buffer = call.writes().get(i);
            var result = results.get(i);
            if (result.dtype() != buffer.type().dtype()) {
                throw GraphException.of(
                        call.name(), "output " + i, buffer.type().toString(), result);
            }
            sizes.bind(call.name(), "output " + i, buffer.type().shape(), result.shape());
            var array = written.computeIfAbsent(buffer, this::place)[0];
            if (Border.isDirect(result.dtype()))
                Border.copy(result.storage(), array, result.size());
            else Border.widen(result, array);
        }
    }

    private Object[] place(Buffer buffer) {
        var place = new Object[1];
        use(buffer, place, 0);
        return place;
    }

    /// Kernels of the body whose parameters change from one repetition to the next are bound once,
    /// and their parameters set each time.
    private Action repeat(Call.Repeat repeat) {
        int extent = size(repeat.extent(), Map.of());
        var body = new ArrayList<Action>();
        var changing = new ArrayList<Changing>();
        for (var call : repeat.body()) {
            switch (call) {
                case Call.Run run -> {
                    var bound = kernel(run, Map.of(repeat.symbol(), 0L));
                    body.add(bound);
                    var parameters = run.kernel().parameters();
                    for (int p = 0; p < parameters.size(); p++) {
                        if (!parameters.get(p).symbols().contains(repeat.symbol())) continue;
                        changing.add(
                                new Changing(
                                        bound.parameters,
                                        p,
                                        at(repeat, parameters.get(p), extent)));
                    }
                }
                case Call.Host _, Call.Measure _, Call.Repeat _, Call.Library _ ->
                        body.add(action(call));
            }
        }
        var goesOn = new Object[1];
        boolean endsEarly = repeat.goesOn() != null;
        if (repeat.goesOn() != null) use(repeat.goesOn(), goesOn, 0);
        return () -> {
            for (int t = 0; t < extent; t++) {
                if (endsEarly && ((int[]) goesOn[0])[0] == 0) return;
                for (int i = 0; i < changing.size(); i++) changing.get(i).set(t);
                for (int i = 0; i < body.size(); i++) body.get(i).run();
            }
        };
    }

    /// {@return a parameter at each repetition, computed before where there are not many}
    private IntUnaryOperator at(Call.Repeat repeat, Dimension parameter, int extent) {
        IntUnaryOperator value = t -> size(parameter, Map.of(repeat.symbol(), (long) t));
        if (extent > MOST_REPETITIONS) return value;
        var values = IntStream.range(0, extent).map(value).toArray();
        return t -> values[t];
    }

    /// A parameter with its value at each repetition.
    private static final class Changing {
        final int[] parameters;
        final int position;
        final IntUnaryOperator at;

        Changing(int[] parameters, int position, IntUnaryOperator at) {
            this.parameters = parameters;
            this.position = position;
            this.at = at;
        }

        void set(int t) {
            parameters[position] = at.applyAsInt(t);
        }
    }
}
