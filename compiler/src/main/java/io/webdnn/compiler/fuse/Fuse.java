package io.webdnn.compiler.fuse;

import io.webdnn.compiler.lower.Kept;
import io.webdnn.compiler.lower.Lowered;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Select;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Merges stages, so that fewer tensors are written: a producer's expression takes the place of the
/// loads of its buffer.
///
/// With `n` the evaluations of the loads of a buffer of `p` elements, the buffer vanishes where its
/// producer is
///
/// 1. an index map, or a few plain operations: always, unless the choices in it (of a
///    concatenation) would stand at many places;
/// 2. heavy (transcendental, long): if `n ≤ p`;
/// 3. a loop, such as a convolution: if one stage loads it, at one place per element and outside of
///    its loops, and has no loop yet: the consumer becomes the *epilogue*, the loop's value bound
///    by [Let];
/// 4. a loop over a row (a maximum, a sum) whose one consumer loads it at one place: bound by
///    [Let], which schedules hoist out of the loops that it does not depend on; softmax and
///    normalizations become one kernel by this. Not on targets where each element is computed
///    alone, unless rows are short.
///
/// Outputs of the graph and what steps other than stages read stay. What is [Kept] is merged with
/// what is kept only: in a run it would be computed again each time.
public final class Fuse {
    /// Symbols are taken to be this large where work is compared.
    private static final long NOMINAL = 8;

    private static final long SHORT_ROW = 16;

    private final boolean sharesRows;
    private final int maxBuffers;
    private final Kept kept;
    private final Set<Buffer> fixed = new HashSet<>();

    /// Rule 4 needs loops whose results are shared by a row; a kernel may bind so many buffers.
    private Fuse(boolean sharesRows, int maxBuffers, Kept kept) {
        this.sharesRows = sharesRows;
        this.maxBuffers = maxBuffers;
        this.kept = kept;
    }

    /// {@return the steps with stages merged}
    ///
    /// @param sharesRows whether a kernel can compute a value once per row
    /// @param maxBuffers how many buffers a kernel may bind
    /// @param kept what is computed once, before the first run
    public static Lowered fuse(Lowered lowered, boolean sharesRows, int maxBuffers, Kept kept) {
        var fuse = new Fuse(sharesRows, maxBuffers, kept);
        fuse.fixed.addAll(lowered.outputs());
        return new Lowered(lowered.inputs(), lowered.outputs(), fuse.run(lowered.operations()));
    }

    private List<Lowered.Operation> run(List<Lowered.Operation> operations) {
        for (var operation : operations) {
            switch (operation.step()) {
                case Stage _ -> {}
                case Push push -> {
                    Visit.buffers(push.initial()).forEach(fixed::add);
                    Visit.buffers(push.condition()).forEach(fixed::add);
                    Visit.buffers(push.value()).forEach(fixed::add);
                    for (var t : push.target()) fixed.addAll(Visit.buffers(t));
                }
                case Recurrence recurrence -> {
                    for (var state : recurrence.states())
                        fixed.addAll(Visit.buffers(state.initial()));
                    for (var stage : recurrence.body()) {
                        for (var output : stage.outputs())
                            fixed.addAll(Visit.buffers(output.value()));
                    }
                }
                case Measure measure -> fixed.add(measure.source());
                case HostCall call -> fixed.addAll(call.reads());
            }
        }
        var list = new ArrayList<Lowered.Operation>();
        for (var operation : operations) list.add(insideRecurrence(operation));
        for (int i = 0; i < list.size(); i++) {
            if (tryInline(list, i, false)) i--;
        }
        for (int i = list.size() - 1; i >= 0; i--) tryInline(list, i, true);
        return list;
    }

    private Lowered.Operation insideRecurrence(Lowered.Operation operation) {
        if (!(operation.step() instanceof Recurrence r)) return operation;
        var inner = new Fuse(sharesRows, maxBuffers, Kept.NOTHING);
        for (var state : r.states()) inner.fixed.add(state.next());
        for (var history : r.histories()) inner.fixed.add(history.each());
        var body = new ArrayList<Lowered.Operation>();
        for (var stage : r.body()) body.add(new Lowered.Operation(stage, operation.origin()));
        var stages = new ArrayList<Stage>();
        for (var fused : inner.run(body)) stages.add((Stage) fused.step());
        return new Lowered.Operation(
                new Recurrence(r.step(), r.states(), stages, r.histories(), r.goesOn()),
                operation.origin());
    }

    /// Replaces the loads of one stage's buffer by its expression, if a rule says so.
    private boolean tryInline(List<Lowered.Operation> list, int position, boolean rows) {
        if (!(list.get(position).step() instanceof Stage producer)
                || producer.outputs().size() != 1) return false;
        var buffer = producer.outputs().getFirst().buffer();
        if (fixed.contains(buffer)) return false;
        var consumers = new ArrayList<Integer>();
        for (int i = position + 1; i < list.size(); i++) {
            if (list.get(i).step() instanceof Stage stage && reads(stage).contains(buffer))
                consumers.add(i);
        }
        if (consumers.isEmpty()) {
            list.remove(position);
            return true;
        }
        if (kept.contains(buffer)
                && !consumers.stream()
                        .allMatch(
                                i -> list.get(i).step().writes().stream().allMatch(kept::contains)))
            return false;
        var value = producer.outputs().getFirst().value();
        boolean inline =
                switch (weight(value, list, consumers, buffer)) {
                    case INDEX_MAP, CHEAP ->
                            !rows && Weight.hasFewChoices(value, places(list, consumers, buffer));
                    case HEAVY ->
                            !rows
                                    && evaluations(list, consumers, buffer)
                                            <= nominal(buffer.type().shape().elements());
                    case LOOP -> false;
                };
        var replaced = new HashMap<Integer, Stage>();
        if (inline) {
            for (int i : consumers) replaced.put(i, inlined((Stage) list.get(i).step(), producer));
        } else if (consumers.size() == 1) {
            int i = consumers.getFirst();
            var consumer = (Stage) list.get(i).step();
            var bound = rows ? row(consumer, producer) : epilogue(consumer, producer);
            if (bound != null) replaced.put(i, bound);
        }
        if (replaced.isEmpty()
                || replaced.values().stream().anyMatch(s -> bindings(s) > maxBuffers)) return false;
        var origin = list.get(position).origin();
        replaced.forEach((i, stage) ->
                list.set(i, new Lowered.Operation(stage, join(origin, list.get(i).origin()))));
        list.remove(position);
        return true;
    }

    /// Loops read the factors of a contraction from arrays: a factor that is computed is computed
    /// once, into its buffer, for all who read it.
    private Weight weight(
            Expr value, List<Lowered.Operation> list, List<Integer> consumers, Buffer buffer) {
        boolean isFactor =
                sharesRows
                        && !isPlace(value)
                        && consumers.stream()
                                .anyMatch(i -> isFactor((Stage) list.get(i).step(), buffer));
        return isFactor ? Weight.LOOP : Weight.of(value);
    }

    /// Whether a value is a place in a buffer, or 0 outside of it.
    private static boolean isPlace(Expr value) {
        return value instanceof Load
                || value instanceof Select(var inside, Load _, Literal zero)
                        && zero.is(0)
                        && Visit.buffers(inside).isEmpty();
    }

    private static boolean isFactor(Stage stage, Buffer buffer) {
        boolean[] found = {false};
        for (var output : stage.outputs()) {
            Visit.all(
                    output.value(),
                    part -> {
                        if (part instanceof Reduce(var operator, _, var body)
                                && operator == Reduce.Operator.SUM
                                && Contractions.isProduct(body)
                                && Visit.buffers(body).contains(buffer)) found[0] = true;
                    });
        }
        return found[0];
    }

    private static String join(String first, String second) {
        return second.contains(first) ? second : first + " + " + second;
    }

    private static Set<Buffer> reads(Stage stage) {
        var reads = new LinkedHashSet<Buffer>();
        for (var output : stage.outputs()) reads.addAll(Visit.buffers(output.value()));
        return reads;
    }

    private static int bindings(Stage stage) {
        return (int) reads(stage).stream().filter(b -> !b.type().shape().elements().is(0)).count()
                + stage.outputs().size();
    }

    private static Stage inlined(Stage consumer, Stage producer) {
        var buffer = producer.outputs().getFirst().buffer();
        var value = producer.outputs().getFirst().value();
        return withValues(
                consumer,
                load ->
                        load.buffer() == buffer
                                ? Substitution.ofIndices(value, producer.domain(), load.index())
                                : null);
    }

    private static Stage withValues(Stage stage, Function<Load, @Nullable Expr> loads) {
        var outputs = new ArrayList<Stage.Output>();
        for (var output : stage.outputs()) {
            outputs.add(
                    new Stage.Output(output.buffer(), Substitution.ofLoads(output.value(), loads)));
        }
        return new Stage(stage.domain(), outputs);
    }

    /// {@return at how many places a buffer is loaded}
    private static int places(
            List<Lowered.Operation> list, List<Integer> consumers, Buffer buffer) {
        int[] places = {0};
        for (int i : consumers) {
            for (var output : ((Stage) list.get(i).step()).outputs())
                Visit.loads(
                        output.value(), (load, _) -> places[0] += load.buffer() == buffer ? 1 : 0);
        }
        return places[0];
    }

    private static long evaluations(
            List<Lowered.Operation> list, List<Integer> consumers, Buffer buffer) {
        long[] total = {0};
        for (int i : consumers) {
            var stage = (Stage) list.get(i).step();
            long domain = nominal(stage.domain());
            for (var output : stage.outputs()) {
                Visit.loads(
                        output.value(),
                        (load, loops) -> {
                            if (load.buffer() == buffer) total[0] += domain * nominal(loops);
                        });
            }
        }
        return total[0];
    }

    private static long nominal(List<Index> indices) {
        long product = 1;
        for (var index : indices) product *= nominal(index.extent());
        return product;
    }

    private static long nominal(Dimension dimension) {
        return dimension.valueAt(NOMINAL);
    }

    /// Rule 3.
    private static @Nullable Stage epilogue(Stage consumer, Stage producer) {
        if (consumer.outputs().size() != 1 || hasLoop(consumer)) return null;
        var buffer = producer.outputs().getFirst().buffer();
        var index = onlyIndex(consumer, buffer);
        return index != null && isPermutation(index, buffer, consumer.domain())
                ? bound(consumer, producer, index)
                : null;
    }

    /// Whether an index runs through each element of a buffer once while it runs through each point
    /// of a domain once; axes of extent 1 may stand anywhere or be left out. A concatenation runs
    /// further than each of its parts.
    private static boolean isPermutation(List<Expr> index, Buffer buffer, List<Index> domain) {
        var missing = new HashSet<Expr>();
        for (var i : domain) if (!i.extent().is(1)) missing.add(i);
        for (int d = 0; d < index.size(); d++) {
            var i = index.get(d);
            boolean single = i instanceof Literal || i instanceof Index own && own.extent().is(1);
            if (!single && !(missing.remove(i) && isWhole(i, buffer, d))) return false;
        }
        return missing.isEmpty();
    }

    /// Whether an index runs through a whole axis of a buffer, and no further.
    private static boolean isWhole(Expr index, Buffer buffer, int axis) {
        return index instanceof Index i && i.extent().equals(buffer.type().shape().get(axis));
    }

    /// Rule 4: the producer's elements are rows of the consumer.
    private @Nullable Stage row(Stage consumer, Stage producer) {
        var value = producer.outputs().getFirst().value();
        if (consumer.outputs().size() != 1 || isContraction(value)) return null;
        if (!sharesRows && rowLength(value) > SHORT_ROW) return null;
        var buffer = producer.outputs().getFirst().buffer();
        var index = onlyIndex(consumer, buffer);
        if (index == null) return null;
        var domain = new HashSet<>(consumer.domain());
        var seen = new HashSet<Expr>();
        for (int d = 0; d < index.size(); d++) {
            var i = index.get(d);
            boolean own = domain.contains(i) && isWhole(i, buffer, d) && seen.add(i);
            if (!(i instanceof Literal) && !own) return null;
        }
        if (isContraction(consumer.outputs().getFirst().value())) return null;
        return bound(consumer, producer, index);
    }

    private static long rowLength(Expr value) {
        long[] longest = {1};
        Visit.all(
                value,
                part -> {
                    if (part instanceof Reduce r)
                        longest[0] = Math.max(longest[0], nominal(r.indices()));
                });
        return longest[0];
    }

    private static boolean hasLoop(Stage stage) {
        return stage.outputs().stream().anyMatch(o -> Weight.of(o.value()) == Weight.LOOP);
    }

    /// Whether an expression holds a sum of products of two loads over more than one operand: work
    /// that is worth a kernel.
    private static boolean isContraction(Expr value) {
        boolean[] found = {false};
        Visit.all(
                value,
                part -> {
                    if (part instanceof Reduce(var operator, _, var body)
                            && operator == Reduce.Operator.SUM
                            && Visit.buffers(body).size() > 1
                            && Contractions.isProduct(body)) {
                        found[0] = true;
                    }
                });
        return found[0];
    }

    /// {@return the one index at which a stage loads a buffer, free of the stage's own loops; null
    /// if there are several}
    private static @Nullable List<Expr> onlyIndex(Stage stage, Buffer buffer) {
        var indices = new LinkedHashSet<List<Expr>>();
        for (var output : stage.outputs()) {
            Visit.loads(
                    output.value(),
                    (load, _) -> {
                        if (load.buffer() == buffer) indices.add(load.index());
                    });
        }
        return indices.size() == 1 ? indices.iterator().next() : null;
    }

    private static Stage bound(Stage consumer, Stage producer, List<Expr> index) {
        var buffer = producer.outputs().getFirst().buffer();
        var value =
                Substitution.ofIndices(
                        producer.outputs().getFirst().value(), producer.domain(), index);
        var local = new Local(buffer.name(), value.dtype());
        var output = consumer.outputs().getFirst();
        var body =
                Substitution.ofLoads(
                        output.value(), load -> load.buffer() == buffer ? local : null);
        return new Stage(
                consumer.domain(),
                List.of(new Stage.Output(output.buffer(), new Let(local, value, body))));
    }
}
