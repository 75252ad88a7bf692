package io.webdnn.graph.interpret;

import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.NarrowFloat;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.kernel.Workers;
import java.util.ArrayList;
import java.util.List;

/// Runs one step after the other. Each is translated when its turn comes, when all that it reads is
/// there.
final class Steps {
    /// Elements that are worth handing to another thread.
    private static final int PIECE = 16_384;

    private static final int MOST_PIECES = 32;

    private final Environment environment;

    Steps(Environment environment) {
        this.environment = environment;
    }

    void run(Step step) {
        switch (step) {
            case Stage stage -> {
                var translation = new Translation(environment);
                var ready = prepare(stage, translation);
                ready.run(translation.frame());
            }
            case Push push -> push(push);
            case Recurrence recurrence -> recurrence(recurrence);
            case Measure(var symbol, var source, _) ->
                    environment
                            .sizes()
                            .set(
                                    symbol,
                                    Measure.checked(
                                            "Measure", symbol, environment.get(source).getLong(0)));
            case HostCall call -> call(call);
        }
    }

    /// A translated step, to be run any number of times over a frame.
    @FunctionalInterface
    private interface Ready {
        void run(Code.Frame frame);
    }

    /// Sets the element at a position of one tensor.
    @FunctionalInterface
    private interface Store {
        void put(int position, Code.Frame frame);
    }

    private Ready prepare(Stage stage, Translation translation) {
        var values = stage.outputs().stream().map(o -> translation.code(o.value())).toList();
        var stores = new ArrayList<Store>();
        for (int i = 0; i < values.size(); i++) {
            var buffer = stage.outputs().get(i).buffer();
            stores.add(store(environment.allocate(buffer), values.get(i)));
        }
        return each(translation.loop(stage.domain()), stores);
    }

    /// Elements do not depend on each other: threads share them.
    private static Ready each(Loop loop, List<Store> stores) {
        var all = stores.toArray(Store[]::new);
        long points = loop.points();
        int pieces = Math.clamp(points / PIECE, 1, MOST_PIECES);
        return frame -> {
            if (pieces == 1) {
                each(loop, all, frame, 0, points);
                return;
            }
            Workers.shared()
                    .run(
                            pieces,
                            piece -> {
                                long from = points * piece / pieces;
                                long to = points * (piece + 1) / pieces;
                                each(loop, all, frame.copy(), from, to);
                            });
        };
    }

    private static void each(Loop loop, Store[] stores, Code.Frame frame, long from, long to) {
        if (from == to) return;
        loop.move(frame, from);
        for (long point = from; point < to; point++) {
            for (var store : stores) store.put((int) point, frame);
            loop.next(frame);
        }
    }

    private static Store store(Tensor to, Code code) {
        return switch (code) {
            case Code.Real a ->
                    switch (to.storage()) {
                        case float[] array -> (i, f) -> array[i] = (float) a.at(f);
                        case double[] array -> (i, f) -> array[i] = a.at(f);
                        default -> (i, f) -> to.setDouble(i, a.at(f));
                    };
            case Code.Whole a -> (i, f) -> to.setLong(i, a.at(f));
            case Code.Truth a -> (i, f) -> to.setLong(i, a.at(f) ? 1 : 0);
        };
    }

    private Ready fill(Tensor to, List<Index> domain, Code initial, Translation translation) {
        return each(translation.loop(domain), List.of(store(to, initial)));
    }

    private void push(Push push) {
        var translation = new Translation(environment);
        var initial = translation.code(push.initial());
        var output = environment.allocate(push.output());
        var condition = translation.truth(push.condition());
        var target = push.target().stream().map(translation::whole).toArray(Code.Whole[]::new);
        var value = translation.code(push.value());
        var updates = translation.loop(push.updates());
        var fill = fill(output, push.domain(), initial, translation);
        var frame = translation.frame();
        fill.run(frame);
        if (!updates.start(frame)) return;
        var shape = output.shape();
        do {
            if (!condition.at(frame)) continue;
            long position = 0;
            boolean inside = true;
            for (int d = 0; d < shape.length && inside; d++) {
                long i = target[d].at(frame);
                inside = 0 <= i && i < shape[d];
                position = position * shape[d] + i;
            }
            if (inside) combine(output, (int) position, push.combine(), value, frame);
        } while (updates.next(frame));
    }

    private static void combine(
            Tensor to, int i, Push.Combine combine, Code code, Code.Frame frame) {
        var dtype = to.dtype();
        switch (code) {
            case Code.Real a -> {
                double old = to.getDouble(i);
                double update = a.at(frame);
                double result =
                        switch (combine) {
                            case REPLACE -> update;
                            case ADD -> old + update;
                            case MULTIPLY -> old * update;
                            case MIN -> Math.min(old, update);
                            case MAX -> Math.max(old, update);
                        };
                to.setDouble(i, NarrowFloat.round(dtype, Reals.round(dtype, result)));
            }
            case Code.Whole a -> {
                boolean wide = dtype == io.webdnn.tensor.DType.UINT64;
                long old = to.getLong(i);
                long update = a.at(frame);
                to.setLong(
                        i,
                        switch (combine) {
                            case REPLACE -> update;
                            case ADD -> old + update;
                            case MULTIPLY -> old * update;
                            case MIN -> Wholes.least(wide, old, update);
                            case MAX -> Wholes.greatest(wide, old, update);
                        });
            }
            case Code.Truth a -> {
                boolean old = to.getLong(i) != 0;
                boolean update = a.at(frame);
                boolean result =
                        switch (combine) {
                            case REPLACE -> update;
                            case ADD, MAX -> old || update;
                            case MULTIPLY, MIN -> old && update;
                        };
                to.setLong(i, result ? 1 : 0);
            }
        }
    }

    private void recurrence(Recurrence recurrence) {
        var translation = new Translation(environment);
        var current = new ArrayList<Tensor>();
        var starts = new ArrayList<Ready>();
        for (var state : recurrence.states()) {
            var initial = translation.code(state.initial());
            var tensor = environment.allocate(state.current());
            current.add(tensor);
            starts.add(fill(tensor, state.domain(), initial, translation));
        }
        var body = recurrence.body().stream().map(s -> prepare(s, translation)).toList();
        var next = recurrence.states().stream().map(s -> environment.get(s.next())).toList();
        var each = recurrence.histories().stream().map(h -> environment.get(h.each())).toList();
        var all = recurrence.histories().stream().map(h -> environment.allocate(h.all())).toList();
        int step = translation.slot(recurrence.step());
        long steps = environment.sizes().of(recurrence.step().extent());
        var frame = translation.frame();
        for (var start : starts) start.run(frame);
        var goesOn = recurrence.goesOn();
        for (int t = 0; t < steps; t++) {
            if (goesOn != null && environment.get(goesOn).getLong(0) == 0) break;
            frame.wholes[step] = t;
            for (var stage : body) stage.run(frame);
            for (int h = 0; h < all.size(); h++) {
                int size = each.get(h).size();
                copy(each.get(h), all.get(h), t * size, size);
            }
            // One state's next may be another's current, so all are read before one is written.
            var values = next.stream().map(Tensor::copy).toList();
            for (int s = 0; s < current.size(); s++) {
                copy(values.get(s), current.get(s), 0, current.get(s).size());
            }
        }
    }

    @SuppressWarnings("SuspiciousSystemArraycopy") // both are the storage of one dtype
    private static void copy(Tensor from, Tensor to, int at, int size) {
        System.arraycopy(from.storage(), 0, to.storage(), at, size);
    }

    private void call(HostCall call) {
        var results = call.function().apply(call.reads().stream().map(environment::get).toList());
        if (results.size() != call.writes().size()) {
            throw GraphException.of(
                    call.name(), "outputs", String.valueOf(call.writes().size()), results.size());
        }
        for (int i = 0; i < results.size(); i++) {
            environment.bind(call.writes().get(i), results.get(i));
        }
    }
}
